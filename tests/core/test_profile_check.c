/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * profile_check() stands between a file that anybody may have written and the rest of the
 * program: each test breaks one thing in a good profile and wants it named.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/profile.h"

static void add(struct profile *profile, struct bag bag, uint64_t count)
{
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += count;
}

/* A learnt profile of two parts in which nothing is wrong. */
static int setup(void **state)
{
	struct profile *profile = profile_new("web", 4);

	*state = profile;
	if (!profile || !profile_run(profile) || !profile_part(profile) || !profile_part(profile))
		return -1;
	profile->history[1].windows_before = 4;
	profile->state = PROFILE_LEARNT;
	profile->calls[1] = 8;
	add(profile, (struct bag){ .code = { 0, 0, 0, 1 } }, 1);
	add(profile, (struct bag){ .code = { 1, 1, 1, CODE_NEW - 1 } }, 7);
	profile_exec(profile, "/bin/web", 0, 1);
	return 0;
}

static int teardown(void **state)
{
	profile_free(*state);
	return 0;
}

static void assert_check(const struct profile *profile, const char *expected)
{
	const char *why = NULL;

	assert_int_equal(profile_check(profile, &why), expected ? -EINVAL : 0);
	if (expected) {
		assert_non_null(why);
		assert_non_null(strstr(why, expected));
	}
}

static void test_good(void **state)
{
	struct profile *profile = *state;

	assert_check(profile, NULL);
	profile->runs[0].lost = 5;
	assert_check(profile, NULL);
	profile->history_count = 1;
	assert_check(profile, NULL);
	profile->window = 10; /* the same bags are wrong in a larger window and in a smaller */
	assert_check(profile, "ascending");
	profile->window = 3;
	assert_check(profile, "more calls than a window");
}

static void test_head(void **state)
{
	struct profile *profile = *state;

	profile->window = 0;
	assert_check(profile, "window");
	profile->window = WINDOW_MAX + 1;
	assert_check(profile, "window");
	profile->window = 4;
	profile->state = PROFILE_STATES;
	assert_check(profile, "state");
	profile->state = (enum profile_state) - 1;
	assert_check(profile, "state");
	profile->state = PROFILE_LEARNT;
	profile->name[0] = 0;
	assert_check(profile, "name");
}

static void test_parts(void **state)
{
	struct profile *profile = *state;

	for (size_t i = 0; i < 2; i++) {
		struct profile_part *part = &profile->history[i];

		part->frame_most = 65;
		assert_check(profile, "mismatches");
		part->frame_most = 64;
		part->fresh_most = 65;
		assert_check(profile, "first sights");
		part->fresh_most = 64;
		assert_check(profile, NULL);
	}
	profile->history[0].windows_before = 5;
	assert_check(profile, "began before");
	profile->history[0].windows_before = 4;
	assert_check(profile, NULL);
	profile->history_count = 0;
	assert_check(profile, "part of the training that is not there");
}

static void test_texts(void **state)
{
	struct profile *profile = *state;

	memset(profile->why, 'x', sizeof(profile->why));
	assert_check(profile, "text");
	profile->why[0] = 0;
	memset(profile->runs[0].kernel, 'x', sizeof(profile->runs[0].kernel));
	assert_check(profile, "text");
	profile->runs[0].kernel[0] = 0;
	memset(profile->execs[0].path, 'x', sizeof(profile->execs[0].path));
	assert_check(profile, "text");
}

/* Each row is one bag that no learner can have made. */
static void test_codes(void **state)
{
	static const struct {
		uint16_t code[WINDOW_MAX];
		const char *why;
	} rows[] = {
		{ { 2, 1, 3, 4 }, "ascending" },
		{ { 1, 2, 3, 0 }, "ascending" },
		{ { 1, 2, 3, 4, 5 }, "more calls" },
		{ { 1, 2, 3, 4, 0, 0, 0, 0, 0, 5 }, "more calls" },
		{ { 1, 2, 3, CODE_LATE }, "no call has" },
		{ { 1, 2, 3, CODE_OTHER }, "no call has" },
		{ { 1, 2, 3, CODE_NEW }, "no call has" },
		{ { 1, 2, 3, UINT16_MAX }, "no call has" },
		{ { 0 }, "holds no call" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *learnt = NULL;
		struct bag bag;

		memcpy(bag.code, rows[i].code, sizeof(bag.code));
		assert_int_equal(setup(&learnt), 0);
		add(learnt, bag, 1);
		assert_check(learnt, rows[i].why);
		teardown(&learnt);
	}
}

static void test_bags(void **state)
{
	struct profile *profile = *state;
	struct profile_bag *known = &profile->bags[1];

	known->last_run = 1;
	assert_check(profile, "run");
	known->last_run = 0;
	known->first_run = 1;
	assert_check(profile, "run");
	known->first_run = 0;
	known->part = 3;
	assert_check(profile, "part");
	known->part = 2;
	assert_check(profile, NULL);
	known->count = UINT64_MAX;
	assert_check(profile, "more windows");
	known->count = 7;
	known->bag = profile->bags[0].bag;
	assert_check(profile, "twice");
}

static void test_learnt(void **state)
{
	struct profile *profile = *state;

	profile->bags[0].count = 0;
	profile->bags[1].count = 0;
	assert_check(profile, "no window");
	profile->state = PROFILE_PARTIAL;
	assert_check(profile, NULL);
	profile->bag_count = 0;
	profile->run_count = 0;
	assert_check(profile, NULL);
	profile->state = PROFILE_LEARNT;
	assert_check(profile, "no window");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),
		TEST(test_head),
		TEST(test_parts),
		TEST(test_texts),
		cmocka_unit_test(test_codes),
		TEST(test_bags),
		TEST(test_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
