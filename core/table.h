/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table from a pair of words to a word, growing; for the core's own bookkeeping.
 */
#ifndef BOSC_CORE_TABLE_H
#define BOSC_CORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_entry {
	uint64_t key[2];
	uint64_t value; /* 0: free */
};

/* All zero: an empty table. */
struct table {
	struct table_entry *entries;
	size_t room; /* a power of two, or 0 */
	size_t used; /* entries whose key was ever set since the last growth */
};

/* The value of a key, made 0 when it is new; valid until the next call. NULL: no memory. A value
 * set back to 0 frees its entry. */
uint64_t *table_at(struct table *table, uint64_t a, uint64_t b);

/* The value of a key; 0 when there is none. */
uint64_t table_get(const struct table *table, uint64_t a, uint64_t b);

void table_free(struct table *table);

#endif
