/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who is watched: which target a task belongs to, and the slot of each watched thread.
 *
 * Every way into a target and out of it is an event that the sensor follows: fork, exec, exit, a
 * move from cgroup to cgroup, and user space taking in what runs already. So a system call needs no
 * look at cgroups: a thread without a slot is a bystander.
 */
#ifndef BOSC_BPF_THREADS_H
#define BOSC_BPF_THREADS_H

#include "maps.h"

/* Where the registers of a system call lie above the bottom of a kernel stack; user space has it
 * measured once (measure()). */
uint64_t stack_registers;

extern void *bpf_rdonly_cast(const void *object, uint32_t type) __ksym __weak;

/* Which v1 hierarchy a container's tasks are found in is fixed; its index differs by kernel. */
static __always_inline uint64_t pids_cgroup_id(const struct task_struct *task)
{
	const struct css_set *set = BPF_CORE_READ(task, cgroups);
	const struct cgroup_subsys_state *subsys = NULL;

	bpf_core_read(&subsys, sizeof(subsys),
		      &set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]);
	return BPF_CORE_READ(subsys, cgroup, kn, id);
}

/* The target whose cgroup the task sits in; 0: none. */
static __noinline uint32_t task_target(const struct task_struct *task)
{
	uint32_t target = 0;

	if (in_unified)
		target = cgroups_find(cgroups, BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id) << 1);
	if (in_pids && !target)
		target = cgroups_find(cgroups, pids_cgroup_id(task) << 1 | 1);
	return target;
}

/* The key of a task, the same that each of its system calls computes from its registers. */
static __always_inline uint32_t task_key(const struct task_struct *task)
{
	return ((uint64_t)BPF_CORE_READ(task, stack) + stack_registers) >> STACK_SHIFT;
}

static __always_inline uint32_t thread_tid(const struct thread *thread)
{
	const struct task_struct *task = (const void *)thread->task;

	return feeding ? thread->tid : BPF_CORE_READ(task, pid);
}

static __always_inline uint32_t thread_tgid(const struct thread *thread)
{
	const struct task_struct *task = (const void *)thread->task;

	return feeding ? thread->tgid : BPF_CORE_READ(task, tgid);
}

static __always_inline struct thread *thread_find(uint32_t key)
{
	uint32_t set = thread_set_index(key);
	const struct thread_keys *keys = &thread_keys[set];
	struct thread *thread = threads[set].way;

	/* In registers; or else the compiler computes them anew for each use. */
	barrier_var(keys);
	barrier_var(thread);
#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		uint32_t found = keys->key[i];

		if (found != key)
			continue;
		/* That the two are equal the verifier does not know; and so follows what comes
		 * behind a look-up once, not once for each way. */
		barrier_var(found);
		thread += (i ^ found ^ key) & (THREAD_WAYS - 1);
		barrier_var(thread);
		return thread;
	}
	return NULL;
}

static __noinline void thread_free(uint32_t key)
{
	struct thread *thread = thread_find(key);
	uint32_t set = thread_set_index(key);

	if (!thread)
		return;
	TARGET_ADD(thread->target, calls, thread->calls);
	thread->calls = 0;
	thread->born = 0;
	for (int i = 0; i < (int)THREAD_WAYS; i++)
		if (thread_keys[set].key[i] == key)
			thread_keys[set].key[i] = 0;
}

/* Claims a slot for a key: the one that it has, or a free one. It cannot be found until it is
 * published, or a thread that runs meanwhile would be judged by half of it. NULL when the set is
 * full; the target's verdict is then incomplete. */
static __noinline struct thread *thread_claim(uint32_t key)
{
	uint32_t set = thread_set_index(key);

	if (!key)
		return NULL;
#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		if (__sync_val_compare_and_swap(&thread_keys[set].key[i], key, THREAD_CLAIMED) ==
		    key) {
			TARGET_ADD(threads[set].way[i].target, calls, threads[set].way[i].calls);
			threads[set].way[i].calls = 0;
			return &threads[set].way[i];
		}
	}
#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		if (__sync_val_compare_and_swap(&thread_keys[set].key[i], 0, THREAD_CLAIMED) == 0)
			return &threads[set].way[i];
	}
	return NULL;
}

static __noinline void thread_publish(const struct thread *thread, uint32_t key)
{
	uint32_t set = thread_set_index(key);

#pragma unroll
	for (int i = 0; i < (int)THREAD_WAYS; i++) {
		if (thread == &threads[set].way[i])
			__sync_val_compare_and_swap(&thread_keys[set].key[i], THREAD_CLAIMED, key);
	}
}

