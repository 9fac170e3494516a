// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sensor: the programs that hang on the kernel's events.
 *
 * sys_enter is the fast path: whose call it is (threads.h), what it is, and whether it is normal
 * (judge.h). The others follow threads from fork to exec to exit, and cgroups from mkdir to
 * rmdir. Nothing leaves the kernel but new bags, alarms and, while recording, records.
 *
 * What it leaves out on purpose: arguments and results of calls, and calls that the kernel never
 * sees as such (vdso).
 */
#include "demand.h"
#include "follow.h"
#include "judge.h"
#include "record.h"

#define X32_BIT	  0x40000000
#define TS_COMPAT 2  /* x86: thread_info.status while a 32-bit entry is served */
#define TIF_32BIT 22 /* arm64: of thread_info.flags, a task of 32 bits */

#define TRACE_SIGNAL_IGNORED 1 /* of the kernel's include/trace/events/signal.h */

/* The ABI and number of a call. On x86 the same kernel serves three tables of numbers, on arm64
 * two. */
static __always_inline uint32_t call_code(struct task_struct *task, long id)
{
#if defined(__TARGET_ARCH_x86)
	if (task->thread_info.status & TS_COMPAT)
		return code_of(ABI_COMPAT, (uint32_t)id);
	if (id & X32_BIT)
		return code_of(ABI_X32, (uint32_t)id & ~X32_BIT);
#elif defined(__TARGET_ARCH_arm64)
	if (task->thread_info.flags >> TIF_32BIT & 1)
		return code_of(ABI_COMPAT, (uint32_t)id);
#endif
	return code_of(ABI_NATIVE, id);
}

/* A task was made, and does not run yet. Not sched_process_fork: that leaves out the threads that
 * the kernel makes within a process, of which io_uring's submit operations. */
SEC("tp_btf/task_newtask")
int BPF_PROG(on_fork, struct task_struct *child)
{
	struct task_struct *parent = bpf_get_current_task_btf();
	uint32_t target = task_target(child);
	struct identity who;
	struct thread *thread;

	/* Whoever was taken in at the very moment of its end left its slot to whom its stack
	 * went. */
	thread_free(task_key(child));
	if (!target && !by_task)
		return 0;
	thread = thread_find(task_key(parent));
	if (!target && thread && (thread->flags & THREAD_BY_TASK))
		target = thread->target;
	if (!target)
		return 0;
	if (mode == MODE_RECORD && thread)
		record_fork(thread, child);
	who = identity_of(child);
	thread_forked(thread, &who, target, parent->tgid == child->tgid, child->comm);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *program)
{
	uint32_t target = task_target(task);
	struct identity who;
	struct thread *thread;

	if (!target && !by_task)
		return 0;
	who = identity_of(task);
	thread = thread_executed(&who, who.key, target, program->filename);
	if (!thread)
		return 0;
	if (mode == MODE_RECORD)
		record_exec(thread, program, old_tid);
	else if (thread->state == THREAD_RUNS)
		judge_exec(thread, program->filename, BPF_CORE_READ(program, file, f_inode, i_ino));
	return 0;
}

/* Whether the task is number 1 of a namespace of its own. The kernel's array of numbers has one
 * place more for each level of nesting, behind the one that BTF knows. */
static __always_inline _Bool task_is_init(struct task_struct *task)
{
	const struct pid *pid = BPF_CORE_READ(task, thread_pid);
	uint32_t level = BPF_CORE_READ(pid, level) & 31; /* the kernel nests no deeper */
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
	    task_target(BPF_CORE_READ(task, real_parent)) == thread->target)
		return 0;
	return thread->flags & THREAD_ASKED ? EXIT_MAIN : EXIT_MAIN | EXIT_UNASKED;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	uint32_t key = task_key(task);
	struct thread *thread = thread_find(key);
	uint32_t flags;

	if (!thread)
		return 0;
	flags = exit_flags(task, thread);
	if (mode == MODE_RECORD)
		record_plain(thread, TRACE_EXIT, flags);
	else
		judge_exit(thread, flags);
	thread_free(key);
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
	thread = target ? thread_find(task_key(BPF_CORE_READ(task, group_leader))) : NULL;
	if (thread && task_target(bpf_get_current_task_btf()) != target)
		thread->flags |= THREAD_ASKED;
	return 0;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(on_signal, int number)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *thread = thread_find(task_key(task));

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
	uint64_t id = BPF_CORE_READ(cgroup, kn, id);

	if (BPF_CORE_READ(cgroup, root, hierarchy_id) == 0)
		return id << 1;
	if (BPF_CORE_READ(cgroup, root, subsys_mask) >>
		    bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id) &
	    1)
		return id << 1 | 1;
	return 0;
}

static __noinline void cgroup_announce(uint64_t key, uint32_t target, const char *path,
				       enum cgroup_news news)
{
	struct event_cgroup *event;

	if (!announce_cgroups)
		return;
	event = event_new(EVENT_CGROUP, 0, 0,
			  sizeof(*event)); /* if it is lost, it is for the program */
	if (!event)
		return;
	event->head.target = target;
	event->key = key;
	event->news = news;
	event->unused = 0;
	bpf_probe_read_kernel_str(event->path, sizeof(event->path), path);
	bpf_ringbuf_submit(event, 0);
}

