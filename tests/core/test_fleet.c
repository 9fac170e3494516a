/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host keeps of its fleet: it goes on while the server is away, and when it is back, nothing
 * is lost and nothing is there twice, whoever was killed at whatever moment.
 */
#include <errno.h>

#include "../../src/fleet.h"
#include "../../src/store_backend.h"
#include "../../src/util.h"
#include "../../src/verdict.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"
#include "fleet_host.h"

static void test_copy(void **state)
{
	const char *where = begin_test();
	struct profile *profile = sample_profile(13, "copied", 30);
	struct profile *unseen = sample_profile(15, "unseen", 30), *loaded = NULL;
	struct store *store = open_store(where, true);
	struct store_entry entry;
	struct error err = { 0 };
	(void)state;

	save(store, profile);
	profile_free(load(store, "copied"));
	save(store, unseen);
	profile_free(unseen);
	assert_int_equal(store_entry(store, "copied", &entry, &err), 0);
	assert_int_equal(entry.version, 1);
	store_close(store);
	server_do("stop");
	store = open_store(where, false);
	assert_non_null(strstr(store_away(store), "Connection refused"));
	loaded = load(store, "copied");
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	assert_int_equal(store_entry(store, "copied", &entry, &err), 0);
	assert_int_equal(entry.version, 0);
	assert_int_equal(store_load(store, "unseen", &loaded, &err), -ENOENT);
	assert_int_equal(store_entry(store, "unseen", &entry, &err), -EHOSTDOWN);
	assert_non_null(strstr(err.text, "Connection refused"));
	assert_int_equal(store_remove(store, "copied", &err), -EHOSTDOWN);
	store_close(store);
	assert_mode("keep/of/all", 0700);
	assert_int_equal(system("test $(find keep -name '*.db' -perm 600 | wc -l) = 2"), 0);
	profile_free(profile);
}

/* The copy is what the server has: what was removed there does not come back. */
static void test_copy_is_exact(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct profile *loaded;
	struct error err = { 0 };
	(void)state;

	learn(store, "p", 1, 100);
	learn(store, "p", 2, 100);
	profile_free(load(store, "p"));
	assert_int_equal(store_remove(store, "p", &err), 0);
	learn(store, "p", 3, 100);
	profile_free(load(store, "p"));
	server_do("kill");
	await_server(store, false);
	loaded = load(store, "p");
	assert_int_equal(loaded->run_count, 1);
	profile_free(loaded);
	store_close(store);
}

/* The server goes away after it said which version it has: what is watched by then is the copy. */
static void test_version_of_copy(void **state)
{
	static const struct options options = { .profile = "p", .trace = true };
	_cleanup_(watch_free_p) struct watch *watch = watch_new(TARGET_COMMAND, "p");
	_cleanup_free_ struct verdict *verdict = calloc(1, sizeof(*verdict));
	struct store *store = open_store(begin_test(), true);
	struct error err = { 0 };
	(void)state;

	learn(store, "p", 1, 100);
	profile_free(load(store, "p"));
	learn(store, "p", 2, 100);
	server_sql("ALTER TABLE bosc.run RENAME TO run_kept");
	server_sql("CREATE VIEW bosc.run AS SELECT * FROM bosc.run_kept"
		   " WHERE pg_terminate_backend(pg_backend_pid())");
	assert_int_equal(verdict_open(verdict, &options, store, &err), 0);
	assert_int_equal(verdict_prepare(verdict, watch, &err), 0);
	assert_non_null(store_away(store));
	assert_int_equal(watch->profile->run_count, 1);
	assert_int_equal(watch->version, 0);
	assert_int_equal(verdict_close(verdict, &err), 0);
	store_close(store);
}

static void test_learning_goes_on(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct profile *loaded;
	(void)state;

	learn(store, "p", 1, 100);
	server_do("kill");
	learn(store, "p", 1, 200);
	assert_non_null(store_away(store));
	learn(store, "p", 1, 300);
	learn(store, "q", 2, 100);
	loaded = load(store, "q");
	assert_int_equal(windows_of(loaded), 100);
	profile_free(loaded);
	server_do("start");
	await_server(store, true);
	assert_has(where, "p", 1, 300);
	assert_has(where, "q", 1, 100);
	learn(store, "p", 1, 400);
	store_close(store);
	assert_has(where, "p", 1, 400);
}

