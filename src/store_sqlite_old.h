/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an older bosc kept of a profile: all its runs together, as rows of many tables.
 */
#ifndef BOSC_STORE_SQLITE_OLD_H
#define BOSC_STORE_SQLITE_OLD_H

#include "store_sqlite.h"

struct old_profile {
	struct profile *profile; /* the caller's; its runs have no content yet */
	uint32_t confirmed_parts;
	uint64_t sum;
};

/* 0, or -EBADMSG where rows do not make a profile, or another negative errno. */
int store_sqlite_rows(const struct sqlite_store *store, const char *name,
		      struct old_profile *ret_old, struct error *err);

/* The sum that the older bosc would have saved with the profile. */
uint64_t store_sqlite_old_sum(const struct old_profile *old);

#endif
