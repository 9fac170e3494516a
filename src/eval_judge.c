/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_judge.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../core/numbers.h"
#include "../core/rules.h"
#include "../core/scorer.h"
#include "alarm.h"
#include "eval_detectors.h"
#include "eval_recording.h"
#include "source_trace.h"
#include "util.h"

#define SLICE_RECORDS 256	    /* of the timeline, at first */
#define RUN_NS	      1000000000ull /* alarms not further apart than this are one run */

static const uint32_t paper_epochs[] = { 1000, 5000 };

struct eval_judge {
	struct eval_training *training;
	struct source *source;
	const struct rules *rules;
	struct paper *papers[ARRAY_SIZE(paper_epochs)];
	double thread_limit;
	bool calls_decide; /* training met no new call late: one is as good as an alarm */

	struct eval_recording *recording;
	bool after;	/* the attack has begun */
	uint64_t calls; /* of the recording, until now */
	uint64_t ns;
	uint64_t last_ns[EVAL_DETECTORS]; /* of the last alarm; 0: there was none */
	bool decisive;			  /* one such alarm came in this slice */
	uint32_t slice;			  /* records in one */
	int status;
};

static void raise_score(struct eval_judge *judge, enum eval_detector_index detector, double score)
{
	double *kept = &judge->recording->score[detector];

	if (score > *kept)
		*kept = score;
}

/* Counts an alarm of a detector. */
static void count_alarm(struct eval_judge *judge, enum eval_detector_index detector, bool repeated)
{
	struct eval_recording *recording = judge->recording;
	uint64_t last_ns = judge->last_ns[detector];

	judge->last_ns[detector] = judge->ns;
	if (!judge->after) {
		recording->alarms_before[detector] += !repeated;
		recording->runs_before[detector] += !last_ns || judge->ns - last_ns > RUN_NS;
		return;
	}
	if (!recording->alarms_after[detector]++) {
		recording->first_calls[detector] = judge->calls - recording->attack_calls;
		recording->first_ns[detector] = number_subtract(judge->ns, recording->attack_ns);
	}
}

static void keep_alarm(struct eval_judge *judge, enum eval_detector_index detector, uint32_t tid,
		       char *text)
{
	struct eval_alarm alarm = { .detector = detector, .tid = tid, .ns = judge->ns };

	alarm.calls = judge->calls;
	alarm.after = judge->after;
	alarm.text = text;
	if (!text || eval_recording_alarm(judge->recording, &alarm) < 0)
		judge->status = -ENOMEM;
}

static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	return text;
}

static int on_event(const struct event *event, size_t size, void *context, struct error *err)
{
	const struct event_alarm *told = (const struct event_alarm *)event;
	struct eval_judge *judge = context;
	const struct watch *watch = judge->training->watch;
	enum eval_detector_index detector;
	struct alarm alarm = { 0 };

	(void)size;
	(void)err;
	if (event->kind != EVENT_ALARM)
		return 0;
	judge->ns = event->ns;
	detector = eval_detector_of(told->rule);
	judge->decisive |= detector == EVAL_DECISIVE;
	count_alarm(judge, EVAL_ALL, told->repeats);
	count_alarm(judge, detector, told->repeats);
	if (told->repeats || judge->recording->alarm_count == EVAL_ALARMS_MAX)
		return 0;
	alarm_complete(&alarm, told, watch, watch->profile->arch[0] ? watch->profile->arch : NULL);
	keep_alarm(judge, detector, event->tid,
		   text_of("%s: %.*s[%u]: %s", alarm_rule_name(told->rule), COMM_SIZE, told->comm,
			   told->tgid, alarm.reason));
	return 0;
}

static void judge_epoch(struct eval_judge *judge, size_t i, const struct paper_epoch *epoch)
{
	enum eval_detector_index detector = EVAL_PAPER + (enum eval_detector_index)i;

	raise_score(judge, detector, (double)epoch->mismatches / epoch->calls);
	if (!epoch->anomalous)
		return;
	count_alarm(judge, detector, false);
	keep_alarm(judge, detector, 0,
		   text_of("epoch %llu of %u calls has %u mismatches",
			   (unsigned long long)epoch->number, epoch->calls, epoch->mismatches));
}