/* What the server does not take, because others hold the profile, is no more lost than where it is
 * away. */
static void test_held_elsewhere(void **state)
{
	const char *where = begin_test();
	struct store *holder = NULL, *store;
	struct error err = { 0 };
	(void)state;

	assert_int_equal(store_open_alone(where, true, &holder, &err), 0);
	store = open_store(server_address("bosc", "options=-c%20lock_timeout%3D200"), true);
	assert_int_equal(holder->ops->begin(holder->backend, "p", &err), 0);
	learn(store, "p", 1, 100);
	learn(store, "q", 1, 100);
	assert_null(store_away(store));
	assert_int_equal(holder->ops->end(holder->backend, false, &err), 0);
	store_close(holder);
	where = server_address("bosc", "");
	assert_has(where, "q", 1, 100);
	store_close(store);
	assert_has(where, "p", 1, 100);
}

/* The server is away from the beginning to the end: the next bosc sends, even one that only
 * reads. */
static void test_next_one_sends(void **state)
{
	const char *where = begin_test();
	struct store *store;
	(void)state;

	store_close(open_store(where, true));
	server_do("stop");
	store = open_store(where, true);
	learn(store, "p", 1, 100);
	store_close(store);
	store = open_store(where, true);
	learn(store, "p", 2, 100);
	store_close(store);
	server_do("start");
	assert_has(where, "p", 2, 200);
	assert_has(where, "p", 2, 200);
}

/* Closing looks for the server once more. */
static void test_close_sends(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	(void)state;

	server_do("stop");
	learn(store, "p", 1, 100);
	server_do("start");
	store_close(store);
	assert_int_equal(system("mv keep gone"), 0);
	assert_has(where, "p", 1, 100);
	assert_int_equal(system("rm -rf gone"), 0);
}

/* Killed between sending and removing: what was sent is in the outbox still. */
static void test_sent_twice(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	const struct store_alarm alarm = {
		"id", 2000000000 * NS_PER_S, "h", "t", "p", "r", 1, "{}"
	};
	struct error err = { 0 };
	(void)state;

	server_do("stop");
	learn(store, "p", 1, 100);
	assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
	assert_int_equal(system("cp -r keep before"), 0);
	store_close(store);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(system("rm -rf keep && cp -r before keep"), 0);
		server_do("start");
		assert_has(where, "p", 1, 100);
	}
	server_sql("SELECT 1 / (count(*) = 1)::int FROM bosc.alarm");
	assert_int_equal(system("rm -rf before"), 0);
}

static int count_alarm(const struct store_alarm *alarm, void *context, struct error *err)
{
	unsigned int *next = context;
	char id[16];

	(void)err;
	snprintf(id, sizeof(id), "id %04u", (*next)++);
	assert_string_equal(alarm->id, id);
	return 0;
}

#define QUEUED 620 /* more than are sent at once */

static void test_alarms(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	const struct store_query all = { .limit = 2 * QUEUED };
	unsigned int found = 0;
	struct error err = { 0 };
	(void)state;

	for (unsigned int i = 0; i < QUEUED; i++) {
		char id[16];
		const struct store_alarm alarm = {
			id, (2000000000 + i) * NS_PER_S, "h", "t", "p", "r", 1, "{}"
		};

		snprintf(id, sizeof(id), "id %04u", i);
		if (i == 10)
			store_tick(store);
		if (i == 20)
			server_do("kill");
		if (i == 30)
			await_server(store, false);
		assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
	}
	assert_int_equal(store_alarms(store, &all, count_alarm, &found, &err), -EHOSTDOWN);
	server_do("start");
	await_server(store, true);
	for (int i = 0; i < 10; i++)
		store_tick(store);
	assert_int_equal(store_alarms(store, &all, count_alarm, &found, &err), 0);
	assert_int_equal(found, QUEUED);
	store_close(store);
}

/* The first and the last of the alarms in a store. */
struct ends {
	char first[STORE_ALARM_ID], last[STORE_ALARM_ID];
	uint64_t count;
};

