/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores as the tests of the store open and fill them: a failure fails the test with its sentence.
 * To be included behind cmocka.h, and error.h before it.
 */
#ifndef BOSC_TESTS_STORE_FILE_H
#define BOSC_TESTS_STORE_FILE_H

#include <sys/stat.h>

#include "../../src/store.h"

static inline struct store *open_store(const char *where, bool write)
{
	struct store *store = NULL;
	struct error err = { 0 };

	if (store_open(where, write, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

static inline void save(struct store *store, struct profile *profile)
{
	struct error err = { 0 };

	if (store_save(store, profile, &err) < 0)
		fail_msg("%s", err.text);
}

static inline struct profile *load(struct store *store, const char *name)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (store_load(store, name, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

static inline void assert_refused(const char *where, bool write, int status, const char *text)
{
	struct store *store = NULL;
	struct error err = { 0 };

	assert_int_equal(store_open(where, write, &store, &err), status);
	assert_null(store);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
}

static inline void assert_mode(const char *path, mode_t mode)
{
	struct stat file;

	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, mode);
}

#endif
