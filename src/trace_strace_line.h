/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of strace's output, taken apart.
 */
#ifndef BOSC_TRACE_STRACE_LINE_H
#define BOSC_TRACE_STRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/sensor.h"
#include "syscalls.h"
#include "trace_clock.h"

enum strace_kind {
	STRACE_CALL,	   /* name(arguments) = result */
	STRACE_UNFINISHED, /* name(arguments <unfinished ...> */
	STRACE_BROKEN,	   /* name(arguments, the rest on another line, as on a terminal */
	STRACE_RESUMED,	   /* <... name resumed>arguments) = result */
	STRACE_SIGNAL,	   /* --- SIGSEGV {…} ---; `nr` is its number, 0: one that is not fatal */
	STRACE_EXIT,	   /* +++ exited with 0 +++ */
	STRACE_SUPERSEDED, /* +++ superseded by execve in pid 7 +++; `nr` is that number */
	STRACE_ABI,	   /* [ Process PID=7 runs in 32 bit mode. ] */
	STRACE_REMARK,	   /* of strace, or a line of a stack */
	STRACE_ODD,	   /* not strace's */
};

struct strace_line {
	enum strace_kind kind;
	uint32_t tid; /* 0: the line does not say */
	uint32_t abi;
	uint32_t attached; /* the line announces this task, too */
	const char *comm;  /* of the task, when comm_length is not 0 */
	size_t comm_length;
	char name[SYSCALL_NAME];
	int nr;
	const char *arguments;
	int64_t result; /* -1: an error, or none is told */
	bool resulted;	/* one is told, also on what is no call's line */
};

/* Takes the line apart, and writes into it. Times in it set the clock. */
void strace_line_read(char *text, struct trace_clock *clock, struct strace_line *ret_line);

/* The first text in quotes of a call's arguments, as it was before strace wrote it. */
bool strace_line_text(const struct strace_line *line, char *ret_text);

/* Whether one of the first lines is a call as strace writes it. */
bool strace_line_recognize(const char *head, size_t size);

#endif
