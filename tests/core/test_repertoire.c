/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Repertoires, with distances worked by hand from the formula in core/repertoire.h: a call that D
 * of N threads use weighs w = 1 + ln((N + 1) / (D + 1)), and the distance of two sets is
 *
 *     1 - (sum of w over both) / sqrt((sum over the one) * (sum over the other))
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../core/repertoire.h"

#define LARGEST (CODE_COUNT - 4) /* the last code of a call */

static struct callset set_of(uint32_t a, uint32_t b)
{
	struct callset set = { 0 };

	callset_add(&set, a);
	callset_add(&set, b);
	return set;
}

static int add(struct repertoires *repertoires, struct callset set, uint64_t threads, uint32_t part)
{
	return repertoires_add(repertoires, &set, threads, part);
}

static void assert_near(double value, double wanted)
{
	if (!(fabs(value - wanted) < 1e-6))
		fail_msg("%.9f is not %.9f", value, wanted);
}

/* Three threads with { 1, 2 }, and in the second part one with { 1, 3 }. */
static struct repertoires sample(void)
{
	struct repertoires repertoires = { 0 };

	assert_int_equal(add(&repertoires, set_of(1, 2), 2, 1), 1);
	assert_int_equal(add(&repertoires, set_of(2, 1), 1, 2), 0);
	assert_int_equal(add(&repertoires, set_of(1, 3), 1, 2), 1);
	return repertoires;
}

static void test_add(void **state)
{
	struct repertoires repertoires = sample();

	(void)state;
	assert_int_equal(repertoires.count, 2);
	assert_int_equal(repertoires.threads, 4);
	assert_int_equal(repertoires.all[0].threads, 3);
	assert_int_equal(repertoires.all[0].part, 1); /* that saw it first */
	assert_int_equal(repertoires.all[1].part, 2);
	assert_int_equal(repertoires.all[1].codes[0], 1);
	assert_int_equal(repertoires.all[1].codes[1], 3);
	assert_int_equal(repertoires.all[1].codes[2], 0);
	assert_int_equal(repertoires.users[1], 4);
	assert_int_equal(repertoires.users[2], 3);
	assert_int_equal(repertoires.users[3], 1);
	repertoires_free(&repertoires);
	assert_int_equal(repertoires.count, 0);
}

/* A set is another one than its parts, and has all codes from the first to the last. */
static void test_sets(void **state)
{
	struct repertoires repertoires = sample();
	struct callset set = set_of(1, LARGEST), back;

	(void)state;
	assert_int_equal(add(&repertoires, set_of(1, 1), 1, 1), 1);
	callset_add(&set, 2);
	callset_add(&set, 64);
	assert_int_equal(add(&repertoires, set, 1, 1), 1);
	assert_int_equal(add(&repertoires, set, 1, 1), 0);
	assert_int_equal(repertoires.all[3].codes[2], 64);
	assert_int_equal(repertoires.all[3].codes[3], LARGEST);
	back = repertoire_set(repertoires.all[3].codes);
	assert_memory_equal(&back, &set, sizeof(set));
	assert_true(callset_has(&set, 64) && !callset_has(&set, 65));
	repertoires_free(&repertoires);
}

/*
 * N = 4: w1 = 1 + ln(5/5) = 1, w2 = 1 + ln(5/4) = 1.223144, w3 = 1 + ln(5/2) = 1.916291, and what
 * nobody used 1 + ln(5) = 2.609438.
 */
