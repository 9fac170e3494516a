/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs that user space runs itself and never attaches: a look at where this kernel keeps
 * registers, taking in what runs already, and, for tests, a record of a trace that takes the road
 * of the kernel's event.
 */
#ifndef BOSC_BPF_DEMAND_H
#define BOSC_BPF_DEMAND_H

#include "follow.h"
#include "judge.h"

struct adopt_request adopting;
_Bool operations_known; /* how this kernel keeps the number of an io_uring operation */

/*
 * Run on demand by user space, never attached: takes a task that runs already into its target. A
 * thread of the target's cgroup that was met a moment ago may have its slot already; user space,
 * which knows its executable, knows better what it is. It may also have been another target's,
 * until one that lies within that was found.
 */
SEC("iter/task")
int adopt(struct bpf_iter__task *ctx)
{
	const struct adopt_request *asked = &adopting;
	struct task_struct *task = ctx->task;
	struct beginning how = {};
	struct identity who;
	struct thread *thread;
	_Bool others;

	if (!task || task->pid != (int)asked->tid)
		return 0;
	who = identity_of(task);
	thread = thread_find(who.key);
	others = thread && !asked->by_task && !(thread->flags & THREAD_BY_TASK) &&
		 thread->target != asked->target;
	if (thread && !others && (asked->setup || thread->state == THREAD_RUNS))
		return 0;
	how.target = asked->target;
	how.flags = asked->by_task ? THREAD_BY_TASK : 0;
	how.late = !asked->setup;
	how.state = asked->setup ? THREAD_SETUP : THREAD_RUNS;
	thread_new(&who, &how);
	return 0;
}

/* Run once by user space, before anything is followed: where this kernel puts the registers. */
SEC("raw_tp/bosc_measure")
int measure(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const void *registers = (const void *)bpf_task_pt_regs(task);
	uint64_t at = 0;

	bpf_probe_read_kernel(&at, sizeof(at), &registers);
	stack_registers = at - (uint64_t)task->stack;
	operations_known = bpf_core_field_exists(struct io_kiocb, opcode);
	return 0;
}

/* Run by tests only: one record of a trace takes the road that the kernel's event would take. */
static __noinline int feed_step(struct feed *feed)
{
	struct identity who = identity_fed(feed->tid, feed->tgid);
	struct thread *thread = thread_find(feed->tid);

	switch (feed->kind) {
	case FEED_CALL:
		if (!thread)
			thread = thread_join(&who, feed->target, feed->comm);
		if (thread)
			judge_call(thread, feed->code);
		return 0;
	case FEED_FORK:
		who = identity_fed(feed->other, feed->other_tgid);
		thread_forked(thread, &who, feed->target,
			      thread && thread->tgid == feed->other_tgid, feed->comm);
		return 0;
	case FEED_EXEC:
		thread = thread_executed(&who, feed->other, feed->target, feed->path);
		if (thread && thread->state == THREAD_RUNS)
			judge_exec(thread, feed->path, feed->inode);
		return 0;
	case FEED_SIGNAL:
		if (thread && thread->state == THREAD_RUNS)
			judge_signal(thread, feed->other);
		return 0;
	case FEED_EXIT:
		if (thread)
			judge_exit(thread, feed->other);
		thread_free(feed->tid);
		return 0;
	}
	return 0;
}

SEC("raw_tp/bosc_feed")
int feed_run(struct bpf_raw_tracepoint_args *ctx)
{
	struct feed *feed = feed_now();

	return feed && feeding ? feed_step(feed) : 0;
}

#endif
