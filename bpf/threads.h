/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is watched: which target a task belongs to, and the slot of each watched thread.
 *
 * A slot stands in the set of four that its tid selects; tids are handed out in sequence, so the
 * sets fill evenly. A bystander's call ends after one look at the cgroup table.
 */
#ifndef BOSC_BPF_THREADS_H
#define BOSC_BPF_THREADS_H

#include "maps.h"

/* Which v1 hierarchy a container's tasks are found in is fixed; its index differs by kernel. */
static __always_inline uint64_t pids_cgroup_id(struct css_set *set)
{
	struct cgroup_subsys_state **subsys = set->subsys;

	return subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]->cgroup->kn->id;
}

static __always_inline uint32_t cgroup_target(uint64_t key)
{
	uint32_t index = (key >> 1) & (CGROUP_SETS - 1);
	struct cgroup_set *set = bpf_map_lookup_elem(&cgroups, &index);

	if (!set)
		return 0;
#pragma unroll
	for (int i = 0; i < (int)CGROUP_WAYS; i++) {
		if (set->way[i].key == key)
			return set->way[i].target;
	}
	return 0;
}

/* The target whose cgroup the task sits in; 0: none. */
static __always_inline uint32_t task_target(struct task_struct *task)
{
	uint32_t target = 0;

	if (in_unified)
		target = cgroup_target(task->cgroups->dfl_cgrp->kn->id << 1);
	if (in_pids && !target)
		target = cgroup_target(pids_cgroup_id(task->cgroups) << 1 | 1);
	return target;
}

static __always_inline struct thread *thread_find(uint32_t tid)
{
	uint32_t index = tid & (THREAD_SETS - 1);
	struct thread_set *set = bpf_map_lookup_elem(&threads, &index);

	if (!set)
		return NULL;
#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		if (set->way[i].tid == tid)
			return &set->way[i];
	}
	return NULL;
}

static __noinline void thread_free(struct thread *thread)
{
	if (!thread)
		return;
	TARGET_ADD(thread->target, calls, thread->calls);
	thread->calls = 0;
	thread->born = 0;
	thread->tid = 0;
}

/* Claims a slot. NULL when the set is full; the target's verdict is then incomplete. */
static __noinline struct thread *thread_claim(uint32_t tid)
{
	uint32_t index = tid & (THREAD_SETS - 1);
	struct thread_set *set = bpf_map_lookup_elem(&threads, &index);

	if (!set || !tid)
		return NULL;
#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set->way[i].tid, 0, tid) == 0)
			return &set->way[i];
	}
	return NULL;
}

/* Starts the thread's window and frame anew: a thread or a program begins. */
static __always_inline void thread_begin(struct thread *thread)
{
	window_begin(&thread->window);
	thread->frame = 0;
	thread->fresh = 0;
}

/* The thread was met in mid-stream: its first windows are not whole. */
static __noinline void thread_late(struct thread *thread)
{
	uint32_t target = thread->target;
	struct rules *judged = bpf_map_lookup_elem(&rules, &target);

	if (!judged)
		return;
	thread_begin(thread);
	thread->flags |= THREAD_LATE;
	window_late(&thread->window, judged->weight, window_size);
}

/* A slot for a thread of `target`, at its beginning; an old slot of the same tid is reused. */
static __noinline struct thread *thread_new(uint32_t tid, uint32_t tgid, uint32_t target,
					    uint32_t flags)
{
	struct thread *thread = thread_find(tid);

	if (thread)
		TARGET_ADD(thread->target, calls, thread->calls);
	else
		thread = thread_claim(tid);
	if (!thread) {
		TARGET_ADD(target, lost_threads, 1);
		return NULL;
	}
	if (!thread->born || thread->tgid != tgid)
		thread->born = now_ns() >> BORN_SHIFT;
	thread->target = target;
	thread->tgid = tgid;
	thread->flags = flags;
	thread->state = THREAD_RUNS;
	thread->calls = 0;
	thread_begin(thread);
	return thread;
}

/* Whether the task runs a file named like a container runtime: what runc does before it has named
 * itself, under the comm "exe" of /proc/self/exe. Of a fork, this is the parent, which runs the
 * same. */
static __always_inline _Bool exe_is_runtime(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	char name[8] = {};

	if (feeding)
		return 0;
	bpf_probe_read_kernel_str(name, sizeof(name),
				  task->mm->exe_file->f_path.dentry->d_name.name);
	return comm_is_runtime(name);
}

/*
 * A thread whose fork nobody saw turned up in a target's cgroup: either it ran before the sensor
 * did or was moved there, or it is the container runtime's and will execute the container's
 * command.
 */
static __noinline struct thread *thread_join(uint32_t tid, uint32_t tgid, uint32_t target,
					     const char *comm)
{
	struct thread *thread = thread_new(tid, tgid, target, THREAD_JOINED);
	char name[8] = {};

	if (!thread)
		return NULL;
	bpf_probe_read_kernel(name, sizeof(name), comm);
	if (comm_is_runtime(name) || exe_is_runtime())
		thread->state = THREAD_SETUP;
	else
		thread_late(thread);
	return thread;
}

/* The slot of a task that calls, or NULL for a bystander. */
static __always_inline struct thread *thread_of(struct task_struct *task)
{
	uint32_t target = task_target(task);
	struct thread *thread;

	if (!target && !by_task)
		return NULL;
	thread = thread_find(task->pid);
	if (thread && (thread->target == target || (thread->flags & THREAD_BY_TASK)))
		return thread;
	if (target)
		return thread_join(task->pid, task->tgid, target, task->comm);
	thread_free(thread); /* it was moved out of its target's cgroup */
	return NULL;
}

#endif
