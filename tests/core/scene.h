/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage of a scene, and what is expected of it.
 */
#ifndef BOSC_TESTS_SCENE_H
#define BOSC_TESTS_SCENE_H

#include "stage.h"

#define NEVER FRAME_SIZE /* so much novelty was normal that frames say nothing */

static struct stage stage;

#define SCENE(scene) cmocka_unit_test_teardown(scene, scene_end)

static int scene_end(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

/* The next event that nobody has looked at. */
#define expect_event(wanted)                                               \
	do {                                                               \
		assert_in_range(stage.read, 0, stage.count - 1);           \
		assert_true(stage.count > 0);                              \
		assert_int_equal(stage.log[stage.read].head.kind, wanted); \
		assert_int_equal(stage.log[stage.read++].head.target, 1);  \
	} while (0)

#define expect_none() assert_int_equal(stage.count - stage.read, 0)

#define last_event() (&stage.log[stage.read - 1])

/* One alarm, and behind it none. */
#define expect_alarm(wanted, threshold_, repeats_)                           \
	do {                                                                 \
		expect_event(EVENT_ALARM);                                   \
		expect_none();                                               \
		assert_int_equal(last_event()->alarm.rule, wanted);          \
		assert_int_equal(last_event()->alarm.count, threshold_);     \
		assert_int_equal(last_event()->alarm.threshold, threshold_); \
		assert_int_equal(last_event()->alarm.repeats, repeats_);     \
	} while (0)

#endif
