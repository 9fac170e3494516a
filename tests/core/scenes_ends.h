/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of how programs start and processes end: calls that belong to a start, and the end of a
 * container's first process; and what is learnt of both. As in scenes.h, all was derived by hand.
 */
#ifndef BOSC_TESTS_SCENES_ENDS_H
#define BOSC_TESTS_SCENES_ENDS_H

#include "../../core/frame.h"
#include "scenes.h"

/* Windows of one: 'a' is normal, 's' and 't' were called while a program started, and only then. */
static void open_started(void)
{
	struct profile *profile = profile_new("started", 1);

	know_bag(profile, "a");
	profile->calls[LETTER('a')] = STEADY_CALLS;
	know_start(profile, "st");
	profile_exec(profile, "/bin/known", 0, 1);
	know_novelty(profile, NEVER, NEVER);
	stage_open(MODE_MONITOR, profile, false);
}

/* A program may make them while it starts: in START_CALLS calls of the thread that executed it, and
 * until its process is START_NS old. */
static void scene_late_call(void **state)
{
	(void)state;
	open_started();
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "st", 1);
	play(&stage, 100, "a", START_CALLS - 4);
	stage.ns += START_NS;
	play(&stage, 100, "s", 1);
	expect_none();
	play(&stage, 100, "s", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.code, LETTER('s'));
	assert_int_equal(last_event()->alarm.thread_calls, START_CALLS);
	play(&stage, 100, "s", 1);
	expect_alarm(RULE_LATE_CALL, 1, 1);
	play(&stage, 100, "t", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
	play(&stage, 100, "z", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);

	/* A program that is executed starts; one that is forked does not. One that was met late may
	 * have started just before. */
	play_fork(&stage, 100, 200);
	play(&stage, 200, "s", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
	play(&stage, 300, "s", 1);
	play(&stage, 300, "a", START_CALLS - 3);
	play(&stage, 300, "s", 1);
	expect_none();
	play(&stage, 300, "s", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.thread_calls, START_CALLS);
	play_exec(&stage, 300, 300, "/bin/known", 1);
	play(&stage, 300, "ssss", 1);
	expect_none();

	/* A start that takes many calls is one still. */
	play_fork(&stage, 100, 400);
	play_exec(&stage, 400, 400, "/bin/known", 1);
	play(&stage, 400, "a", 2 * START_CALLS);
	stage.ns += START_NS - (2ull << BORN_SHIFT);
	play(&stage, 400, "s", 1);
	expect_none();
	stage.ns += 3ull << BORN_SHIFT;
	play(&stage, 400, "s", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
}

/* The mark of a call is no part of what its windows weigh: they are those of other rare calls. */
static void scene_late_call_is_known(void **state)
{
	struct profile *profile = profile_new("rare", 2);

	(void)state;
	know_bag(profile, "ar");
	profile->calls[LETTER('a')] = STEADY_CALLS;
	profile->calls[LETTER('r')] = 1;
	know_start(profile, "s");
	know_novelty(profile, NEVER, NEVER);
	stage_open(MODE_MONITOR, profile, false);
	play(&stage, 100, "ar", START_CALLS / 2);
	play(&stage, 100, "as", 1);
	expect_alarm(RULE_LATE_CALL, 1, 0);
	play(&stage, 100, "a", 1);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).unjudged, 1);
}

/* The end of the first process is an alarm where nobody outside had asked for it, and training saw
 * none like it. */
static void scene_main_exit(void **state)
{
	(void)state;
	open_loop();
	play_exec(&stage, 200, 200, "/bin/known", 1);
	play_fork(&stage, 200, 300);
	play_as("runc");
	play(&stage, 400, "a", 1);
	play_as("prog");
	play_end(&stage, 300, 0);
	play_end(&stage, 400, EXIT_MAIN | EXIT_UNASKED); /* the runtime gave up */
	play_end(&stage, 999, EXIT_MAIN | EXIT_UNASKED); /* nobody knows this thread */
	play_end(&stage, 200, EXIT_MAIN);
	expect_none();
	play(&stage, 100, "ab", 1);
	play_end(&stage, 100, EXIT_MAIN | EXIT_UNASKED);
	expect_alarm(RULE_MAIN_EXIT, 1, 0);
	assert_int_equal(last_event()->alarm.tgid, 100);
	assert_int_equal(last_event()->alarm.thread_calls, 2);
	assert_int_equal(stage_target(&stage).calls, 3);
}

static void scene_main_exit_known(void **state)
{
	struct profile *profile = profile_new("ends", 1);

	(void)state;
	know_bag(profile, "a");
	profile->signals = MAIN_EXIT_BIT;
	stage_open(MODE_MONITOR, profile, false);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	play_end(&stage, 100, EXIT_MAIN | EXIT_UNASKED);
	expect_none();
}

/* Calls of a program's start are counted apart, and so are the programs. */
static void scene_learn_starts(void **state)
{
	const struct rules *rules;

	(void)state;
	stage_open(MODE_LEARN, profile_new("starts", 1), false);
	rules = stage.source->rules(stage.source, 1);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	play(&stage, 100, "s", 1);
	play(&stage, 100, "a", START_CALLS - 2);
	play(&stage, 100, "s", 2);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "t", 1);
	play_exec(&stage, 200, 200, "/bin/x", 1);
	play(&stage, 200, "t", 3);
	play_as("runc");
	play(&stage, 300, "s", 1);
	play_exec(&stage, 300, 300, "/proc/self/exe", 2); /* the runtime's copy is no program */
	play_exec(&stage, 300, 300, "/bin/x", 1);
	assert_int_equal(rules->count[1][LETTER('s')], 1);
	assert_int_equal(rules->count[0][LETTER('s')], 2);
	assert_int_equal(rules->count[1][LETTER('a')], START_CALLS - 2);
	assert_int_equal(rules->count[0][LETTER('a')], 0);
	assert_int_equal(rules->count[1][LETTER('t')], 3);
	assert_int_equal(rules->count[0][LETTER('t')], 1);
	assert_int_equal(stage_target(&stage).programs, 3);
}

/* The end of the first process is learnt like a signal, once, where nobody had asked for it. */
static void scene_learn_main_exit(void **state)
{
	(void)state;
	stage_open(MODE_LEARN, profile_new("ends", 1), false);
	for (uint32_t pid = 100; pid < 130; pid += 10) {
		play_exec(&stage, pid, pid, "/bin/x", 1);
		stage.read = stage.count;
		play_end(&stage, pid, pid == 100 ? EXIT_MAIN : EXIT_MAIN | EXIT_UNASKED);
		if (pid != 110)
			expect_none();
	}
	stage.read = stage.count - 1;
	expect_event(EVENT_SIGNAL);
	assert_int_equal(last_event()->signal.signal, 0);
	assert_true(stage.source->rules(stage.source, 1)->signals == MAIN_EXIT_BIT);
}

#define END_SCENES                                                                       \
	SCENE(scene_late_call), SCENE(scene_late_call_is_known), SCENE(scene_main_exit), \
		SCENE(scene_main_exit_known), SCENE(scene_learn_starts),                 \
		SCENE(scene_learn_main_exit)

#endif
