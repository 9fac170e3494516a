/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_figures.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "../core/numbers.h"
#include "util.h"

#define SEED	    0x626f7363 /* any; the same, so that the same data give the same report */
#define NS_PER_HOUR (3600.0 * NS_PER_S)

const double eval_figures_rates[EVAL_RATES] = { 0.001, 0.01, 0.02, 0.05, 0.1 };

static bool is_normal(const struct eval_recording *recording)
{
	return recording->judged && recording->item->kind == CORPUS_NORMAL;
}

static bool is_attack(const struct eval_recording *recording)
{
	return recording->judged && recording->item->kind == CORPUS_ATTACK;
}

static double hours(uint64_t from_ns, uint64_t to_ns)
{
	return (double)number_subtract(to_ns, from_ns) / NS_PER_HOUR;
}

/* How much there was in which an alarm would have been false. */
static void sum_false(struct eval_figures *figures, const struct eval *eval)
{
	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (is_normal(one)) {
			figures->normals++;
			figures->false_calls += one->calls;
			figures->false_hours += hours(one->start_ns, one->end_ns);
		} else if (is_attack(one)) {
			figures->attacks++;
			figures->false_calls += one->attack_calls;
			if (one->end_ns > one->start_ns)
				figures->false_hours += hours(one->start_ns, one->attack_ns);
		}
		figures->incomplete += one->judged && one->incomplete;
	}
}

static size_t gather(struct metrics_sample *samples, const struct eval *eval, size_t detector)
{
	size_t count = 0;

	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (!is_normal(one) && !is_attack(one))
			continue;
		samples[count].score = one->score[detector];
		samples[count].group = one->group;
		samples[count++].attack = is_attack(one);
	}
	return count;
}

static int put_scores(struct eval_detector_figures *figures, const struct metrics_sample *samples,
		      size_t count)
{
	double threshold = figures->detector->threshold;
	int status = metrics_curve_make(&figures->curve, samples, count);

	if (status < 0)
		return status;
	figures->auc = metrics_auc(&figures->curve);
	for (size_t i = 0; i < EVAL_RATES; i++)
		figures->detection[i] = metrics_detection(&figures->curve, eval_figures_rates[i]);
	figures->best = metrics_best_f1(&figures->curve);
	status = metrics_count(&figures->over, samples, count, threshold);
	if (status < 0)
		return status;
	return metrics_auc_interval(&figures->auc_interval, samples, count, SEED);
}

static void put_no_scores(struct eval_detector_figures *figures)
{
	figures->auc = NAN;
	figures->auc_interval = (struct metrics_interval){ NAN, NAN };
	for (size_t i = 0; i < EVAL_RATES; i++)
		figures->detection[i] = NAN;
	figures->best = (struct metrics_best){ NAN, NAN, NAN, NAN };
}

static void put_quartiles(double *quartiles, double *values, size_t count)
{
	for (int i = 0; i < 3; i++)
		quartiles[i] = metrics_quantile(values, count, 0.25 * (i + 1));
}

static void put_latency(struct eval_detector_figures *figures, const struct eval *eval,
			size_t detector, double *values)
{
	size_t calls = 0, timed = 0;

	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (is_attack(one) && one->alarms_after[detector])
			values[calls++] = (double)one->first_calls[detector];
	}
	put_quartiles(figures->latency_calls, values, calls);
	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (is_attack(one) && one->alarms_after[detector] && one->end_ns > one->start_ns)
			values[timed++] = (double)one->first_ns[detector] / 1e6;
	}
	put_quartiles(figures->latency_ms, values, timed);
	figures->caught = calls;
}

