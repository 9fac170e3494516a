/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of an older bosc's store that were changed by hand: whichever it was, its profile is a
 * damaged one in the store of today.
 */
#include <errno.h>

#include "old_store.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

/* Each is one change to a sound store of version 6. */
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
	"UPDATE profile SET state = 1",
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
	"UPDATE gram SET calls = 281474976710656 WHERE n = 154",
	"UPDATE gram SET calls = 'open' WHERE n = 7",
	"UPDATE gram SET n = 5000 WHERE n = 7",
	"DELETE FROM repertoire",
	"DELETE FROM repertoire WHERE n = 1",
	"UPDATE repertoire SET n = 5000 WHERE n = 0",
	"UPDATE repertoire SET threads = threads + 1 WHERE n = 1",
	"UPDATE repertoire SET threads = 0 WHERE n = 1",
	"UPDATE repertoire SET part = 999 WHERE n = 1",
	"UPDATE repertoire SET codes = x'' WHERE n = 1",
	"UPDATE repertoire SET codes = x'01' WHERE n = 1",
	"UPDATE repertoire SET codes = x'0000' WHERE n = 1",
	"UPDATE repertoire SET codes = x'02000100' WHERE n = 1",
	"UPDATE repertoire SET codes = x'01000100' WHERE n = 1",
	"UPDATE repertoire SET codes = x'0010' WHERE n = 1",
	"UPDATE repertoire SET codes = x'ff0f' WHERE n = 1",
	"UPDATE repertoire SET codes = zeroblob(9000) WHERE n = 1",
	"UPDATE repertoire SET codes = 'open' WHERE n = 1",
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
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct profile *loaded = NULL;
		struct error err = { 0 };
		struct store *store;
		sqlite3 *db = old_open();

		old_execute(db, changes[i]);
		if (sqlite3_changes(db) == 0)
			fail_msg("%s changes nothing", changes[i]);
		old_close(db, OLD_NEWEST);
		store = open_store(OLD_STORE, false);
		if (store_load(store, "server", &loaded, &err) != -EBADMSG)
			fail_msg("%s passes", changes[i]);
		assert_non_null(strstr(err.text, "profile 'server' in '"));
		assert_non_null(strstr(err.text, "is damaged: "));
		assert_non_null(strstr(err.hint, "the rest of the store is sound"));
		store_close(store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_rows),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
