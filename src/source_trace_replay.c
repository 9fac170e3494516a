/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each record becomes a step of the twin, and calls of one thread that stand together a run of
 * steps. What the kernel knows of a process at the moment of an alarm, a trace says in TASK, FORK
 * and EXEC records before: it is kept in `tasks`, by tid and tgid.
 */
#include "source_trace_internal.h"

#include <errno.h>
#include <string.h>

#include "../core/fnv.h"
#include "util.h"

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
	if (!trace->tap)
		return;
	/* Which thread made which call, by the order in which the threads were met. */
	trace->digest = fnv_add(trace->digest, trace->tasks.last << CODE_BITS | code);
	trace->tap(code, trace->tap_context);
}

/* The step is one of this task's. */
static void step_by(struct feed *step, const struct task *task)
{
	step->tid = task->tid;
	step->tgid = task->tgid;
	step->parent_tgid = task->parent_tgid;
	memcpy(step->comm, task->comm, COMM_SIZE);
}

static int replay_record(struct source_trace *trace, const struct trace_record *record)
{
	struct feed *step = &trace->step;
	struct task *task, *child;

	step->ns = record->head.ts;
	if (record->head.type == TRACE_HOST) {
		note_host(trace, record);
		return 0;
	}
	task = tasks_at(&trace->tasks, record->head.tid);
	if (!task)
		return -ENOMEM;
	if (record->head.type == TRACE_TASK)
		tasks_note(task, record);
	step_by(step, task);
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

static int replay_run(struct source_trace *trace, const struct trace_head *calls, size_t count)
{
	struct task *task = tasks_at(&trace->tasks, calls->tid);
	int status;

	if (!task)
		return -ENOMEM;
	task->calls += count;
	step_by(&trace->step, task);
	status = twin_run(trace->twin, &trace->step, calls, count);
	trace->step.ns = calls[count - 1].ts;
	return status;
}

/* The next record into trace->record; 1, 0 at the end of the file or of what was asked for. */
static int take(struct source_trace *trace, struct error *err)
{
	int status = trace->held ? 1 : trace_reader_next(trace->reader, &trace->record, err);

	trace->held = status > 0 && trace->until_ns && trace->record.head.ts >= trace->until_ns;
	return trace->held ? 0 : status;
}

long source_trace_replay(struct source_trace *trace, uint32_t most, struct error *err)
{
	uint64_t until_ns = trace->until_ns ? trace->until_ns : UINT64_MAX;
	const struct trace_head *calls;
	size_t count = 0;
	int status;

	/* Who listens takes each call before it is judged. */
	if (!trace->tap && !trace->held)
		count = trace_reader_run(trace->reader, most, until_ns, &calls);
	if (count) {
		status = replay_run(trace, calls, count);
	} else {
		status = take(trace, err);
		if (status <= 0)
			return status;
		count = 1;
		status = replay_record(trace, &trace->record);
	}
	if (status < 0)
		return fail(err, status, "cannot replay the trace: %s", strerror(-status));
	return (long)count;
}
