/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of threads: where one begins, what it takes over from whom, and when its calls count. As
 * in scenes.h, all was derived by hand.
 */
#ifndef BOSC_TESTS_SCENES_THREADS_H
#define BOSC_TESTS_SCENES_THREADS_H

#include "../../core/frame.h"
#include "scenes.h"

/* What the runtime does before it executes the container's command is not judged. */
static void scene_setup(void **state)
{
	(void)state;
	open_loop();
	play_as("runc:[2:INIT]");
	play(&stage, 200, "zzzz", 1);
	play_fork(&stage, 200, 201);
	play_fork(&stage, 200, 300);
	play(&stage, 201, "zz", 1);
	play_signal(&stage, 201, 11);
	play_as("anything"); /* a child of the set-up is set-up under any name */
	play(&stage, 300, "zz", 1);
	expect_none();
	assert_int_equal(stage_target(&stage).calls, 8);
	assert_int_equal(stage_target(&stage).unjudged, 8);

	play_exec(&stage, 200, 200, "/bin/known", 1);
	play(&stage, 201, "z", 1);
	play(&stage, 200, "abc", 1);
	expect_none();
	assert_int_equal(stage_target(&stage).mismatches, 0);
	play(&stage, 200, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.thread_calls, 4);
	play_exec(&stage, 300, 300, "/bin/unknown", 2);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	assert_int_equal(stage_target(&stage).unjudged, 9);
}

/* runc executes a copy of itself, by a file descriptor, before it executes the command. A program
 * of the container that does the like is judged. */
static void scene_setup_again(void **state)
{
	static const char *const copies[] = { "/dev/fd/7", "/proc/self/exe", "/proc/self/fd/6" };

	(void)state;
	open_loop();
	for (uint32_t i = 0; i < ARRAY_SIZE(copies); i++) {
		play_as("runc");
		play(&stage, 200 + 10 * i, "z", 1);
		play_as("7");
		play_exec(&stage, 200 + 10 * i, 200 + 10 * i, copies[i], 9);
		play(&stage, 200 + 10 * i, "zz", 1);
		expect_none();
		play_exec(&stage, 200 + 10 * i, 200 + 10 * i, "/bin/known", 1);
		play(&stage, 200 + 10 * i, "abc", 1);
		expect_none();
		play_exec(&stage, 200 + 10 * i, 200 + 10 * i, copies[i], 9);
		expect_alarm(RULE_NEW_EXEC, 1, 0);
	}
	assert_int_equal(stage_target(&stage).unjudged, 9);
	assert_int_equal(stage_target(&stage).mismatches, 0);
}

static void scene_runtime_names(void **state)
{
	static const char *const runtime[] = { "runc",	 "runc:[1:CHILD]",  "crun",
					       "crun:x", "memfd:runc_clon", "memfd:crun_clon" };
	static const char *const others[] = { "run",	    "runcible",	       "crunch", "xrunc",
					      "memfd:crun", "memfd:crun_copy", "" };

	(void)state;
	open_loop();
	for (uint32_t i = 0; i < ARRAY_SIZE(runtime); i++) {
		play_as(runtime[i]);
		play(&stage, 1000 + 10 * i, "z", 1);
		expect_none();
	}
	for (uint32_t i = 0; i < ARRAY_SIZE(others); i++) {
		play_as(others[i]);
		play(&stage, 2000 + 10 * i, "z", 1);
		expect_alarm(RULE_NEW_CALL, 1, 0);
		assert_string_equal(last_event()->alarm.comm, others[i]);
	}
}

/* A thread met in mid-stream is judged from its W-th call on; a new call is new at any time. */
static void scene_late(void **state)
{
	(void)state;
	open_loop();
	play(&stage, 200, "aa", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).unjudged, 2);
	play(&stage, 200, "a", 1);
	assert_int_equal(stage_target(&stage).mismatches, 1);
	assert_int_equal(stage_target(&stage).unjudged, 2);
	play(&stage, 300, "bca", 1);
	assert_int_equal(stage_target(&stage).mismatches, 1);
	assert_int_equal(stage_target(&stage).unjudged, 4);
	expect_none();
	play(&stage, 400, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(stage_target(&stage).unjudged, 5);
}

