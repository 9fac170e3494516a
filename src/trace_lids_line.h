/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of a LID-DS recording (trace_lids.c), taken apart.
 */
#ifndef BOSC_TRACE_LIDS_LINE_H
#define BOSC_TRACE_LIDS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace_clock.h"

struct lids_line {
	bool is_2021;
	bool enters;
	uint64_t tid, pid; /* pid 0: the line does not say */
	const char *comm;
	size_t comm_length;
	char *name;
	const char *arguments; /* with the space before them */
};

/* Takes the line apart, writing into it, and sets the clock. False: it is none of sysdig's. */
bool lids_line_read(char *text, struct trace_clock *clock, struct lids_line *line);

/* The number in " key=123(text)", the last of that key; false: there is none. */
bool lids_line_number(const struct lids_line *line, const char *key, uint64_t *ret_number);

/* The text of the first " key=text", up to a space, for the caller to free; or NULL. */
char *lids_line_text(const struct lids_line *line, const char *key);

/* Whether one of the first lines is sysdig's. */
bool lids_line_recognize(const char *head, size_t size);

#endif
