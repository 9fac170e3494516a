/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store in good days: what goes in comes out, whatever the names and counts; and each of the
 * things that are no store is refused with its own sentence and left as it was. What the system
 * forbids is in test_store_system.c.
 */
#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void assert_stored(const char *where, struct profile *profile)
{
	struct store *store = open_store(where, true);
	struct profile *loaded;

	save(store, profile);
	loaded = load(store, profile->name);
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	store_close(store);
}

static void test_round_trip(void **state)
{
	static const char *const names[] = {
		"plain", "with space", "quo'te\"s", "a/b/../c", "new\nline", "%s", "\xff\x80", "ü",
	};
	(void)state;

	for (uint64_t seed = 0; seed < 40; seed++) {
		char name[PROFILE_TEXT];
		struct profile *profile;

		snprintf(name, sizeof(name), "%s%d", names[seed % ARRAY_SIZE(names)], (int)seed);
		profile = sample_profile(seed, name, seed * 10);
		assert_stored("round.db", profile);
		assert_stored("sqlite:round.db", profile);
		profile_free(profile);
	}
}

/* A view as large as a busy program's takes little of the 10 s between two checkpoints. */
static void test_large_view(void **state)
{
	struct profile *profile = sample_profile(8, "large", 0), *content, *loaded;
	struct profile_run *run = &profile->runs[0];
	struct store *store = open_store("large.db", true);
	uint64_t seed = 1, before_ns, took_ns;
	const char *why;
	(void)state;

	run->withdrawn_s = 0;
	content = profile_new("large", profile->window);
	strcpy(content->arch, profile->arch);
	assert_non_null(profile_run(content));
	sample_grams(&seed, content, 30000);
	sample_repertoires(&seed, content, 2000);
	profile_unseal(run);
	assert_int_equal(content_encode(content, &run->content, &run->content_size), 0);
	profile_free(content);
	assert_int_equal(profile_rebuild(profile, &why), 0);
	assert_true(profile->gram_count == 30000);
	save(store, profile);
	profile->runs[0].ended_s++;
	before_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	save(store, profile);
	took_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - before_ns;
	if (took_ns > NS_PER_S)
		fail_msg("saving took %.3f s", (double)took_ns / 1e9);
	loaded = load(store, "large");
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	profile_free(profile);
	store_close(store);
}

static void assert_entry(const struct store_entry *entry, const struct profile *profile)
{
	assert_string_equal(entry->name, profile->name);
	assert_string_equal(entry->image, profile->image);
	assert_string_equal(entry->digest, profile->digest);
	assert_string_equal(entry->why, profile->why);
	assert_int_equal(entry->state, profile->state);
	assert_int_equal(entry->windows, profile_windows(profile));
	assert_int_equal(entry->bags, profile->bag_count);
	assert_int_equal(entry->runs, profile->run_count);
	assert_int_equal(entry->window, profile->window);
	assert_true(entry->saved_s > 1700000000);
}

static void assert_no_runs(const char *where)
{
	sqlite3_stmt *row;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(where, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT count(*) FROM run WHERE profile NOT IN"
					    " (SELECT id FROM profile)",
					    -1, &row, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int64(row, 0), 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
}

static void test_list_and_remove(void **state)
{
	struct store *store = open_store("list.db", true);
	struct store_entry *entries = NULL, entry;
	struct profile *a = sample_profile(3, "a'a", 30);
	struct profile *b = sample_profile(5, "b", 1), *gone = NULL;
	struct error err = { 0 };
	size_t count;
	(void)state;

	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	assert_int_equal(count, 0);
	free(entries);
	save(store, b);
	save(store, a);
	save(store, a);
	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_entry(&entries[0], a);
	assert_entry(&entries[1], b);
	assert_int_equal(entries[0].version, 2);
	assert_int_equal(entries[1].version, 1);
	free(entries);
	assert_int_equal(store_entry(store, "b", &entry, &err), 0);
	assert_entry(&entry, b);
	assert_int_equal(store_entry(store, "c", &entry, &err), -ENOENT);

	assert_int_equal(store_remove(store, "a", &err), -ENOENT);
	assert_int_equal(store_remove(store, "a'a", &err), 0);
	assert_int_equal(store_load(store, "a'a", &gone, &err), -ENOENT);
	profile_free(load(store, "b"));
	store_close(store);
	assert_no_runs("list.db");
	profile_free(a);
	profile_free(b);
}

static void test_mode(void **state)
{
	static const mode_t masks[] = { 0, 022, 0277, 0777 };
	struct profile *profile = sample_profile(1, "p", 3);
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		mode_t before = umask(masks[i]);
		struct store *store = open_store("mode.db", true);

		save(store, profile);
		umask(before);
		assert_mode("mode.db", 0600);
		assert_mode("mode.db-wal", 0600);
		assert_mode("mode.db-shm", 0600);
		store_close(store);
		unlink("mode.db");
	}
	profile_free(profile);
}

