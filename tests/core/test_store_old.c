/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store that an older bosc wrote is brought up to date by whoever opens it, and what it holds is
 * what it held; what it held of a damaged profile is its name.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../../src/profile_json.h"

#include "old_store.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

/* What the older bosc wrote of the same profile as JSON. */
static struct profile *exported(void)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (profile_json_read(FIXTURES "/profile-1.json", NULL, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

static void assert_number(sqlite3_stmt *row, int column, uint64_t number)
{
	assert_int_equal((uint64_t)sqlite3_column_int64(row, column), number);
}

/* Bags and calls as SQLite itself reads them out of the old tables. */
static void assert_rows(const struct profile *profile)
{
	sqlite3 *db = old_open();
	sqlite3_stmt *row;
	uint64_t calls = 0;
	size_t i = 0;

	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT count, first_run, last_run, part FROM bag"
					    " ORDER BY n",
					    -1, &row, NULL),
			 SQLITE_OK);
	for (; sqlite3_step(row) == SQLITE_ROW; i++) {
		assert_number(row, 0, profile->bags[i].count);
		assert_number(row, 1, profile->bags[i].first_run);
		assert_number(row, 2, profile->bags[i].last_run);
		assert_number(row, 3, profile->bags[i].part);
	}
	assert_int_equal(i, profile->bag_count);
	sqlite3_finalize(row);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT code, count FROM call", -1, &row, NULL),
			 SQLITE_OK);
	while (sqlite3_step(row) == SQLITE_ROW) {
		assert_number(row, 1, profile->calls[sqlite3_column_int64(row, 0)]);
		calls += (uint64_t)sqlite3_column_int64(row, 1);
	}
	assert_int_equal(calls, profile_calls(profile));
	sqlite3_finalize(row);
	sqlite3_close(db);
}

/* What the older bosc said of it, and what it knew of its runs. */
static void test_newest(void **state)
{
	struct store *store;
	struct profile *profile, *other = exported();
	(void)state;

	old_close(old_open(), OLD_NEWEST);
	store = open_store(OLD_STORE, false);
	profile = load(store, "server");
	store_close(store);
	assert_same_profile(profile, other);
	assert_rows(profile);
	assert_int_equal(profile->run_count, 2);
	assert_int_equal(profile_windows(profile), 11802);
	assert_int_equal(profile->bag_count, 239);
	assert_int_equal(profile->history_count, 4);
	assert_int_equal(profile->sight_count, 7);
	assert_int_equal(profile->state, PROFILE_LEARNT);
	assert_string_equal(profile->why, "unseen share 8.7e-03 after 6151 windows and 0 s");
	assert_string_equal(profile->runs[0].reviewer, "unknown"); /* it was confirmed */
	assert_true(profile->runs[0].reviewed_s > 1700000000);
	assert_int_equal(profile->runs[1].reviewed_s, 0);
	assert_string_equal(profile->runs[0].host, "build-host");
	profile_free(profile);
	profile_free(other);
}

/* What a version did not know is not there, and the rest is as it was. */
static void assert_version(const struct profile *profile, const struct profile *newest,
			   size_t version)
{
	assert_int_equal(profile->runs[0].reviewed_s != 0, version >= 2);
	assert_int_equal(profile->programs, version < 3 ? 0 : newest->programs);
	assert_int_equal(profile->gram_count, version < 4 ? 0 : newest->gram_count);
	assert_int_equal(profile->repertoires.count, version < 4 ? 0 : newest->repertoires.count);
	assert_int_equal(profile->sight_count, version < 5 ? 0 : newest->sight_count);
	assert_rows(profile);
	assert_memory_equal(profile->calls, newest->calls, sizeof(profile->calls));
	assert_int_equal(profile->exec_count, newest->exec_count);
	assert_int_equal(profile->history_count, newest->history_count);
	assert_int_equal(profile->state, newest->state);
}

static void test_versions(void **state)
{
	struct profile *newest = exported();
	(void)state;

	for (size_t version = 1; version <= OLD_NEWEST; version++) {
		for (int write = 0; write < 2; write++) {
			struct profile *profile, *again;
			struct store *store;

			old_close(old_open(), version);
			store = open_store(OLD_STORE, write); /* made new by whoever comes */
			profile = load(store, "server");
			store_close(store);
			store = open_store(OLD_STORE, false);
			again = load(store, "server");
			store_close(store);
			assert_same_profile(profile, again);
			assert_version(profile, newest, version);
			profile_free(profile);
			profile_free(again);
		}
	}
	profile_free(newest);
}

/* It is learnt on as any other. */
static void test_learnt_on(void **state)
{
	struct store *store;
	struct profile *profile, *grown;
	struct error err = { 0 };
	(void)state;

	old_close(old_open(), OLD_NEWEST);
	store = open_store(OLD_STORE, true);
	profile = load(store, "server");
	sample_learn(1, profile, 5);
	strcpy(profile->runs[2].source, RUN_LIVE);
	profile->runs[2].order = 3;
	assert_int_equal(store_save(store, profile, &err), 0);
	grown = load(store, "server");
	assert_int_equal(grown->run_count, 3);
	assert_true(profile_windows(grown) > profile_windows(profile));
	profile_free(profile);
	profile_free(grown);
	store_close(store);
}

