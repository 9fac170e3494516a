/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a profile may be relied on for, from what became of its runs: a profile says "learnt" only
 * where one of them found it so, and nothing since has spoilt it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/profile.h"

#define ONE_IN_TEN 100000000ull /* of 10^9 */

static struct profile *profile;

/* Of ten windows, one has a bag that no other has. */
static int setup(void **state)
{
	struct bag often = { .code = { 1 } }, once = { .code = { 2 } };

	(void)state;
	profile = profile_new("web", 1);
	if (profile_bag(profile, &often, 0, NULL) != 0 || profile_bag(profile, &once, 0, NULL) != 1)
		return -1;
	profile->bags[0].count = 9;
	profile->bags[1].count = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	profile_free(profile);
	return 0;
}

/* The returned run is valid until the next. */
static struct profile_run *add(enum profile_state state, const char *why)
{
	struct profile_run *run = profile_run(profile);

	if (!run)
		abort();
	strcpy(run->source, RUN_LIVE);
	strcpy(run->why, why);
	run->state = state;
	run->unseen_ppb = ONE_IN_TEN;
	return run;
}

static void assert_state(enum profile_state state, const char *why)
{
	profile_settle(profile);
	assert_string_equal(profile->why, why);
	assert_int_equal(profile->state, state);
}

static void test_names(void **state)
{
	static const char *const names[] = { "learning", "partial", "learnt", "reviewed" };

	(void)state;
	for (int i = 0; i < PROFILE_STATES; i++) {
		assert_string_equal(profile_state_name((enum profile_state)i), names[i]);
		assert_int_equal(profile_state_parse(names[i]), i);
	}
	assert_string_equal(profile_state_name(PROFILE_STATES), "unknown");
	assert_string_equal(profile_state_name((enum profile_state) - 1), "unknown");
	assert_int_equal(profile_state_parse("learned"), -EINVAL);
	assert_int_equal(profile_state_parse(""), -EINVAL);
}

static void test_no_run(void **state)
{
	(void)state;
	assert_state(PROFILE_PARTIAL, "no run of it counts");
	add(PROFILE_LEARNT, "enough")->withdrawn_s = 1;
	assert_state(PROFILE_PARTIAL, "no run of it counts");
	strcpy(add(PROFILE_LEARNT, "benign")->source, RUN_ACCEPT); /* no training */
	assert_state(PROFILE_PARTIAL, "no run of it counts");
}

/* The last run decides, until one learnt it. */
static void test_last(void **state)
{
	(void)state;
	add(PROFILE_PARTIAL, "interrupted");
	assert_state(PROFILE_PARTIAL, "interrupted");
	add(PROFILE_LEARNING, "it goes on");
	assert_state(PROFILE_LEARNING, "it goes on");
	add(PROFILE_LEARNT, "enough");
	assert_state(PROFILE_LEARNT, "enough");
	add(PROFILE_PARTIAL, "too short");
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	add(PROFILE_LEARNING, "it goes on");
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	add(PROFILE_LEARNT, "enough again");
	assert_state(PROFILE_LEARNT, "enough again");
	profile->runs[5].withdrawn_s = 1;
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	profile->runs[2].withdrawn_s = 1;
	assert_state(PROFILE_LEARNING, "it goes on");
}

/* A later run that lost something spoils it, until one learns it anew. */
static void test_lost(void **state)
{
	(void)state;
	add(PROFILE_PARTIAL, "lost")->lost = 3; /* before, it does no harm */
	add(PROFILE_LEARNT, "enough");
	assert_state(PROFILE_LEARNT, "enough");
	add(PROFILE_PARTIAL, "5 events were lost")->lost = 5;
	add(PROFILE_PARTIAL, "too short");
	assert_state(PROFILE_PARTIAL, "5 events were lost");
	profile->runs[2].withdrawn_s = 1;
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	profile->runs[2].withdrawn_s = 0;
	add(PROFILE_LEARNT, "enough again");
	assert_state(PROFILE_LEARNT, "enough again");
}

/* A run that lost something learnt nothing whole, whatever it says of itself. */
static void test_lost_though_learnt(void **state)
{
	(void)state;
	add(PROFILE_LEARNT, "enough")->lost = 2;
	assert_state(PROFILE_PARTIAL, "a run that calls it learnt lost at least 2 events");
	add(PROFILE_LEARNT, "enough again");
	assert_state(PROFILE_LEARNT, "enough again");
	add(PROFILE_LEARNT, "once more")->lost = 1;
	assert_state(PROFILE_PARTIAL, "a run that calls it learnt lost at least 1 event");
	profile->runs[2].withdrawn_s = 1;
	assert_state(PROFILE_LEARNT, "enough again");
}