static void on_call(uint32_t code, void *context)
{
	struct eval_judge *judge = context;
	struct paper_epoch epoch;

	judge->calls++;
	judge->ns = judge->source->now_ns(judge->source);
	for (size_t i = 0; i < ARRAY_SIZE(paper_epochs); i++) {
		int status = paper_judge_call(judge->papers[i], code, &epoch);

		if (status < 0)
			judge->status = status;
		if (status > 0)
			judge_epoch(judge, i, &epoch);
	}
}

/* A peak as a multiple of its limit; 0 where the view says nothing. */
static double share_of(double peak, double limit, double reachable)
{
	return limit > 0 && limit < reachable ? peak / limit : 0;
}

/* Takes over the peaks of a slice. */
static double note_peaks(struct eval_judge *judge)
{
	struct scorer *scorer = source_trace_scorer(judge->source);
	struct scorer_peaks peaks = { 0 };
	const struct rules *rules = judge->rules;
	double all, shares[4];

	scorer_peaks(scorer, &peaks);
	shares[0] = share_of(peaks.frame, rules->frame_limit, FRAME_SIZE);
	shares[1] = share_of(peaks.fresh, rules->fresh_limit, FRAME_SIZE);
	shares[2] = share_of(peaks.level, scorer_limit(scorer), LEVEL_REACH);
	shares[3] = share_of(peaks.ended.score, judge->thread_limit, INFINITY);
	raise_score(judge, EVAL_FRAME, peaks.frame);
	raise_score(judge, EVAL_FIRST_SIGHT, peaks.fresh);
	raise_score(judge, EVAL_SURPRISE, (double)peaks.level / SURPRISE_UNIT);
	raise_score(judge, EVAL_THREAD, peaks.ended.score);
	raise_score(judge, EVAL_DECISIVE, judge->decisive);
	all = judge->decisive && judge->calls_decide;
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++)
		all = shares[i] > all ? shares[i] : all;
	judge->decisive = false;
	raise_score(judge, EVAL_ALL, all);
	return all;
}

static int keep_point(struct eval_judge *judge)
{
	struct eval_point point = { judge->ns, judge->calls, note_peaks(judge) };

	return eval_recording_point(judge->recording, &point, &judge->slice);
}

/* Judges until the attack begins, or the end. */
static int judge_stretch(struct eval_judge *judge, uint64_t until_ns, struct error *err)
{
	int status;

	do {
		eval_progress_show(&judge->training->progress, "judging", judge->recording->item,
				   source_trace_summary(judge->source));
		source_trace_pace(judge->source, judge->slice, until_ns);
		status = judge->source->poll(judge->source, -1, err);
		if (status >= 0 && (keep_point(judge) < 0 || judge->status < 0))
			return fail(err, -ENOMEM, "cannot judge '%s': no memory",
				    judge->recording->item->name);
	} while (status > 0);
	return status;
}

static void end_epochs(struct eval_judge *judge)
{
	struct paper_epoch epoch;

	for (size_t i = 0; i < ARRAY_SIZE(paper_epochs); i++)
		if (paper_judge_end(judge->papers[i], &epoch) > 0)
			judge_epoch(judge, i, &epoch);
}

static int open_recording(struct eval_judge *judge, const struct corpus_item *item,
			  struct error *err)
{
	const struct profile *profile = judge->training->watch->profile;
	int status;

	if (judge->source)
		return source_trace_next(judge->source, item->path, item->abi, err);
	status = source_trace_open(item->path, item->abi, MODE_MONITOR, profile, false, NULL,
				   on_event, judge, &judge->source, err);
	if (status < 0)
		return status;
	source_trace_tap(judge->source, on_call, judge);
	judge->rules = judge->source->rules(judge->source, 1);
	return 0;
}

static int outside(const struct eval_judge *judge, const char *where, struct error *err)
{
	return fail(err, -EINVAL, "'%s' does not hold the beginning of its attack: that is %s",
		    judge->recording->item->name, where);
}

