/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Figures of scores: worked by hand on a few recordings, against counting all pairs on random ones,
 * and what must hold of any: the area depends on the order of the scores alone, and takes the other
 * side's place when the sides are exchanged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "../../core/metrics.h"

#define SAME  1e-12
#define MOST  60
#define COUNT 10

/* By falling score: attack 9, normal 8, attack 7 = normal 7, attack 5, normals 4 4 3 2, attack 1.
 * The two normals with 4 are the same recording twice. */
static const struct metrics_sample by_hand[COUNT] = {
	{ 4, 1, false }, { 9, 10, true }, { 7, 2, false }, { 1, 11, true }, { 8, 3, false },
	{ 4, 1, false }, { 7, 12, true }, { 3, 4, false }, { 5, 13, true }, { 2, 5, false },
};

static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/* Few different scores, so that there are ties. */
static size_t random_samples(struct metrics_sample *samples, uint64_t *seed)
{
	size_t count = 2 + random_next(seed) % (MOST - 2);

	for (size_t i = 0; i < count; i++) {
		samples[i].score = (double)(random_next(seed) % 12) - 4;
		samples[i].group = (uint32_t)(random_next(seed) % 20);
		samples[i].attack = i == 0 || (i > 1 && random_next(seed) % 3 == 0);
	}
	return count;
}

static double auc_of(const struct metrics_sample *samples, size_t count)
{
	struct metrics_curve curve;
	double auc;

	assert_int_equal(metrics_curve_make(&curve, samples, count), 0);
	auc = metrics_auc(&curve);
	metrics_curve_free(&curve);
	return auc;
}

static void assert_near(double found, double wanted)
{
	if (!(fabs(found - wanted) < SAME))
		fail_msg("%.15g is not %.15g", found, wanted);
}

static void test_curve_by_hand(void **state)
{
	static const struct metrics_point points[] = {
		{ INFINITY, 0, 0 }, { 9, 1, 0 }, { 8, 1, 1 }, { 7, 2, 2 }, { 5, 3, 2 },
		{ 4, 3, 4 },	    { 3, 3, 5 }, { 2, 3, 6 }, { 1, 4, 6 },
	};
	struct metrics_curve curve;

	(void)state;
	assert_int_equal(metrics_curve_make(&curve, by_hand, COUNT), 0);
	assert_int_equal(curve.attacks, 4);
	assert_int_equal(curve.normals, 6);
	assert_int_equal(curve.count, sizeof(points) / sizeof(points[0]));
	for (size_t i = 0; i < curve.count; i++) {
		assert_true(curve.points[i].threshold == points[i].threshold);
		assert_int_equal(curve.points[i].detected, points[i].detected);
		assert_int_equal(curve.points[i].mistaken, points[i].mistaken);
	}
	/* Of 24 pairs: 9 wins 6, 7 wins 4 and ties one, 5 wins 4, 1 wins none. */
	assert_near(metrics_auc(&curve), 14.5 / 24);
	metrics_curve_free(&curve);
}

static void test_detection_by_hand(void **state)
{
	struct metrics_curve curve;

	(void)state;
	assert_int_equal(metrics_curve_make(&curve, by_hand, COUNT), 0);
	assert_near(metrics_detection(&curve, 0), 0.25);
	assert_near(metrics_detection(&curve, 0.1), 0.25);     /* one of six would be .167 */
	assert_near(metrics_detection(&curve, 0.17), 0.25);    /* … and detects no more */
	assert_near(metrics_detection(&curve, 1.0 / 3), 0.75); /* two of six, exactly */
	assert_near(metrics_detection(&curve, 0.999), 0.75);
	assert_near(metrics_detection(&curve, 1), 1);
	metrics_curve_free(&curve);
}

static void test_best_f1_by_hand(void **state)
{
	struct metrics_curve curve;
	struct metrics_best best;

	(void)state;
	assert_int_equal(metrics_curve_make(&curve, by_hand, COUNT), 0);
	best = metrics_best_f1(&curve);
	/* At 5: three of four, two false: 6 / 9. All of it would give 8 / 14. */
	assert_near(best.f1, 2.0 / 3);
	assert_near(best.threshold, 5);
	assert_near(best.precision, 0.6);
	assert_near(best.recall, 0.75);
	metrics_curve_free(&curve);
}

