/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles: that a bag is found again among thousands, and that the fold keeps to the paper's
 * rule at its very edge. What profile_check() refuses is in test_profile_check.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/profile.h"

#define MANY 20000

static int setup(void **state)
{
	*state = profile_new("web", 4);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	profile_free(*state);
	return 0;
}

static struct bag bag4(uint16_t a, uint16_t b, uint16_t c, uint16_t d)
{
	return (struct bag){ .code = { a, b, c, d } };
}

static long add(struct profile *profile, struct bag bag, uint64_t count)
{
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += count;
	return index;
}

/* A different bag for each number below 4000 * 4000. */
static struct bag numbered(uint32_t number)
{
	return bag4(0, 1, (uint16_t)(2 + number % 4000), (uint16_t)(4001 + number / 4000));
}

static void test_new(void **state)
{
	struct profile *profile = *state;
	char name[PROFILE_TEXT * 2];

	assert_string_equal(profile->name, "web");
	assert_int_equal(profile->window, 4);
	assert_int_equal(profile->state, PROFILE_LEARNING);
	assert_string_equal(profile->image, "");
	assert_int_equal(profile_find(profile, &(struct bag){ .code = { 1 } }), -ENOENT);
	profile_free(NULL);

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = 0;
	profile = profile_new(name, 10);
	assert_non_null(profile);
	assert_int_equal(strlen(profile->name), PROFILE_TEXT - 1);
	profile_free(profile);
}

static void test_bag(void **state)
{
	struct profile *profile = *state;
	struct bag bag = bag4(0, 1, 2, 3);
	struct bag same = bag;
	int is_new = -1;

	profile_run(profile);
	profile_run(profile);
	assert_int_equal(profile_bag(profile, &bag, 7, &is_new), 0);
	assert_int_equal(is_new, 1);
	assert_int_equal(profile->bags[0].count, 0);
	assert_int_equal(profile->bags[0].part, 7);
	assert_int_equal(profile->bags[0].first_run, 1);
	assert_int_equal(profile->bags[0].last_run, 1);

	profile_run(profile);
	assert_int_equal(profile_bag(profile, &same, 9, &is_new), 0);
	assert_int_equal(is_new, 0);
	assert_int_equal(profile->bags[0].part, 7);
	assert_int_equal(profile->bags[0].first_run, 1);
	assert_int_equal(profile->bag_count, 1);
}

static void test_many_bags(void **state)
{
	struct profile *profile = *state;

	for (uint32_t i = 0; i < MANY; i++) {
		struct bag bag = numbered(i);
		int is_new = 0;

		assert_int_equal(profile_find(profile, &bag), -ENOENT);
		assert_int_equal(profile_bag(profile, &bag, 1, &is_new), i);
		assert_int_equal(is_new, 1);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		struct bag bag = numbered(i);
		int is_new = 1;

		assert_int_equal(profile_find(profile, &bag), i);
		assert_int_equal(profile_bag(profile, &bag, 1, &is_new), i);
		assert_int_equal(is_new, 0);
		assert_int_equal(bag_compare(&profile->bags[i].bag, &bag), 0);
	}
	assert_int_equal(profile->bag_count, MANY);
	for (uint32_t i = MANY; i < MANY + 1000; i++) {
		struct bag bag = numbered(i);

		assert_int_equal(profile_find(profile, &bag), -ENOENT);
	}
}

static void test_exec(void **state)
{
	struct profile *profile = *state;
	char path[PROFILE_PATH * 2];

	assert_int_equal(profile_exec(profile, "/bin/sh", 0, 2), 1);
	assert_int_equal(profile_exec(profile, "sh", 77, 1), 1);
	assert_int_equal(profile_exec(profile, "/bin/sh", 0, 3), 0);
	assert_int_equal(profile_exec(profile, "sh", 78, 1), 1);
	assert_int_equal(profile->exec_count, 3);
	assert_int_equal(profile->execs[0].count, 5);
	assert_int_equal(profile->execs[1].inode, 77);

	/* What is longer than the sensor can tell is cut where the sensor cuts it. */
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = 0;
	assert_int_equal(profile_exec(profile, path, 0, 1), 1);
	assert_int_equal(strlen(profile->execs[3].path), PROFILE_PATH - 1);
	path[PROFILE_PATH - 1] = 0;
	assert_int_equal(profile_exec(profile, path, 0, 1), 0);

	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/usr/bin/%d", i);
		assert_int_equal(profile_exec(profile, path, 0, 1), 1);
	}
	assert_int_equal(profile->exec_count, 104);
	assert_string_equal(profile->execs[103].path, "/usr/bin/99");
}

static void test_runs_and_sums(void **state)
{
	struct profile *profile = *state;

	assert_int_equal(profile_lost(profile), 0);
	for (uint64_t i = 0; i < 40; i++) {
		struct profile_run *run = profile_run(profile);

		assert_non_null(run);
		assert_int_equal(run->lost, 0);
		assert_int_equal(run->id[0], 0);
		run->lost = i;
	}
	assert_int_equal(profile->run_count, 40);
	assert_int_equal(profile_lost(profile), 780);

	assert_int_equal(profile_windows(profile), 0);
	add(profile, bag4(1, 1, 1, 1), 5);
	add(profile, bag4(1, 1, 1, 2), 6);
	assert_int_equal(profile_windows(profile), 11);
	profile->calls[1] = 3;
	profile->calls[4092] = 4;
	assert_int_equal(profile_calls(profile), 7);
}

