/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of a store that were changed by hand: the profile is refused, whichever row it was, and not
 * written to; and the rest of the store is said to be sound, and is.
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

/* The run that is changed, and how. */
#define ONE " WHERE id LIKE '2-%' AND profile = 1"

/* Each is one change to a sound store. */
static const char *const changes[] = {
	"DELETE FROM run WHERE profile = 1",
	"DELETE FROM run" ONE,
	"UPDATE run SET profile = 2" ONE,
	"UPDATE run SET id = id || 'x'" ONE,
	"UPDATE run SET id = ''" ONE,
	"UPDATE run SET id = x'0102'" ONE,
	"UPDATE run SET sum = sum + 1" ONE,
	"UPDATE run SET sum = 'sum'" ONE,
	"UPDATE run SET head = ''" ONE,
	"UPDATE run SET head = '{}'" ONE,
	"UPDATE run SET head = x'00'" ONE,
	"UPDATE run SET head = head || ' '" ONE,
	"UPDATE run SET head = substr(head, 1, 100)" ONE,
	"UPDATE run SET head = replace(head, '\"lost\": ', '\"lost\": 1')" ONE,
	"UPDATE run SET head = replace(head, '\"withdrawn_s\": 0', '\"withdrawn_s\": 1')" ONE,
	"UPDATE run SET head = replace(head, '\"state\": \"', '\"state\": \"learnt')" ONE,
	"UPDATE run SET content = x''" ONE,
	"UPDATE run SET content = 'text'" ONE,
	"UPDATE run SET content = 7" ONE,
	"UPDATE run SET content = zeroblob(length(content))" ONE,
	"UPDATE run SET content = zeroblob(5000000)" ONE,
	"UPDATE run SET content = substr(content, 1, length(content) - 1)" ONE,
	"UPDATE run SET content = CAST(content || x'00' AS BLOB)" ONE,
	"UPDATE run SET content = (SELECT content FROM run WHERE profile = 2 LIMIT 1)" ONE,
	/* whole runs of another profile's kind, or of this one twice */
	"INSERT INTO run SELECT 1, id, head, content, sum FROM run WHERE profile = 2"
	" AND id NOT IN (SELECT id FROM run WHERE profile = 1)",
	"UPDATE profile SET runs = runs + 1 WHERE id = 1",
	"UPDATE profile SET runs = 0 WHERE id = 1",
	"UPDATE profile SET runs = -1 WHERE id = 1",
	"UPDATE profile SET window = 99 WHERE id = 1",
	"UPDATE profile SET window = 0 WHERE id = 1",
	"UPDATE profile SET window = 'many' WHERE id = 1",
	"UPDATE profile SET window = window % 10 + 1 WHERE id = 1",
	"UPDATE profile SET state = 77 WHERE id = 1",
	"UPDATE profile SET state = -1 WHERE id = 1",
};

static void save_both(struct profile *profile, struct profile *beside)
{
	struct store *store = open_store("rows.db", true);

	save(store, profile);
	save(store, beside);
	store_close(store);
}

static void assert_damaged(struct store *store, const char *change)
{
	struct profile *loaded = NULL;
	struct error err = { 0 };

	if (store_load(store, "p", &loaded, &err) != -EBADMSG)
		fail_msg("%s passes", change);
	if (!strstr(err.text, "profile 'p' in '") || !strstr(err.text, "is damaged: "))
		fail_msg("%s: '%s'", change, err.text);
	assert_non_null(strstr(err.hint, "the rest of the store is sound"));
}

/* What is damaged is not added to, and so not made to look whole. */
static void assert_not_saved(struct store *store, struct profile *profile, const char *change)
{
	struct error err = { 0 };

	if (store_save(store, profile, &err) != -EBADMSG)
		fail_msg("%s is saved over", change);
	assert_non_null(strstr(err.text, "is damaged: "));
}

static void test_changed_rows(void **state)
{
	struct profile *profile = sample_profile(23, "p", 400);
	struct profile *beside = sample_profile(25, "beside", 20);
	(void)state;

	assert_true(profile->run_count == 4 && profile->window != beside->window);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct profile *loaded;
		struct store *store;

		unlink("rows.db");
		save_both(profile, beside);
		run_sql("rows.db", changes[i]);
		store = open_store("rows.db", true);
		assert_damaged(store, changes[i]);
		assert_not_saved(store, profile, changes[i]);
		assert_damaged(store, changes[i]);
		if (!strstr(changes[i], "SET profile = 2")) {
			loaded = load(store, "beside");
			assert_same_profile(loaded, beside);
			profile_free(loaded);
		}
		store_close(store);
	}
	profile_free(profile);
	profile_free(beside);
}

/* What a list shows is no part of what is judged by. */
static void test_entry(void **state)
{
	struct profile *profile = sample_profile(23, "p", 40), *loaded;
	struct store *store;
	(void)state;

	unlink("rows.db");
	save_both(profile, profile);
	run_sql("rows.db", "UPDATE profile SET state = 2, why = 'a lie', windows = 7, bags = 1");
	store = open_store("rows.db", false);
	loaded = load(store, "p");
	assert_same_profile(loaded, profile);
	profile_free(loaded);
	profile_free(profile);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_rows),
		cmocka_unit_test(test_entry),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