static void test_counts_by_hand(void **state)
{
	struct metrics_counts counts;

	(void)state;
	assert_int_equal(metrics_count(&counts, by_hand, COUNT, 4), 0);
	assert_int_equal(counts.attacks, 4);
	assert_int_equal(counts.detected, 3);
	assert_int_equal(counts.normals, 6);
	assert_int_equal(counts.mistaken, 4);
	assert_int_equal(counts.groups, 5);
	assert_int_equal(counts.mistaken_groups, 3);
	assert_int_equal(metrics_count(&counts, by_hand, COUNT, 4.5), 0);
	assert_int_equal(counts.mistaken, 2);
	assert_int_equal(metrics_count(&counts, by_hand, COUNT, NAN), 0);
	assert_int_equal(counts.detected + counts.mistaken, 0);
}

static void test_rates(void **state)
{
	(void)state;
	assert_near(metrics_precision(3, 1), 0.75);
	assert_near(metrics_f1(3, 1, 4), 0.75);
	assert_near(metrics_f1(0, 5, 4), 0);
	assert_true(isnan(metrics_precision(0, 0)));
	assert_true(isnan(metrics_f1(0, 0, 0)));
	assert_true(isnan(metrics_share(0, 0)));
}

/* What one side is missing for, nobody can say. */
static void test_one_side_only(void **state)
{
	static const struct metrics_sample attacks[] = { { 1, 0, true }, { 2, 1, true } };
	struct metrics_interval interval;
	struct metrics_curve curve;

	(void)state;
	for (size_t count = 0; count <= 2; count++) {
		assert_int_equal(metrics_curve_make(&curve, attacks, count), 0);
		assert_true(isnan(metrics_auc(&curve)));
		assert_true(isnan(metrics_detection(&curve, 0.01)));
		metrics_curve_free(&curve);
		assert_int_equal(metrics_auc_interval(&interval, attacks, count, 1), 0);
		assert_true(isnan(interval.low) && isnan(interval.high));
	}
}

/* No score is less than any score; infinite ones are scores. */
static void test_odd_scores(void **state)
{
	static const struct metrics_sample samples[] = {
		{ INFINITY, 0, true },
		{ NAN, 1, false },
		{ -INFINITY, 2, false },
		{ 0, 3, false },
	};
	struct metrics_counts counts;

	(void)state;
	assert_near(auc_of(samples, 4), 1);
	assert_int_equal(metrics_count(&counts, samples, 4, 0), 0);
	assert_int_equal(counts.detected, 1);
	assert_int_equal(counts.mistaken, 1);
}

static double auc_by_pairs(const struct metrics_sample *samples, size_t count)
{
	double wins = 0, pairs = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			if (!samples[i].attack || samples[j].attack)
				continue;
			wins += samples[i].score > samples[j].score;
			wins += samples[i].score == samples[j].score ? 0.5 : 0;
			pairs++;
		}
	return wins / pairs;
}

static void test_area_is_pairs(void **state)
{
	struct metrics_sample samples[MOST];
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t count = random_samples(samples, &seed);

		assert_near(auc_of(samples, count), auc_by_pairs(samples, count));
	}
}

static void test_area_depends_on_order(void **state)
{
	struct metrics_sample samples[MOST], other[MOST];
	uint64_t seed = 11;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t count = random_samples(samples, &seed);
		double auc = auc_of(samples, count);

		for (size_t i = 0; i < count; i++) {
			other[count - 1 - i] = samples[i];
			other[count - 1 - i].score = exp(samples[i].score / 3) * 5 - 2;
		}
		assert_near(auc_of(other, count), auc);
		for (size_t i = 0; i < count; i++) {
			other[i] = samples[i];
			other[i].attack = !samples[i].attack;
		}
		assert_near(auc_of(other, count), 1 - auc);
		for (size_t i = 0; i < count; i++)
			other[i].score = -samples[i].score;
		assert_near(auc_of(other, count), auc);
	}
}

