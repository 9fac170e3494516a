/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HALF_OUTSIDE 0.025 /* of the areas, on either side of the interval */

/* A sample among its like: `group` counts the groups of its kind from 0. */
struct ranked {
	double score;
	size_t group;
	uint32_t known_as;
	bool attack;
};

struct drawing {
	struct ranked *ranked; /* by falling score */
	size_t count;
	size_t groups[2];   /* of normal recordings, of attacks */
	uint32_t *drawn[2]; /* by group: how often it was drawn */
};

static double comparable(double score)
{
	return isnan(score) ? -INFINITY : score;
}

static int by_falling_score(const void *a, const void *b)
{
	double x = ((const struct ranked *)a)->score, y = ((const struct ranked *)b)->score;

	return (x < y) - (x > y);
}

static int by_group(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->attack != y->attack)
		return x->attack ? 1 : -1;
	return (x->known_as > y->known_as) - (x->known_as < y->known_as);
}

/* The samples in the order of their groups, which are numbered; NULL: no memory. */
static struct ranked *ranked_make(const struct metrics_sample *samples, size_t count,
				  size_t *ret_groups)
{
	struct ranked *ranked = calloc(count ? count : 1, sizeof(*ranked));

	if (!ranked)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		ranked[i].score = comparable(samples[i].score);
		ranked[i].known_as = samples[i].group;
		ranked[i].attack = samples[i].attack;
	}
	qsort(ranked, count, sizeof(*ranked), by_group);
	ret_groups[0] = ret_groups[1] = 0;
	for (size_t i = 0; i < count; i++) {
		size_t *groups = &ret_groups[ranked[i].attack];

		if (i == 0 || by_group(&ranked[i - 1], &ranked[i]) != 0)
			(*groups)++;
		ranked[i].group = *groups - 1;
	}
	return ranked;
}

int metrics_curve_make(struct metrics_curve *curve, const struct metrics_sample *samples,
		       size_t count)
{
	struct metrics_point *points = calloc(count + 1, sizeof(*points));
	size_t groups[2];
	struct ranked *ranked = ranked_make(samples, count, groups);
	size_t last = 0;

	memset(curve, 0, sizeof(*curve));
	if (!points || !ranked) {
		free(points);
		free(ranked);
		return -ENOMEM;
	}
	qsort(ranked, count, sizeof(*ranked), by_falling_score);
	points[0].threshold = INFINITY;
	for (size_t i = 0; i < count; i++) {
		if (ranked[i].score < points[last].threshold) {
			points[last + 1] = points[last];
			points[++last].threshold = ranked[i].score;
		}
		points[last].detected += ranked[i].attack;
		points[last].mistaken += !ranked[i].attack;
	}
	free(ranked);
	curve->points = points;
	curve->count = last + 1;
	curve->attacks = points[last].detected;
	curve->normals = points[last].mistaken;
	return 0;
}

void metrics_curve_free(struct metrics_curve *curve)
{
	free(curve->points);
	memset(curve, 0, sizeof(*curve));
}

double metrics_auc(const struct metrics_curve *curve)
{
	/* Scores of INFINITY share the first point with the threshold above all. */
	double pairs = 0, before = 0, mistaken = 0;

	for (size_t i = 0; i < curve->count; i++) {
		const struct metrics_point *point = &curve->points[i];
		double more = (double)point->mistaken - mistaken;

		pairs += more * (before + (double)point->detected) / 2;
		before = (double)point->detected;
		mistaken = (double)point->mistaken;
	}
	if (curve->attacks == 0 || curve->normals == 0)
		return NAN;
	return pairs / ((double)curve->attacks * (double)curve->normals);
}

double metrics_detection(const struct metrics_curve *curve, double rate)
{
	/* A rate as written (0.1 % of 1000) may be a hair below its count. */
	double allowed = rate * (double)curve->normals * (1 + 1e-9);
	size_t detected = 0;

	if (curve->attacks == 0 || curve->normals == 0)
		return NAN;
	for (size_t i = 0; i < curve->count; i++)
		if ((double)curve->points[i].mistaken <= allowed)
			detected = curve->points[i].detected;
	return metrics_share(detected, curve->attacks);
}

struct metrics_best metrics_best_f1(const struct metrics_curve *curve)
{
	struct metrics_best best = { NAN, NAN, NAN, NAN };

	for (size_t i = 0; i < curve->count; i++) {
		const struct metrics_point *point = &curve->points[i];
		double f1 = metrics_f1(point->detected, point->mistaken, curve->attacks);

		if (isnan(f1) || f1 <= best.f1)
			continue;
		best.f1 = f1;
		best.threshold = point->threshold;
		best.precision = metrics_precision(point->detected, point->mistaken);
		best.recall = metrics_share(point->detected, curve->attacks);
	}
	return best;
}

