/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

#define NOTHING "\u2013"

static struct eval_cell written(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct eval_cell written(const char *format, ...)
{
	struct eval_cell cell;
	va_list args;

	va_start(args, format);
	vsnprintf(cell.text, sizeof(cell.text), format, args);
	va_end(args);
	return cell;
}

struct eval_cell eval_cell_ratio(double value)
{
	return isnan(value) ? written(NOTHING) : written("%.3f", value);
}

static struct eval_cell eval_cell_share(double value)
{
	return isnan(value) ? written(NOTHING) : written("%.1f %%", 100 * value);
}

struct eval_cell eval_cell_number(double value)
{
	double size = fabs(value);

	if (isnan(value))
		return written(NOTHING);
	if (value == 0)
		return written("0");
	if (size >= 1e9 || size < 1e-4)
		return written("%.3g", value);
	if (size >= 100)
		return written("%.0f", value);
	return size >= 10 ? written("%.1f", value)
			  : written("%.*f",
				    size >= 1	   ? 2
				    : size >= 0.01 ? 3
						   : 4,
				    value);
}

struct eval_cell eval_cell_count(uint64_t value)
{
	struct eval_cell cell = { "" };
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	size_t end = 0;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			cell.text[end++] = ',';
		cell.text[end++] = digits[i];
	}
	return cell;
}

struct eval_cell eval_cell_of(size_t part, size_t whole)
{
	return written("%zu of %zu", part, whole);
}

static struct eval_cell auc(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(one->auc);
}

static struct eval_cell auc_interval(const struct eval_detector_figures *one)
{
	if (isnan(one->auc_interval.low))
		return written(NOTHING);
	return written("%.3f\u2013%.3f", one->auc_interval.low, one->auc_interval.high);
}

static struct eval_cell detection_0(const struct eval_detector_figures *one)
{
	return eval_cell_share(one->detection[0]);
}

static struct eval_cell detection_1(const struct eval_detector_figures *one)
{
	return eval_cell_share(one->detection[1]);
}

static struct eval_cell detection_2(const struct eval_detector_figures *one)
{
	return eval_cell_share(one->detection[2]);
}

static struct eval_cell detection_3(const struct eval_detector_figures *one)
{
	return eval_cell_share(one->detection[3]);
}

static struct eval_cell detection_4(const struct eval_detector_figures *one)
{
	return eval_cell_share(one->detection[4]);
}

static struct eval_cell best_f1(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(one->best.f1);
}

static struct eval_cell best_threshold(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->best.threshold);
}

static struct eval_cell threshold(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->detector->threshold);
}

static struct eval_cell over_attacks(const struct eval_detector_figures *one)
{
	return eval_cell_of(one->over.detected, one->over.attacks);
}

static struct eval_cell over_normals(const struct eval_detector_figures *one)
{
	return eval_cell_share(metrics_share(one->over.mistaken, one->over.normals));
}

static struct eval_cell over_groups(const struct eval_detector_figures *one)
{
	return eval_cell_share(metrics_share(one->over.mistaken_groups, one->over.groups));
}

static struct eval_cell over_precision(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(metrics_precision(one->over.detected, one->over.mistaken));
}

static struct eval_cell over_f1(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(
		metrics_f1(one->over.detected, one->over.mistaken, one->over.attacks));
}

static struct eval_cell caught(const struct eval_detector_figures *one)
{
	return eval_cell_of(one->caught, one->attacks);
}

static struct eval_cell latency_calls(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->latency_calls[1]);
}

static struct eval_cell latency_ms(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->latency_ms[1]);
}

static struct eval_cell alarmed(const struct eval_detector_figures *one)
{
	return eval_cell_share(metrics_share(one->alarmed, one->normals));
}

static struct eval_cell alarmed_groups(const struct eval_detector_figures *one)
{
	return eval_cell_share(metrics_share(one->alarmed_groups, one->groups));
}

static struct eval_cell false_alarms(const struct eval_detector_figures *one)
{
	return eval_cell_count(one->false_alarms);
}

static struct eval_cell false_runs(const struct eval_detector_figures *one)
{
	return eval_cell_count(one->false_runs);
}