/* More may be allowed, and no less is found; each rate is one that a threshold really has. */
static void test_detection_is_reached(void **state)
{
	struct metrics_sample samples[MOST];
	uint64_t seed = 13;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t count = random_samples(samples, &seed);
		struct metrics_curve curve;
		double before = 0;

		assert_int_equal(metrics_curve_make(&curve, samples, count), 0);
		for (double rate = 0; rate <= 1; rate += 0.05) {
			double detection = metrics_detection(&curve, rate);
			bool reached = detection == 0;

			assert_true(detection >= before);
			before = detection;
			for (size_t i = 0; i < curve.count; i++) {
				struct metrics_counts counts;
				double threshold = curve.points[i].threshold;

				assert_int_equal(metrics_count(&counts, samples, count, threshold),
						 0);
				assert_int_equal(counts.detected, curve.points[i].detected);
				assert_int_equal(counts.mistaken, curve.points[i].mistaken);
				reached |= metrics_share(counts.mistaken, counts.normals) <=
						   rate + SAME &&
					   metrics_share(counts.detected, counts.attacks) ==
						   detection;
			}
			assert_true(reached);
		}
		metrics_curve_free(&curve);
	}
}

static struct metrics_interval interval_of(const struct metrics_sample *samples, size_t count,
					   uint64_t seed)
{
	struct metrics_interval interval;

	assert_int_equal(metrics_auc_interval(&interval, samples, count, seed), 0);
	assert_true(interval.low <= interval.high);
	assert_true(interval.low >= 0 && interval.high <= 1);
	return interval;
}

/* 200 recordings of either side, half of the scores shared: the area is .875, and the theory of its
 * variance gives an interval of about .84 to .91. */
static void test_interval(void **state)
{
	struct metrics_sample samples[400];
	struct metrics_interval interval, again, other;

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		samples[i].attack = i % 2;
		samples[i].group = i;
		samples[i].score = i / 2 + (i % 2 ? 100 : 0);
	}
	assert_near(auc_of(samples, 400), auc_by_pairs(samples, 400));
	interval = interval_of(samples, 400, 1);
	again = interval_of(samples, 400, 1);
	other = interval_of(samples, 400, 2);
	assert_true(interval.low == again.low && interval.high == again.high);
	assert_true(interval.low != other.low);
	assert_true(interval.low > 0.82 && interval.low < 0.86);
	assert_true(interval.high > 0.89 && interval.high < 0.93);
	assert_true(interval.low < auc_of(samples, 400) && auc_of(samples, 400) < interval.high);
}

/* Twenty copies of a recording are no more evidence than one. */
static void test_interval_draws_groups(void **state)
{
	struct metrics_sample samples[400], alone[20];
	struct metrics_interval grouped, single;

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		samples[i].attack = i % 2;
		samples[i].group = i % 20;
		samples[i].score = i % 20 * 7 % 20;
		if (i < 20)
			alone[i] = samples[i];
	}
	grouped = interval_of(samples, 400, 5);
	single = interval_of(alone, 20, 5);
	assert_near(grouped.low, single.low);
	assert_near(grouped.high, single.high);
	for (uint32_t i = 0; i < 400; i++)
		samples[i].group = i;
	assert_true(interval_of(samples, 400, 5).low > grouped.low);
}

static void test_quantiles(void **state)
{
	double values[] = { 40, 10, 30, 20 };

	(void)state;
	assert_near(metrics_quantile(values, 4, 0.5), 25);
	assert_near(metrics_quantile(values, 4, 0.25), 17.5);
	assert_near(metrics_quantile(values, 4, 0.75), 32.5);
	assert_near(metrics_quantile(values, 4, 0), 10);
	assert_near(metrics_quantile(values, 4, 1), 40);
	assert_near(metrics_quantile(values, 3, 0.5), 20);
	assert_near(metrics_quantile(values, 1, 0.5), 10);
	assert_true(isnan(metrics_quantile(values, 0, 0.5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curve_by_hand),
		cmocka_unit_test(test_detection_by_hand),
		cmocka_unit_test(test_best_f1_by_hand),
		cmocka_unit_test(test_counts_by_hand),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_one_side_only),
		cmocka_unit_test(test_odd_scores),
		cmocka_unit_test(test_area_is_pairs),
		cmocka_unit_test(test_area_depends_on_order),
		cmocka_unit_test(test_detection_is_reached),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_interval_draws_groups),
		cmocka_unit_test(test_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