double metrics_share(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : NAN;
}

double metrics_precision(size_t detected, size_t mistaken)
{
	return metrics_share(detected, detected + mistaken);
}

double metrics_f1(size_t detected, size_t mistaken, size_t attacks)
{
	if (attacks == 0)
		return NAN;
	return 2 * (double)detected / (double)(detected + mistaken + attacks);
}

int metrics_count(struct metrics_counts *ret_counts, const struct metrics_sample *samples,
		  size_t count, double threshold)
{
	struct metrics_counts counts = { 0 };
	size_t groups[2], told = SIZE_MAX;
	struct ranked *ranked = ranked_make(samples, count, groups);

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		/* A recording without a score stands at -INFINITY and is above no threshold. */
		bool alarm = ranked[i].score > -INFINITY && ranked[i].score >= threshold;

		if (ranked[i].attack) {
			counts.attacks++;
			counts.detected += alarm;
			continue;
		}
		counts.normals++;
		counts.mistaken += alarm;
		if (alarm && told != ranked[i].group) {
			told = ranked[i].group;
			counts.mistaken_groups++;
		}
	}
	counts.groups = groups[0];
	free(ranked);
	*ret_counts = counts;
	return 0;
}

/* splitmix64: well mixed from any seed, and the same on every machine. */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void draw(struct drawing *drawing, uint64_t *random)
{
	for (int kind = 0; kind < 2; kind++) {
		size_t groups = drawing->groups[kind];

		memset(drawing->drawn[kind], 0, groups * sizeof(*drawing->drawn[kind]));
		for (size_t i = 0; i < groups; i++)
			drawing->drawn[kind][(random_next(random) >> 32) * groups >> 32]++;
	}
}

/* The area with each recording counted as often as its group was drawn. */
static double drawn_auc(const struct drawing *drawing)
{
	double pairs = 0, attacks = 0, normals = 0;
	size_t i = 0;

	while (i < drawing->count) {
		double equal = drawing->ranked[i].score, more[2] = { 0, 0 };

		for (; i < drawing->count && drawing->ranked[i].score == equal; i++) {
			const struct ranked *one = &drawing->ranked[i];

			more[one->attack] += drawing->drawn[one->attack][one->group];
		}
		pairs += more[0] * (attacks + more[1] / 2);
		normals += more[0];
		attacks += more[1];
	}
	return pairs / (attacks * normals);
}

static void drawing_free(struct drawing *drawing)
{
	free(drawing->ranked);
	free(drawing->drawn[0]);
	free(drawing->drawn[1]);
}

static int drawing_make(struct drawing *drawing, const struct metrics_sample *samples, size_t count)
{
	memset(drawing, 0, sizeof(*drawing));
	drawing->count = count;
	drawing->ranked = ranked_make(samples, count, drawing->groups);
	for (int kind = 0; kind < 2; kind++)
		drawing->drawn[kind] = calloc(drawing->groups[kind] + 1, sizeof(uint32_t));
	if (!drawing->ranked || !drawing->drawn[0] || !drawing->drawn[1]) {
		drawing_free(drawing);
		return -ENOMEM;
	}
	qsort(drawing->ranked, count, sizeof(*drawing->ranked), by_falling_score);
	return 0;
}

int metrics_auc_interval(struct metrics_interval *ret_interval,
			 const struct metrics_sample *samples, size_t count, uint64_t seed)
{
	double *areas = calloc(METRICS_ROUNDS, sizeof(*areas));
	struct drawing drawing;
	int status = areas ? drawing_make(&drawing, samples, count) : -ENOMEM;

	*ret_interval = (struct metrics_interval){ NAN, NAN };
	if (status == 0 && drawing.groups[0] && drawing.groups[1]) {
		for (size_t i = 0; i < METRICS_ROUNDS; i++) {
			draw(&drawing, &seed);
			areas[i] = drawn_auc(&drawing);
		}
		ret_interval->low = metrics_quantile(areas, METRICS_ROUNDS, HALF_OUTSIDE);
		ret_interval->high = metrics_quantile(areas, METRICS_ROUNDS, 1 - HALF_OUTSIDE);
	}
	if (status == 0)
		drawing_free(&drawing);
	free(areas);
	return status;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double metrics_quantile(double *values, size_t count, double p)
{
	double place = p * (double)(count ? count - 1 : 0);
	size_t below = (size_t)place;
	double beyond = place - (double)below;

	if (count == 0)
		return NAN;
	qsort(values, count, sizeof(*values), by_value);
	if (beyond <= 0 || below + 1 >= count)
		return values[below];
	return values[below] + beyond * (values[below + 1] - values[below]);
}
