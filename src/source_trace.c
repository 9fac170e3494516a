/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording as a source: the twin judges it (source_trace_replay.c), and what it says goes to the
 * sink as if the sensor had said it.
 */
#include "source_trace_internal.h"

#include <errno.h>
#include <string.h>

#include "../core/bagtable.h"
#include "util.h"

#define RECORDS_A_POLL 65536

/* Bags that may be learnt from one recording. Memory that is not used costs nothing. */
#define LEARNT_ROOM (1u << 21)

static struct source_trace *trace_of(const struct source *source)
{
	return (struct source_trace *)source;
}

static size_t event_size(const struct event *event)
{
	switch (event->kind) {
	case EVENT_BAG:
	case EVENT_SIGHT:
		return sizeof(struct event_bag);
	case EVENT_EXEC:
		return sizeof(struct event_exec);
	case EVENT_SIGNAL:
		return sizeof(struct event_signal);
	}
	return sizeof(struct event_alarm);
}

static void on_event(const struct event *event, void *context)
{
	struct source_trace *trace = context;
	struct event_alarm alarm;
	int status;

	if (trace->status < 0)
		return;
	if (event->kind == EVENT_ALARM) {
		alarm = *(const struct event_alarm *)event;
		tasks_describe(&trace->tasks, &alarm);
		event = &alarm.head;
	}
	status = trace->sink(event, event_size(event), trace->context, trace->err);
	if (status < 0)
		trace->status = status;
}

/* The file has ended, and with it the threads that live. */
static int finish(struct source_trace *trace, struct error *err)
{
	if (twin_finish(trace->twin) < 0)
		return fail(err, -ENOMEM, "cannot replay the trace: %s", strerror(ENOMEM));
	return trace->status;
}

static int trace_poll(struct source *source, int timeout_ms, struct error *err)
{
	struct source_trace *trace = trace_of(source);
	uint32_t left = trace->pace;

	(void)timeout_ms;
	trace->err = err;
	while (left) {
		long count = source_trace_replay(trace, left, err);

		if (count < 0 || trace->status < 0)
			return count < 0 ? (int)count : trace->status;
		if (!count)
			return trace->held ? 0 : finish(trace, err);
		left -= (uint32_t)count;
	}
	return 1;
}

static void trace_target(struct source *source, uint32_t target, struct target *ret_target)
{
	(void)target;
	twin_target(trace_of(source)->twin, ret_target);
}

static uint64_t trace_lost(struct source *source, uint32_t target)
{
	struct target counters = { 0 };

	if (target)
		trace_target(source, target, &counters);
	return target_lost(&counters);
}

static uint64_t trace_count(void *source, uint32_t place)
{
	return twin_count(trace_of(source)->twin, place);
}

static const struct rules *trace_rules(struct source *source, uint32_t target)
{
	(void)target;
	return twin_rules(trace_of(source)->twin);
}

static void trace_part(struct source *source, uint32_t target, uint32_t part)
{
	struct source_trace *trace = trace_of(source);

	(void)target;
	twin_part(trace->twin, part);
	if (trace->scorer && scorer_part(trace->scorer, part) < 0)
		trace->status = -ENOMEM;
}

static void trace_judged(struct source *source, uint32_t target, struct profile_part *part)
{
	(void)target;
	if (trace_of(source)->scorer)
		scorer_judged(trace_of(source)->scorer, part);
}

static int trace_view(struct source *source, uint32_t target, struct profile *profile)
{
	const struct scorer *scorer = trace_of(source)->scorer;

	(void)target;
	return scorer ? scorer_save(scorer, profile) : 0;
}

static uint32_t trace_parent(struct source *source, uint32_t tgid)
{
	const struct task *process = tasks_find(&trace_of(source)->tasks, tgid);

	return process ? process->parent_tgid : 0;
}

static uint64_t trace_now_ns(struct source *source)
{
	return trace_of(source)->step.ns;
}