static __noinline void cgroup_set_owner(uint64_t key, uint32_t owner)
{
	uint32_t index = owner & ~CGROUP_ROOT;
	struct target *target;

	if (cgroups_put(cgroups, key, owner))
		return;
	target = target_of(index);
	if (target && __sync_fetch_and_add(&target->lost_cgroups, 1) == 0)
		cgroup_announce(key, index, NULL, CGROUP_UNWATCHED);
}

static __always_inline uint32_t name_target(const char *text)
{
	char name[CGROUP_NAME_SIZE] = {};
	const uint32_t *target;

	bpf_probe_read_kernel_str(name, sizeof(name), text);
	target = bpf_map_lookup_elem(&cgroup_names, name);
	return target ? *target : 0;
}

/* Whether what is made within the target may be another one by its name: if it is a cgroup that the
 * user named. In a container, a name means nothing. */
static __always_inline _Bool target_is_open(uint32_t index)
{
	const struct target *target = target_of(index);

	return !index || (target_mask > 1 && target && target->home);
}

/* The target that awaits the cgroup, and gets no other while it has this one. systemd executes a
 * unit's command long before user space could have answered. */
static __noinline uint32_t cgroup_awaited(const struct cgroup *cgroup, uint64_t key,
					  const char *path, _Bool by_name)
{
	uint32_t index = name_target(path);
	struct target *target;

	if (!index && by_name)
		index = name_target(BPF_CORE_READ(cgroup, kn, name));
	target = index ? target_of(index) : NULL;
	return target && __sync_val_compare_and_swap(&target->home, 0, key) == 0 ? index : 0;
}

/* Keeps the table closed: a cgroup below a target's is the target's, unless it is another target
 * itself. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	uint64_t key = cgroup_key(cgroup), parent;
	uint32_t within, target;
	_Bool open;

	if (!key)
		return 0;
	parent = BPF_CORE_READ(cgroup, self.parent, cgroup, kn, id) << 1 | (key & 1);
	within = cgroups_find(cgroups, parent);
	open = target_is_open(within);
	target = cgroup_awaited(cgroup, key, path, open);
	if (target)
		cgroup_set_owner(key, target | CGROUP_ROOT);
	else if (within)
		cgroup_set_owner(key, within);
	if (target || open)
		cgroup_announce(key, within, path, CGROUP_MADE);
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(on_cgroup_rmdir, struct cgroup *cgroup, const char *path)
{
	uint64_t key = cgroup_key(cgroup);
	struct target *target;

	if (!key)
		return 0;
	target = target_of(cgroups_find(cgroups, key));
	if (target)
		__sync_val_compare_and_swap(&target->home, key, 0);
	cgroups_remove(cgroups, key);
	cgroup_announce(key, 0, path, CGROUP_GONE);
	return 0;
}

struct threads_walk {
	const struct list_head *at, *head;
};

static long threads_step(uint32_t index, struct threads_walk *walk)
{
	const struct list_head *at = walk->at;

	if (at == walk->head)
		return 1;
	thread_moved((const void *)((const char *)at -
				    bpf_core_field_offset(struct task_struct, thread_node)));
	walk->at = BPF_CORE_READ(at, next);
	return 0;
}

/* A process, or one thread of it, was moved to another cgroup. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_attach, struct cgroup *to, const char *path, struct task_struct *task,
	     _Bool process)
{
	const struct signal_struct *shared = BPF_CORE_READ(task, signal);
	const struct list_head *head = &shared->thread_head;
	struct threads_walk walk = { .head = head };

	if (!cgroup_key(to))
		return 0;
	if (!process) {
		thread_moved(task);
		return 0;
	}
	walk.at = BPF_CORE_READ(head, next);
	bpf_loop(THREAD_WAYS * THREAD_SETS, threads_step, &walk, 0);
	return 0;
}

/* The task of a call's thread, without the price of a helper where the kernel allows it. */
static __always_inline struct task_struct *thread_task(const struct thread *thread)
{
	if (!bpf_rdonly_cast)
		return bpf_get_current_task_btf();
	return bpf_rdonly_cast((void *)thread->task, bpf_core_type_id_kernel(struct task_struct));
}

/* Attached last, so that no call is judged before its thread is followed. Not by BTF: so its
 * registers' address is a number that the key is computed from. */
SEC("raw_tp/sys_enter")
int on_sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct thread *thread = thread_find(ctx->args[0] >> STACK_SHIFT);

	if (!thread)
		return 0;
	if (mode == MODE_RECORD)
		record_call(thread, bpf_get_current_task_btf(),
			    call_code(bpf_get_current_task_btf(), ctx->args[1]));
	else
		judge_call(thread, call_code(thread_task(thread), ctx->args[1]));
	return 0;
}

/*
 * An operation of io_uring is a call of the thread that submits it: the program's own, or the one
 * that the kernel made in the program's process to do so (SQPOLL). User space attaches this by the
 * name that the kernel has for it: io_uring_submit_req, before Linux 6.4 io_uring_submit_sqe.
 */
SEC("raw_tp/io_uring_submit_req")
int on_operation(struct bpf_raw_tracepoint_args *ctx)
{
	const struct io_kiocb *request = (const void *)ctx->args[0];
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *thread = thread_find(task_key(task));
	uint32_t number;

	if (!thread || !bpf_core_field_exists(request->opcode))
		return 0;
	number = BPF_CORE_READ(request, opcode);
	if (mode == MODE_RECORD)
		record_operation(thread, task, number);
	else
		judge_call(thread, code_of(ABI_URING, number));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
