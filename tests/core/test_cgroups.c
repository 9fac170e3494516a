/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of the targets' cgroups: ids spread over it whatever the steps in which they come, and
 * what is put in is there whole, while others put in and take out.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../bpf/sensor.h"

#define MANY   4096u /* a quarter of the places */
#define WAYS   (CGROUP_WAYS / 2)
#define ROUNDS 300000

static struct cgroup_set *sets_new(void)
{
	struct cgroup_set *sets = calloc(CGROUP_SETS, sizeof(*sets));

	assert_non_null(sets);
	return sets;
}

/* Ids of the kernel: counted up, a cgroup's files being counted, too. */
static void test_spread(void **state)
{
	(void)state;
	for (uint32_t step = 0; step < 32; step++) {
		struct cgroup_set *sets = sets_new();

		for (uint64_t i = 0; i < MANY; i++)
			assert_true(cgroups_put(sets, (1000 + (i << step)) << 1, 1 + i % 1023));
		for (uint64_t i = 0; i < MANY; i++)
			assert_int_equal(cgroups_find(sets, (1000 + (i << step)) << 1),
					 1 + i % 1023);
		free(sets);
	}
}

/* Both hierarchies have their ids from 1 on. */
static void test_hierarchies(void **state)
{
	struct cgroup_set *sets = sets_new();

	(void)state;
	for (uint64_t id = 1; id <= MANY; id++) {
		assert_true(cgroups_put(sets, id << 1, 7));
		assert_int_equal(cgroups_find(sets, id << 1 | 1), 0);
		assert_true(cgroups_put(sets, id << 1 | 1, 8));
		assert_int_equal(cgroups_find(sets, id << 1), 7);
	}
	free(sets);
}

/* So many keys that share the set of the first. */
static void find_neighbours(uint64_t *keys, size_t count)
{
	keys[0] = (uint64_t)1 << 40;
	for (size_t i = 1; i < count; i++) {
		keys[i] = keys[i - 1] + 2;
		while (cgroup_set_index(keys[i]) != cgroup_set_index(keys[0]))
			keys[i] += 2;
	}
}

static void test_full(void **state)
{
	struct cgroup_set *sets = sets_new();
	uint64_t keys[CGROUP_WAYS + 1];

	(void)state;
	find_neighbours(keys, CGROUP_WAYS + 1);
	for (uint32_t i = 0; i < CGROUP_WAYS; i++)
		assert_true(cgroups_put(sets, keys[i], 100 + i));
	assert_false(cgroups_put(sets, keys[CGROUP_WAYS], 1));
	assert_int_equal(cgroups_find(sets, keys[CGROUP_WAYS]), 0);

	assert_true(cgroups_put(sets, keys[3], TARGETS_MAX - 1));
	assert_int_equal(cgroups_find(sets, keys[3]), TARGETS_MAX - 1);
	cgroups_remove(sets, keys[3]);
	assert_int_equal(cgroups_find(sets, keys[3]), 0);
	assert_true(cgroups_put(sets, keys[CGROUP_WAYS], 1));
	for (uint32_t i = 0; i < CGROUP_WAYS; i++)
		assert_int_equal(cgroups_find(sets, keys[i]), i == 3 ? 0 : 100 + i);
	free(sets);
}

/* That a cgroup is its target's by itself stays known until it is gone, or another's. */
static void test_roots(void **state)
{
	struct cgroup_set *sets = sets_new();

	(void)state;
	assert_true(cgroups_put(sets, 42, 3 | CGROUP_ROOT));
	assert_int_equal(cgroups_find(sets, 42), 3);
	assert_int_equal(cgroups_owner(sets, 42), 3 | CGROUP_ROOT);
	assert_true(cgroups_put(sets, 42, 4));
	assert_int_equal(cgroups_owner(sets, 42), 4);
	cgroups_remove(sets, 42);
	assert_int_equal(cgroups_owner(sets, 42), 0);
	free(sets);
}

struct writer {
	struct cgroup_set *sets;
	const uint64_t *keys;
	uint32_t target;
	size_t wrong;
};

static void *write_on(void *argument)
{
	struct writer *writer = argument;

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < WAYS; i++)
			writer->wrong += !cgroups_put(writer->sets, writer->keys[i],
						      writer->target);
		for (size_t i = 0; i < WAYS; i++) {
			writer->wrong += cgroups_find(writer->sets, writer->keys[i]) !=
					 writer->target;
			cgroups_remove(writer->sets, writer->keys[i]);
			writer->wrong += cgroups_find(writer->sets, writer->keys[i]) != 0;
		}
	}
	return NULL;
}

/* As the sensor and user space do: all places of one set, contended for by two. */
static void test_two_writers(void **state)
{
	struct cgroup_set *sets = sets_new();
	uint64_t keys[2 * WAYS];
	struct writer one = { sets, keys, 5, 0 }, two = { sets, keys + WAYS, 9, 0 };
	pthread_t thread;

	(void)state;
	find_neighbours(keys, 2 * WAYS);
	assert_int_equal(pthread_create(&thread, NULL, write_on, &one), 0);
	write_on(&two);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(one.wrong, 0);
	assert_int_equal(two.wrong, 0);
	free(sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),	    cmocka_unit_test(test_hierarchies),
		cmocka_unit_test(test_full),	    cmocka_unit_test(test_roots),
		cmocka_unit_test(test_two_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
