/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads followed through fork and exec: what becomes of the slot, whoever tells of the event.
 */
#ifndef BOSC_BPF_FOLLOW_H
#define BOSC_BPF_FOLLOW_H

#include "threads.h"

static __noinline void thread_forked(struct thread *parent, const struct identity *who,
				     uint32_t target, _Bool same_process, const char *comm)
{
	struct beginning how = { .target = target };
	struct thread *child;

	if (!parent || parent->target != target) {
		thread_join(who, target, comm);
		return;
	}
	how.flags = parent->flags & THREAD_BY_TASK;
	how.state = parent->state;
	child = thread_new(who, &how);
	if (child && same_process)
		child->born = parent->born;
}

struct base_name {
	char path[PATH_SIZE * 2];
	uint32_t begin;
};

static long base_name_step(uint32_t index, struct base_name *name)
{
	if (index < sizeof(name->path) && name->path[index] == '/')
		name->begin = index + 1;
	return 0;
}

/* The target that waits for a task by the name of its executable: what stands behind the path's
 * last slash. bpf_loop() spares the verifier from following each step. */
static __noinline uint32_t named_target(const char *path)
{
	struct base_name full = {};
	char name[TASK_NAME_SIZE] = {};
	uint32_t *target;

	bpf_probe_read_kernel_str(full.path, sizeof(full.path), path);
	bpf_loop(sizeof(full.path), base_name_step, &full, 0);
	bpf_probe_read_kernel_str(name, sizeof(name), path + full.begin);
	target = bpf_map_lookup_elem(&task_names, name);
	return target ? *target : 0;
}

/* The thread that executed a program, now at its beginning; NULL for a bystander. */
static __noinline struct thread *thread_executed(const struct identity *who, uint32_t old_key,
						 uint32_t target, const char *path)
{
	struct thread *thread = thread_find(old_key);
	_Bool setup = !thread || thread->state == THREAD_SETUP || (thread->flags & THREAD_JOINED);
	struct beginning how = { .target = target, .state = THREAD_RUNS };
	char begin[16] = {};

	if (thread && (thread->flags & THREAD_BY_TASK)) {
		how.target = thread->target;
		how.flags = THREAD_BY_TASK;
	}
	if (thread && old_key != who->key)
		thread_free(old_key);
	if (!how.target && by_task) {
		how.target = named_target(path);
		how.flags = THREAD_BY_TASK;
	}
	if (!how.target)
		return NULL;
	bpf_probe_read_kernel_str(begin, sizeof(begin), path);
	if (setup && !how.flags && exec_is_runtime(begin))
		how.state = THREAD_SETUP;
	else
		how.flags |= THREAD_PROGRAM;
	return thread_new(who, &how);
}

#endif
