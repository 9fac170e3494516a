/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kind of store must be able to do; only store.c and the backends include this. A backend
 * keeps bytes and knows nothing of what makes a profile good: store.c checks the profile and its
 * sum on the way in and on the way out, the same for every backend.
 */
#ifndef BOSC_STORE_BACKEND_H
#define BOSC_STORE_BACKEND_H

#include "store.h"

struct store_ops {
	int (*open)(const char *where, bool write, void **ret_backend, struct error *err);
	void (*close)(void *backend);

	/* Keeps `sum`, and `saved_s` (UNIX time) for the list, with the profile. */
	int (*save)(void *backend, const struct profile *profile, uint64_t saved_s, uint64_t sum,
		    struct error *err);

	/* Values that do not even fit a profile are -EBADMSG. */
	int (*load)(void *backend, const char *name, struct profile **ret_profile,
		    uint64_t *ret_sum, struct error *err);
	int (*list)(void *backend, struct store_entry **ret_entries, size_t *ret_count,
		    struct error *err);
	int (*remove)(void *backend, const char *name, struct error *err);

	/* Looks through the whole storage, which may take long. Returns whether it is sound, and
	 * says in `what` what is wrong with it. */
	bool (*is_sound)(void *backend, char *what, size_t size);
};

extern const struct store_ops store_sqlite;

#endif
