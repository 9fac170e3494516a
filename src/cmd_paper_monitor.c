/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc monitor --method paper: an alarm at the end of each epoch with too many mismatches. It
 * names no process: an epoch is the whole container's.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cmd_monitor.h"
#include "cmd_paper.h"
#include "progress.h"
#include "sink.h"
#include "util.h"

/* A target that is judged. */
struct trial {
	struct watch *watch;
	struct paper *paper;
};

struct trials {
	struct verdict *verdict;
	struct trial of[TARGETS_MAX]; /* by index - 1 */
};

/* An epoch that ended, as people and programs are told of it. */
struct finding {
	const struct watch *watch;
	const struct paper_epoch *epoch;
	uint64_t ns;	     /* its last call, CLOCK_MONOTONIC */
	uint64_t unix_ns;    /* 0: unknown */
	uint64_t latency_ns; /* 0: a replay */
	bool incomplete;
};

static int trial_begin(struct trial *trial, struct watch *watch, struct verdict *verdict,
		       struct error *err)
{
	struct paper_params params = cmd_paper_params(verdict->options);
	int status;

	paper_free(trial->paper); /* of a watch at this place that came to nothing */
	*trial = (struct trial){ .watch = watch };
	status = verdict_prepare(verdict, watch, err);
	if (status < 0)
		return status;
	trial->paper = paper_new(watch->profile, &params);
	if (!trial->paper || paper_learn_end(trial->paper) < 0)
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", watch_name(watch));
	return 0;
}

static void put_reason(char *reason, size_t size, const struct paper_epoch *epoch)
{
	snprintf(reason, size,
		 "%u of the %u calls of epoch %llu end a window whose bag training never saw; "
		 "%u are an anomaly",
		 epoch->mismatches, epoch->calls, (unsigned long long)epoch->number, epoch->limit);
}

static int finish_line(FILE *stream)
{
	errno = 0;
	return fflush(stream) || ferror(stream) ? -(errno ? errno : EIO) : 0;
}

static int put_text(FILE *stream, const struct finding *finding)
{
	char reason[256], moment[32];

	fprintf(stream, "ALARM epoch in ");
	sink_text_safe(stream, watch_name(finding->watch), PROFILE_TEXT);
	if (finding->unix_ns)
		fprintf(stream, " at %s", sink_time(finding->unix_ns, moment));
	put_reason(reason, sizeof(reason), finding->epoch);
	fprintf(stream, "\n  reason    %s\n", reason);
	if (finding->incomplete)
		fprintf(stream,
			"  caution   the profile or this watch is incomplete: events were lost\n");
	return finish_line(stream);
}

