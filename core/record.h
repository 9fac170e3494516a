/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records of a trace file (docs/trace-format.md), as the sensor sends them and as the program
 * reads and writes them.
 */
#ifndef BOSC_CORE_RECORD_H
#define BOSC_CORE_RECORD_H

#include <stdint.h>

#include "window.h"

enum trace_type {
	TRACE_SYS,
	TRACE_TASK,
	TRACE_EXEC,
	TRACE_FORK,
	TRACE_EXIT,
	TRACE_SIG,
	TRACE_END,
	TRACE_HOST = 8,	 /* char arch[16] as uname -m prints it, char release[64], u64 UNIX time in
			   ns at `ts`, u64 0. Bosc's own; written first */
	TRACE_URING = 9, /* none: an operation of io_uring was submitted, its number is the flags.
			    Bosc's own */
};

#define TRACE_FLAG_COMPAT 1 /* SYS: a 32-bit entry */
#define TRACE_FLAG_X32	  2 /* SYS: an x32 entry, nr without its bit 30. Bosc's own */
#define TRACE_FLAG_ENDS	  1 /* HOST: the flags of EXIT (enum exit_flag) say what ended; bosc's */

struct trace_head {
	uint64_t ts; /* CLOCK_MONOTONIC, ns */
	uint32_t tid;
	uint16_t nr; /* SYS: the number; else 16-byte units of payload that follow */
	uint8_t type;
	uint8_t flags;
};

/* Whether the record is of a call: a system call, or an operation of io_uring. */
static inline int trace_is_call(const struct trace_head *head)
{
	return head->type == TRACE_SYS || head->type == TRACE_URING;
}

/* The code of a call's record. */
static inline uint32_t trace_code(const struct trace_head *head)
{
	uint32_t abi = head->flags & TRACE_FLAG_COMPAT ? ABI_COMPAT
		       : head->flags & TRACE_FLAG_X32  ? ABI_X32
						       : ABI_NATIVE;

	if (head->type == TRACE_URING)
		return code_of(ABI_URING, head->flags);
	return code_of(abi, head->nr);
}

struct trace_task {
	uint32_t tgid, parent_tgid;
	uint64_t cgroup;
	char comm[16];
};

struct trace_exec {
	uint32_t tgid, old_tid;
	uint64_t inode;
	char path[112];
};

struct trace_fork {
	uint32_t child_tid, child_tgid, tgid, zero;
};

struct trace_end {
	uint64_t lost, calls;
};

struct trace_host {
	char arch[16];
	char release[64];
	uint64_t unix_ns, zero;
};

_Static_assert(sizeof(struct trace_head) == 16, "the format's");
_Static_assert(sizeof(struct trace_task) == 32, "the format's");
_Static_assert(sizeof(struct trace_exec) == 128, "the format's");
_Static_assert(sizeof(struct trace_fork) == 16, "the format's");
_Static_assert(sizeof(struct trace_end) == 16, "the format's");
_Static_assert(sizeof(struct trace_host) == 96, "the format's");

#endif
