/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tasks of a trace, by tid: what TASK, FORK and EXEC records said of them.
 */
#ifndef BOSC_TRACE_TASKS_H
#define BOSC_TRACE_TASKS_H

#include <stdbool.h>

#include "../bpf/sensor.h"
#include "../core/table.h"
#include "trace.h"

struct task {
	uint32_t tid;
	uint32_t tgid;
	uint32_t parent_tgid;
	char comm[COMM_SIZE];
	char path[PATH_SIZE]; /* executed last, by the process */
	uint64_t calls;
	bool ended;
};

/* All zero: none. */
struct tasks {
	struct task *all; /* in the order in which they were met */
	size_t count, room;
	size_t living;	     /* those before this one have ended */
	struct table by_tid; /* index of the task + 1 */
	uint32_t last_tid;
	size_t last; /* index of the task that was asked for last by tasks_at() */
};

void tasks_free(struct tasks *tasks);

/* The task of a tid, made when it is new; valid until the next is made. NULL: no memory. */
struct task *tasks_at(struct tasks *tasks, uint32_t tid);

/* NULL: it was not met. */
const struct task *tasks_find(const struct tasks *tasks, uint32_t tid);

/* What a TASK record says. */
void tasks_note(struct task *task, const struct trace_record *record);

/* What a FORK record says of the child. */
void tasks_fork(const struct tasks *tasks, const struct trace_record *record, struct task *child);

/*
 * The task ends; says what ends with it (enum exit_flag). A trace that tells says so in the flags
 * of the EXIT record. In any other the container's first process is the living one of the lowest
 * number that nobody in the trace forked, if it did its share: it made more calls than a start
 * takes, or has threads or children. A health check, or a shell of somebody who looked in, did not,
 * even where the first process is idle. Whether somebody had asked for the end is not known then.
 */
uint32_t tasks_exit(struct tasks *tasks, struct task *task, uint32_t flags, bool tells);

/* Names the thread, its executable and its parent in an alarm, as the sensor does. */
void tasks_describe(const struct tasks *tasks, struct event_alarm *alarm);

#endif
