/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The fields of the kernel's structures that the sensor reads, and nothing else: libbpf finds
 * their real offsets in the running kernel's BTF.
 */
#ifndef BOSC_BPF_KERNEL_H
#define BOSC_BPF_KERNEL_H

#include <stdint.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node {
	uint64_t id;
	const char *name;
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct inode {
	unsigned long i_ino;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
};

struct mm_struct {
	struct file *exe_file;
};

struct thread_info {
	unsigned long flags;
	uint32_t status; /* x86 only */
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* one a namespace, the innermost at `level` */
};

struct list_head {
	struct list_head *next;
};

struct signal_struct {
	struct list_head thread_head;
};

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	unsigned int flags;
	struct signal_struct *signal;
	struct list_head thread_node;
	int pid;
	int tgid;
	struct pid *thread_pid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct css_set *cgroups;
	uint64_t start_boottime;
	char comm[16];
};

struct io_kiocb {
	uint8_t opcode;
};

struct bpf_iter__task {
	struct task_struct *task;
};

struct linux_binprm {
	struct file *file;
	const char *filename;
};

enum cgroup_subsys_id {
	pids_cgrp_id = 1, /* relocated; the value here is never used */
};

#pragma clang attribute pop

#endif