static struct eval_cell per_million(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->per_million_calls);
}

static struct eval_cell per_hour(const struct eval_detector_figures *one)
{
	return eval_cell_number(one->per_hour);
}

static struct eval_cell missed(const struct eval_detector_figures *one)
{
	return eval_cell_count(one->attacks - one->caught);
}

static struct eval_cell true_positives(const struct eval_detector_figures *one)
{
	return eval_cell_count(one->caught);
}

static struct eval_cell lid_precision(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(one->lid_precision);
}

static struct eval_cell lid_recall(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(one->lid_recall);
}

static struct eval_cell lid_f1(const struct eval_detector_figures *one)
{
	return eval_cell_ratio(one->lid_f1);
}

#define DETECTION \
	"the share of the attacks detected by the lowest threshold with no more false positives"

static const struct eval_column scores[] = {
	{ "AUC", "", "that an attack scores more than a normal recording; ties count half", 6,
	  auc },
	{ "95 %", "interval", "of the AUC, by the bootstrap over groups of recordings", 12,
	  auc_interval },
	{ "detected", "at 0.1 %", DETECTION, 9, detection_0 },
	{ "", "at 1 %", DETECTION, 8, detection_1 },
	{ "", "at 2 %", DETECTION, 8, detection_2 },
	{ "", "at 5 %", DETECTION, 8, detection_3 },
	{ "", "at 10 %", DETECTION, 8, detection_4 },
	{ "best", "F1", "of any threshold, chosen with the answers at hand", 6, best_f1 },
	{ "at", "score", "the threshold of the best F1", 7, best_threshold },
};

static const struct eval_column thresholds[] = {
	{ "training's", "threshold", "of the score, from the training alone", 11, threshold },
	{ "attacks at", "or above", "with a score at or above the threshold", 14, over_attacks },
	{ "false", "positives", "normal recordings with such a score", 9, over_normals },
	{ "false,", "grouped", "the same, recordings of the same calls counted once", 9,
	  over_groups },
	{ "", "precision", "attacks among all recordings with such a score", 9, over_precision },
	{ "", "F1", "at the training's threshold", 6, over_f1 },
};

static const struct eval_column alarms[] = {
	{ "attacks", "caught", "with an alarm at or after their start", 12, caught },
	{ "median", "calls", "from an attack's start to its first alarm, of the caught", 7,
	  latency_calls },
	{ "median", "ms", "from an attack's start to its first alarm, of the caught", 7,
	  latency_ms },
	{ "normal", "alarmed", "normal recordings with an alarm", 8, alarmed },
	{ "alarmed,", "grouped", "the same, recordings of the same calls counted once", 8,
	  alarmed_groups },
	{ "false", "alarms", "in normal recordings, and before an attack", 9, false_alarms },
	{ "runs of", "them", "false alarms on end counted once", 8, false_runs },
	{ "per million", "calls", "false alarms, per million calls that were normal", 11,
	  per_million },
	{ "per", "hour", "false alarms, per hour of a container at normal work", 8, per_hour },
};

static const struct eval_column lid_ds[] = {
	{ "true", "positives", "attacks with an alarm at or after their start", 9, true_positives },
	{ "false", "negatives", "attacks without", 9, missed },
	{ "false", "positives", "runs of false alarms", 9, false_runs },
	{ "", "precision", "true positives among all positives", 9, lid_precision },
	{ "", "recall", "true positives among the attacks", 7, lid_recall },
	{ "", "F1", "of this precision and recall", 6, lid_f1 },
};

const struct eval_table eval_tables[EVAL_TABLES] = {
	{ "Scores", "whether attacks score more than normal work, whatever the threshold", scores,
	  ARRAY_SIZE(scores), .scored = true },
	{ "Scores at the training's threshold", "what that threshold makes of the recordings",
	  thresholds, ARRAY_SIZE(thresholds), .scored = true },
	{ "Alarms", "what would have been told", alarms, ARRAY_SIZE(alarms) },
	{ "As LID-DS counts",
	  "an alarm from the exploit's start on is a true positive, a run of false alarms is one",
	  lid_ds, ARRAY_SIZE(lid_ds), .lid_ds = true },
};