/* Alarms as samples, 1 or 0: a group is alarmed when one of its recordings is. */
static int put_alarmed(struct eval_detector_figures *figures, const struct eval *eval,
		       size_t detector, struct metrics_sample *samples)
{
	struct metrics_counts counts;
	size_t count = 0;
	int status;

	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (!is_normal(one) && !is_attack(one))
			continue;
		figures->false_alarms += one->alarms_before[detector];
		figures->false_runs += one->runs_before[detector];
		samples[count].score = one->alarms_before[detector] > 0;
		samples[count].group = one->group;
		samples[count++].attack = is_attack(one);
	}
	status = metrics_count(&counts, samples, count, 1);
	if (status < 0)
		return status;
	figures->attacks = counts.attacks;
	figures->normals = counts.normals;
	figures->alarmed = counts.mistaken;
	figures->groups = counts.groups;
	figures->alarmed_groups = counts.mistaken_groups;
	return 0;
}

static double rate(uint64_t count, double of)
{
	return of > 0 ? (double)count / of : NAN;
}

static int put_detector(struct eval_figures *figures, const struct eval *eval, size_t detector,
			struct metrics_sample *samples, double *values)
{
	struct eval_detector_figures *one = &figures->detectors[detector];
	int status = 0;

	one->detector = &eval->detectors[detector];
	one->scored = !isnan(one->detector->threshold);
	if (one->scored)
		status = put_scores(one, samples, gather(samples, eval, detector));
	else
		put_no_scores(one);
	if (status == 0)
		status = put_alarmed(one, eval, detector, samples);
	put_latency(one, eval, detector, values);
	one->per_million_calls = rate(one->false_alarms, (double)figures->false_calls / 1e6);
	one->per_hour = rate(one->false_alarms, figures->false_hours);
	one->lid_precision = metrics_precision(one->caught, one->false_runs);
	one->lid_recall = metrics_share(one->caught, one->attacks);
	one->lid_f1 = metrics_f1(one->caught, one->false_runs, one->attacks);
	return status;
}

static int by_name(const void *a, const void *b)
{
	const struct eval_recording *const *x = a, *const *y = b;

	return strcmp((*x)->item->family, (*y)->item->family);
}

static void add_to_family(struct eval_family *family, const struct eval *eval,
			  const struct eval_recording *recording)
{
	family->name = recording->item->family;
	family->recordings++;
	for (size_t i = 0; i < eval->detector_count; i++) {
		family->caught[i] += recording->alarms_after[i] > 0;
		family->above[i] += recording->score[i] >= eval->detectors[i].threshold;
	}
}

static int put_families(struct eval_figures *figures, const struct eval *eval)
{
	_cleanup_free_ const struct eval_recording **attacks = calloc(
		figures->attacks + 1, sizeof(const struct eval_recording *));
	size_t count = 0;

	figures->families = calloc(figures->attacks + 1, sizeof(*figures->families));
	if (!attacks || !figures->families)
		return -ENOMEM;
	for (size_t i = 0; i < eval->recording_count; i++)
		if (is_attack(&eval->recordings[i]))
			attacks[count++] = &eval->recordings[i];
	qsort(attacks, count, sizeof(const struct eval_recording *), by_name);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || by_name(&attacks[i - 1], &attacks[i]) != 0)
			figures->family_count++;
		add_to_family(&figures->families[figures->family_count - 1], eval, attacks[i]);
	}
	return 0;
}

int eval_figures_make(struct eval_figures *figures, const struct eval *eval)
{
	size_t room = eval->recording_count + 1;
	_cleanup_free_ struct metrics_sample *samples = calloc(room, sizeof(*samples));
	_cleanup_free_ double *values = calloc(room, sizeof(*values));
	int status = samples && values ? 0 : -ENOMEM;

	memset(figures, 0, sizeof(*figures));
	figures->detector_count = eval->detector_count;
	sum_false(figures, eval);
	for (size_t i = 0; i < eval->detector_count && status == 0; i++)
		status = put_detector(figures, eval, i, samples, values);
	figures->groups = figures->detectors[0].groups;
	if (status == 0)
		status = put_families(figures, eval);
	if (status < 0)
		eval_figures_free(figures);
	return status;
}

void eval_figures_free(struct eval_figures *figures)
{
	for (size_t i = 0; i < EVAL_DETECTORS_MAX; i++)
		metrics_curve_free(&figures->detectors[i].curve);
	free(figures->families);
	figures->families = NULL;
}
