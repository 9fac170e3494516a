/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which alarms belong together: those of one process tree, within ten minutes; and that nobody
 * can make the table of them grow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/incident.h"

#define S 1000000000ull

static struct incidents *incidents;
static uint32_t parents[1000];

static int setup(void **state)
{
	(void)state;
	incidents = calloc(1, sizeof(*incidents));
	memset(parents, 0, sizeof(parents));
	return incidents ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(incidents);
	return 0;
}

static uint32_t parent_of(void *context, uint32_t tgid)
{
	(void)context;
	return tgid < 1000 ? parents[tgid] : 0;
}

static struct incident *alarm_of(uint32_t target, uint32_t tgid, uint64_t start_ns, uint64_t ns,
				 bool *ret_first)
{
	struct incident_process process = {
		.target = target,
		.tgid = tgid,
		.parent_tgid = parent_of(NULL, tgid),
		.start_ns = start_ns,
	};

	return incident_join(incidents, &process, ns, parent_of, NULL, ret_first);
}

static uint64_t id_of(uint32_t tgid, uint64_t ns)
{
	bool first;

	return alarm_of(1, tgid, tgid, ns, &first)->id;
}

/* 1 ─ 10 ─ 20 ─ 30, 1 ─ 11 ─ 21. */
static void plant(void)
{
	parents[10] = parents[11] = 1;
	parents[20] = 10;
	parents[30] = 20;
	parents[21] = 11;
}

static void test_tree(void **state)
{
	uint64_t middle, other;

	(void)state;
	plant();
	middle = id_of(20, 1 * S);
	other = id_of(11, 2 * S);
	assert_int_not_equal(middle, other);
	assert_int_equal(id_of(20, 3 * S), middle); /* the process itself */
	assert_int_equal(id_of(30, 4 * S), middle); /* a child */
	assert_int_equal(id_of(10, 5 * S), middle); /* its parent */
	assert_int_equal(id_of(21, 6 * S), other);
}

/* Two children of one parent have nothing to do with each other, until the parent itself does. */
static void test_siblings(void **state)
{
	uint64_t one, other;

	(void)state;
	plant();
	parents[12] = 1;
	one = id_of(10, S);
	other = id_of(11, 2 * S);
	assert_int_not_equal(one, other);
	assert_int_equal(id_of(1, 3 * S), other); /* that of its last child */
	assert_int_equal(id_of(12, 4 * S), other);
	assert_int_equal(id_of(10, 5 * S), one);
}

static void test_first(void **state)
{
	bool first;

	(void)state;
	plant();
	alarm_of(1, 20, 5, S, &first);
	assert_true(first);
	alarm_of(1, 20, 5, S, &first);
	assert_false(first);
	alarm_of(1, 10, 5, S, &first); /* joins, but had none itself */
	assert_true(first);
}

static void test_pause(void **state)
{
	uint64_t id;

	(void)state;
	id = id_of(20, S);
	assert_int_equal(id_of(20, S + INCIDENT_PAUSE_NS), id);
	assert_int_equal(id_of(20, S + 2 * INCIDENT_PAUSE_NS), id); /* since the last alarm */
	assert_int_equal(id_of(20, 5 * S), id);			    /* a recording jumps back */
	assert_int_not_equal(id_of(20, S + 3 * INCIDENT_PAUSE_NS + 1), id);
}

static void test_others(void **state)
{
	uint64_t id;
	bool first;

	(void)state;
	id = id_of(20, S);
	assert_int_not_equal(alarm_of(2, 20, 20, S, &first)->id, id); /* another target's */
	assert_int_not_equal(alarm_of(1, 20, 21, S, &first)->id, id); /* the pid was used again */
	assert_true(first);
}

static void test_told(void **state)
{
	struct incident *incident;
	bool first;

	(void)state;
	alarm_of(1, 20, 20, S, &first);
	incident = alarm_of(1, 40, 40, S, &first);
	assert_int_equal(incident->number, 0);
	assert_true(incident_tell(incidents, incident));
	assert_false(incident_tell(incidents, incident));
	assert_int_equal(incident->number, 1); /* only what was told is counted */
	assert_true(incident_tell(incidents, alarm_of(1, 20, 20, S, &first)));
	assert_int_equal(incidents->told, 2);
}

/* Whoever forks without end stays one incident, by the parent that his alarms go on touching. */
static void test_fork_bomb(void **state)
{
	uint64_t id = id_of(500, S);

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		struct incident_process child = {
			.target = 1, .tgid = 1000 + i, .parent_tgid = 500, .start_ns = 7
		};
		bool first;

		assert_int_equal(
			incident_join(incidents, &child, S + i, parent_of, NULL, &first)->id, id);
		assert_true(first);
	}
	assert_int_equal(id_of(500, 2 * S), id);
}

/* Trees without end push the oldest out, and nothing else happens. */
static void test_many_trees(void **state)
{
	uint64_t first = id_of(20, S);

	(void)state;
	for (uint32_t i = 0; i < 3 * INCIDENTS_KEPT; i++)
		id_of(1000000 + i, S);
	assert_int_not_equal(id_of(20, S), first);
	assert_int_equal(incidents->last_id, 3 * INCIDENTS_KEPT + 2);
}

/* Parents in a circle, as reused pids may make them, and a chain without end. */
static void test_circle(void **state)
{
	(void)state;
	parents[10] = 11;
	parents[11] = 12;
	parents[12] = 11;
	assert_int_equal(id_of(10, S), id_of(10, S));
	for (uint32_t i = 100; i < 999; i++)
		parents[i] = i + 1;
	assert_int_equal(id_of(100, S), id_of(100 + INCIDENT_GENERATIONS, S));
	assert_int_not_equal(id_of(100, S), id_of(200, S));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_siblings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fork_bomb, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
