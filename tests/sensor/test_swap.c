/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A newer profile takes the place of another in the sensor, while threads make calls: what is
 * judged by which, and what goes on.
 */
#include "swap.h"

static void stage_open(struct profile *profile, bool count_bags)
{
	stage_open_sensor(&stage, MODE_MONITOR, profile, 1000, count_bags);
}

/* Windows of one, and calls 'a' to 'y', of whose bags these are known. */
static struct profile *single(const char *bags, uint32_t frame_most, uint32_t fresh_most)
{
	struct profile *profile = profile_new("single", 1);

	for (; *bags; bags++)
		know_bag(profile, (const char[]){ *bags, '\0' });
	know_calls(profile, "abcdefghijklmnopqrstuvwxy");
	know_novelty(profile, frame_most, fresh_most);
	return profile;
}

static void test_bags(void **state)
{
	(void)state;
	stage_open(single("ab", NEVER, NEVER), false);
	play(&stage, 100, "ab", 1);
	assert_int_equal(mismatches(), 0);
	assert_int_equal(swap_to(single("ca", NEVER, NEVER), false), 0);
	play(&stage, 100, "ac", 1);
	assert_int_equal(mismatches(), 0);
	play(&stage, 100, "b", 1);
	assert_int_equal(mismatches(), 1);
	play(&stage, 200, "acb", 1);
	assert_int_equal(mismatches(), 2);
	expect_none();
}

static void test_calls(void **state)
{
	struct profile *newer = single("az", NEVER, NEVER);

	(void)state;
	stage_open(single("ay", NEVER, NEVER), false);
	play(&stage, 100, "az", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 0);
	newer->calls[LETTER('y')] = 0;
	assert_int_equal(swap_to(newer, false), 0);
	play(&stage, 100, "az", 1);
	expect_none();
	play(&stage, 100, "y", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
}

static void test_programs_and_signals(void **state)
{
	struct profile *older = single("a", NEVER, NEVER), *newer = single("a", NEVER, NEVER);

	(void)state;
	older->signals = 1ull << 6;
	profile_exec(older, "/bin/both", 0, 1);
	profile_exec(older, "/bin/older", 0, 1);
	newer->signals = 1ull << 11;
	profile_exec(newer, "/bin/newer", 0, 1);
	profile_exec(newer, "/bin/both", 0, 1);
	stage_open(older, false);
	play_exec(&stage, 100, 100, "/bin/older", 1);
	play_signal(&stage, 100, 6);
	expect_none();
	assert_int_equal(swap_to(newer, false), 0);
	play_exec(&stage, 100, 100, "/bin/newer", 1);
	play_exec(&stage, 100, 100, "/bin/both", 1);
	play_signal(&stage, 100, 11);
	expect_none();
	play_exec(&stage, 100, 100, "/bin/older", 1);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
	play_signal(&stage, 100, 6);
	expect_alarm(RULE_FATAL_SIGNAL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
}

/* Marks in frames stay, repeats go on, and the newer limit holds at once. */
static void test_frames_go_on(void **state)
{
	(void)state;
	stage_open(single("a", 0, NEVER), false);
	play(&stage, 100, "b", 8);
	expect_alarm(RULE_FRAME, 8, 0);
	play(&stage, 100, "b", 7);
	assert_int_equal(swap_to(single("ac", 0, NEVER), false), 0);
	play(&stage, 100, "ac", 5);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 1);
	play(&stage, 100, "b", 7);
	assert_int_equal(swap_to(single("ac", 8, NEVER), false), 0);
	play(&stage, 100, "b", 12);
	expect_none();
	assert_int_equal(stage_target(&stage).alarms, 2);
	assert_int_equal(mismatches(), 35);
}

/* A bag that was met before is no first sight to the newer profile. */
static void test_met_before(void **state)
{
	(void)state;
	stage_open(single("a", NEVER, 0), false);
	play(&stage, 100, "bcdef", 1);
	for (uint32_t swap = 0; swap < 5; swap++) {
		assert_int_equal(swap_to(single(swap % 2 ? "a" : "ax", NEVER, 0), false), 0);
		play(&stage, 100, "bcdef", 2);
		assert_int_equal(stage_target(&stage).bags, 5);
	}
	expect_none();
	play(&stage, 100, "g", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
}

/* Rare calls are one to a profile. Which are rare changes, and with it what a window is. */
static void test_fold(void **state)
{
	struct profile *older = single("as", NEVER, NEVER), *newer = single("as", NEVER, NEVER);

	(void)state;
	older->calls[LETTER('r')] = older->calls[LETTER('s')] = 1;
	newer->calls[LETTER('s')] = 1;
	stage_open(older, false);
	play(&stage, 100, "ars", 1);
	assert_int_equal(mismatches(), 0);
	assert_int_equal(swap_to(newer, false), 0);
	play(&stage, 100, "as", 1);
	assert_int_equal(mismatches(), 0);
	play(&stage, 100, "r", 1);
	assert_int_equal(mismatches(), 1);
}

/* Threads in the middle of their first windows, met late or from the beginning, go on from there;
 * so do their children. */
static void test_windows_go_on(void **state)
{
	(void)state;
	stage_open(loop_and("abz"), false);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "ab", 1);
	play_exec(&stage, 110, 110, "/bin/known", 1);
	play(&stage, 110, "abcab", 1);
	play(&stage, 200, "a", 1);
	assert_int_equal(swap_to(loop_and("abd"), false), 0);
	play(&stage, 100, "cab", 1);
	play(&stage, 110, "dabc", 1);
	play(&stage, 200, "bcabc", 1);
	play_fork(&stage, 110, 111);
	play(&stage, 111, "abcabd", 1);
	play_exec(&stage, 300, 300, "/bin/known", 1);
	play(&stage, 300, "abc", 1);
	expect_none();
	assert_int_equal(mismatches(), 0);
	assert_int_equal(stage_target(&stage).unjudged, 2);
	play(&stage, 110, "abz", 1);
	assert_int_equal(mismatches(), 1);
}

static void test_counts_go_on(void **state)
{
	uint32_t dropped;

	(void)state;
	stage_open(single("abc", NEVER, NEVER), true);
	play(&stage, 100, "aabbbc", 1);
	assert_int_equal(count_of("b"), 3);
	dropped = stage.places[0];
	assert_int_equal(swap_to(single("dcb", NEVER, NEVER), true), 0);
	assert_int_equal(count_of("b"), 3);
	assert_int_equal(count_of("c"), 1);
	assert_int_equal(count_of("d"), 0);
	assert_int_equal(stage.source->count(stage.source, dropped), 0);
	play(&stage, 100, "bdd", 1);
	assert_int_equal(count_of("b"), 4);
	assert_int_equal(count_of("d"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_bags),
		SCENE(test_calls),
		SCENE(test_programs_and_signals),
		SCENE(test_frames_go_on),
		SCENE(test_met_before),
		SCENE(test_fold),
		SCENE(test_windows_go_on),
		SCENE(test_counts_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
