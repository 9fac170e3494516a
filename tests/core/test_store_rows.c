/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of a store that were changed by hand: the profile is refused, whichever row it was, and the
 * rest of the store is said to be sound.
 */
#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static void run_sql(const char *path, const char *sql)
{
	char *message = NULL;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	if (sqlite3_total_changes(db) == 0)
		fail_msg("%s changes nothing", sql);
	sqlite3_close(db);
}

/* Each is one change to a sound store. */
static const char *const changes[] = {
	"DELETE FROM bag WHERE n = 30",
	"DELETE FROM bag",
	"DELETE FROM run WHERE n = (SELECT max(n) FROM run)",
	"DELETE FROM call WHERE n = 5",
	"DELETE FROM exec WHERE n = 0",
	"UPDATE bag SET count = count + 1 WHERE n = 7",
	"UPDATE bag SET code = zeroblob(length(code)) WHERE n = 7",
	"UPDATE bag SET code = zeroblob(2000) WHERE n = 7",
	"UPDATE bag SET code = 'x' WHERE n = 7",
	"UPDATE bag SET code = (SELECT code FROM bag WHERE n = 8) WHERE n = 7",
	"UPDATE bag SET n = -1 WHERE n = 7",
	"UPDATE bag SET first_run = 4294967296 WHERE n = 7",
	"UPDATE call SET code = 5000 WHERE n = 5",
	"UPDATE call SET code = (SELECT code FROM call WHERE n = 6) WHERE n = 5",
	"UPDATE run SET lost = lost + 1 WHERE n = 0",
	"UPDATE run SET kernel = printf('%.*c', 500, 'x') WHERE n = 0",
	"UPDATE exec SET path = path || 'x' WHERE n = 0",
	"UPDATE profile SET window = 99",
	"UPDATE profile SET window = 0",
	"UPDATE profile SET window = 'many'",
	"UPDATE profile SET image = x'00'",
	"UPDATE profile SET state = 2",
	"UPDATE profile SET state = 77",
	"DELETE FROM part",
	"DELETE FROM part WHERE number = (SELECT max(number) FROM part)",
	"UPDATE part SET number = 99 WHERE number = 1",
	"UPDATE part SET windows_before = windows_before + 1 WHERE number = 1",
	"UPDATE part SET frame_most = (frame_most + 1) % 65 WHERE number = 1",
	"UPDATE part SET frame_most = -1 WHERE number = 1",
	"UPDATE part SET frame_most = 65 WHERE number = 2",
	"UPDATE part SET fresh_most = 'few' WHERE number = 2",
	"UPDATE part SET level_most = (level_most + 1) % 12289 WHERE number = 1",
	"UPDATE part SET level_most = 12289 WHERE number = 2",
	"UPDATE part SET scores = scores || x'01000000' WHERE number = 1",
	"UPDATE part SET scores = x'010000' WHERE number = 1",
	"UPDATE part SET scores = zeroblob(260) WHERE number = 1",
	"UPDATE part SET scores = 'none' WHERE number = 1",
	"DELETE FROM gram",
	"DELETE FROM gram WHERE n = 30",
	"UPDATE gram SET count = count + 1 WHERE n = 7",
	"UPDATE gram SET count = 0 WHERE n = 7",
	"UPDATE gram SET count = -1 WHERE n = 7",
	"UPDATE gram SET calls = -1 WHERE n = 7",
	"UPDATE gram SET calls = 281474976710656 WHERE n = 399",
	"UPDATE gram SET calls = 'open' WHERE n = 7",
	"UPDATE gram SET n = 5000 WHERE n = 7",
	"DELETE FROM repertoire",
	"DELETE FROM repertoire WHERE n = 2",
	"UPDATE repertoire SET n = 5000 WHERE n = 2",
	"UPDATE repertoire SET threads = threads + 1 WHERE n = 2",
	"UPDATE repertoire SET threads = 0 WHERE n = 2",
	"UPDATE repertoire SET part = 999 WHERE n = 2",
	"UPDATE repertoire SET codes = x'' WHERE n = 2",
	"UPDATE repertoire SET codes = x'01' WHERE n = 2",
	"UPDATE repertoire SET codes = x'0000' WHERE n = 2",
	"UPDATE repertoire SET codes = x'02000100' WHERE n = 2",
	"UPDATE repertoire SET codes = x'01000100' WHERE n = 2",
	"UPDATE repertoire SET codes = x'0010' WHERE n = 2",
	"UPDATE repertoire SET codes = x'ff0f' WHERE n = 2",
	"UPDATE repertoire SET codes = zeroblob(9000) WHERE n = 2",
	"UPDATE repertoire SET codes = 'open' WHERE n = 2",
	"UPDATE call SET users = users + 1 WHERE n = 5",
	"UPDATE call SET users = 0 WHERE n = 5",
	"UPDATE profile SET ended_threads = ended_threads + 1",
	"UPDATE profile SET ended_threads = 0",
	"DELETE FROM sight",
	"DELETE FROM sight WHERE n = 3",
	"UPDATE sight SET bag = (bag + 1) % 300 WHERE n = 3",
	"UPDATE sight SET bag = 5000 WHERE n = 3",
	"UPDATE sight SET thread = thread % 9 + 1 WHERE n = 3",
	"UPDATE sight SET thread = 0 WHERE n = 3",
	"UPDATE sight SET thread = 10 WHERE n = 3",
	"UPDATE sight SET at = 4294967295 - at WHERE n = 3",
	"UPDATE sight SET at = 4294967296 WHERE n = 3",
	"UPDATE sight SET part = 1 WHERE n = 3",
	"UPDATE sight SET part = 999 WHERE n = 3",
	"UPDATE sight SET part = 'first' WHERE n = 3",
	"UPDATE sight SET n = 5000 WHERE n = 3",
	"UPDATE bag SET again = 1 - again WHERE n = 7",
	"UPDATE bag SET again = -1 WHERE n = 7",
	"UPDATE part SET logged = 1 - logged WHERE number = 1",
	"UPDATE part SET logged = 0 WHERE number = 2",
	"UPDATE profile SET sight_threads = sight_threads + 1",
	"UPDATE profile SET sight_threads = 0",
	"UPDATE profile SET sum = sum + 1",
};

static void test_changed_rows(void **state)
{
	struct profile *profile = sample_profile(24, "p", 400);
	(void)state;

	assert_true(profile->exec_count > 0 && profile->sight_count > 3);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct store *store = open_store("rows.db", true);
		struct profile *loaded = NULL;
		struct error err = { 0 };

		save(store, profile);
		store_close(store);
		run_sql("rows.db", changes[i]);
		store = open_store("rows.db", false);
		if (store_load(store, "p", &loaded, &err) != -EBADMSG)
			fail_msg("%s passes", changes[i]);
		assert_non_null(strstr(err.text, "profile 'p' in '"));
		assert_non_null(strstr(err.text, "is damaged: "));
		assert_non_null(strstr(err.hint, "the rest of the store is sound"));
		store_close(store);
	}
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_rows),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
