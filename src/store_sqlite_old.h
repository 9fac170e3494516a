/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an older bosc kept of a profile: all its runs together, as rows of many tables.
 */
#ifndef BOSC_STORE_SQLITE_OLD_H
#define BOSC_STORE_SQLITE_OLD_H

#include "store_sqlite.h"

enum sqlite_field_kind {
	FIELD_TEXT,
	FIELD_U32,
	FIELD_U64,    /* stored as the signed number of the same bits */
	FIELD_BAG,    /* two bytes a call, little endian */
	FIELD_SET,    /* a struct callset: the codes in order, as above */
	FIELD_SCORES, /* four bytes a bin, little endian, up to the last that is not 0 */
};

struct sqlite_field {
	enum sqlite_field_kind kind;
	size_t offset;
	size_t size;
};

/* The fields stand in the order of the columns. */

struct old_profile {
	struct profile *profile; /* the caller's; its runs have no content yet */
	uint32_t confirmed_parts;
	uint64_t sum;
};

/* Reads one column into `value`, which the field describes; false: it has not the field's type and
 * size. A bag has `window` calls. */
bool store_sqlite_old_value(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
			    uint32_t window, void *value);

/* 0, or -EBADMSG where rows do not make a profile, or another negative errno. */
int store_sqlite_rows(const struct sqlite_store *store, const char *name,
		      struct old_profile *ret_old, struct error *err);

/* The sum that the older bosc would have saved with the profile. */
uint64_t store_sqlite_old_sum(const struct old_profile *old);

#endif