/* A child begins with an empty window, whoever its parent is; the parent's goes on. */
static void scene_fork(void **state)
{
	(void)state;
	open_loop();
	play(&stage, 100, "abc", 1);
	play_fork(&stage, 100, 101);
	play_fork(&stage, 100, 200);
	play(&stage, 101, "abc", 1);
	play(&stage, 200, "abca", 1);
	play(&stage, 100, "abc", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	play_fork(&stage, 200, 300);
	play(&stage, 300, "b", 1);
	assert_int_equal(stage_target(&stage).mismatches, 1);

	play(&stage, 400, "a", 1); /* late */
	play_fork(&stage, 400, 401);
	play(&stage, 401, "abc", 1);
	assert_int_equal(stage_target(&stage).unjudged, 1);
	assert_int_equal(stage_target(&stage).mismatches, 1);
	play_fork(&stage, 999, 500); /* nobody knows the parent */
	play(&stage, 500, "abc", 1);
	assert_int_equal(stage_target(&stage).unjudged, 3);
	expect_none();
}

/* Nor does a child take over its parent's frame. */
static void scene_fork_frame(void **state)
{
	(void)state;
	open_single(0, NEVER);
	play(&stage, 100, "b", 7);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "b", 7);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 0);
	play(&stage, 200, "b", 1);
	expect_alarm(RULE_FRAME, 8, 0);
}

static void scene_exec(void **state)
{
	(void)state;
	open_loop();
	play(&stage, 100, "ab", 1);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "abc", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	play(&stage, 200, "a", 1); /* late */
	play_exec(&stage, 200, 200, "/bin/known", 1);
	play(&stage, 200, "a", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).unjudged, 1);
	assert_int_equal(stage_target(&stage).calls, 7);
	expect_none();
}

/* While a program starts, only a whole frame of its thread is an alarm; then the limit counts. */
static void scene_exec_frame(void **state)
{
	(void)state;
	open_single(0, NEVER);
	play(&stage, 100, "b", 7);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "b", FRAME_SIZE - 1);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, FRAME_SIZE, 0);
	assert_int_equal(last_event()->alarm.thread_calls, FRAME_SIZE);
	play(&stage, 100, "a", START_CALLS - FRAME_SIZE - 20);
	play(&stage, 100, "b", 12);
	play(&stage, 100, "a", 7);
	expect_none();
	play(&stage, 100, "a", FRAME_SIZE);
	play(&stage, 100, "b", 7);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 1);
}

/* The thread that executes goes on under the leader's number; its own is nobody's then. */
static void scene_exec_by_thread(void **state)
{
	(void)state;
	for (uint32_t leader = 0; leader < 2; leader++) {
		uint32_t pid = 200 + leader * 100;

		if (!leader)
			open_loop();
		play_fork(&stage, 100, pid);
		play_fork(&stage, pid, pid + 1);
		play(&stage, pid, "abcab", 1);
		play(&stage, pid + 1, "abc", 1);
		if (leader)
			play_exit(&stage, pid);
		play_exec(&stage, pid, pid + 1, "/bin/known", 1);
		play(&stage, pid, "a", 1);
		assert_int_equal(stage_target(&stage).calls, 9 + 10 * leader);
		assert_int_equal(stage_target(&stage).unjudged, leader);
		play(&stage, pid + 1, "c", 1);
		assert_int_equal(stage_target(&stage).unjudged, leader + 1);
		assert_int_equal(stage_target(&stage).mismatches, 0);
	}
	expect_none();
}

/* Numbers come again: after an exit, and where the exit was missed. */
static void scene_tid_again(void **state)
{
	(void)state;
	open_single(0, NEVER);
	for (uint32_t round = 0; round < 2; round++) {
		play_fork(&stage, 300, 101);
		play(&stage, 101, "b", 7);
		if (round)
			play_exit(&stage, 101);
		play_fork(&stage, 300, 101);
		play(&stage, 101, "b", 7);
		expect_none();
	}
	play(&stage, 101, "b", 1);
	expect_alarm(RULE_FRAME, 8, 0);
	assert_int_equal(stage_target(&stage).calls, 29);
	play_exit(&stage, 101);
	play_exit(&stage, 101);
	play_exit(&stage, 999);
	assert_int_equal(stage_target(&stage).calls, 29);
}

/* A process that has the number of one before starts with a clean sheet; a program does not. */
static void scene_pid_again(void **state)
{
	(void)state;
	open_loop();
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	stage.ns += 1ull << 30;
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 1);
	play_fork(&stage, 100, 200);
	play_exit(&stage, 100);
	stage.ns += 1ull << 30;
	play_fork(&stage, 200, 100);
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
}

#define THREAD_SCENES                                                                             \
	SCENE(scene_setup), SCENE(scene_setup_again), SCENE(scene_runtime_names),                 \
		SCENE(scene_late), SCENE(scene_fork), SCENE(scene_fork_frame), SCENE(scene_exec), \
		SCENE(scene_exec_frame), SCENE(scene_exec_by_thread), SCENE(scene_tid_again),     \
		SCENE(scene_pid_again)

#endif
