/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store that an older bosc wrote is brought up to date by whoever opens it, and what it holds is
 * what it held. The older tables are made from today's, by taking away what came since.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h"

static const char path[] = "old.db";
static char folder[] = "/tmp/bosc-store-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path) == 0 && chdir("/") == 0 ? rmdir(folder) : -1;
}

/* What each version brought, from version 2 on, taken away again. */
static const char *const brought[] = {
	"ALTER TABLE profile DROP COLUMN confirmed_parts",
	"ALTER TABLE profile DROP COLUMN programs;"
	"ALTER TABLE call DROP COLUMN starts",
	"ALTER TABLE profile DROP COLUMN ended_threads;"
	"ALTER TABLE call DROP COLUMN users;"
	"ALTER TABLE part DROP COLUMN level_most;"
	"ALTER TABLE part DROP COLUMN scores;"
	"DROP TABLE gram;"
	"DROP TABLE repertoire",
	"ALTER TABLE profile DROP COLUMN sight_threads;"
	"ALTER TABLE part DROP COLUMN logged;"
	"ALTER TABLE bag DROP COLUMN again;"
	"DROP TABLE sight",
	"ALTER TABLE profile DROP COLUMN command",
};

#define NEWEST (ARRAY_SIZE(brought) + 1)

static void execute(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* Makes a store of today one of an older version. */
static void make_old(size_t version)
{
	sqlite3 *db = NULL;
	char number[64];

	snprintf(number, sizeof(number), "PRAGMA user_version = %zu", version);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t newer = NEWEST; newer > version; newer--)
		execute(db, brought[newer - 2]);
	execute(db, "PRAGMA journal_mode = DELETE");
	execute(db, number);
	sqlite3_close(db);
}

static void assert_holds(const struct profile *profile, bool write)
{
	struct store *store = open_store(path, write);
	struct profile *loaded = NULL;
	struct error err = { 0 };

	if (store_load(store, profile->name, &loaded, &err) < 0)
		fail_msg("%s", err.text);
	assert_same_profile(profile, loaded);
	store_close(store);
	profile_free(loaded);
}

static void forget_novelty(struct profile *profile)
{
	profile->sight_count = 0;
	profile->threads = 0;
	for (size_t i = 0; i < profile->history_count; i++)
		profile->history[i].logged = 0;
	for (size_t i = 0; i < profile->bag_count; i++)
		profile->bags[i].again = 0;
}

/* Forgets what a version did not know. */
static void forget(struct profile *profile, size_t version)
{
	if (version < 6)
		profile->command[0] = '\0';
	if (version < 5)
		forget_novelty(profile);
	if (version < 4) {
		profile->gram_count = 0;
		repertoires_free(&profile->repertoires);
		for (size_t i = 0; i < profile->history_count; i++) {
			profile->history[i].level_most = 0;
			memset(profile->history[i].scores, 0, sizeof(profile->history[i].scores));
		}
	}
	if (version < 3) {
		memset(profile->start_calls, 0, sizeof(profile->start_calls));
		profile->programs = 0;
	}
	if (version < 2)
		profile->confirmed_parts = 0;
}

static void test_versions(void **state)
{
	(void)state;
	for (size_t version = 1; version <= NEWEST; version++) {
		struct profile *profile = sample_profile(8, "old", 20);
		struct store *store = open_store(path, true);

		assert_true(profile->gram_count && profile->repertoires.count);
		assert_true(profile->sight_count);
		profile->confirmed_parts = (uint32_t)profile->history_count;
		forget(profile, version);
		save(store, profile);
		store_close(store);
		make_old(version);
		assert_holds(profile, false); /* made new by a reader, */
		assert_holds(profile, false);
		make_old(version);
		assert_holds(profile, true); /* and by a writer */
		profile_free(profile);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
