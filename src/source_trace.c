/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each record becomes a step of the twin. What the kernel knows of a process at the moment of an
 * alarm, a trace says in TASK, FORK and EXEC records before: it is kept here, by tid and tgid.
 */
#include "source_trace.h"

#include <errno.h>
#include <string.h>

#include "../core/table.h"
#include "../core/twin.h"
#include "util.h"

#define RECORDS_A_POLL 65536

struct task {
	uint32_t tgid;
	uint32_t parent_tgid;
	char comm[COMM_SIZE];
	char path[PATH_SIZE]; /* executed last, by the process */
};

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

	struct task *tasks;
	size_t task_count, task_room;
	struct table by_tid; /* index of the task + 1 */
	uint32_t last_tid;
	size_t last;
};

static struct source_trace *trace_of(const struct source *source)
{
	return (struct source_trace *)source;
}

/* The task of a tid, made when it is new; NULL: no memory. */
static struct task *task_at(struct source_trace *trace, uint32_t tid)
{
	uint64_t *index;

	if (trace->task_count && trace->last_tid == tid)
		return &trace->tasks[trace->last];
	index = table_at(&trace->by_tid, tid, 0);
	if (!index)
		return NULL;
	if (!*index) {
		if (trace->task_count == trace->task_room) {
			size_t room = trace->task_room ? trace->task_room * 2 : 64;
			struct task *grown = realloc(trace->tasks, room * sizeof(*grown));

			if (!grown)
				return NULL;
			trace->tasks = grown;
			trace->task_room = room;
		}
		trace->tasks[trace->task_count] = (struct task){ .tgid = tid };
		*index = ++trace->task_count;
	}
	trace->last_tid = tid;
	trace->last = *index - 1;
	return &trace->tasks[trace->last];
}

static const struct task *task_find(const struct source_trace *trace, uint32_t tid)
{
	uint64_t index = table_get(&trace->by_tid, tid, 0);

	return index ? &trace->tasks[index - 1] : NULL;
}

/* Names the executable and the parent, as the sensor does. */
static void describe(const struct source_trace *trace, struct event_alarm *alarm)
{
	const struct task *parent = task_find(trace, alarm->parent_tgid);
	const struct task *process = task_find(trace, alarm->tgid);
	char path[PATH_SIZE];

	if (parent)
		memcpy(alarm->parent_comm, parent->comm, COMM_SIZE);
	if (!process || !process->path[0])
		return;
	memcpy(path, process->path, sizeof(path));
	for (int depth = 0; depth < EXE_DEPTH; depth++) {
		char *slash = strrchr(path, '/');
		const char *name = slash ? slash + 1 : path;

		snprintf(alarm->exe[depth], EXE_NAME, "%.*s", EXE_NAME - 1, name);
		if (!slash || slash == path)
			return;
		*slash = '\0';
	}
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
		describe(trace, &alarm);
		event = &alarm.head;
	}
	status = trace->sink(event, event_size(event), trace->context, trace->err);
	if (status < 0 && !trace->status)
		trace->status = status;
}

static uint32_t record_code(const struct trace_head *head)
{
	uint32_t abi = head->flags & TRACE_FLAG_COMPAT ? ABI_COMPAT
		       : head->flags & TRACE_FLAG_X32  ? ABI_X32
						       : ABI_NATIVE;

	return code_of(abi, head->nr);
}

static void note_fork(struct source_trace *trace, const struct trace_record *record,
		      struct task *child)
{
	const struct task *parent = task_find(trace, record->head.tid);
	const struct task *process = task_find(trace, record->fork.tgid);

	child->tgid = record->fork.child_tgid;
	child->parent_tgid = record->fork.tgid;
	if (parent && child->tgid != record->fork.tgid)
		child->parent_tgid = parent->tgid;
	else if (parent)
		child->parent_tgid = parent->parent_tgid;
	if (parent)
		memcpy(child->comm, parent->comm, COMM_SIZE);
	if (process)
		memcpy(child->path, process->path, PATH_SIZE);
}

/* Makes the record a step; false: it is none. */
static bool record_step(const struct trace_record *record, struct task *task, struct feed *step)
{
	switch (record->head.type) {
	case TRACE_SYS:
		step->kind = FEED_CALL;
		step->code = record_code(&record->head);
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

static void note_task(struct task *task, const struct trace_record *record)
{
	task->tgid = record->task.tgid;
	task->parent_tgid = record->task.parent_tgid;
	memcpy(task->comm, record->task.comm, COMM_SIZE);
}

static void note_host(struct source_trace *trace, const struct trace_record *record)
{
	memcpy(trace->arch, record->host.arch, sizeof(record->host.arch));
	trace->host_ns = record->head.ts;
	trace->host_unix_ns = record->host.unix_ns;
}

static int replay(struct source_trace *trace, const struct trace_record *record)
{
	struct feed step = { .ns = record->head.ts, .tid = record->head.tid, .target = 1 };
	struct task *task, *child;

	trace->ns = record->head.ts;
	if (record->head.type == TRACE_HOST) {
		note_host(trace, record);
		return 0;
	}
	task = task_at(trace, record->head.tid);
	if (!task)
		return -ENOMEM;
	if (record->head.type == TRACE_TASK)
		note_task(task, record);
	step.tgid = task->tgid;
	step.parent_tgid = task->parent_tgid;
	memcpy(step.comm, task->comm, COMM_SIZE);
	if (!record_step(record, task, &step))
		return 0;
	if (record->head.type == TRACE_FORK) {
		child = task_at(trace, record->fork.child_tid);
		if (!child)
			return -ENOMEM;
		note_fork(trace, record, child);
	}
	return twin_step(trace->twin, &step);
}

static int trace_poll(struct source *source, int timeout_ms, struct error *err)
{
	struct source_trace *trace = trace_of(source);
	struct trace_record record;

	(void)timeout_ms;
	trace->err = err;
	trace->status = 0;
	for (int i = 0; i < RECORDS_A_POLL; i++) {
		int status = trace_reader_next(trace->reader, &record, err);

		if (status <= 0)
			return status;
		status = replay(trace, &record);
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
	(void)target;
	twin_part(trace_of(source)->twin, part);
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
	free(trace->tasks);
	table_free(&trace->by_tid);
	free(trace);
}

static const struct source trace_source = {
	.poll = trace_poll,
	.target = trace_target,
	.lost = trace_lost,
	.count = trace_count,
	.rules = trace_rules,
	.part = trace_part,
	.now_ns = trace_now_ns,
	.close = trace_close,
};

int source_trace_open(const char *path, enum sensor_mode mode, const struct profile *profile,
		      bool count_bags, uint32_t *places, source_sink *sink, void *context,
		      struct source **ret_source, struct error *err)
{
	uint64_t secret[CODE_COUNT];
	uint32_t buckets = bagtable_buckets(profile->bag_count + 65536);
	_cleanup_(source_close_p) struct source *source = NULL;
	struct source_trace *trace = calloc(1, sizeof(*trace));
	int status;

	if (!trace)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	trace->source = trace_source;
	source = &trace->source;
	trace->sink = sink;
	trace->context = context;
	status = trace_reader_open(path, &trace->reader, err);
	if (status < 0)
		return status;
	status = source_secret(secret, err);
	if (status < 0)
		return status;
	trace->twin = twin_new(mode, profile, secret, buckets, count_bags, places);
	if (!trace->twin)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	twin_listen(trace->twin, on_event, trace);
	*ret_source = source;
	source = NULL;
	return 0;
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
