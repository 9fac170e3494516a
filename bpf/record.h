/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Recording: every event of a watched thread leaves the kernel as the record that a trace file
 * holds (docs/trace-format.md). The one mode that ships events; a record that finds no room is
 * counted, and the file says so.
 */
#ifndef BOSC_BPF_TRACE_H
#define BOSC_BPF_TRACE_H

#include "../core/record.h"
#include "threads.h"

struct record {
	struct event event;
	struct trace_head head;
};

struct record_task {
	struct record record;
	struct trace_task task;
};

struct record_exec {
	struct record record;
	struct trace_exec exec;
};

struct record_fork {
	struct record record;
	struct trace_fork fork;
};

static __always_inline void *record_new(struct thread *thread, uint32_t type, uint32_t size)
{
	struct record *record = event_new(EVENT_RECORD, thread->target, thread_tid(thread), size);

	if (!record)
		return NULL;
	record->head.ts = record->event.ns;
	record->head.tid = thread_tid(thread);
	record->head.nr = (size - sizeof(*record)) / 16;
	record->head.type = type;
	record->head.flags = 0;
	return record;
}

static __always_inline uint64_t comm_hash(const char comm[COMM_SIZE], uint32_t tgid)
{
	const uint64_t *word = (const uint64_t *)comm;

	return (word[0] * 0x9e3779b97f4a7c15ull) ^ (word[1] * 0xc2b2ae3d27d4eb4full) ^ tgid;
}

/* The thread's TASK record, before its first call and whenever its name changed. */
static __noinline void record_task(struct thread *thread, struct task_struct *task)
{
	char comm[COMM_SIZE] __attribute__((aligned(8))) = {};
	struct record_task *record;
	uint64_t hash;

	bpf_probe_read_kernel(comm, sizeof(comm), task->comm);
	/* Who reads the trace knows the runtime's set-up by its comm alone. */
	if (thread->state == THREAD_SETUP && !comm_is_runtime(comm))
		exe_name(task, comm);
	hash = comm_hash(comm, task->tgid);
	if ((thread->flags & THREAD_NAMED) && thread->frame == hash)
		return;
	record = record_new(thread, TRACE_TASK, sizeof(*record));
	if (!record)
		return;
	record->task.tgid = task->tgid;
	record->task.parent_tgid = BPF_CORE_READ(task, real_parent, tgid);
	record->task.cgroup = in_pids ? pids_cgroup_id(task)
				      : BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	__builtin_memcpy(record->task.comm, comm, sizeof(comm));
	bpf_ringbuf_submit(record, 0);
	thread->flags |= THREAD_NAMED;
	thread->frame = hash;
}

/* The record of a call, after that of its thread; NULL: there is none. */
static __always_inline struct record *record_new_call(struct thread *thread,
						      struct task_struct *task, uint32_t type)
{
	/* bosc's own child, on its way to execute the target's command. */
	if (thread->state == THREAD_SETUP && (thread->flags & THREAD_BY_TASK))
		return NULL;
	record_task(thread, task);
	thread->calls++;
	return record_new(thread, type, sizeof(struct record));
}

/* Not by branches: Linux 6.1 mistakes one that depends on what was known before record_task() for
 * dead. */
_Static_assert(ABI_NATIVE == 0 && ABI_COMPAT == TRACE_FLAG_COMPAT && ABI_X32 == TRACE_FLAG_X32,
	       "a trace's flags of a call are its ABI");

static __always_inline void record_call(struct thread *thread, struct task_struct *task,
					uint32_t code)
{
	struct record *record = record_new_call(thread, task, TRACE_SYS);
	uint32_t abi = code_abi(code);

	if (!record)
		return;
	record->head.nr = code_nr(code);
	record->head.flags = abi;
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void record_operation(struct thread *thread, struct task_struct *task,
					     uint32_t number)
{
	struct record *record = record_new_call(thread, task, TRACE_URING);

	if (!record)
		return;
	record->head.flags = number;
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void record_exec(struct thread *thread, struct linux_binprm *program,
					uint32_t old_tid)
{
	struct record_exec *record = record_new(thread, TRACE_EXEC, sizeof(*record));

	if (!record)
		return;
	record->exec.tgid = thread_tgid(thread);
	record->exec.old_tid = old_tid;
	record->exec.inode = BPF_CORE_READ(program, file, f_inode, i_ino);
	__builtin_memset(record->exec.path, 0, PATH_SIZE);
	bpf_probe_read_kernel_str(record->exec.path, PATH_SIZE, program->filename);
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void record_fork(struct thread *thread, struct task_struct *child)
{
	struct record_fork *record = record_new(thread, TRACE_FORK, sizeof(*record));

	if (!record)
		return;
	record->fork.child_tid = child->pid;
	record->fork.child_tgid = child->tgid;
	record->fork.tgid = thread_tgid(thread);
	record->fork.zero = 0;
	bpf_ringbuf_submit(record, 0);
}

static __always_inline void record_plain(struct thread *thread, uint32_t type, uint32_t flags)
{
	struct record *record = record_new(thread, type, sizeof(*record));

	if (!record)
		return;
	record->head.flags = flags;
	bpf_ringbuf_submit(record, 0);
}

#endif
