/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a target drifts, and what is told of it then: not to be flooded must not mean to be deaf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/drift.h"

#define STRETCH ((uint64_t)DRIFT_WINDOWS)

/* 1000 windows in 1,000,000 were of bags seen once: 1e-3 is expected, 1e-2 tolerated. */
static struct profile *thousandth(void)
{
	struct profile *profile = profile_new("thousandth", 2);

	for (uint32_t i = 0; i <= 1000; i++) {
		struct bag bag = { .code = { (uint16_t)(1 + i), (uint16_t)(1 + i) } };
		long at = profile_bag(profile, &bag, 0, NULL);

		assert_true(at >= 0);
		profile->bags[at].count = i ? 1 : 999000;
	}
	return profile;
}

static struct drift begun(void)
{
	struct profile *profile = thousandth();
	struct drift drift;

	drift_begin(&drift, profile);
	profile_free(profile);
	return drift;
}

/* Soft alarms of so many processes, each a tree of its own. */
static void alarms_of(struct drift *drift, uint32_t processes)
{
	for (uint32_t i = 0; i < processes; i++) {
		struct incident incident = { .id = 1 };

		assert_true(drift_alarm(drift, &incident, RULE_FRAME, 0, true));
	}
}

static void test_expected(void **state)
{
	struct profile *profile = thousandth();

	(void)state;
	assert_true(drift_expected(profile) > 0.999e-3 && drift_expected(profile) < 1.001e-3);
	for (size_t i = 0; i < profile->bag_count; i++)
		profile->bags[i].count = 1000; /* nothing was seen once */
	assert_true(drift_expected(profile) > 2.9e-6 && drift_expected(profile) < 3.1e-6);
	profile_free(profile);
}

static void test_drifts_once(void **state)
{
	struct drift drift = begun();
	uint64_t bad = STRETCH / 50; /* 2 % */

	(void)state;
	alarms_of(&drift, DRIFT_PROCESSES);
	for (uint64_t i = 1; i < DRIFT_STRETCHES; i++)
		assert_false(drift_sample(&drift, i * STRETCH, i * bad));
	assert_false(drift_sample(&drift, DRIFT_STRETCHES * STRETCH - 1, 3 * bad)); /* too soon */
	assert_true(drift_sample(&drift, DRIFT_STRETCHES * STRETCH, DRIFT_STRETCHES * bad));
	assert_int_equal(drift.sum_windows, DRIFT_STRETCHES * STRETCH);
	assert_int_equal(drift.sum_mismatches, DRIFT_STRETCHES * bad);
	assert_true(drift.sum_windows >= 100000);
	assert_false(drift_sample(&drift, 99 * STRETCH, 99 * bad));
	assert_true(drift.drifting);
}

static void test_does_not_drift(void **state)
{
	struct drift drift = begun();
	uint64_t mismatches = 0;

	(void)state;
	alarms_of(&drift, DRIFT_PROCESSES);
	for (uint64_t i = 1; i < 20; i++) { /* at the limit of what is tolerated */
		mismatches += STRETCH / 100;
		assert_false(drift_sample(&drift, i * STRETCH, mismatches));
	}
	drift = begun();
	alarms_of(&drift, DRIFT_PROCESSES - 1);
	for (uint64_t i = 1; i < 20; i++) /* one attack is no drift, however long */
		assert_false(drift_sample(&drift, i * STRETCH, i * STRETCH));
}

/* Another profile: what was, was by the one before. */
static void test_renewed(void **state)
{
	struct profile *profile = thousandth();
	struct drift drift = begun();
	uint64_t bad = STRETCH / 50, i = 1;

	(void)state;
	alarms_of(&drift, DRIFT_PROCESSES);
	while (!drift_sample(&drift, i * STRETCH, i * bad))
		i++;
	drift_renew(&drift, profile, i * STRETCH, i * bad);
	assert_false(drift.drifting);
	alarms_of(&drift, DRIFT_PROCESSES);
	for (uint64_t stretch = 1; stretch < DRIFT_STRETCHES; stretch++)
		assert_false(drift_sample(&drift, (i + stretch) * STRETCH, (i + stretch) * bad));
	assert_true(
		drift_sample(&drift, (i + DRIFT_STRETCHES) * STRETCH, (i + DRIFT_STRETCHES) * bad));
	profile_free(profile);
}

