/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace_tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/frame.h"

void tasks_free(struct tasks *tasks)
{
	free(tasks->all);
	table_free(&tasks->by_tid);
	*tasks = (struct tasks){ 0 };
}

struct task *tasks_at(struct tasks *tasks, uint32_t tid)
{
	uint64_t *index;

	if (tasks->count && tasks->last_tid == tid)
		return &tasks->all[tasks->last];
	index = table_at(&tasks->by_tid, tid, 0);
	if (!index)
		return NULL;
	if (!*index) {
		if (tasks->count == tasks->room) {
			size_t room = tasks->room ? tasks->room * 2 : 64;
			struct task *grown = realloc(tasks->all, room * sizeof(*grown));

			if (!grown)
				return NULL;
			tasks->all = grown;
			tasks->room = room;
		}
		tasks->all[tasks->count] = (struct task){ .tid = tid, .tgid = tid };
		*index = ++tasks->count;
	}
	tasks->last_tid = tid;
	tasks->last = *index - 1;
	if (tasks->last < tasks->living)
		tasks->living = tasks->last; /* it may be about to begin anew */
	return &tasks->all[tasks->last];
}

const struct task *tasks_find(const struct tasks *tasks, uint32_t tid)
{
	uint64_t index = table_get(&tasks->by_tid, tid, 0);

	return index ? &tasks->all[index - 1] : NULL;
}

void tasks_note(struct task *task, const struct trace_record *record)
{
	task->ended = false;
	task->tgid = record->task.tgid;
	task->parent_tgid = record->task.parent_tgid;
	memcpy(task->comm, record->task.comm, COMM_SIZE);
}

void tasks_fork(const struct tasks *tasks, const struct trace_record *record, struct task *child)
{
	const struct task *parent = tasks_find(tasks, record->head.tid);
	const struct task *process = tasks_find(tasks, record->fork.tgid);

	child->ended = false;
	child->calls = 0;
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

/* Whether the task is a process that came from outside of the trace, and not the runtime's. */
static bool is_root(const struct tasks *tasks, const struct task *task)
{
	return task->tid == task->tgid && !comm_is_runtime(task->comm) &&
	       !tasks_find(tasks, task->parent_tgid);
}

static bool is_main(const struct tasks *tasks, const struct task *task)
{
	bool works = task->calls >= START_CALLS;

	if (!is_root(tasks, task))
		return false;
	for (size_t i = tasks->living; i < tasks->count; i++) {
		const struct task *other = &tasks->all[i];

		if (other == task || other->ended)
			continue;
		if (other->tgid == task->tgid || other->parent_tgid == task->tgid)
			works = true;
		else if (other->tgid < task->tgid && is_root(tasks, other))
			return false;
	}
	return works;
}

uint32_t tasks_exit(struct tasks *tasks, struct task *task, uint32_t flags, bool tells)
{
	if (!tells)
		flags = is_main(tasks, task) ? EXIT_MAIN | EXIT_UNASKED : 0;
	task->ended = true;
	while (tasks->living < tasks->count && tasks->all[tasks->living].ended)
		tasks->living++;
	return flags;
}

void tasks_describe(const struct tasks *tasks, struct event_alarm *alarm)
{
	const struct task *task = tasks_find(tasks, alarm->head.tid);
	const struct task *parent = tasks_find(tasks, alarm->parent_tgid);
	const struct task *process = tasks_find(tasks, alarm->tgid);
	char path[PATH_SIZE];

	if (task && !alarm->comm[0])
		memcpy(alarm->comm, task->comm, COMM_SIZE);
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