static int note_ends(const struct store_alarm *alarm, void *context, struct error *err)
{
	struct ends *ends = context;

	(void)err;
	snprintf(ends->count++ ? ends->last : ends->first, STORE_ALARM_ID, "%s", alarm->id);
	return 0;
}

/* Fills the file with alarms, up to 100,000. */
static void fill(const char *file, unsigned int count)
{
	char command[640];

	snprintf(command, sizeof(command),
		 "python3 -c \"import sqlite3, glob\n"
		 "db = sqlite3.connect(glob.glob('%s')[0])\n"
		 "db.execute('''WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		 " WHERE i < %u) INSERT INTO alarm SELECT 'id ' || i, 2000000000000000000 "
		 "+ i, 'h', 't', 'p', 'r', 1, '{}' FROM n''')\n"
		 "db.commit()\"",
		 file, count);
	assert_int_equal(system(command), 0);
}

#define OUTBOX "keep/of/all/*-outbox.db"

/* The outbox takes so many; who comes then is dropped. */
static void test_bound(void **state)
{
	const char *where = begin_test();
	struct store *store;
	const struct store_alarm alarm = { "one more", 2100000000 * NS_PER_S, "h", "t", "p", "r", 1,
					   "{}" };
	struct error err = { 0 };
	(void)state;

	store_close(open_store(where, true));
	server_do("stop");
	fill(OUTBOX, FLEET_ALARMS_MAX - 1);
	store = open_store(where, true);
	assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
	assert_int_equal(store_put_alarm(store,
					 &(struct store_alarm){ "too many", 2100000000 * NS_PER_S,
								"h", "t", "p", "r", 1, "{}" },
					 &err),
			 -ENOSPC);
	server_do("start");
	await_server(store, true);
	store_close(store);
	server_sql("SELECT 1 / (count(*) = 100000)::int FROM bosc.alarm");
	server_sql("SELECT 1 / (count(*) = 1)::int FROM bosc.alarm WHERE id = 'one more'");
}

/* It is all programs' of the host, whoever fills it. */
static void test_bound_of_all(void **state)
{
	struct store *store = open_store(begin_test(), true);
	struct error err = { 0 };
	unsigned int i;
	int r = 0;
	(void)state;

	server_do("kill");
	await_server(store, false);
	fill(OUTBOX, FLEET_ALARMS_MAX);
	for (i = 0; i < 200 && r == 0; i++) {
		char id[16];
		const struct store_alarm alarm = {
			id, 2100000000 * NS_PER_S, "h", "t", "p", "r", 1, "{}"
		};

		snprintf(id, sizeof(id), "more %u", i);
		r = store_put_alarm(store, &alarm, &err);
	}
	assert_int_equal(r, -ENOSPC);
	assert_in_range(i, 1, 101);
	store_close(store);
}

/* In a file of its own the oldest alarms make room. */
static void test_bound_of_a_file(void **state)
{
	const struct store_query all = { .limit = 2 * STORE_ALARMS_MAX };
	const struct store_alarm alarm = { "last", 2100000000 * NS_PER_S, "h", "t", "p", "r", 1,
					   "{}" };
	struct store *store = open_store("file.db", true);
	struct ends ends = { 0 };
	struct error err = { 0 };
	(void)state;

	fill("file.db", STORE_ALARMS_MAX);
	assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
	assert_int_equal(store_alarms(store, &all, note_ends, &ends, &err), 0);
	assert_in_range(ends.count, STORE_ALARMS_MAX - 1000, STORE_ALARMS_MAX);
	assert_string_equal(ends.first, "id 1001");
	assert_string_equal(ends.last, "last");
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copy_is_exact),
		cmocka_unit_test(test_version_of_copy),
		cmocka_unit_test(test_learning_goes_on),
		cmocka_unit_test(test_held_elsewhere),
		cmocka_unit_test(test_next_one_sends),
		cmocka_unit_test(test_close_sends),
		cmocka_unit_test(test_sent_twice),
		cmocka_unit_test(test_alarms),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bound_of_all),
		cmocka_unit_test(test_bound_of_a_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