/* When the recording and its attack begin: the first record says it. */
static int find_start(struct eval_judge *judge, struct error *err)
{
	struct eval_recording *recording = judge->recording;
	const struct corpus_item *item = recording->item;
	int status;

	source_trace_pace(judge->source, 1, 0);
	status = judge->source->poll(judge->source, -1, err);
	recording->start_ns = judge->source->now_ns(judge->source);
	if (item->kind == CORPUS_ATTACK && item->attack_ns)
		recording->attack_ns = item->attack_ns +
				       (item->attack_relative ? recording->start_ns : 0);
	judge->after = item->kind == CORPUS_ATTACK && !recording->attack_ns;
	if (status > 0 && recording->attack_ns && recording->attack_ns < recording->start_ns)
		return outside(judge, "before the recording", err);
	if (status >= 0 && eval_train_arch(judge->training, judge->source, recording, err) < 0)
		return -EINVAL;
	return status;
}

static int judge_parts(struct eval_judge *judge, struct error *err)
{
	struct eval_recording *recording = judge->recording;
	int status = find_start(judge, err);

	if (status > 0 && recording->attack_ns)
		status = judge_stretch(judge, recording->attack_ns, err);
	if (status < 0)
		return status;
	if (recording->attack_ns) {
		judge->after = true;
		recording->attack_calls = judge->calls;
		memset(recording->score, 0, sizeof(recording->score));
		status = 1;
	}
	if (status > 0)
		status = judge_stretch(judge, 0, err);
	if (status < 0)
		return status;
	if (recording->attack_calls && recording->attack_calls == judge->calls)
		return outside(judge, "behind its last call", err);
	end_epochs(judge);
	return 0;
}

int eval_judge_recording(struct eval_judge *judge, struct eval_recording *recording,
			 uint64_t *ret_digest, struct error *err)
{
	struct scorer_peaks none;
	int status = open_recording(judge, recording->item, err);

	if (status < 0)
		return status;
	judge->recording = recording;
	judge->calls = judge->ns = 0;
	judge->slice = SLICE_RECORDS;
	judge->decisive = false;
	memset(judge->last_ns, 0, sizeof(judge->last_ns));
	scorer_peaks(source_trace_scorer(judge->source), &none);
	for (size_t i = 0; i < ARRAY_SIZE(paper_epochs); i++)
		paper_restart(judge->papers[i]);
	status = judge_parts(judge, err);
	if (status < 0)
		return status;
	recording->end_ns = judge->ns;
	if (!source_trace_summary(judge->source)->timed)
		recording->start_ns = recording->end_ns = 0;
	*ret_digest = source_trace_digest(judge->source);
	return eval_train_note(judge->training, judge->source, recording, err);
}

int eval_judge_new(struct eval *eval, struct eval_training *training, struct eval_judge **ret_judge,
		   struct error *err)
{
	_cleanup_(eval_judge_free_p) struct eval_judge *judge = calloc(1, sizeof(*judge));
	const struct profile *profile = training->watch->profile;
	struct paper_params params = paper_params();

	if (!judge)
		return fail(err, -ENOMEM, "cannot judge: no memory");
	judge->training = training;
	judge->thread_limit = scorer_score_limit(profile, 0);
	judge->calls_decide = !profile_new_calls(profile);
	for (size_t i = 0; i < ARRAY_SIZE(paper_epochs); i++) {
		params.epoch = paper_epochs[i];
		judge->papers[i] = paper_new(training->paper, &params);
		if (!judge->papers[i] || paper_learn_end(judge->papers[i]) < 0)
			return fail(err, -ENOMEM, "cannot judge: no memory");
	}
	eval_detectors(eval, profile);
	*ret_judge = judge;
	judge = NULL;
	return 0;
}

void eval_judge_free(struct eval_judge *judge)
{
	if (!judge)
		return;
	source_close_p(&judge->source);
	for (size_t i = 0; i < ARRAY_SIZE(paper_epochs); i++)
		paper_free(judge->papers[i]);
	free(judge);
}