/* SQLite would take the first two for something else than a file's name. */
static void test_odd_paths(void **state)
{
	static const char *const paths[] = { "file:odd?mode=memory", ":memory:", "a b#%41?.db",
					     "quo'te.db" };
	struct profile *profile = sample_profile(1, "p", 3);
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct store *store = open_store(paths[i], true);

		save(store, profile);
		store_close(store);
		assert_int_equal(access(paths[i], R_OK), 0);
	}
	profile_free(profile);
}

static void test_missing(void **state)
{
	(void)state;
	assert_refused("missing.db", false, -ENOENT, "'missing.db': No such file");
	assert_int_equal(access("missing.db", F_OK), -1);
	assert_refused("no/folder.db", true, -ENOENT, "'no/folder.db'");
	assert_refused("", true, -ENOENT, "");
}

/* What is no store is refused, and not a byte of it changes. */
static void assert_left_alone(const char *path, int status, const char *text)
{
	char command[256];

	snprintf(command, sizeof(command), "cp '%s' copy", path);
	assert_int_equal(system(command), 0);
	assert_refused(path, false, status, text);
	assert_refused(path, true, status, text);
	snprintf(command, sizeof(command), "cmp '%s' copy && test ! -s '%s-wal'", path, path);
	assert_int_equal(system(command), 0);
}

static void test_no_store(void **state)
{
	char noise[20000];
	(void)state;

	memset(noise, 'x', sizeof(noise));
	write_file("text", "hello\n", 6);
	assert_left_alone("text", -EBADMSG, "it is no SQLite database");
	write_file("noise", noise, sizeof(noise));
	assert_left_alone("noise", -EBADMSG, "it is no SQLite database");
	run_sql("other.db", "CREATE TABLE bag (a); INSERT INTO bag VALUES (1)");
	assert_left_alone("other.db", -EINVAL, "it is the database of another program");
	run_sql("other2.db", "PRAGMA application_id = 7; PRAGMA user_version = 1;"
			     "CREATE TABLE profile (a)");
	assert_left_alone("other2.db", -EINVAL, "it is the database of another program");
	store_close(open_store("newer.db", true));
	run_sql("newer.db", "PRAGMA user_version = 99; CREATE TABLE future (a)");
	assert_left_alone("newer.db", -ENOTSUP, "a newer bosc wrote it");
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_refused("dir", true, -EISDIR, "Is a directory");
	assert_refused("dir", false, -EISDIR, "Is a directory");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_refused("fifo", true, -EINVAL, "it is no regular file");
	write_file("empty", "", 0);
	assert_refused("empty", false, -ENOENT, "is empty");
	store_close(open_store("empty", true));
}

static void test_tables_missing(void **state)
{
	struct store *store;
	struct profile *profile = NULL;
	struct error err;
	(void)state;

	store_close(open_store("bare.db", true));
	run_sql("bare.db", "DROP TABLE run; DROP TABLE profile");
	store = open_store("bare.db", true);
	assert_int_equal(store_load(store, "p", &profile, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "tables"));
	store_close(store);
}

static void test_bad_profile_is_not_saved(void **state)
{
	struct profile *profile = sample_profile(1, "p", 3);
	struct store *store = open_store("bad.db", true);
	struct error err;
	(void)state;

	profile->bags[1].last_run = 99;
	assert_int_equal(store_save(store, profile, &err), -EINVAL);
	assert_int_equal(store_load(store, "p", &profile, &err), -ENOENT);
	store_close(store);
	profile_free(profile);
}

static void test_reader_cannot_write(void **state)
{
	struct profile *profile = sample_profile(1, "p", 3);
	struct store *store = open_store("reader.db", true);
	struct error err;
	(void)state;

	save(store, profile);
	store_close(store);
	assert_int_equal(store_open("reader.db", false, &store, &err), 0);
	assert_int_equal(store_save(store, profile, &err), -EROFS);
	assert_non_null(strstr(err.text, "reading only"));
	assert_int_equal(store_remove(store, "p", &err), -EROFS);
	profile_free(load(store, "p"));
	store_close(store);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_large_view),
		cmocka_unit_test(test_list_and_remove),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_odd_paths),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_no_store),
		cmocka_unit_test(test_tables_missing),
		cmocka_unit_test(test_bad_profile_is_not_saved),
		cmocka_unit_test(test_reader_cannot_write),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