/* Starts the thread's window and frame anew: a thread or a program begins. */
static __always_inline void thread_begin(struct thread *thread)
{
	const struct rules *judged = rules_of(thread->target);

	window_begin(&thread->window);
	if (judged)
		thread->window.hash = judged->salt;
	thread->frame = 0;
	thread->fresh = 0;
}

/* The thread was met in mid-stream: its first windows are not whole. */
static __noinline void thread_late(struct thread *thread)
{
	struct rules *judged = rules_of(thread->target);

	if (!judged)
		return;
	thread_begin(thread);
	thread->flags |= THREAD_LATE;
	window_late(&thread->window, judged->weight, window_size);
	thread->window.hash += judged->salt;
}

/* Who a thread is: a task, or while a test feeds the sensor the numbers of one. */
struct identity {
	uint32_t key;
	uint32_t tid, tgid;
	const struct task_struct *task; /* in kernel memory, not trusted; NULL: fed */
};

static __always_inline struct identity identity_of(const struct task_struct *task)
{
	return (struct identity){
		.key = task_key(task),
		.tid = BPF_CORE_READ(task, pid),
		.tgid = BPF_CORE_READ(task, tgid),
		.task = task,
	};
}

static __always_inline struct identity identity_fed(uint32_t tid, uint32_t tgid)
{
	return (struct identity){ .key = tid, .tid = tid, .tgid = tgid };
}

/* Takes the slot for this thread; whether it belonged to the same process before. */
static __always_inline _Bool thread_assign(struct thread *thread, const struct identity *who)
{
	uint64_t task = thread->task;
	uint32_t tgid = thread->tgid;

	if (who->task) {
		thread->task = (uint64_t)who->task;
		return task == (uint64_t)who->task;
	}
	thread->tid = who->tid;
	thread->tgid = who->tgid;
	return tgid == who->tgid;
}

/* How a thread begins. */
struct beginning {
	uint32_t target;
	uint32_t flags;
	enum thread_state state;
	_Bool late; /* it is met in mid-stream */
};

/* A slot for a thread; an old slot of the same key is reused. */
static __noinline struct thread *thread_new(const struct identity *who, const struct beginning *how)
{
	struct thread *thread = thread_claim(who->key);

	if (!thread) {
		TARGET_ADD(how->target, lost_threads, 1);
		return NULL;
	}
	if (!thread_assign(thread, who) || !thread->born)
		thread->born = now_ns() >> BORN_SHIFT;
	thread->target = how->target;
	thread->flags = how->flags;
	thread->state = how->state;
	thread->calls = 0;
	if (how->late)
		thread_late(thread);
	else
		thread_begin(thread);
	thread_publish(thread, who->key);
	return thread;
}

/* The beginning of the name of the task's executable. */
static __always_inline void exe_name(const struct task_struct *task, char name[COMM_SIZE])
{
	__builtin_memset(name, 0, COMM_SIZE);
	bpf_probe_read_kernel_str(name, COMM_SIZE,
				  BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_name.name));
}

#define PF_FORKNOEXEC 0x40 /* of linux/sched.h */

/* Whether the task runs a container runtime's file: what runc does before it has named itself,
 * under the comm "exe" of /proc/self/exe, and what crun does, which names itself nothing. Or it is
 * systemd's child before it has named itself; a systemd that was executed may be what is
 * watched. */
static __always_inline _Bool exe_is_runtime(const struct task_struct *task)
{
	char name[COMM_SIZE];

	if (!task)
		return 0;
	exe_name(task, name);
	if (word_of(name) == word_of("systemd"))
		return BPF_CORE_READ(task, flags) & PF_FORKNOEXEC;
	return comm_is_runtime(name);
}

/*
 * A thread whose fork nobody saw turned up in a target's cgroup: it was moved there, or it is the
 * container runtime's and will execute the container's command.
 */
static __noinline struct thread *thread_join(const struct identity *who, uint32_t target,
					     const char *comm)
{
	struct beginning how = { .target = target, .flags = THREAD_JOINED };
	char name[COMM_SIZE] = {};

	bpf_probe_read_kernel(name, sizeof(name), comm);
	how.late = !comm_is_runtime(name) && !exe_is_runtime(who->task);
	how.state = how.late ? THREAD_RUNS : THREAD_SETUP;
	return thread_new(who, &how);
}

/* The task may have come into a target's cgroup, or left it. */
static __noinline void thread_moved(const struct task_struct *task)
{
	uint32_t target = task_target(task);
	struct identity who = identity_of(task);
	struct thread *thread = thread_find(who.key);

	if (thread && (thread->target == target || (thread->flags & THREAD_BY_TASK)))
		return;
	if (thread)
		thread_free(who.key);
	if (target)
		thread_join(&who, target, task->comm);
}

#endif
