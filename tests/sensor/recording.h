/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps of a recorded trace: what src/source_trace.c makes of its records, written again as
 * plainly as possible, so that the two can be held against each other.
 */
#ifndef BOSC_TESTS_RECORDING_H
#define BOSC_TESTS_RECORDING_H

#include "../../src/trace.h"
#include "../core/stage.h"

struct known_task {
	uint32_t tid, tgid, parent_tgid;
	char comm[COMM_SIZE];
};

struct recording {
	struct trace_reader *reader;
	struct known_task *tasks;
	size_t count, room;
};

static inline const char *recording_path(const char *name)
{
	static char path[512];
	const char *shared = getenv("BOSC_SHARED") ? getenv("BOSC_SHARED") : "../shared";

	snprintf(path, sizeof(path), "%s/data/redis-docker/%s", shared, name);
	if (access(path, R_OK) < 0) {
		print_message("skipped: no recording '%s': set BOSC_SHARED\n", path);
		skip();
	}
	return path;
}

static inline struct recording recording_open(const char *path)
{
	struct recording recording = { 0 };
	struct error err = { 0 };

	if (trace_reader_open(path, ABI_NATIVE, &recording.reader, &err) < 0)
		fail_msg("%s", err.text);
	return recording;
}

static inline void recording_close(struct recording *recording)
{
	trace_reader_close(recording->reader);
	free(recording->tasks);
}

/* The task, until the next is added; one that nobody told of is a process of its own. */
static inline struct known_task *known_task(struct recording *recording, uint32_t tid)
{
	for (size_t i = 0; i < recording->count; i++)
		if (recording->tasks[i].tid == tid)
			return &recording->tasks[i];
	if (recording->count == recording->room) {
		recording->room = recording->room * 2 + 64;
		recording->tasks = realloc(recording->tasks,
					   recording->room * sizeof(*recording->tasks));
		assert_non_null(recording->tasks);
	}
	recording->tasks[recording->count] = (struct known_task){ .tid = tid, .tgid = tid };
	return &recording->tasks[recording->count++];
}

static inline void note_child(struct recording *recording, const struct trace_record *record)
{
	struct known_task parent = *known_task(recording, record->head.tid);
	struct known_task *child = known_task(recording, record->fork.child_tid);

	child->tgid = record->fork.child_tgid;
	child->parent_tgid = child->tgid == record->fork.tgid ? parent.parent_tgid : parent.tgid;
	memcpy(child->comm, parent.comm, COMM_SIZE);
}

static inline bool step_of(struct recording *recording, const struct trace_record *record,
			   struct feed *step)
{
	struct known_task *task = known_task(recording, record->head.tid);

	switch (record->head.type) {
	case TRACE_TASK:
		task->tgid = record->task.tgid;
		task->parent_tgid = record->task.parent_tgid;
		memcpy(task->comm, record->task.comm, COMM_SIZE);
		return false;
	case TRACE_SYS:
		step->kind = FEED_CALL;
		step->code = code_of(record->head.flags == TRACE_FLAG_COMPAT ? ABI_COMPAT
				     : record->head.flags == TRACE_FLAG_X32  ? ABI_X32
									     : ABI_NATIVE,
				     record->head.nr);
		break;
	case TRACE_URING:
		step->kind = FEED_CALL;
		step->code = code_of(ABI_URING, record->head.flags);
		break;
	case TRACE_EXEC:
		step->kind = FEED_EXEC;
		step->other = record->exec.old_tid;
		step->inode = record->exec.inode;
		memcpy(step->path, record->exec.path, PATH_SIZE);
		task->tgid = record->exec.tgid;
		break;
	case TRACE_FORK:
		step->kind = FEED_FORK;
		step->other = record->fork.child_tid;
		step->other_tgid = record->fork.child_tgid;
		break;
	case TRACE_EXIT:
		step->kind = FEED_EXIT;
		break;
	case TRACE_SIG:
		step->kind = FEED_SIGNAL;
		step->other = record->head.flags;
		break;
	default:
		return false;
	}
	step->tgid = task->tgid;
	step->parent_tgid = task->parent_tgid;
	memcpy(step->comm, task->comm, COMM_SIZE);
	return true;
}

/* The next step; false at the end. */
static inline bool recording_next(struct recording *recording, struct feed *step)
{
	struct trace_record record;
	struct error err = { 0 };
	int status;

	while ((status = trace_reader_next(recording->reader, &record, &err)) > 0) {
		*step = (struct feed){ .ns = record.head.ts, .tid = record.head.tid, .target = 1 };
		if (!step_of(recording, &record, step))
			continue;
		if (record.head.type == TRACE_FORK)
			note_child(recording, &record);
		return true;
	}
	if (status < 0)
		fail_msg("%s", err.text);
	return false;
}

#endif