static void assert_damaged(struct store *store, const char *name)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	assert_int_equal(store_load(store, name, &profile, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "is damaged: not all of its runs are there"));
	assert_non_null(strstr(err.hint, "the rest of the store is sound"));
}

/* However many are damaged, and in which way, the others are as they were. */
static void test_damaged(void **state)
{
	sqlite3 *db = old_open();
	struct store_entry *entries;
	struct store *store;
	struct profile *profile;
	struct error err = { 0 };
	size_t count;
	(void)state;

	for (char name[] = "a"; *name <= 'd'; ++*name)
		old_copy(db, name);
	old_execute(db, "UPDATE bag SET count = count + 1 WHERE profile = 2 AND n = 3");
	old_execute(db, "UPDATE bag SET code = 'x' WHERE profile = 3 AND n = 3");
	old_execute(db, "UPDATE bag SET part = 99 WHERE profile = 4 AND n = 3");
	old_sign(db, "c"); /* as it was saved, but it cannot be */
	old_execute(db, "UPDATE run SET id = 'one' WHERE profile = 5");
	old_sign(db, "d"); /* the same run twice */
	old_copy(db, "e");
	old_sign(db, "e");
	old_close(db, OLD_NEWEST);
	store = open_store(OLD_STORE, true);
	for (char name[] = "a"; *name <= 'd'; ++*name)
		assert_damaged(store, name);
	profile = load(store, "server");
	profile_free(profile);
	profile = load(store, "e");
	assert_int_equal(profile->bag_count, 239);
	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	assert_int_equal(count, 6);
	assert_string_equal(entries[0].name, "a");
	assert_int_equal(entries[0].bags, 239);
	free(entries);
	assert_int_equal(store_remove(store, "a", &err), 0);
	strcpy(profile->name, "a");
	assert_int_equal(store_save(store, profile, &err), 0);
	profile_free(profile);
	profile_free(load(store, "a"));
	store_close(store);
}

/* Version 7 had no alarms. */
static void test_without_alarms(void **state)
{
	const struct store_alarm alarm = { "id", 1, "host", "target", "p", "frame", 1, "{}" };
	struct profile *profile = sample_profile(13, "p", 30), *loaded;
	struct store *store = open_store("seven.db", true);
	struct error err = { 0 };
	sqlite3 *db;
	(void)state;

	save(store, profile);
	store_close(store);
	assert_int_equal(sqlite3_open("seven.db", &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "DROP TABLE alarm; PRAGMA user_version = 7", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	store = open_store("seven.db", true);
	assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
	loaded = load(store, "p");
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	profile_free(profile);
	store_close(store);
}

/* What no longer is there is not there in the file either: its room is used. */
static void test_tables(void **state)
{
	static const char query[] = "SELECT group_concat(name, ' ') FROM (SELECT name FROM"
				    " sqlite_master WHERE type = 'table' ORDER BY name)";
	sqlite3_stmt *row;
	sqlite3 *db;
	(void)state;

	old_close(old_open(), 1);
	store_close(open_store(OLD_STORE, false));
	assert_int_equal(sqlite3_open(OLD_STORE, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(row, 0), "alarm profile run");
	sqlite3_finalize(row);
	sqlite3_close(db);
}

/* Opens the old store where no file grows beyond so many bytes: its exit status, or the signal that
 * ended it in the middle of writing, unless that is told as an error. */
static int open_within(rlim_t most, bool told)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct store *store = NULL;
		struct error err = { 0 };

		signal(SIGXFSZ, told ? SIG_IGN : SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ most, most });
		if (store_open(OLD_STORE, false, &store, &err) == 0)
			_exit(0);
		_exit(strstr(err.text, "cannot ") == err.text ? 1 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

/* Killed, or out of room, after any number of pages that it wrote: the old store is as it was. */
static void test_interrupted(void **state)
{
	struct profile *whole = exported();
	(void)state;

	for (int told = 0; told < 2; told++) {
		int ended = SIGXFSZ, times = 0;

		for (rlim_t most = 0; ended != 0; most += 4096) {
			struct store *store;
			struct profile *profile;

			old_close(old_open(), OLD_NEWEST);
			ended = open_within(most, told);
			times += ended == (told ? 1 : SIGXFSZ);
			if (ended && ended != (told ? 1 : SIGXFSZ))
				fail_msg("it ended with %d within %lu bytes", ended, most);
			store = open_store(OLD_STORE, false);
			profile = load(store, "server");
			store_close(store);
			assert_same_profile(profile, whole);
			profile_free(profile);
		}
		assert_true(times > 5);
	}
	profile_free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest),	    cmocka_unit_test(test_versions),
		cmocka_unit_test(test_learnt_on),   cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_tables),	    cmocka_unit_test(test_without_alarms),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
