/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes: short plays of threads whose every bag, mismatch and alarm was derived by hand. Each
 * is played to the twin (test_twin.c) and to the sensor (tests/sensor/test_sensor.c), which say
 * by stage_open() what the stage is made of.
 *
 * Most use windows of one call, where a call that the profile knows, but no bag of it, is one
 * mismatch and no more; or windows of three and the endless loop "abc".
 */
#ifndef BOSC_TESTS_SCENES_H
#define BOSC_TESTS_SCENES_H

#include "scene.h"

/* Opens the stage with a profile, which becomes its own. */
static void stage_open(enum sensor_mode mode, struct profile *profile, bool count_bags);

static void play_as(const char *comm)
{
	memset(stage.comm, 0, COMM_SIZE);
	strcpy(stage.comm, comm);
}

/* Windows of one: 'a' is normal, 'b' to 'y' are known calls of unknown bags, 'z' is new. */
static void open_single(uint32_t frame_most, uint32_t fresh_most)
{
	struct profile *profile = profile_new("single", 1);

	know_bag(profile, "a");
	know_calls(profile, "bcdefghijklmnopqrstuvwxy");
	profile_exec(profile, "/bin/known", 0, 1);
	know_novelty(profile, frame_most, fresh_most);
	stage_open(MODE_MONITOR, profile, false);
}

/* Windows of three: "abc" from its beginning. */
static void open_loop(void)
{
	struct profile *profile = profile_new("loop", 3);

	know_bag(profile, "..a");
	know_bag(profile, ".ab");
	know_bag(profile, "abc");
	profile_exec(profile, "/bin/known", 0, 1);
	profile_exec(profile, "known.sh", 5, 1);
	profile->signals = 1ull << 6;
	know_novelty(profile, NEVER, NEVER);
	stage_open(MODE_MONITOR, profile, false);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	expect_none();
}

static void scene_frame(void **state)
{
	(void)state;
	open_single(0, NEVER);
	play(&stage, 100, "a", 1);
	play(&stage, 100, "b", 7);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 0);
	assert_int_equal(last_event()->head.tid, 100);
	assert_int_equal(last_event()->head.ns, stage.ns);
	assert_int_equal(last_event()->alarm.tgid, 100);
	assert_int_equal(last_event()->alarm.parent_tgid, 1);
	assert_int_equal(last_event()->alarm.code, LETTER('b'));
	assert_int_equal(last_event()->alarm.thread_calls, 9);
	assert_string_equal(last_event()->alarm.comm, "prog");

	/* It begins anew; of its repeats the second, fourth, eighth … are told. */
	play(&stage, 100, "b", 7);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 1);
	play(&stage, 100, "b", 15);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 3);
	assert_int_equal(stage_target(&stage).alarms, 4);
	assert_int_equal(stage_target(&stage).mismatches, 32);
	assert_int_equal(stage_target(&stage).bags, 1);
	assert_int_equal(stage_target(&stage).calls, 33);
	assert_int_equal(stage_target(&stage).unjudged, 0);
}

/* A frame is 64 windows: with the 64th back still counted, the 65th not. */
static void scene_frame_length(void **state)
{
	(void)state;
	open_single(0, NEVER);
	play(&stage, 100, "b", 7);
	play(&stage, 100, "a", 57);
	play(&stage, 100, "b", 1);
	expect_none();
	play_fork(&stage, 100, 110);
	play(&stage, 110, "b", 7);
	play(&stage, 110, "a", 56);
	expect_none();
	play(&stage, 110, "b", 1);
	expect_alarm(RULE_FRAME, 8, 0);
}

