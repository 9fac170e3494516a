/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stores as older versions wrote them, out of one that version 6 wrote (store-6.sql): what came
 * later is forgotten and its columns are dropped.
 */
#ifndef BOSC_TESTS_OLD_STORE_H
#define BOSC_TESTS_OLD_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/store_sqlite_old.h"
#include "../../src/util.h"
#include "sample_profile.h" /* behind error.h: cmocka has a macro fail */
#include "store_file.h"

#define OLD_STORE  "old.db"
#define OLD_NEWEST 6u

/* What each version brought, from version 2 on: as it was before anybody used it, and not there. */
static const struct {
	const char *forget, *drop;
} old_versions[] = {
	{ "UPDATE profile SET confirmed_parts = 0",
	  "ALTER TABLE profile DROP COLUMN confirmed_parts" },
	{ "UPDATE profile SET programs = 0; UPDATE call SET starts = 0",
	  "ALTER TABLE profile DROP COLUMN programs;"
	  "ALTER TABLE call DROP COLUMN starts" },
	{ "UPDATE profile SET ended_threads = 0; UPDATE call SET users = 0;"
	  "UPDATE part SET level_most = 0, scores = x''; DELETE FROM gram; DELETE FROM repertoire",
	  "ALTER TABLE profile DROP COLUMN ended_threads;"
	  "ALTER TABLE call DROP COLUMN users;"
	  "ALTER TABLE part DROP COLUMN level_most;"
	  "ALTER TABLE part DROP COLUMN scores;"
	  "DROP TABLE gram;"
	  "DROP TABLE repertoire" },
	{ "UPDATE profile SET sight_threads = 0; UPDATE part SET logged = 0;"
	  "UPDATE bag SET again = 0; DELETE FROM sight",
	  "ALTER TABLE profile DROP COLUMN sight_threads;"
	  "ALTER TABLE part DROP COLUMN logged;"
	  "ALTER TABLE bag DROP COLUMN again;"
	  "DROP TABLE sight" },
	{ "UPDATE profile SET command = ''", "ALTER TABLE profile DROP COLUMN command" },
};

static inline void old_execute(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* As version 6 wrote it, and open. */
static inline sqlite3 *old_open(void)
{
	FILE *file = fopen(FIXTURES "/store-6.sql", "r");
	sqlite3 *db = NULL;
	char *sql = NULL;
	size_t size = 0;

	assert_non_null(file);
	assert_true(getdelim(&sql, &size, '\0', file) > 0);
	fclose(file);
	unlink(OLD_STORE);
	assert_int_equal(sqlite3_open(OLD_STORE, &db), SQLITE_OK);
	old_execute(db, "PRAGMA synchronous = OFF");
	old_execute(db, sql);
	free(sql);
	return db;
}

/* Gives a profile the sum of what is in it now, as the older bosc would have. */
static inline void old_sign(sqlite3 *db, const char *name)
{
	struct sqlite_store store = { .db = db, .path = OLD_STORE };
	struct old_profile old = { 0 };
	struct error err = { 0 };
	char sql[128];

	if (store_sqlite_rows(&store, name, &old, &err) < 0)
		fail_msg("%s", err.text);
	snprintf(sql, sizeof(sql), "UPDATE profile SET sum = %lld WHERE name = '%s'",
		 (long long)store_sqlite_old_sum(&old), name);
	profile_free(old.profile);
	old_execute(db, sql);
}

/* Copies the profile under another name, without its sum. */
static inline void old_copy(sqlite3 *db, const char *name)
{
	static const char *const tables[] = { "run",  "part", "bag",   "call",
					      "exec", "gram", "sight", "repertoire" };
	char sql[256];

	old_execute(db, "CREATE TABLE copy AS SELECT * FROM profile WHERE id = 1;"
			"UPDATE copy SET id = (SELECT max(id) + 1 FROM profile)");
	snprintf(sql, sizeof(sql),
		 "UPDATE copy SET name = '%s'; INSERT INTO profile SELECT * FROM copy", name);
	old_execute(db, sql);
	old_execute(db, "DROP TABLE copy");
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		snprintf(sql, sizeof(sql),
			 "CREATE TABLE copy AS SELECT * FROM %s WHERE profile = 1;"
			 "UPDATE copy SET profile = (SELECT max(id) FROM profile);"
			 "INSERT INTO %s SELECT * FROM copy; DROP TABLE copy",
			 tables[i], tables[i]);
		old_execute(db, sql);
	}
}

/* Makes it one of the older version, and closes it. */
static inline void old_close(sqlite3 *db, size_t version)
{
	char sql[64];

	for (size_t newer = OLD_NEWEST; newer > version; newer--)
		old_execute(db, old_versions[newer - 2].forget);
	if (version < OLD_NEWEST)
		old_sign(db, "server");
	for (size_t newer = OLD_NEWEST; newer > version; newer--)
		old_execute(db, old_versions[newer - 2].drop);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", version);
	old_execute(db, sql);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#endif
