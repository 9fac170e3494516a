/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Raising an alarm: who made the call, and how often the process was found at the same before.
 */
#ifndef BOSC_BPF_ALARM_H
#define BOSC_BPF_ALARM_H

#include "threads.h"

/* The names on the way from the process's executable to its root, innermost first. */
static __always_inline void describe_exe(struct event_alarm *alarm, const struct task_struct *task)
{
	const struct dentry *dentry = BPF_CORE_READ(task, mm, exe_file, f_path.dentry);

	for (int i = 0; i < EXE_DEPTH; i++) {
		const struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == parent)
			return;
		bpf_probe_read_kernel_str(alarm->exe[i], EXE_NAME,
					  BPF_CORE_READ(dentry, d_name.name));
		dentry = parent;
	}
}

static __always_inline void describe_fed(struct event_alarm *alarm)
{
	struct feed *feed = feed_now();

	if (!feed)
		return;
	alarm->parent_tgid = feed->parent_tgid;
	__builtin_memcpy(alarm->comm, feed->comm, COMM_SIZE);
}

/* Who made the call. */
static __always_inline void describe_process(struct event_alarm *alarm)
{
	const struct task_struct *task = bpf_get_current_task_btf();
	const struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	if (feeding)
		return describe_fed(alarm);
	alarm->parent_tgid = BPF_CORE_READ(parent, tgid);
	alarm->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	bpf_probe_read_kernel(alarm->comm, COMM_SIZE, task->comm);
	bpf_probe_read_kernel(alarm->parent_comm, COMM_SIZE, parent->comm);
	describe_exe(alarm, task);
}

/* How often the process was found at this before. */
static __always_inline uint64_t repeat_count(const struct thread *thread, uint32_t rule,
					     uint64_t subject)
{
	struct repeat_key key = {
		.tgid = thread_tgid(thread),
		.born = thread->born,
		.rule = rule,
		.subject = subject,
	};
	uint64_t *count = bpf_map_lookup_elem(&repeats, &key);
	uint64_t one = 1;

	if (count)
		return __sync_fetch_and_add(count, 1);
	bpf_map_update_elem(&repeats, &key, &one, BPF_ANY);
	return 0;
}

struct finding {
	uint32_t rule;
	uint32_t count;
	uint32_t threshold;
	uint32_t signal;
	uint64_t subject;
	uint32_t code;
	uint32_t generation;
	const char *path; /* new exec, in kernel memory */
};

/*
 * Raises an alarm. Repeats of one process at one thing are folded: only the first, second,
 * fourth … leave the kernel, each with the number of those before it.
 */
static __noinline void alarm_raise(struct thread *thread, const struct finding *found)
{
	uint64_t before = repeat_count(thread, found->rule, found->subject);
	struct event_alarm *alarm;

	TARGET_ADD(thread->target, alarms, 1);
	if (before & (before + 1))
		return;
	alarm = event_new(EVENT_ALARM, thread->target, thread_tid(thread), sizeof(*alarm));
	if (!alarm)
		return;
	__builtin_memset((char *)alarm + sizeof(alarm->head), 0,
			 sizeof(*alarm) - sizeof(alarm->head));
	alarm->rule = found->rule;
	alarm->count = found->count;
	alarm->threshold = found->threshold;
	alarm->signal = found->signal;
	alarm->repeats = before;
	alarm->window = thread->window;
	alarm->code = found->code;
	alarm->generation = found->generation;
	alarm->tgid = thread_tgid(thread);
	alarm->thread_calls = thread->calls;
	if (found->rule == RULE_NEW_EXEC) {
		alarm->inode = found->subject;
		bpf_probe_read_kernel_str(alarm->path, PATH_SIZE, found->path);
	}
	describe_process(alarm);
	bpf_ringbuf_submit(alarm, 0);
}

#endif