static void scene_first_sights(void **state)
{
	(void)state;
	open_single(NEVER, 0);
	play(&stage, 100, "bbbaccbddaefb", 1);
	expect_none();
	play(&stage, 100, "g", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
	assert_int_equal(last_event()->alarm.code, LETTER('g'));
	play(&stage, 100, "hijkl", 1);
	expect_none();
	play(&stage, 100, "m", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 1);

	/* What one thread met is nobody's first sight any more. */
	play_fork(&stage, 100, 200);
	play(&stage, 200, "bcdefghijklm", 2);
	expect_none();
	assert_int_equal(stage_target(&stage).bags, 12);

	/* The 65th window back does not count: n leaves when s comes. */
	play_fork(&stage, 100, 300);
	play(&stage, 300, "n", 1);
	play(&stage, 300, "a", 59);
	play(&stage, 300, "opqrs", 1);
	expect_none();
	play(&stage, 300, "t", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
}

/* One call may complete both; each rule begins anew by itself. */
static void scene_both_frames(void **state)
{
	(void)state;
	open_single(0, 0);
	play(&stage, 100, "bbbcdef", 1);
	expect_none();
	play(&stage, 100, "g", 1);
	expect_event(EVENT_ALARM);
	assert_int_equal(last_event()->alarm.rule, RULE_FRAME);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
	play(&stage, 100, "hijkl", 1);
	expect_none();
	play(&stage, 100, "m", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 1);
}

static void scene_new_call(void **state)
{
	(void)state;
	open_loop();
	play(&stage, 100, "abc", 2);
	expect_none();
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.code, LETTER('z'));
	assert_int_equal(last_event()->alarm.thread_calls, 7);
	assert_int_equal(window_code(&last_event()->alarm.window, 0), LETTER('z'));
	assert_int_equal(window_code(&last_event()->alarm.window, 1), LETTER('c'));
	assert_int_equal(window_code(&last_event()->alarm.window, 6), LETTER('a'));
	assert_int_equal(window_code(&last_event()->alarm.window, 7), CODE_BEGIN);

	/* Repeats are folded for each process and call: threads share, processes do not. */
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 1);
	play_fork(&stage, 100, 101);
	play(&stage, 101, "z", 1);
	expect_none();
	play(&stage, 101, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 3);
	play(&stage, 100, "y", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(stage_target(&stage).alarms, 6);
}

/* The number of a known call through another ABI is another call. */
static void scene_other_abi(void **state)
{
	(void)state;
	open_loop();
	for (uint32_t abi = ABI_COMPAT; abi <= ABI_URING; abi++) {
		play_code(&stage, 100, code_of(abi, 0));
		expect_alarm(RULE_NEW_CALL, 1, 0);
		assert_int_equal(last_event()->alarm.code, code_of(abi, 0));
	}
}

/* Rare calls are all "other": what was learnt with one is known with another. */
static void scene_rare_calls(void **state)
{
	struct profile *profile = profile_new("rare", 3);

	(void)state;
	know_bag(profile, "abr");
	know_calls(profile, "ast");
	profile->calls[LETTER('r')] = 1;
	profile->calls[LETTER('s')] = 5; /* as often as there are calls */
	profile->calls[LETTER('t')] = 6;
	know_novelty(profile, NEVER, NEVER);
	stage_open(MODE_MONITOR, profile, false);
	play(&stage, 100, "abs", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	play(&stage, 200, "abt", 1);
	assert_int_equal(stage_target(&stage).mismatches, 1);
	expect_none();
}

static void scene_signals(void **state)
{
	(void)state;
	open_loop();
	play_signal(&stage, 100, 6); /* seen in training */
	play_signal(&stage, 100, 2);
	play_signal(&stage, 100, 9);
	play_signal(&stage, 100, 15);
	play_signal(&stage, 999, 11); /* nobody knows this thread */
	expect_none();
	play_signal(&stage, 100, 11);
	expect_alarm(RULE_FATAL_SIGNAL, 1, 0);
	assert_int_equal(last_event()->alarm.signal, 11);
	play_signal(&stage, 100, 31);
	expect_alarm(RULE_FATAL_SIGNAL, 1, 0);
	play_signal(&stage, 100, 11);
	expect_alarm(RULE_FATAL_SIGNAL, 1, 1);
	play_signal(&stage, 100, 11);
	expect_none();
	assert_int_equal(stage_target(&stage).alarms, 4);
}

/* A path from the root says which file is meant; of another, only the inode does. */
static void scene_new_exec(void **state)
{
	char path[2 * PATH_SIZE] = "/long/";

	(void)state;
	open_loop();
	play_exec(&stage, 100, 100, "/bin/known", 77);
	play_exec(&stage, 100, 100, "known.sh", 5);
	expect_none();
	play_exec(&stage, 100, 100, "known.sh", 6);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	assert_int_equal(last_event()->alarm.inode, 6);
	assert_string_equal(last_event()->alarm.path, "known.sh");
	play_exec(&stage, 100, 100, "/bin/unknown", 7);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	assert_string_equal(last_event()->alarm.path, "/bin/unknown");
	assert_int_equal(last_event()->alarm.thread_calls, 0);
	play_exec(&stage, 100, 100, "/bin/know", 8);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	play_exec(&stage, 100, 100, "", 9);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	memset(path + 6, 'x', sizeof(path) - 7);
	play_exec(&stage, 100, 100, path, 10);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	path[PATH_SIZE - 1] = 0;
	assert_string_equal(last_event()->alarm.path, path);
}

/* Known bags are counted where the profile's places say, unknown ones where their event says. */
static void scene_counting(void **state)
{
	struct profile *profile = profile_new("counts", 1);

	(void)state;
	know_bag(profile, "a");
	know_calls(profile, "b");
	know_novelty(profile, NEVER, NEVER);
	stage_open(MODE_MONITOR, profile, true);
	play(&stage, 100, "aab", 3);
	expect_event(EVENT_BAG);
	expect_none();
	assert_int_equal(window_code(&last_event()->bag.window, 0), LETTER('b'));
	assert_int_equal(last_event()->bag.part, 0);
	assert_int_equal(stage.source->count(stage.source, stage.places[0]), 6);
	assert_int_equal(stage.source->count(stage.source, last_event()->bag.place), 3);
}

#define RULE_SCENES                                                                      \
	SCENE(scene_frame), SCENE(scene_frame_length), SCENE(scene_first_sights),        \
		SCENE(scene_both_frames), SCENE(scene_new_call), SCENE(scene_other_abi), \
		SCENE(scene_rare_calls), SCENE(scene_signals), SCENE(scene_new_exec),    \
		SCENE(scene_counting)

#endif
