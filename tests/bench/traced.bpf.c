// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whether anything hangs on the tracepoints of system calls, a BPF program or not: the kernel then
 * marks every task. Run once by user space; its result is 1 or 0.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	unsigned long flags;
	unsigned long syscall_work; /* of kernels with the generic entry; the others' is in flags */
};

struct task_struct {
	struct thread_info thread_info;
};

enum syscall_work_bit {
	SYSCALL_WORK_BIT_SYSCALL_TRACEPOINT = 1, /* relocated */
};

#pragma clang attribute pop

#define TIF_SYSCALL_TRACEPOINT 10 /* arm64 */

SEC("raw_tp/bosc_traced")
int traced(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();

	(void)context;
	if (bpf_core_field_exists(task->thread_info.syscall_work))
		return task->thread_info.syscall_work >>
			       bpf_core_enum_value(enum syscall_work_bit,
						   SYSCALL_WORK_BIT_SYSCALL_TRACEPOINT) &
		       1;
	return task->thread_info.flags >> TIF_SYSCALL_TRACEPOINT & 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
