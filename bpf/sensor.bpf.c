// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sensor: the programs that hang on the kernel's events.
 *
 * sys_enter is the fast path: whose call it is (threads.h), what it is, and whether it is normal
 * (judge.h). The others follow threads from fork to exec to exit, and cgroups from mkdir to
 * rmdir. Nothing leaves the kernel but new bags, alarms and, while recording, records.
 *
 * What it leaves out on purpose: arguments and results of calls, and calls that the kernel never
 * sees as such (vdso, io_uring; docs/architecture.md says what that means).
 */
#include "judge.h"
#include "record.h"

#define X32_BIT	  0x40000000
#define TS_COMPAT 2 /* x86: thread_info.status while a 32-bit entry is served */

#define TRACE_SIGNAL_IGNORED 1 /* of the kernel's include/trace/events/signal.h */

/* The ABI and number of a call. On x86 the same kernel serves three tables of numbers. */
static __always_inline uint32_t call_code(struct task_struct *task, long id)
{
#if defined(__TARGET_ARCH_x86)
	if (task->thread_info.status & TS_COMPAT)
		return code_of(ABI_COMPAT, (uint32_t)id);
	if (id & X32_BIT)
		return code_of(ABI_X32, (uint32_t)id & ~X32_BIT);
#endif
	return code_of(ABI_NATIVE, id);
}

static __noinline void thread_forked(struct thread *parent, uint32_t tid, uint32_t tgid,
				     uint32_t target, const char *comm)
{
	struct thread *child;

	if (!parent || parent->target != target) {
		thread_join(tid, tgid, target, comm);
		return;
	}
	child = thread_new(tid, tgid, target, parent->flags & THREAD_BY_TASK);
	if (!child)
		return;
	child->state = parent->state;
	if (tgid == parent->tgid)
		child->born = parent->born;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	uint32_t target = task_target(child);
	struct thread *thread;

	if (!target && !by_task)
		return 0;
	thread = thread_find(parent->pid);
	if (!target && thread && (thread->flags & THREAD_BY_TASK))
		target = thread->target;
	if (!target)
		return 0;
	if (mode == MODE_RECORD && thread)
		record_fork(thread, child);
	thread_forked(thread, child->pid, child->tgid, target, child->comm);
	return 0;
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
static __noinline struct thread *thread_executed(uint32_t tid, uint32_t tgid, uint32_t old_tid,
						 uint32_t target, const char *path)
{
	struct thread *thread = thread_find(old_tid);
	_Bool setup = !thread || thread->state == THREAD_SETUP || (thread->flags & THREAD_JOINED);
	char begin[16] = {};
	uint32_t flags = 0;

	if (thread && (thread->flags & THREAD_BY_TASK)) {
		target = thread->target;
		flags = THREAD_BY_TASK;
	}
	if (thread && old_tid != tid)
		thread_free(thread);
	if (!target && by_task) {
		target = named_target(path);
		flags = THREAD_BY_TASK;
	}
	if (!target)
		return NULL;
	thread = thread_new(tid, tgid, target, flags);
	bpf_probe_read_kernel_str(begin, sizeof(begin), path);
	if (!thread)
		return NULL;
	if (setup && !flags && exec_is_runtime(begin))
		thread->state = THREAD_SETUP;
	else
		thread->flags |= THREAD_PROGRAM;
	return thread;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *program)
{
	uint32_t target = task_target(task);
	struct thread *thread;

	if (!target && !by_task)
		return 0;
	thread = thread_executed(task->pid, task->tgid, old_tid, target, program->filename);
	if (!thread)
		return 0;
	if (mode == MODE_RECORD)
		record_exec(thread, program, old_tid);
	else if (thread->state == THREAD_RUNS)
		judge_exec(thread, program->filename, program->file->f_inode->i_ino);
	return 0;
}

/* Whether the task is number 1 of a namespace of its own. The kernel's array of numbers has one
 * place more for each level of nesting, behind the one that BTF knows. */
static __always_inline _Bool task_is_init(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	uint32_t level = pid->level & 31; /* the kernel nests no deeper */
	struct upid last = {};

	bpf_probe_read_kernel(&last, sizeof(last),
			      (const char *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	return level > 0 && last.nr == 1;
}

/*
 * What ends with the task (enum exit_flag). A container's first process is number 1 of a namespace
 * and the child of somebody outside; number 1 of a namespace that was made within the container is
 * the child of a member.
 */
static __noinline uint32_t exit_flags(struct task_struct *task, const struct thread *thread)
{
	if ((thread->flags & THREAD_BY_TASK) || task->pid != task->tgid || !task_is_init(task) ||
	    task_target(task->real_parent) == thread->target)
		return 0;
	return thread->flags & THREAD_ASKED ? EXIT_MAIN : EXIT_MAIN | EXIT_UNASKED;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct thread *thread = thread_find(task->pid);
	uint32_t flags;

	if (!thread)
		return 0;
	flags = exit_flags(task, thread);
	if (mode == MODE_RECORD)
		record_plain(thread, TRACE_EXIT, flags);
	else
		judge_exit(thread, flags);
	thread_free(thread);
	return 0;
}

/* Somebody outside of a target asks one of its processes to end. Where the signal is ignored, it
 * asks in vain. */
SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal_sent, int number, void *info, struct task_struct *task, int group,
	     int result)
{
	struct thread *thread;
	uint32_t target;

	if (!signal_asks_to_end(number) || result == TRACE_SIGNAL_IGNORED)
		return 0;
	target = task_target(task);
	thread = target ? thread_find(task->tgid) : NULL;
	if (thread && task_target(bpf_get_current_task_btf()) != target)
		thread->flags |= THREAD_ASKED;
	return 0;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal, int number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *thread = thread_find(task->pid);

	if (!thread || number < 0 || number > 63 || !(FATAL_SIGNALS >> number & 1))
		return 0;
	if (mode == MODE_RECORD)
		record_plain(thread, TRACE_SIG, number);
	else if (thread->state == THREAD_RUNS)
		judge_signal(thread, number);
	return 0;
}

/* The key of a cgroup, or 0 in a hierarchy that is not looked at. */
static __always_inline uint64_t cgroup_key(struct cgroup *cgroup)
{
	uint64_t id = cgroup->kn->id;

	if (cgroup->root->hierarchy_id == 0)
		return id << 1;
	if (cgroup->root->subsys_mask >> bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id) &
	    1)
		return id << 1 | 1;
	return 0;
}

static __noinline void cgroup_set_target(uint64_t key, uint64_t from, uint64_t target)
{
	uint32_t index = (key >> 1) & (CGROUP_SETS - 1);
	struct cgroup_set *set = bpf_map_lookup_elem(&cgroups, &index);

	if (!set)
		return;
	for (int i = 0; i < (int)CGROUP_WAYS; i++) {
		if (__sync_val_compare_and_swap(&set->way[i].key, from, target ? key : 0) == from) {
			set->way[i].target = target;
			return;
		}
	}
	if (target)
		TARGET_ADD(target, lost_threads, 1);
}

static __noinline void cgroup_announce(uint64_t key, const char *path, _Bool gone)
{
	struct event_cgroup *event;

	if (!announce_cgroups)
		return;
	event = event_new(EVENT_CGROUP, 0, 0, sizeof(*event));
	if (!event)
		return;
	event->key = key;
	event->gone = gone;
	event->unused = 0;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), path);
	bpf_ringbuf_submit(event, 0);
}

