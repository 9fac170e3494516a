/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The figures of an evaluation, detector by detector, that all its reports show. Only recordings
 * that are judged count. There are two questions, kept apart:
 *
 * Scores. Does a more anomalous recording have a higher score, whatever the threshold? Area under
 * the curve, detection at false positive rates, best F1: defined in core/metrics.h.
 *
 * Alarms. What came of the thresholds that training alone gave? An attack is caught when an alarm
 * comes at or after its start. An alarm is false in a normal recording and before an attack's
 * start; rates are over all the calls and hours in which one would have been false.
 *
 * The published figures on LID-DS count so: a caught attack is one true positive, an attack that is
 * not caught a false negative, and a run of false alarms on end one false positive.
 */
#ifndef BOSC_EVAL_FIGURES_H
#define BOSC_EVAL_FIGURES_H

#include "../core/metrics.h"
#include "eval.h"

#define EVAL_RATES 5
extern const double eval_figures_rates[EVAL_RATES]; /* 0.1, 1, 2, 5, 10 % */

/* NAN is what is undefined, or cannot be said of these recordings. */
struct eval_detector_figures {
	const struct eval_detector *detector;

	bool scored; /* it has a score; else what follows is NAN, and the curve is empty */
	struct metrics_curve curve;
	double auc;
	struct metrics_interval auc_interval;
	double detection[EVAL_RATES];
	struct metrics_best best;
	struct metrics_counts over; /* scores at or above the training's threshold */

	size_t attacks, caught;
	size_t normals, alarmed;       /* normal recordings with an alarm */
	size_t groups, alarmed_groups; /* recordings of the same calls counted once */
	double latency_calls[3];       /* of the caught: quartile, median, quartile */
	double latency_ms[3];	       /* … that have a clock */
	uint64_t false_alarms, false_runs;
	double per_million_calls, per_hour;

	double lid_precision, lid_recall, lid_f1; /* from `caught` and `false_runs` */
};

struct eval_family {
	const char *name;
	size_t recordings;
	size_t caught[EVAL_DETECTORS_MAX];
	size_t above[EVAL_DETECTORS_MAX]; /* a score at or above the training's threshold */
};

struct eval_figures {
	size_t attacks, normals, groups;
	size_t incomplete;    /* of those judged */
	uint64_t false_calls; /* in which an alarm would have been false */
	double false_hours;
	struct eval_detector_figures detectors[EVAL_DETECTORS_MAX];
	size_t detector_count;
	struct eval_family *families; /* by name */
	size_t family_count;
};

/* Puts an evaluation into figures, which refer to it; -ENOMEM, else 0. */
int eval_figures_make(struct eval_figures *figures, const struct eval *eval);
void eval_figures_free(struct eval_figures *figures);

#endif
