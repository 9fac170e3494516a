/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes an alarm mean something: its severity, by rule and excess, and the nearest bag with
 * the usual share of the calls that make the difference.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/alarm.h"

/* Last: its macro fail would change what error.h declares. */
#include <cmocka.h>

static void test_steps(void **state)
{
	(void)state;
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_CRITICAL, 1), SEVERITY_LOW);
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_CRITICAL, 3), SEVERITY_LOW);
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_CRITICAL, 4), SEVERITY_MEDIUM);
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_CRITICAL, 16), SEVERITY_HIGH);
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_CRITICAL, UINT64_MAX), SEVERITY_HIGH);
	assert_int_equal(severity_of(SEVERITY_LOW, SEVERITY_MEDIUM, 16), SEVERITY_MEDIUM);
	assert_int_equal(severity_of(SEVERITY_HIGH, SEVERITY_HIGH, 1000), SEVERITY_HIGH);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < SEVERITY_COUNT; i++)
		assert_int_equal(severity_parse(severity_name((enum severity)i)), i);
	assert_int_equal(severity_parse("grave"), -EINVAL);
	assert_int_equal(severity_parse(""), -EINVAL);
	assert_string_equal(severity_name(SEVERITY_COUNT), "unknown");
}

static enum severity of(uint32_t rule, uint32_t count, uint32_t threshold, uint64_t repeats)
{
	struct event_alarm event = {
		.rule = rule, .count = count, .threshold = threshold, .repeats = repeats
	};

	return alarm_severity(&event);
}

static void test_rules(void **state)
{
	(void)state;
	assert_int_equal(of(RULE_NEW_EXEC, 1, 1, 0), SEVERITY_CRITICAL);
	assert_int_equal(of(RULE_NEW_CALL, 1, 1, 0), SEVERITY_HIGH);
	assert_int_equal(of(RULE_NEW_CALL, 1, 1, 1023), SEVERITY_HIGH);
	assert_int_equal(of(RULE_FRAME, 12, 12, 0), SEVERITY_MEDIUM);
	assert_int_equal(of(RULE_FRAME, 48, 12, 0), SEVERITY_HIGH); /* four times the limit */
	assert_int_equal(of(RULE_FRAME, 12, 12, 3), SEVERITY_HIGH); /* four times at it */
	assert_int_equal(of(RULE_FRAME, 12, 12, 15), SEVERITY_CRITICAL);
	assert_int_equal(of(RULE_FRAME, 12, 0, 0), SEVERITY_MEDIUM);
	assert_int_equal(of(RULE_COUNT, 1, 1, 0), SEVERITY_LOW);
	for (uint32_t rule = 1; rule < RULE_COUNT; rule++) {
		assert_string_not_equal(alarm_rule_word(rule), "unknown");
		assert_true(of(rule, 1, 1, 0) <= of(rule, 1, 1, 1000));
	}
	assert_true(alarm_rule_is_soft(RULE_FRAME) && alarm_rule_is_soft(RULE_FIRST_SIGHT));
	assert_false(alarm_rule_is_soft(RULE_NEW_CALL) || alarm_rule_is_soft(RULE_NEW_EXEC) ||
		     alarm_rule_is_soft(RULE_FATAL_SIGNAL));
}

/* Calls 10 and 20 are common, 30 is one in a thousand. */
static struct profile *common(void)
{
	struct profile *profile = profile_new("common", 2);
	struct bag often = { .code = { 10, 20 } }, seldom = { .code = { 10, 30 } };

	profile->calls[10] = 6000;
	profile->calls[20] = 3990;
	profile->calls[30] = 10;
	assert_non_null(profile_run(profile));
	assert_non_null(profile_part(profile));
	assert_int_equal(profile_bag(profile, &often, 1, NULL), 0);
	assert_int_equal(profile_bag(profile, &seldom, 1, NULL), 1);
	profile->bags[0].count = 9990;
	profile->bags[1].count = 10;
	return profile;
}

static void test_nearest(void **state)
{
	static uint16_t fold[CODE_COUNT];
	struct watch watch = { .profile = common(), .fold = fold };
	struct event_alarm event = { .rule = RULE_FRAME, .count = 9, .threshold = 9, .code = 30 };
	struct alarm_difference differences[2 * WINDOW_MAX];
	struct alarm alarm = { 0 };
	uint64_t weights[CODE_COUNT] = { 0 };

	(void)state;
	profile_fold(watch.profile, fold);
	window_push(&event.window, 20, weights, 2);
	window_push(&event.window, 30, weights, 2);
	alarm_complete(&alarm, &event, &watch, "x86_64");
	assert_int_equal(alarm.nearest, 0); /* both differ in one call: the more frequent */
	assert_int_equal(alarm.distance, 1);
	assert_int_equal(alarm_differences(&alarm, differences), 2);
	for (int i = 0; i < 2; i++) {
		bool more = differences[i].code == 30;

		assert_int_equal(differences[i].code, more ? 30 : 10);
		assert_int_equal(differences[i].count, more ? 1 : -1);
		assert_true(differences[i].share == (more ? 0.001 : 0.6));
	}
	profile_free(watch.profile);
}

/* An alarm that the profile before raised is told with that one's bags, until it is forgotten. */
static void test_former(void **state)
{
	uint16_t *folds[2] = { calloc(CODE_COUNT, sizeof(uint16_t)),
			       calloc(CODE_COUNT, sizeof(uint16_t)) };
	struct watch watch = { .profile = common(), .fold = folds[0] };
	struct event_alarm event = { .rule = RULE_FRAME, .count = 9, .threshold = 9, .code = 30 };
	struct profile *before = watch.profile, *after = common();
	struct alarm alarm = { 0 };

	(void)state;
	assert_true(folds[0] && folds[1]);
	watch_renew(&watch, after, folds[1], NULL);
	alarm_complete(&alarm, &event, &watch, "x86_64");
	assert_true(alarm.profile == before && alarm.fold == folds[0]);
	event.generation = 1;
	alarm_complete(&alarm, &event, &watch, "x86_64");
	assert_true(alarm.profile == after && alarm.fold == folds[1]);
	watch_forget_former(&watch);
	event.generation = 0;
	alarm_complete(&alarm, &event, &watch, "x86_64");
	assert_true(alarm.profile == after && alarm.fold == folds[1]);
	profile_free(watch.profile);
	free(watch.fold);
}

/* A call that was never seen has no share. */
static void test_never_seen(void **state)
{
	static uint16_t fold[CODE_COUNT];
	struct watch watch = { .profile = common(), .fold = fold };
	struct event_alarm event = {
		.rule = RULE_NEW_CALL, .count = 1, .threshold = 1, .code = 40
	};
	struct alarm_difference differences[2 * WINDOW_MAX];
	struct alarm alarm = { 0 };
	uint64_t weights[CODE_COUNT] = { 0 };
	size_t count;

	(void)state;
	profile_fold(watch.profile, fold);
	window_push(&event.window, 10, weights, 2);
	window_push(&event.window, 40, weights, 2);
	alarm_complete(&alarm, &event, &watch, "x86_64");
	count = alarm_differences(&alarm, differences);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_true(differences[i].code != CODE_NEW || differences[i].share == 0);
	assert_non_null(strstr(alarm.reason, "which training never saw"));
	profile_free(watch.profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),  cmocka_unit_test(test_names),
		cmocka_unit_test(test_rules),  cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_former), cmocka_unit_test(test_never_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