/* Keeps the table closed: a cgroup below a target's is the target's. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	uint64_t key = cgroup_key(cgroup);
	uint32_t target;

	if (!key)
		return 0;
	target = cgroup_target(cgroup->self.parent->cgroup->kn->id << 1 | (key & 1));
	if (target)
		cgroup_set_target(key, 0, target);
	else
		cgroup_announce(key, path, 0);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	uint64_t key = cgroup_key(cgroup);

	if (!key)
		return 0;
	cgroup_set_target(key, key, 0);
	cgroup_announce(key, path, 1);
	return 0;
}

/* Attached last, so that no call is judged before its thread is followed. */
SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, void *regs, long id)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *thread = thread_of(task);

	if (!thread)
		return 0;
	if (mode == MODE_RECORD)
		record_call(thread, task, call_code(task, id));
	else
		judge_call(thread, call_code(task, id));
	return 0;
}

/*
 * Run on demand by user space, never attached: takes a task that runs already into its target.
 * Arguments: tid, tgid, target, whether it has yet to execute the target's command, and whether it
 * is followed whatever its cgroup. A thread of the target's cgroup that called a moment ago may
 * have its slot already; user space, which knows its executable, knows better what it is.
 */
SEC("raw_tp/bosc_adopt")
int adopt(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tid = ctx->args[0];
	_Bool setup = ctx->args[3];
	struct thread *thread = thread_find(tid);

	if (thread && (setup || thread->state == THREAD_RUNS))
		return 0;
	thread = thread_new(tid, ctx->args[1], ctx->args[2], ctx->args[4] ? THREAD_BY_TASK : 0);
	if (!thread)
		return 0;
	if (setup)
		thread->state = THREAD_SETUP;
	else
		thread_late(thread);
	return 1;
}

/* Run by tests only: one record of a trace takes the road that the kernel's event would take. */
static __noinline int feed_step(struct feed *feed)
{
	struct thread *thread = thread_find(feed->tid);

	switch (feed->kind) {
	case FEED_CALL:
		if (!thread)
			thread = thread_join(feed->tid, feed->tgid, feed->target, feed->comm);
		if (thread)
			judge_call(thread, feed->code);
		return 0;
	case FEED_FORK:
		thread_forked(thread, feed->other, feed->other_tgid, feed->target, feed->comm);
		return 0;
	case FEED_EXEC:
		thread = thread_executed(feed->tid, feed->tgid, feed->other, feed->target,
					 feed->path);
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
		thread_free(thread);
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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