static void test_distance(void **state)
{
	struct repertoires repertoires = sample();
	struct callset known = set_of(1, 2), mixed = set_of(2, 3), strange = set_of(4, 4);
	struct callset more = set_of(1, 2), none = { 0 };
	double weight[CODE_COUNT];
	long nearest = 7;

	(void)state;
	repertoires_weigh(&repertoires, weight);
	assert_near(weight[1], 1);
	assert_near(weight[2], 1.223143551);
	assert_near(weight[3], 1.916290732);
	assert_near(weight[4], 2.609437912);
	assert_true(repertoires_distance(&repertoires, &known, weight, 3, &nearest) == 0);
	assert_int_equal(nearest, 0);
	/* { 2, 3 } weighs 3.139434, { 1, 2 } 2.223144 and { 1, 3 } 2.916291:
	 * 1 - 1.223144 / sqrt(6.979413) = 0.537014 and 1 - 1.916291 / sqrt(9.155503) = 0.366684 */
	assert_near(repertoires_distance(&repertoires, &mixed, weight, 3, &nearest), 0.36668424);
	assert_int_equal(nearest, 1);
	/* Before the second part only the first is known. */
	assert_near(repertoires_distance(&repertoires, &mixed, weight, 2, &nearest), 0.53701387);
	assert_int_equal(nearest, 0);
	assert_near(repertoires_distance(&repertoires, &known, weight, 1, &nearest), 1);
	assert_int_equal(nearest, -1);
	/* One call more: 1 - 2.223144 / sqrt(4.832581 * 2.223144) = 1 - sqrt(0.460032) */
	callset_add(&more, 4);
	assert_near(repertoires_distance(&repertoires, &more, weight, 3, NULL), 0.32174319);
	assert_near(repertoires_distance(&repertoires, &strange, weight, 3, &nearest), 1);
	assert_int_equal(nearest, -1);
	assert_near(repertoires_distance(&repertoires, &none, weight, 3, NULL), 1);
	repertoires_free(&repertoires);
}

static void test_copy(void **state)
{
	struct repertoires repertoires = sample(), copy, empty = { 0 };

	(void)state;
	assert_int_equal(repertoires_copy(&copy, &repertoires), 0);
	assert_int_equal(add(&copy, set_of(5, 6), 1, 3), 1);
	assert_int_equal(copy.count, 3);
	assert_int_equal(repertoires.count, 2);
	assert_int_equal(repertoires.users[5], 0);
	assert_int_equal(copy.threads, 5);
	repertoires_free(&repertoires);
	assert_int_equal(copy.all[0].codes[1], 2);
	repertoires_free(&copy);
	assert_int_equal(repertoires_copy(&copy, &empty), 0);
	assert_int_equal(add(&copy, set_of(5, 6), 1, 3), 1);
	repertoires_free(&copy);
}

/* What is dropped is not counted any more, as if it had never been there. */
static void test_drop(void **state)
{
	struct repertoires repertoires = sample();
	const uint8_t gone[] = { 1, 0 };

	(void)state;
	repertoires_drop(&repertoires, gone);
	assert_int_equal(repertoires.count, 1);
	assert_int_equal(repertoires.all[0].codes[1], 3);
	assert_int_equal(repertoires.threads, 1);
	assert_int_equal(repertoires.users[1], 1);
	assert_int_equal(repertoires.users[2], 0);
	repertoires_drop(&repertoires, gone);
	assert_int_equal(repertoires.count, 0);
	assert_int_equal(repertoires.threads, 0);
	repertoires_free(&repertoires);
}

/* The threads beyond the last one that is kept are counted all the same. */
static void test_many(void **state)
{
	struct repertoires repertoires = { 0 };

	(void)state;
	for (uint32_t i = 0; i < REPERTOIRES_MAX; i++) {
		struct callset set = set_of(1 + i % 128, 129 + i / 128);

		assert_int_equal(repertoires_put(&repertoires, &set, 1, 1), 1);
	}
	assert_int_equal(repertoires.threads, 0); /* put as it is */
	assert_int_equal(add(&repertoires, set_of(1, 2), 3, 1), 0);
	assert_int_equal(repertoires.count, REPERTOIRES_MAX);
	assert_int_equal(repertoires.threads, 3);
	assert_int_equal(repertoires.users[2], 3);
	repertoires_free(&repertoires);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),	 cmocka_unit_test(test_sets),
		cmocka_unit_test(test_distance), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_drop),	 cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