/* Whoever never saw the target start does not know how it does. */
static void test_joined_late(void **state)
{
	(void)state;
	add(PROFILE_LEARNT, "enough")->joined_late = 1;
	assert_state(PROFILE_PARTIAL,
		     "joined late: no run saw the target start; start or restart it while 'bosc "
		     "learn' waits or learns; else enough");
	strcpy(add(PROFILE_PARTIAL, "benign")->source, RUN_ACCEPT); /* sees no start */
	profile->runs[0].reviewed_s = profile->runs[1].reviewed_s = 1;
	profile_settle(profile);
	assert_int_equal(profile->state, PROFILE_PARTIAL); /* whoever vouches for it */
	add(PROFILE_PARTIAL, "too short");
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	profile->runs[2].withdrawn_s = 1;
	profile_settle(profile);
	assert_int_equal(profile->state, PROFILE_PARTIAL);
}

/* What runs learnt elsewhere may leave more unseen than the run asked for that learnt it. */
static void test_unseen(void **state)
{
	(void)state;
	add(PROFILE_LEARNT, "enough");
	assert_state(PROFILE_LEARNT, "enough");
	profile->runs[0].unseen_ppb--;
	assert_state(PROFILE_PARTIAL,
		     "learnt once, but the runs together leave an unseen share of 1.0e-01");
	add(PROFILE_PARTIAL, "too short");
	assert_state(PROFILE_PARTIAL, "too short");
	profile->bags[1].count = 2;
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 0.0e+00");
	profile->bag_count = 0; /* nothing at all */
	assert_state(PROFILE_PARTIAL, "too short");
}

/* Each run that counts needs somebody who vouches for it. */
static void test_reviewed(void **state)
{
	struct profile_run *run = add(PROFILE_LEARNT, "enough");

	(void)state;
	strcpy(run->reviewer, "ann");
	run->reviewed_s = 7;
	assert_state(PROFILE_REVIEWED, "by ann; enough");
	strcpy(add(PROFILE_PARTIAL, "benign")->source, RUN_ACCEPT);
	assert_state(PROFILE_LEARNT, "enough");
	strcpy(profile->runs[1].reviewer, "bob");
	profile->runs[1].reviewed_s = 6; /* but ann was the last */
	assert_state(PROFILE_REVIEWED, "by ann; enough");
	add(PROFILE_PARTIAL, "too short");
	assert_state(PROFILE_LEARNT, "learnt in an earlier run, unseen share 1.0e-01");
	profile->runs[2].withdrawn_s = 1;
	assert_state(PROFILE_REVIEWED, "by ann; enough");
	profile->runs[0].state = PROFILE_PARTIAL; /* nobody can vouch for what is not learnt */
	assert_state(PROFILE_PARTIAL, "enough");
}

/* Long texts are cut, and the last byte is theirs. */
static void test_long(void **state)
{
	struct profile_run *run = add(PROFILE_LEARNT, "");

	(void)state;
	memset(run->why, 'w', sizeof(run->why) - 1);
	memset(run->reviewer, 'r', sizeof(run->reviewer) - 1);
	run->reviewed_s = 1;
	profile_settle(profile);
	assert_int_equal(profile->state, PROFILE_REVIEWED);
	assert_true(strlen(profile->why) > 200);
	assert_non_null(strstr(profile->why, "rrr; www"));
}

/* The container is that of the last run that knows it, text by text. */
static void test_container(void **state)
{
	struct profile_run *run = add(PROFILE_PARTIAL, "");

	(void)state;
	strcpy(run->image, "redis:7");
	strcpy(run->digest, "sha256:1");
	strcpy(run->command, "redis-server");
	strcpy(run->container, "c1");
	run = add(PROFILE_PARTIAL, "");
	strcpy(run->container, "c2");
	strcpy(run->image, "redis:8");
	add(PROFILE_PARTIAL, "");
	profile_settle(profile);
	assert_string_equal(profile->image, "redis:8");
	assert_string_equal(profile->digest, "sha256:1");
	assert_string_equal(profile->command, "redis-server");
	assert_string_equal(profile->container, "c2");
	profile->runs[1].withdrawn_s = 1;
	profile_settle(profile);
	assert_string_equal(profile->image, "redis:7");
	assert_string_equal(profile->container, "c1");
	profile->runs[0].withdrawn_s = 1;
	profile_settle(profile);
	assert_string_equal(profile->image, "");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		TEST(test_no_run),
		TEST(test_last),
		TEST(test_lost),
		TEST(test_lost_though_learnt),
		TEST(test_joined_late),
		TEST(test_unseen),
		TEST(test_reviewed),
		TEST(test_long),
		TEST(test_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
