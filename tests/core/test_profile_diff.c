/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comparing profiles: that it tells what only one has, each by its weight; that it is the same
 * seen from the other side; and that the share of unknown windows is what judging would find.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/profile_diff.h"
#include "sample_profile.h"

enum {
	READ = 1,
	WRITE,
	OPEN,
	CLOSE,
	SEEK,
	FORK,
	RARE
};

static void add(struct profile *profile, uint16_t a, uint16_t b, uint64_t count)
{
	struct bag bag = { .code = { a < b ? a : b, a < b ? b : a } };
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += count;
	profile->calls[a] += count;
	profile->calls[b] += count;
}

/* Reads, writes and opens; the calls are frequent enough not to be folded. */
static struct profile *server(const char *name)
{
	struct profile *profile = profile_new(name, 2);

	assert_non_null(profile);
	add(profile, READ, WRITE, 500);
	add(profile, READ, OPEN, 300);
	add(profile, OPEN, CLOSE, 200);
	assert_int_equal(profile_exec(profile, "/bin/server", 0, 1), 1);
	return profile;
}

static void test_same(void **state)
{
	struct profile *old = server("old"), *new = server("new");
	struct profile_diff *diff = profile_diff(old, new);
	(void)state;

	assert_non_null(diff);
	for (int side = 0; side < DIFF_SIDES; side++) {
		assert_int_equal(diff->only[side].call_count, 0);
		assert_int_equal(diff->only[side].exec_count, 0);
		assert_int_equal(diff->only[side].signals, 0);
		assert_int_equal(diff->only[side].bag_count, 0);
		assert_true(profile_diff_unknown(diff, side) == 0);
	}
	assert_int_equal(diff->shifted_count, 0);
	profile_diff_free(diff);
	profile_free(old);
	profile_free(new);
}

static void test_new(void **state)
{
	struct profile *old = server("old"), *new = server("new");
	const struct diff_only *only;
	struct diff_delta deltas[2 * WINDOW_MAX];
	struct diff_nearest nearest;
	struct profile_diff *diff;
	(void)state;

	add(new, READ, SEEK, 10);
	add(new, FORK, FORK, 15);
	add(new, WRITE, OPEN, 25);
	new->signals = 1ull << 11 | 1ull << 6;
	old->signals = 1ull << 6;
	profile_exec(new, "/bin/sh", 0, 1);
	profile_exec(new, "tool", 7, 2);
	profile_exec(new, "tool", 8, 3);
	diff = profile_diff(old, new);
	assert_non_null(diff);
	only = &diff->only[DIFF_NEW];
	assert_int_equal(only->call_count, 2);
	assert_int_equal(only->calls[0], FORK);
	assert_int_equal(only->calls[1], SEEK);
	assert_true(profile_diff_call_share(diff, DIFF_NEW, FORK) == 30.0 / 2100);
	assert_int_equal(only->exec_count, 2);
	assert_string_equal(new->execs[only->execs[0]].path, "/bin/sh");
	assert_string_equal(new->execs[only->execs[1]].path, "tool");
	assert_int_equal(only->signals, 1ull << 11);
	assert_int_equal(only->bag_count, 3);
	assert_int_equal(only->windows, 50);
	assert_true(profile_diff_unknown(diff, DIFF_NEW) == 50.0 / 1050);
	nearest = profile_diff_nearest(diff, DIFF_NEW, only->bags[0]);
	assert_int_equal(nearest.distance, 1);
	assert_int_equal(nearest.bag.code[0], WRITE);
	assert_int_equal(nearest.known.code[0], READ); /* and WRITE, the most frequent of three */
	assert_int_equal(nearest.known.code[1], WRITE);
	assert_int_equal(nearest.count, 500);
	assert_int_equal(profile_diff_deltas(&nearest, 2, deltas), 2);
	assert_int_equal(deltas[0].code, READ);
	assert_int_equal(deltas[0].count, -1);
	assert_int_equal(deltas[1].code, OPEN);
	assert_int_equal(deltas[1].count, 1);
	assert_int_equal(diff->only[DIFF_OLD].call_count, 0);
	assert_int_equal(diff->only[DIFF_OLD].bag_count, 0);
	profile_diff_free(diff);
	profile_free(old);
	profile_free(new);
}

/* A call that is rare in the old profile is no other than any rare one there. */
static void test_fold(void **state)
{
	struct profile *old = server("old"), *new = server("new");
	struct profile_diff *diff;
	(void)state;

	add(old, READ, RARE, 2);
	add(old, READ, SEEK, 3);
	add(old, FORK, SEEK, 1);
	add(new, READ, RARE, 7);
	add(new, FORK, RARE, 4);
	diff = profile_diff(old, new);
	assert_non_null(diff);
	assert_int_equal(diff->only[DIFF_NEW].bag_count, 0);
	assert_int_equal(diff->only[DIFF_NEW].call_count, 0);
	assert_int_equal(diff->only[DIFF_OLD].call_count, 1);
	assert_int_equal(diff->only[DIFF_OLD].calls[0], SEEK);
	assert_int_equal(diff->only[DIFF_OLD].bag_count, 2);
	profile_diff_free(diff);
	profile_free(old);
	profile_free(new);
}

