/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that is slow, or there and says nothing: who has something to watch meanwhile does not
 * wait for it, and what it did not take in time is not lost.
 */
#include <errno.h>
#include <sys/wait.h>

#include "../../src/store_backend.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"
#include "fleet_host.h"

static const struct store_alarm sample_alarm = { "id", 2000000000 * NS_PER_S, "h", "t", "p", "r", 1,
						 "{}" };

/* Each statement that adds to the table takes so long. */
static void slow_down(const char *table, const char *seconds)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "CREATE OR REPLACE FUNCTION bosc.wait() RETURNS trigger LANGUAGE plpgsql AS "
		 "'BEGIN PERFORM pg_sleep(%s); RETURN NEW; END'; CREATE TRIGGER wait BEFORE INSERT"
		 " OR UPDATE ON bosc.%s FOR EACH ROW EXECUTE FUNCTION bosc.wait()",
		 seconds, table);
	server_sql(sql);
}

static void signal_server(const char *name)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "pid=$(head -n 1 pg/data/postmaster.pid); kill -%s $pid $(pgrep -P $pid)", name);
	assert_int_equal(system(command), 0);
}

static uint64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

static int count_alarm(const struct store_alarm *one, void *context, struct error *err)
{
	(void)one;
	(void)err;
	++*(unsigned int *)context;
	return 0;
}

static unsigned int alarms_on(const char *where)
{
	const struct store_query all = { .limit = 10 };
	struct store *server = NULL;
	struct error err = { 0 };
	unsigned int count = 0;

	assert_int_equal(store_open_alone(where, false, &server, &err), 0);
	assert_int_equal(store_alarms(server, &all, count_alarm, &count, &err), 0);
	store_close(server);
	return count;
}

static void test_alarms_on_their_way(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	uint64_t longest_ms = 0, begun_ms = now_ms();
	struct error err = { 0 };
	(void)state;

	slow_down("alarm", "1.5");
	store_listen(store);
	assert_int_equal(store_put_alarm(store, &sample_alarm, &err), 0);
	while (!alarms_on(where) && now_ms() - begun_ms < 10000) {
		uint64_t before_ms = now_ms();

		store_tick(store);
		if (now_ms() - before_ms > longest_ms)
			longest_ms = now_ms() - before_ms;
		usleep(50000);
	}
	assert_int_equal(alarms_on(where), 1);
	assert_null(store_away(store));
	assert_in_range(longest_ms, 0, 500);
	store_close(store);
	server_sql("SELECT 1 / (count(*) = 1)::int FROM bosc.alarm");
}

/* Whatever is asked meanwhile comes behind them. */
static void test_asked_meanwhile(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct error err = { 0 };
	(void)state;

	slow_down("alarm", "0.5");
	store_listen(store);
	assert_int_equal(store_put_alarm(store, &sample_alarm, &err), 0);
	store_tick(store);
	learn(store, "p", 1, 100);
	assert_null(store_away(store));
	assert_int_equal(alarms_on(where), 1);
	store_tick(store);
	store_close(store);
	assert_has(where, "p", 1, 100);
}

/* How long it takes to save, and that it was kept. */
static uint64_t learning_ms(struct store *store)
{
	uint64_t begun_ms = now_ms();

	learn(store, "p", 1, 200);
	assert_non_null(store_away(store));
	return now_ms() - begun_ms;
}

static void test_checkpoint_on_a_mute_server(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	uint64_t took_ms;
	(void)state;

	learn(store, "p", 1, 100);
	store_hurry(store);
	signal_server("STOP");
	took_ms = learning_ms(store);
	signal_server("CONT");
	store_close(store);
	assert_in_range(took_ms, 0, 2500);
	assert_has(where, "p", 1, 200);
}

/* Never silent for long, but long altogether. */
static void test_checkpoint_on_a_slow_server(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	uint64_t took_ms;
	(void)state;

	learn(store, "p", 1, 100);
	slow_down("profile", "0.4");
	slow_down("run", "0.4");
	store_hurry(store);
	took_ms = learning_ms(store);
	assert_non_null(strstr(store_away(store), "the server is too slow"));
	assert_in_range(took_ms, 0, 2900);
	store_close(store);
	assert_has(where, "p", 1, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alarms_on_their_way),
		cmocka_unit_test(test_asked_meanwhile),
		cmocka_unit_test(test_checkpoint_on_a_mute_server),
		cmocka_unit_test(test_checkpoint_on_a_slow_server),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
