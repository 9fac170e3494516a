/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores as the tests of the store open and fill them: a failure fails the test with its sentence.
 * To be included behind cmocka.h, and error.h before it.
 */
#ifndef BOSC_TESTS_STORE_FILE_H
#define BOSC_TESTS_STORE_FILE_H

#include "../../src/store.h"

static inline struct store *open_store(const char *where, bool write)
{
	struct store *store = NULL;
	struct error err = { 0 };

	if (store_open(where, write, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

static inline void save(struct store *store, const struct profile *profile)
{
	struct error err = { 0 };

	if (store_save(store, profile, &err) < 0)
		fail_msg("%s", err.text);
}

#endif