static void test_shares(void **state)
{
	struct profile *old = server("old"), *new = server("new");
	struct profile_diff *diff;
	(void)state;

	add(new, OPEN, CLOSE, 2900); /* the greatest change is that of close, 3.97 times */
	diff = profile_diff(old, new);
	assert_non_null(diff);
	assert_int_equal(diff->shifted_count, 0);
	profile_diff_free(diff);
	add(new, OPEN, CLOSE, 400); /* 4.07 times; read and write have a 4.3th of their share */
	diff = profile_diff(old, new);
	assert_non_null(diff);
	assert_int_equal(diff->shifted_count, 3);
	assert_int_equal(diff->shifted[0], READ);
	assert_int_equal(diff->shifted[1], WRITE);
	assert_int_equal(diff->shifted[2], CLOSE);
	profile_diff_free(diff);
	profile_free(old);
	profile_free(new);
}

static void test_no_bags(void **state)
{
	struct profile *old = profile_new("calls only", 2), *new = server("new");
	struct profile_diff *diff;
	(void)state;

	old->calls[READ] = 100;
	diff = profile_diff(old, new);
	assert_non_null(diff);
	assert_int_equal(diff->has_bags, 0);
	assert_int_equal(diff->only[DIFF_NEW].bag_count, 0);
	assert_int_equal(diff->only[DIFF_NEW].call_count, 3);
	profile_diff_free(diff);
	profile_free(old);
	profile_free(new);
}

static void test_check(void **state)
{
	struct profile *old = server("old"), *new = profile_new("new", 3);
	const struct bag bag = { .code = { 1, 2, 3 } };
	const char *why = NULL;
	(void)state;

	assert_int_equal(profile_diff_check(old, new, &why), 0);
	assert_null(why);
	assert_int_equal(profile_bag(new, &bag, 1, NULL), 0);
	assert_int_equal(profile_diff_check(old, new, &why), -EINVAL);
	assert_string_equal(why, "their windows differ in size");
	strcpy(profile_run(new)->source, "paper live");
	assert_int_equal(profile_diff_check(old, new, &why), -EINVAL);
	assert_string_equal(why, "only one of them was learnt by the paper's method");
	strcpy(new->arch, "aarch64");
	assert_int_equal(profile_diff_check(old, new, &why), -EINVAL);
	assert_string_equal(why, "their calls are those of different machines");
	profile_free(old);
	profile_free(new);
}

/* What there is more is as much as what there is less, and that is the distance. */
static void assert_deltas(struct diff_nearest nearest, uint32_t window)
{
	struct diff_delta deltas[2 * WINDOW_MAX];
	size_t count = profile_diff_deltas(&nearest, window, deltas);
	int more = 0, sum = 0;

	for (size_t i = 0; i < count; i++) {
		more += deltas[i].count > 0 ? deltas[i].count : 0;
		sum += deltas[i].count;
	}
	assert_int_equal(sum, 0);
	assert_true(nearest.distance > 0);
	assert_int_equal(more, nearest.distance);
}

/* What is only new from one side is only old from the other; and each bag that is told is indeed
 * at a distance from all that the other profile knows, each that is not told is known. */
static void test_random(void **state)
{
	int compared = 0;
	(void)state;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct profile *old = sample_profile(seed, "old", 60);
		struct profile *new = sample_profile(seed + WINDOW_MAX * 2, "new", 60);
		struct profile_diff *diff = profile_diff(old, new);
		struct profile_diff *back = profile_diff(new, old);
		const struct diff_only *only = &diff->only[DIFF_NEW];
		size_t unknown = 0;

		compared += diff->has_bags; /* all runs of a profile may have been withdrawn */
		assert_int_equal(old->window, new->window);
		assert_memory_equal(only->calls, back->only[DIFF_OLD].calls,
				    only->call_count * sizeof(*only->calls));
		assert_int_equal(only->bag_count, back->only[DIFF_OLD].bag_count);
		assert_int_equal(only->windows, back->only[DIFF_OLD].windows);
		assert_int_equal(diff->shifted_count, back->shifted_count);
		for (size_t i = 0; diff->has_bags && i < new->bag_count; i++) {
			uint32_t distance;

			assert_true(profile_nearest(old, &new->bags[i].bag, diff->fold[DIFF_OLD],
						    &distance) >= 0);
			unknown += distance > 0;
		}
		assert_int_equal(unknown, only->bag_count);
		for (size_t i = 0; i < only->bag_count; i++)
			assert_deltas(profile_diff_nearest(diff, DIFF_NEW, only->bags[i]),
				      new->window);
		profile_diff_free(diff);
		profile_diff_free(back);
		profile_free(old);
		profile_free(new);
	}
	assert_true(compared > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),	cmocka_unit_test(test_new),
		cmocka_unit_test(test_fold),	cmocka_unit_test(test_shares),
		cmocka_unit_test(test_no_bags), cmocka_unit_test(test_check),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