/* A bad while that ends is no drift, and its processes do not count for the next. */
static void test_persistence(void **state)
{
	struct drift drift = begun();
	uint64_t at = 0, mismatches = 0;

	(void)state;
	for (int round = 0; round < 5; round++) {
		alarms_of(&drift, DRIFT_PROCESSES);
		for (uint32_t i = 1; i < DRIFT_STRETCHES; i++)
			assert_false(drift_sample(&drift, at += STRETCH, mismatches += STRETCH));
		assert_false(drift_sample(&drift, at += STRETCH, mismatches));
	}
	for (uint32_t i = 0; i < 2 * DRIFT_STRETCHES; i++)
		assert_false(drift_sample(&drift, at += STRETCH, mismatches += STRETCH));
	alarms_of(&drift, DRIFT_PROCESSES);
	assert_true(drift_sample(&drift, at + STRETCH, mismatches + STRETCH));
}

/* The first, second, fourth … of the trees that reach a limit once. */
static void test_folds_incidents(void **state)
{
	struct drift drift = begun();
	uint32_t told = 0;

	(void)state;
	drift.drifting = true;
	for (uint32_t i = 0; i < 1000; i++) {
		struct incident incident = { .id = i + 1 };

		told += drift_alarm(&drift, &incident, RULE_FRAME, 0, true);
		assert_false(drift_alarm(&drift, &incident, RULE_FRAME, 0, false));
	}
	assert_int_equal(told, 10);
}

/* A tree that reaches it more than twice is told of, by one process or by several. */
static void test_tells_of_excess(void **state)
{
	struct drift drift = begun();
	struct incident warm = { .id = 1 }, one = { .id = 2 }, several = { .id = 3 };

	(void)state;
	drift.drifting = true;
	drift.incidents = 2; /* so that the next is not told for its number */
	assert_false(drift_alarm(&drift, &warm, RULE_FRAME, 0, true));
	drift.incidents = 4;
	assert_false(drift_alarm(&drift, &one, RULE_FRAME, 0, true));
	assert_false(drift_alarm(&drift, &one, RULE_FRAME, 1, false));
	assert_true(drift_alarm(&drift, &one, RULE_FRAME, 3,
				false)); /* the third and the fourth time */
	drift.incidents = 4;
	assert_false(drift_alarm(&drift, &several, RULE_FIRST_SIGHT, 0, true)); /* another limit */
	assert_false(drift_alarm(&drift, &several, RULE_FRAME, 0, true));
	assert_false(drift_alarm(&drift, &several, RULE_FRAME, 0, true));
	assert_true(drift_alarm(&drift, &several, RULE_FRAME, 0, true));
}

/* One that was told of goes on being told, ever more rarely. */
static void test_folds_within(void **state)
{
	struct drift drift = begun();
	struct incident incident = { .id = 1, .number = 1 };
	uint32_t told = 0;

	(void)state;
	drift.drifting = true;
	for (uint32_t i = 0; i < 1024; i++)
		told += drift_alarm(&drift, &incident, RULE_FRAME, 0, true);
	assert_int_equal(told, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expected),	cmocka_unit_test(test_drifts_once),
		cmocka_unit_test(test_does_not_drift),	cmocka_unit_test(test_persistence),
		cmocka_unit_test(test_folds_incidents), cmocka_unit_test(test_tells_of_excess),
		cmocka_unit_test(test_folds_within),	cmocka_unit_test(test_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