/* A part knows how much training there was before it, over all runs. */
static void test_parts(void **state)
{
	struct profile *profile = *state;
	struct profile_part *part = profile_part(profile);

	assert_int_equal(part->windows_before, 0);
	part->frame_most = 7;
	add(profile, bag4(1, 1, 1, 1), 100);
	add(profile, bag4(1, 1, 1, 2), 1);
	assert_int_equal(profile_part(profile)->windows_before, 101);
	assert_int_equal(profile_part(profile)->windows_before, 101);
	add(profile, bag4(1, 1, 1, 2), UINT32_MAX);
	for (int i = 3; i < 40; i++) {
		part = profile_part(profile);
		assert_int_equal(part->windows_before, 101 + (uint64_t)UINT32_MAX);
		assert_int_equal(part->frame_most, 0);
		assert_int_equal(part->fresh_most, 0);
		assert_int_equal(part->logged, 0);
	}
	assert_int_equal(profile->history_count, 40);
	assert_int_equal(profile->history[0].frame_most, 7);
	assert_int_equal(profile->history[1].windows_before, 101);
}

static void test_unseen(void **state)
{
	struct profile *profile = *state;

	assert_true(profile_unseen(profile) == 1.0);
	add(profile, bag4(1, 1, 1, 1), 0);
	assert_true(profile_unseen(profile) == 1.0);
	add(profile, bag4(1, 1, 1, 2), 1);
	add(profile, bag4(1, 1, 1, 3), 1);
	add(profile, bag4(1, 1, 1, 4), 6);
	assert_true(profile_unseen(profile) == 0.25);
}

static void test_fold(void **state)
{
	struct profile *profile = *state;
	uint16_t fold[CODE_COUNT];

	profile->calls[10] = 1;
	profile->calls[20] = 3; /* as many as there are distinct calls: other */
	profile->calls[30] = 4;
	assert_int_equal(profile_distinct(profile), 3);
	profile_fold(profile, fold);
	assert_int_equal(fold[10], CODE_OTHER);
	assert_int_equal(fold[20], CODE_OTHER);
	assert_int_equal(fold[30], 30);
	assert_int_equal(fold[40], CODE_NEW);
	assert_int_equal(fold[CODE_BEGIN], CODE_BEGIN);
	assert_int_equal(fold[CODE_LATE], CODE_LATE);

	/* A call that only a bag knows was seen; it makes a fourth, and 4 is then rare. */
	add(profile, bag4(CODE_BEGIN, 30, 30, 40), 1);
	assert_int_equal(profile_distinct(profile), 4);
	profile_fold(profile, fold);
	assert_int_equal(fold[40], CODE_OTHER);
	assert_int_equal(fold[30], CODE_OTHER);
	assert_int_equal(fold[50], CODE_NEW);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		assert_int_equal(fold[fold[code]], fold[code]);
}

static void test_nearest(void **state)
{
	struct profile *profile = *state;
	struct bag wanted = bag4(5, 5, 5, 6);
	uint32_t distance = 99;

	assert_int_equal(profile_nearest(profile, &wanted, NULL, &distance), -ENOENT);
	add(profile, bag4(1, 2, 3, 4), 1000);
	add(profile, bag4(5, 5, 7, 8), 500);
	add(profile, bag4(5, 5, 5, 8), 2);
	add(profile, bag4(5, 5, 5, 9), 3); /* as near, and more frequent */
	add(profile, bag4(5, 5, 5, 10), 3);
	assert_int_equal(profile_nearest(profile, &wanted, NULL, &distance), 3);
	assert_int_equal(distance, 1);
	wanted = bag4(1, 2, 3, 4);
	assert_int_equal(profile_nearest(profile, &wanted, NULL, &distance), 0);
	assert_int_equal(distance, 0);
	assert_int_equal(profile_nearest(profile, &wanted, NULL, NULL), 0);
}

static void test_nearest_folds_both(void **state)
{
	struct profile *profile = *state;
	struct bag wanted = bag4(5, 5, 5, 600);
	uint16_t fold[CODE_COUNT];
	uint32_t distance = 99;

	add(profile, bag4(5, 5, 5, 700), 9);
	add(profile, bag4(5, 5, 6, 700), 1000);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		fold[code] = (uint16_t)code;
	fold[600] = CODE_OTHER;
	fold[700] = CODE_OTHER;
	assert_int_equal(profile_nearest(profile, &wanted, fold, &distance), 0);
	assert_int_equal(distance, 0);
	assert_int_equal(profile_nearest(profile, &wanted, NULL, &distance), 0);
	assert_int_equal(distance, 1);
}

static void test_state_names(void **state)
{
	(void)state;
	assert_string_equal(profile_state_name(PROFILE_LEARNING), "learning");
	assert_string_equal(profile_state_name(PROFILE_PARTIAL), "partial");
	assert_string_equal(profile_state_name(PROFILE_LEARNT), "learnt");
	for (int i = 0; i < PROFILE_STATES; i++)
		assert_int_equal(profile_state_parse(profile_state_name(i)), i);
	assert_int_equal(profile_state_parse("learn"), -EINVAL);
	assert_int_equal(profile_state_parse(""), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_new),
		TEST(test_bag),
		TEST(test_many_bags),
		TEST(test_exec),
		TEST(test_runs_and_sums),
		TEST(test_parts),
		TEST(test_unseen),
		TEST(test_fold),
		TEST(test_nearest),
		TEST(test_nearest_folds_both),
		cmocka_unit_test(test_state_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