static int put_json(FILE *stream, const struct finding *finding)
{
	const struct paper_epoch *epoch = finding->epoch;
	const struct watch *watch = finding->watch;
	char reason[256], moment[32];
	json_t *object;
	int status;

	put_reason(reason, sizeof(reason), epoch);
	object = json_pack(
		"{s:o,s:I,s:o,s:o,s:s,s:s,s:I,s:I,s:o,s:I,s:I,s:b,s:o}", "time",
		finding->unix_ns ? json_string(sink_time(finding->unix_ns, moment)) : json_null(),
		"mono_ns", (json_int_t)finding->ns, "target",
		sink_json_text(watch->called, PROFILE_TEXT), "profile",
		sink_json_text(watch->profile->name, PROFILE_TEXT), "rule", "epoch", "reason",
		reason, "count", (json_int_t)epoch->mismatches, "threshold",
		(json_int_t)epoch->limit, "container", sink_json_container(&watch->container),
		"epoch", (json_int_t)epoch->number, "calls", (json_int_t)epoch->calls, "incomplete",
		finding->incomplete, "latency_us", sink_json_latency(finding->latency_ns));
	if (!object)
		return -ENOMEM;
	status = json_dumpf(object, stream, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	fputc('\n', stream);
	return status < 0 ? -ENOMEM : finish_line(stream);
}

/* -v: every epoch. */
static void put_epoch(const struct finding *finding)
{
	const struct paper_epoch *epoch = finding->epoch;

	progress_clear();
	printf("epoch %llu: %u mismatches in %u calls\n", (unsigned long long)epoch->number,
	       epoch->mismatches, epoch->calls);
}

static int tell(struct verdict *verdict, const struct finding *finding, struct error *err)
{
	int status;

	if (verdict->options->verbose && !verdict->options->json)
		put_epoch(finding);
	if (!finding->epoch->anomalous)
		return 0;
	progress_clear();
	status = (verdict->options->json ? put_json : put_text)(stdout, finding);
	if (status >= 0 && verdict->file)
		status = put_json(verdict->file, finding);
	if (status < 0)
		return fail(err, status, "cannot write an alarm: %s", strerror(-status));
	verdict->found++;
	return 0;
}

static int no_memory(const struct trial *trial, struct error *err)
{
	return fail(err, -ENOMEM, "cannot watch '%s': no memory", watch_name(trial->watch));
}

/* The last epoch, and the summary; `why` says why the verdict is incomplete. */
static int trial_end(struct trial *trial, struct verdict *verdict, struct finding *finding,
		     uint64_t lost, const char *why, struct error *err)
{
	const struct paper_totals *totals = paper_totals(trial->paper);
	struct paper_epoch epoch;
	struct summary summary = { .watch = trial->watch, .lost = lost, .why = why };
	int ended = paper_judge_end(trial->paper, &epoch);

	if (ended < 0)
		return no_memory(trial, err);
	finding->watch = trial->watch;
	finding->epoch = &epoch;
	ended = ended ? tell(verdict, finding, err) : 0;
	if (ended < 0)
		return ended;
	if (!totals->windows)
		progress_note("nothing was judged: '%s' made %llu calls, fewer than a window has",
			      watch_name(trial->watch), (unsigned long long)totals->calls);
	summary.calls = totals->calls;
	summary.windows = totals->windows;
	summary.mismatches = totals->mismatches;
	summary.alarms = totals->anomalies;
	return verdict_conclude(verdict, &summary, err);
}

static uint64_t unix_ns(const struct paper_trace *trace, uint64_t ns)
{
	return trace->host_unix_ns ? trace->host_unix_ns + (ns - trace->host_ns) : 0;
}

static int judge_trace(struct trial *trial, struct verdict *verdict, struct paper_trace *trace,
		       struct error *err)
{
	const struct trace_summary *summary = trace_reader_summary(trace->reader);
	struct finding finding = { .watch = trial->watch };
	struct paper_epoch epoch;
	struct trace_head call;
	int status;

	while ((status = cmd_paper_trace_call(trace, trial->watch->profile, &call, err)) > 0) {
		finding.ns = call.ts;
		finding.unix_ns = unix_ns(trace, call.ts);
		finding.epoch = &epoch;
		status = paper_judge_call(trial->paper, trace_code(&call), &epoch);
		if (status < 0)
			return no_memory(trial, err);
		status = status ? tell(verdict, &finding, err) : 0;
		if (status < 0)
			return status;
	}
	if (status < 0)
		return status;
	status = trial_end(trial, verdict, &finding, summary->lost,
			   summary->complete ? NULL : summary->why, err);
	if (status >= 0 && !summary->complete)
		return fail(err, -ENODATA, "'%s' is incomplete: %s; what it has was judged",
			    trace->path, summary->why);
	return status;
}

static int monitor_file(struct verdict *verdict, const char *path, struct error *err)
{
	_cleanup_(watch_free_p) struct watch *watch = watch_new(TARGET_COMMAND, path);
	struct paper_trace trace = { 0 };
	struct trial trial = { 0 };
	int status;

	if (!watch)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	status = trial_begin(&trial, watch, verdict, err);
	if (status >= 0)
		status = cmd_paper_trace_open(&trace, path, verdict->options->abi, err);
	if (status >= 0)
		status = judge_trace(&trial, verdict, &trace, err);
	paper_free(trial.paper);
	cmd_paper_trace_close(&trace);
	return status;
}

static int live_prepare(struct live *live, struct watch *watch, struct error *err)
{
	struct trials *trials = live->context;
	size_t at = watch->index ? watch->index - 1 : live->count;

	return trial_begin(&trials->of[at], watch, trials->verdict, err);
}

static uint64_t lost(struct live *live, const struct watch *watch)
{
	return live->source->lost(live->source, watch->index) + live->source->lost(live->source, 0);
}

static int live_event(struct live *live, struct watch *watch, const struct event *event,
		      size_t size, struct error *err)
{
	struct trials *trials = live->context;
	struct trial *trial = &trials->of[watch->index - 1];
	const struct trace_head *call = cmd_paper_record(event);
	struct finding finding = { .watch = watch, .ns = call->ts };
	struct paper_epoch epoch;
	int status;

	(void)size;
	if (!trace_is_call(call))
		return 0;
	status = paper_judge_call(trial->paper, trace_code(call), &epoch);
	if (status < 0)
		return no_memory(trial, err);
	if (!status)
		return 0;
	finding.epoch = &epoch;
	finding.latency_ns = clock_ns(CLOCK_MONOTONIC) - call->ts;
	finding.unix_ns = clock_ns(CLOCK_REALTIME) - finding.latency_ns;
	finding.incomplete = lost(live, watch) > 0;
	return tell(trials->verdict, &finding, err);
}

static void live_met(struct live *live, struct watch *watch)
{
	(void)live;
	progress_note("watching '%s' against the profile '%s'", watch_name(watch),
		      watch->profile->name);
}

static const struct live_user monitor_user = {
	.prepare = live_prepare,
	.begin = cmd_paper_begin,
	.event = live_event,
	.met = live_met,
};

static int end_live(struct live *live, struct trial *trial, struct error *err)
{
	struct trials *trials = live->context;
	uint64_t missing = lost(live, trial->watch);
	struct finding finding = {
		.ns = clock_ns(CLOCK_MONOTONIC),
		.unix_ns = clock_ns(CLOCK_REALTIME),
		.incomplete = missing > 0,
	};

	return trial_end(trial, trials->verdict, &finding, missing,
			 missing ? "the sensor could not send every call" : NULL, err);
}

static int monitor_live(struct trials *trials, struct error *err)
{
	struct live live;
	int status = live_open(&live, trials->verdict->options, MODE_RECORD, false, &monitor_user,
			       trials, err);

	if (status >= 0)
		status = live_start(&live, err);
	if (status >= 0)
		status = live_run(&live, NS_PER_S, NULL, err);
	for (size_t i = 0; i < live.count && status >= 0; i++)
		status = end_live(&live, &trials->of[i], err);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		paper_free(trials->of[i].paper);
	live_close(&live);
	return status;
}

int cmd_paper_monitor(struct verdict *verdict, struct error *err)
{
	_cleanup_free_ struct trials *trials = NULL;

	if (verdict->options->trace)
		return cmd_monitor_each(verdict, monitor_file, err);
	trials = calloc(1, sizeof(*trials));
	if (!trials)
		return fail(err, -ENOMEM, "cannot monitor: no memory");
	trials->verdict = verdict;
	return monitor_live(trials, err);
}
