/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object on one line; docs/eval-json.md describes it. What is undefined is null.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "eval_cautions.h"
#include "eval_report.h"
#include "sink.h"

static json_t *text(const char *value)
{
	return value ? sink_json_text(value, strlen(value)) : json_null();
}

static json_t *count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *figure(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *figures_list(const double *values, size_t number)
{
	json_t *list = json_array();

	for (size_t i = 0; i < number; i++)
		json_array_append_new(list, figure(values[i]));
	return list;
}

static json_t *profile(const struct eval *eval)
{
	json_t *object = json_object();

	json_object_set_new(object, "state", text(eval->state));
	json_object_set_new(object, "why", text(eval->why));
	json_object_set_new(object, "calls", count(eval->train_calls));
	json_object_set_new(object, "windows", count(eval->train_windows));
	json_object_set_new(object, "bags", count(eval->profile_bags));
	json_object_set_new(object, "bytes", count(eval->profile_bytes));
	json_object_set_new(object, "unseen", figure(eval->unseen));
	return object;
}

static json_t *judged(const struct eval *eval, const struct eval_figures *figures)
{
	json_t *object = json_object();

	json_object_set_new(object, "normals", count(figures->normals));
	json_object_set_new(object, "groups", count(figures->groups));
	json_object_set_new(object, "attacks", count(figures->attacks));
	json_object_set_new(object, "incomplete", count(figures->incomplete));
	json_object_set_new(object, "seen", count(eval->seen));
	json_object_set_new(object, "normal_calls", count(figures->false_calls));
	json_object_set_new(object, "normal_hours", figure(figures->false_hours));
	return object;
}

static json_t *detection(const struct eval_detector_figures *one)
{
	json_t *list = json_array();

	for (size_t i = 0; i < EVAL_RATES; i++) {
		json_t *object = json_object();

		json_object_set_new(object, "false_positive_rate", figure(eval_figures_rates[i]));
		json_object_set_new(object, "detection_rate", figure(one->detection[i]));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *best(const struct metrics_best *found)
{
	json_t *object = json_object();

	json_object_set_new(object, "f1", figure(found->f1));
	json_object_set_new(object, "threshold", figure(found->threshold));
	json_object_set_new(object, "precision", figure(found->precision));
	json_object_set_new(object, "recall", figure(found->recall));
	return object;
}

static json_t *over(const struct eval_detector_figures *one)
{
	const struct metrics_counts *counts = &one->over;
	json_t *object = json_object();

	json_object_set_new(object, "threshold", figure(one->detector->threshold));
	json_object_set_new(object, "attacks", count(counts->detected));
	json_object_set_new(object, "normals", count(counts->mistaken));
	json_object_set_new(object, "groups", count(counts->mistaken_groups));
	json_object_set_new(object, "false_positive_rate",
			    figure(metrics_share(counts->mistaken, counts->normals)));
	json_object_set_new(object, "false_positive_rate_grouped",
			    figure(metrics_share(counts->mistaken_groups, counts->groups)));
	json_object_set_new(object, "precision",
			    figure(metrics_precision(counts->detected, counts->mistaken)));
	json_object_set_new(
		object, "f1",
		figure(metrics_f1(counts->detected, counts->mistaken, counts->attacks)));
	return object;
}

static json_t *scores(const struct eval_detector_figures *one)
{
	const double interval[] = { one->auc_interval.low, one->auc_interval.high };
	json_t *object;

	if (!one->scored)
		return json_null();
	object = json_object();
	json_object_set_new(object, "auc", figure(one->auc));
	json_object_set_new(object, "auc_interval", figures_list(interval, 2));
	json_object_set_new(object, "detection", detection(one));
	json_object_set_new(object, "best", best(&one->best));
	json_object_set_new(object, "at_threshold", over(one));
	return object;
}

static json_t *alarms(const struct eval_detector_figures *one)
{
	json_t *object = json_object();

	json_object_set_new(object, "caught", count(one->caught));
	json_object_set_new(object, "latency_calls", figures_list(one->latency_calls, 3));
	json_object_set_new(object, "latency_ms", figures_list(one->latency_ms, 3));
	json_object_set_new(object, "normals", count(one->alarmed));
	json_object_set_new(object, "groups", count(one->alarmed_groups));
	json_object_set_new(object, "false_positive_rate",
			    figure(metrics_share(one->alarmed, one->normals)));
	json_object_set_new(object, "false_positive_rate_grouped",
			    figure(metrics_share(one->alarmed_groups, one->groups)));
	json_object_set_new(object, "false_alarms", count(one->false_alarms));
	json_object_set_new(object, "false_runs", count(one->false_runs));
	json_object_set_new(object, "per_million_calls", figure(one->per_million_calls));
	json_object_set_new(object, "per_hour", figure(one->per_hour));
	return object;
}

static json_t *lid_ds(const struct eval_detector_figures *one)
{
	json_t *object = json_object();

	json_object_set_new(object, "true_positives", count(one->caught));
	json_object_set_new(object, "false_negatives", count(one->attacks - one->caught));
	json_object_set_new(object, "false_positives", count(one->false_runs));
	json_object_set_new(object, "precision", figure(one->lid_precision));
	json_object_set_new(object, "recall", figure(one->lid_recall));
	json_object_set_new(object, "f1", figure(one->lid_f1));
	return object;
}

static json_t *families(const struct eval_figures *figures, size_t detector)
{
	json_t *list = json_array();

	for (size_t i = 0; i < figures->family_count; i++) {
		const struct eval_family *family = &figures->families[i];
		json_t *object = json_object();

		json_object_set_new(object, "family", text(family->name));
		json_object_set_new(object, "recordings", count(family->recordings));
		json_object_set_new(object, "caught", count(family->caught[detector]));
		json_object_set_new(object, "above",
				    figures->detectors[detector].scored
					    ? count(family->above[detector])
					    : json_null());
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *detectors(const struct eval_figures *figures)
{
	json_t *list = json_array();

	for (size_t i = 0; i < figures->detector_count; i++) {
		const struct eval_detector_figures *one = &figures->detectors[i];
		json_t *object = json_object();

		json_object_set_new(object, "detector", text(one->detector->word));
		json_object_set_new(object, "name", text(one->detector->name));
		json_object_set_new(object, "scores", scores(one));
		json_object_set_new(object, "alarms", alarms(one));
		json_object_set_new(object, "lid_ds", lid_ds(one));
		json_object_set_new(object, "families", families(figures, i));
		json_array_append_new(list, object);
	}
	return list;
}

/* What one detector made of one recording. */
static json_t *outcome(const struct eval_recording *one, size_t detector)
{
	bool caught = one->item->kind == CORPUS_ATTACK && one->alarms_after[detector] > 0;
	bool timed = caught && one->end_ns > one->start_ns;
	json_t *object = json_object();

	json_object_set_new(object, "score", figure(one->score[detector]));
	json_object_set_new(object, "false_alarms", count(one->alarms_before[detector]));
	json_object_set_new(object, "false_runs", count(one->runs_before[detector]));
	json_object_set_new(object, "alarms", count(one->alarms_after[detector]));
	json_object_set_new(object, "latency_calls",
			    caught ? count(one->first_calls[detector]) : json_null());
	json_object_set_new(object, "latency_ms",
			    timed ? figure((double)one->first_ns[detector] / 1e6) : json_null());
	return object;
}

static json_t *told(const struct eval *eval, const struct eval_recording *one)
{
	json_t *list = json_array();

	for (size_t i = 0; i < one->alarm_count; i++) {
		const struct eval_alarm *alarm = &one->alarms[i];
		json_t *object = json_object();

		json_object_set_new(object, "detector",
				    text(eval->detectors[alarm->detector].word));
		json_object_set_new(object, "tid", count(alarm->tid));
		json_object_set_new(object, "ns", count(alarm->ns));
		json_object_set_new(object, "calls", count(alarm->calls));
		json_object_set_new(object, "false", json_boolean(!alarm->after));
		json_object_set_new(object, "text", text(alarm->text));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *recording(const struct eval *eval, const struct eval_recording *one)
{
	static const char *const kinds[] = { "train", "normal", "attack" };
	json_t *object = json_object(), *outcomes = json_object();

	json_object_set_new(object, "name", text(one->item->name));
	json_object_set_new(object, "kind", json_string(kinds[one->item->kind]));
	json_object_set_new(object, "family", text(one->item->family));
	json_object_set_new(object, "judged", json_boolean(one->judged));
	json_object_set_new(object, "incomplete", json_boolean(one->incomplete));
	json_object_set_new(object, "why", text(one->incomplete ? one->why : NULL));
	json_object_set_new(object, "group", count(one->group));
	json_object_set_new(object, "calls", count(one->calls));
	json_object_set_new(object, "start_ns", count(one->start_ns));
	json_object_set_new(object, "end_ns", count(one->end_ns));
	json_object_set_new(object, "attack_ns", count(one->attack_ns));
	json_object_set_new(object, "attack_calls", count(one->attack_calls));
	for (size_t i = 0; i < eval->detector_count && one->judged; i++)
		json_object_set_new(outcomes, eval->detectors[i].word, outcome(one, i));
	json_object_set_new(object, "detectors", outcomes);
	json_object_set_new(object, "alarms", told(eval, one));
	return object;
}

static json_t *cautions(const struct eval *eval, const struct eval_figures *figures)
{
	char sentences[EVAL_CAUTIONS_MAX][EVAL_CAUTION_SIZE];
	size_t number = eval_cautions(eval, figures, sentences);
	json_t *list = json_array();

	for (size_t i = 0; i < number; i++)
		json_array_append_new(list, text(sentences[i]));
	return list;
}

static json_t *whole(const struct eval *eval, const struct eval_figures *figures)
{
	json_t *object = json_object(), *inner = json_object(), *list = json_array();

	json_object_set_new(inner, "profile", profile(eval));
	json_object_set_new(inner, "judged", judged(eval, figures));
	json_object_set_new(inner, "cautions", cautions(eval, figures));
	json_object_set_new(inner, "detectors", detectors(figures));
	for (size_t i = 0; i < eval->recording_count; i++)
		json_array_append_new(list, recording(eval, &eval->recordings[i]));
	json_object_set_new(inner, "recordings", list);
	json_object_set_new(inner, "seconds", figure(eval->seconds));
	json_object_set_new(object, "eval", inner);
	return object;
}

int eval_json(FILE *stream, const struct eval *eval, const struct eval_options *options,
	      struct error *err)
{
	struct eval_figures figures;
	json_t *object;
	int status;

	(void)options;
	if (eval_figures_make(&figures, eval) < 0)
		return fail(err, -ENOMEM, "cannot put the evaluation into figures: no memory");
	object = whole(eval, &figures);
	eval_figures_free(&figures);
	errno = 0;
	status = json_dumpf(object, stream, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	fputc('\n', stream);
	if (status < 0 || fflush(stream) || ferror(stream))
		return fail(err, -(errno ? errno : EIO), "cannot write the evaluation: %s",
			    strerror(errno ? errno : EIO));
	return 0;
}