static void trace_close(struct source *source)
{
	struct source_trace *trace = trace_of(source);

	if (trace->reader)
		trace_reader_close(trace->reader);
	twin_free(trace->twin);
	scorer_free(trace->scorer);
	tasks_free(&trace->tasks);
	free(trace);
}

static const struct source trace_source = {
	.poll = trace_poll,
	.target = trace_target,
	.lost = trace_lost,
	.count = trace_count,
	.rules = trace_rules,
	.part = trace_part,
	.judged = trace_judged,
	.view = trace_view,
	.parent = trace_parent,
	.now_ns = trace_now_ns,
	.close = trace_close,
};

/* The second view of threads: learnt from traces, and judged by where it was learnt. */
static int open_scorer(struct source_trace *trace, enum sensor_mode mode,
		       const struct profile *profile)
{
	bool learn = mode == MODE_LEARN;

	if (!learn && !profile->gram_count)
		return 0;
	trace->scorer = scorer_new(learn, profile);
	if (!trace->scorer)
		return -ENOMEM;
	twin_score(trace->twin, trace->scorer);
	return 0;
}

int source_trace_open(const char *path, uint32_t abi, enum sensor_mode mode,
		      const struct profile *profile, bool count_bags, uint32_t *places,
		      source_sink *sink, void *context, struct source **ret_source,
		      struct error *err)
{
	uint64_t secret[CODE_COUNT];
	uint32_t buckets = bagtable_buckets(profile->bag_count +
					    (mode == MODE_LEARN ? LEARNT_ROOM : MET_ROOM));
	_cleanup_(source_close_p) struct source *source = NULL;
	struct source_trace *trace = calloc(1, sizeof(*trace));
	int status;

	if (!trace)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	trace->source = trace_source;
	trace->step.target = 1;
	source = &trace->source;
	trace->sink = sink;
	trace->context = context;
	status = source_trace_next(source, path, abi, err);
	if (status < 0)
		return status;
	status = source_secret(secret, err);
	if (status < 0)
		return status;
	trace->twin = twin_new(mode, profile, secret, buckets, count_bags, places);
	if (!trace->twin || open_scorer(trace, mode, profile) < 0)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	twin_listen(trace->twin, on_event, trace);
	*ret_source = source;
	source = NULL;
	return 0;
}

int source_trace_next(struct source *source, const char *path, uint32_t abi, struct error *err)
{
	struct source_trace *trace = trace_of(source);

	if (trace->reader)
		trace_reader_close(trace->reader);
	trace->reader = NULL;
	if (trace->twin)
		twin_restart(trace->twin);
	tasks_free(&trace->tasks);
	trace->arch[0] = '\0';
	trace->host_ns = trace->host_unix_ns = trace->until_ns = trace->digest = 0;
	trace->held = trace->tells_ends = false;
	trace->pace = RECORDS_A_POLL;
	return trace_reader_open(path, abi, &trace->reader, err);
}

void source_trace_pace(struct source *source, uint32_t records, uint64_t until_ns)
{
	trace_of(source)->pace = records;
	trace_of(source)->until_ns = until_ns;
}

void source_trace_tap(struct source *source, source_trace_call *tap, void *context)
{
	trace_of(source)->tap = tap;
	trace_of(source)->tap_context = context;
}

uint64_t source_trace_digest(const struct source *source)
{
	return trace_of(source)->digest;
}

struct scorer *source_trace_scorer(const struct source *source)
{
	return trace_of(source)->scorer;
}

const struct trace_summary *source_trace_summary(const struct source *source)
{
	return trace_reader_summary(trace_of(source)->reader);
}

const char *source_trace_arch(const struct source *source)
{
	return trace_of(source)->arch;
}

uint64_t source_trace_unix_ns(const struct source *source, uint64_t ns)
{
	const struct source_trace *trace = trace_of(source);

	return trace->host_unix_ns ? trace->host_unix_ns + (ns - trace->host_ns) : 0;
}
