/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server does not take from a host of its fleet: what it never will is put aside, what it
 * may take later waits.
 */
#include <errno.h>

#include "../../src/fleet.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"
#include "fleet_host.h"

static int count_profiles(const char *file)
{
	struct store *store = open_store(file, false);
	struct store_entry *entries = NULL;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	free(entries);
	store_close(store);
	return (int)count;
}

/* What the server cannot add is put aside, each of its kind; the rest is sent. */
static void test_refused(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct profile *other, *loaded;
	struct error err = { 0 };
	const char *why;
	(void)state;

	learn(store, "p", 1, 100);
	profile_free(load(store, "p"));
	for (uint32_t window = 5; window < 7; window++) {
		server_do("stop");
		other = profile_new("p", window);
		strcpy(other->arch, "x86_64");
		sample_learn(window, other, 3);
		assert_int_equal(profile_rebuild(other, &why), 0);
		assert_int_equal(store_save(store, other, &err), 0);
		profile_free(other);
		learn(store, "q", window, 100);
		loaded = load(store, "p");
		assert_int_equal(loaded->window, 8);
		profile_free(loaded);
		server_do("start");
		store_close(store);
		store = open_store(where, true);
	}
	store_close(store);
	assert_has(where, "p", 1, 100);
	assert_has(where, "q", 2, 200);
	assert_int_equal(
		system("mkdir seen && cp keep/of/all/*-outbox.db seen/outbox && "
		       "cp keep/of/all/*-1.refused seen/1 && cp keep/of/all/*-2.refused seen/2 &&"
		       " ! ls keep/of/all/*-3.refused 2>/dev/null"),
		0);
	assert_int_equal(count_profiles("seen/outbox"), 0);
	assert_int_equal(count_profiles("seen/1"), 1);
	assert_int_equal(count_profiles("seen/2"), 1);
	assert_int_equal(system("rm -r seen"), 0);
}

/* Has the server refuse every run with this SQLSTATE. */
static void refuse_runs(const char *code)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "CREATE OR REPLACE FUNCTION bosc.refuse() RETURNS trigger LANGUAGE plpgsql AS "
		 "'BEGIN RAISE EXCEPTION USING ERRCODE = ''%s''; END'; CREATE OR REPLACE TRIGGER"
		 " refuse BEFORE INSERT OR UPDATE ON bosc.run EXECUTE FUNCTION bosc.refuse()",
		 code);
	server_sql(sql);
}

/* What may come to something later: disturbed by others, full, ended by a limit, read-only, an
 * error that nobody foresaw. */
static void test_later(void **state)
{
	static const char *const codes[] = { "40001", "40P01", "53100", "53200", "53400", "55P03",
					     "57014", "25006", "0A000", "58030", "XX000" };
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	(void)state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		refuse_runs(codes[i]);
		learn(store, codes[i], i, 100);
		assert_null(store_away(store));
	}
	server_sql("DROP TRIGGER refuse ON bosc.run");
	store_close(store);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_has(where, codes[i], 1, 100);
}

/* What the server refuses is not sent again each time that alarms are. */
static void test_no_haste(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct error err = { 0 };
	(void)state;

	refuse_runs("53100");
	server_sql("CREATE SEQUENCE bosc.tries");
	server_sql("CREATE OR REPLACE FUNCTION bosc.refuse() RETURNS trigger LANGUAGE plpgsql AS "
		   "'BEGIN PERFORM nextval(''bosc.tries''); RAISE EXCEPTION USING ERRCODE = "
		   "''53100''; END'");
	learn(store, "p", 1, 100);
	store_close(store);
	store = open_store(where, true);
	for (int i = 0; i < 5; i++) {
		char id[16];
		const struct store_alarm alarm = {
			id, 2000000000 * NS_PER_S, "h", "t", "p", "r", 1, "{}"
		};

		snprintf(id, sizeof(id), "id %d", i);
		assert_int_equal(store_put_alarm(store, &alarm, &err), 0);
		store_tick(store);
	}
	server_sql("SELECT 1 / (count(*) = 5)::int FROM bosc.alarm");
	server_sql("SELECT 1 / (last_value = 3)::int FROM bosc.tries"); /* learnt, closed, opened */
	store_close(store);
}

/* A standby that became none. */
static void test_standby(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	(void)state;

	learn(store, "p", 1, 100);
	store_close(store);
	server_do("stop");
	assert_int_equal(system("touch pg/data/standby.signal"), 0);
	server_do("start");
	store = open_store(where, true);
	assert_null(store_away(store));
	learn(store, "p", 2, 100);
	store_close(store);
	assert_has(where, "p", 1, 100);
	server_do("stop");
	assert_int_equal(system("rm pg/data/standby.signal"), 0);
	server_do("start");
	assert_has(where, "p", 2, 200);
}

static void test_no_connection_left(void **state)
{
	struct store *store = open_store(begin_test(), true);
	const char *where;
	(void)state;

	learn(store, "p", 1, 100);
	store_close(store);
	server_sql("GRANT ALL ON SCHEMA bosc TO reader");
	server_sql("GRANT ALL ON ALL TABLES IN SCHEMA bosc TO reader");
	server_sql("ALTER ROLE reader CONNECTION LIMIT 0");
	where = server_address("reader", "");
	store = open_store(where, true);
	assert_non_null(strstr(store_away(store), "the server has no connection left"));
	learn(store, "p", 2, 100);
	store_close(store);
	server_sql("ALTER ROLE reader CONNECTION LIMIT -1");
	assert_has(where, "p", 2, 200);
}

/* What saving is refused for is kept all the same where the caller asks for it. */
static void test_no_permission(void **state)
{
	struct store *store = open_store(begin_test(), true);
	struct profile *profile = learnt("p", 1, 100);
	struct error err = { 0 };
	(void)state;

	store_close(store);
	server_sql("GRANT USAGE ON SCHEMA bosc TO reader");
	server_sql("GRANT SELECT ON ALL TABLES IN SCHEMA bosc TO reader");
	store = open_store(server_address("reader", ""), true);
	assert_int_equal(store_save(store, profile, &err), -EACCES);
	store_keep(store, profile);
	store_close(store);
	server_sql("GRANT ALL ON ALL TABLES IN SCHEMA bosc TO reader");
	assert_has(server_address("reader", ""), "p", 1, 100);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_no_haste),
		cmocka_unit_test(test_standby),
		cmocka_unit_test(test_no_connection_left),
		cmocka_unit_test(test_no_permission),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
