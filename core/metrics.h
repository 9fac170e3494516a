/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How well scores tell attacks from normal recordings. The figures, exactly:
 *
 * An alarm at the threshold t is a score >= t; NAN, no score at all, is below every other. Of A
 * attacks d(t) are detected, of N normal recordings m(t) are mistaken. Detection rate (recall) d/A,
 * false positive rate m/N, precision d / (d + m), F1 = 2d / (2d + m + (A - d)).
 *
 * The curve (ROC) has a point for each threshold that makes a difference: one above all scores, and
 * each score that occurs. Its area (AUC) is the probability that an attack scores more than a
 * normal recording, a tie counting half: (pairs with attack > normal + pairs equal / 2) / (A * N).
 *
 * What is undefined (no attacks, no normal recordings, no alarm at all for a precision) is NAN.
 */
#ifndef BOSC_CORE_METRICS_H
#define BOSC_CORE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics_sample {
	double score;
	uint32_t group; /* recordings of the same calls are of one group */
	bool attack;
};

struct metrics_point {
	double threshold;
	size_t detected, mistaken;
};

struct metrics_curve {
	struct metrics_point *points; /* by falling threshold; the first, INFINITY, is above all */
	size_t count;
	size_t attacks, normals;
};

struct metrics_best {
	double f1;
	double threshold;
	double precision, recall;
};

struct metrics_interval {
	double low, high;
};

/* At one threshold; a group is mistaken when a recording of it is. Groups are of normal ones. */
struct metrics_counts {
	size_t attacks, detected;
	size_t normals, mistaken;
	size_t groups, mistaken_groups;
};

/* The curve of the samples, O(n log n); -ENOMEM, else 0. */
int metrics_curve_make(struct metrics_curve *curve, const struct metrics_sample *samples,
		       size_t count);
void metrics_curve_free(struct metrics_curve *curve);

/* The area under the curve. */
double metrics_auc(const struct metrics_curve *curve);

/* The detection rate at a false positive rate: that of the lowest threshold whose m/N is not above
 * `rate`. Nothing is interpolated, so that it can be had by setting that threshold. */
double metrics_detection(const struct metrics_curve *curve, double rate);

/* The largest F1 of any threshold, and the highest threshold that has it. The threshold was chosen
 * with the answers at hand, so this is what a score could reach, not what a detector does. */
struct metrics_best metrics_best_f1(const struct metrics_curve *curve);

double metrics_precision(size_t detected, size_t mistaken);
double metrics_f1(size_t detected, size_t mistaken, size_t attacks);
double metrics_share(size_t part, size_t whole); /* part / whole; NAN of nothing */

/* What one threshold does to the samples; -ENOMEM, else 0. */
int metrics_count(struct metrics_counts *ret_counts, const struct metrics_sample *samples,
		  size_t count, double threshold);

/*
 * The 95 % interval of the area, by the bootstrap: as many groups as there are of attacks, and as
 * many as there are of normal recordings, are drawn with replacement, METRICS_ROUNDS times; all
 * recordings of a drawn group come together, for they are no independent evidence. Its ends are the
 * 2.5 % and 97.5 % quantiles of the areas. The same seed gives the same interval. -ENOMEM, else 0.
 */
#define METRICS_ROUNDS 1000
int metrics_auc_interval(struct metrics_interval *ret_interval,
			 const struct metrics_sample *samples, size_t count, uint64_t seed);

/* The quantile of values, which it sorts: the value at place p * (count - 1), between two places in
 * proportion. p = 0.5: the median; 0.25, 0.75: the quartiles. NAN must not be among them. */
double metrics_quantile(double *values, size_t count, double p);

#endif
