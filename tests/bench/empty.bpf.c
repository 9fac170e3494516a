// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The least that can be: a program on each system call that does nothing. All costs are multiples
 * of what it adds. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tp_btf/sys_enter")
int empty(void *context)
{
	(void)context;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
