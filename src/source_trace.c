/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each record becomes a step of the twin. What the kernel knows of a process at the moment of an
 * alarm, a trace says in TASK, FORK and EXEC records before: it is kept here, by tid and tgid.
 */
#include "source_trace.h"

#include <errno.h>
#include <string.h>

#include "../core/bagtable.h"
#include "../core/twin.h"
#include "trace_tasks.h"
#include "util.h"

#define RECORDS_A_POLL 65536
#define DIGEST_PRIME   1099511628211ull /* of FNV-1a */

/* Bags that may be learnt from one recording. Memory that is not used costs nothing. */
#define LEARNT_ROOM (1u << 21)

struct source_trace {
	struct source source;
	struct trace_reader *reader;
	struct twin *twin;
	source_sink *sink;
	void *context;
	struct error *err;
	int status; /* of the sink, during a poll */
	uint64_t ns;
	char arch[17];
	uint64_t host_ns, host_unix_ns;
	bool tells_ends; /* its EXIT records say what ended */

	struct tasks tasks;
	struct scorer *scorer; /* NULL: the profile has no second view */
	uint32_t pace;	       /* records a poll */
	uint64_t until_ns;
	bool held; /* the record that did not come before until_ns */
	struct trace_record record;
	struct feed step; /* what the record becomes; kept, for little of it changes */
	uint64_t digest;
	source_trace_call *tap; /* NULL: nobody listens */
	void *tap_context;
};

static struct source_trace *trace_of(const struct source *source)
{
	return (struct source_trace *)source;
}

static size_t event_size(const struct event *event)
{
	switch (event->kind) {
	case EVENT_BAG:
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

	if (event->kind == EVENT_ALARM) {
		alarm = *(const struct event_alarm *)event;
		tasks_describe(&trace->tasks, &alarm);
		event = &alarm.head;
	}
	status = trace->sink(event, event_size(event), trace->context, trace->err);
	if (status < 0 && !trace->status)
		trace->status = status;
}

/* Makes the record a step: sets what its kind has; false: it is none. */
static bool record_step(const struct trace_record *record, struct task *task, struct feed *step)
{
	switch (record->head.type) {
	case TRACE_SYS:
	case TRACE_URING:
		step->kind = FEED_CALL;
		step->code = trace_code(&record->head);
		return true;
	case TRACE_EXEC:
		step->kind = FEED_EXEC;
		step->tgid = task->tgid = record->exec.tgid;
		step->other = record->exec.old_tid;
		step->inode = record->exec.inode;
		memcpy(step->path, record->exec.path, PATH_SIZE);
		memcpy(task->path, record->exec.path, PATH_SIZE);
		return true;
	case TRACE_FORK:
		step->kind = FEED_FORK;
		step->other = record->fork.child_tid;
		step->other_tgid = record->fork.child_tgid;
		return true;
	case TRACE_EXIT:
		step->kind = FEED_EXIT;
		return true;
	case TRACE_SIG:
		step->kind = FEED_SIGNAL;
		step->other = record->head.flags;
		return true;
	}
	return false;
}

static void note_host(struct source_trace *trace, const struct trace_record *record)
{
	memcpy(trace->arch, record->host.arch, sizeof(record->host.arch));
	trace->tells_ends = record->head.flags & TRACE_FLAG_ENDS;
	trace->host_ns = record->head.ts;
	trace->host_unix_ns = record->host.unix_ns;
}

static void note_call(struct source_trace *trace, uint32_t code)
{
	/* Which thread made which call, by the order in which the threads were met. */
	trace->digest = (trace->digest ^ (trace->tasks.last << CODE_BITS | code)) * DIGEST_PRIME;
	if (trace->tap)
		trace->tap(code, trace->tap_context);
}

static int replay(struct source_trace *trace, const struct trace_record *record)
{
	struct feed *step = &trace->step;
	struct task *task, *child;

	trace->ns = record->head.ts;
	if (record->head.type == TRACE_HOST) {
		note_host(trace, record);
		return 0;
	}
	task = tasks_at(&trace->tasks, record->head.tid);
	if (!task)
		return -ENOMEM;
	if (record->head.type == TRACE_TASK)
		tasks_note(task, record);
	step->ns = record->head.ts;
	step->tid = record->head.tid;
	step->tgid = task->tgid;
	step->parent_tgid = task->parent_tgid;
	memcpy(step->comm, task->comm, COMM_SIZE);
	if (!record_step(record, task, step))
		return 0;
	if (step->kind == FEED_CALL) {
		task->calls++;
		note_call(trace, step->code);
	}
	if (step->kind == FEED_EXIT)
		step->other = tasks_exit(&trace->tasks, task, record->head.flags,
					 trace->tells_ends);
	if (record->head.type == TRACE_FORK) {
		child = tasks_at(&trace->tasks, record->fork.child_tid);
		if (!child)
			return -ENOMEM;
		tasks_fork(&trace->tasks, record, child);
	}
	return twin_step(trace->twin, step);
}

/* The next record into trace->record; 1, 0 at the end of the file or of what was asked for. */
static int take(struct source_trace *trace, struct error *err)
{
	int status = trace->held ? 1 : trace_reader_next(trace->reader, &trace->record, err);

	trace->held = status > 0 && trace->until_ns && trace->record.head.ts >= trace->until_ns;
	return status;
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

	(void)timeout_ms;
	trace->err = err;
	for (uint32_t i = 0; i < trace->pace; i++) {
		int status = take(trace, err);

		if (status < 0 || trace->held)
			return status < 0 ? status : 0;
		if (!status)
			return finish(trace, err);
		status = replay(trace, &trace->record);
		if (status < 0)
			return fail(err, status, "cannot replay the trace: %s", strerror(-status));
		if (trace->status < 0)
			return trace->status;
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
	return trace_of(source)->ns;
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
	return trace_reader_open_as(path, abi, &trace->reader, err);
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
