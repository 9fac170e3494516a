/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seam between the reader of traces and the formats it knows: a format recognises a file by
 * its beginning and makes records (core/record.h) of it, in the order in which they stand there;
 * trace_reader.c sorts them. A new format is a file with one of these, and a row in trace_reader.c.
 */
#ifndef BOSC_TRACE_FORMAT_H
#define BOSC_TRACE_FORMAT_H

#include "trace.h"
#include "trace_input.h"

struct trace_format {
	const char *name; /* "the output of strace" */

	/* Whether a file that begins so is one; the text is ended by a NUL. */
	bool (*recognize)(const char *head, size_t size);

	/* The input stands at the beginning and outlives the state. `abi` is that of bare numbers.
	 * Failures are said in input->error. */
	int (*open)(struct trace_input *input, uint32_t abi, void **ret_state);

	/* The next record: 1, 0 at the end, negative as input->error says. */
	int (*next)(void *state, struct trace_record *ret_record);

	/* The system calls among the next records that need no reading on, at most so many; 0 says
	 * nothing of what is next. NULL: the format cannot tell. */
	size_t (*calls)(void *state, struct trace_head *ret_calls, size_t most);

	/* After the end, and so many SYS records: what was lost; and one phrase why it is not all,
	 * NULL: it is. */
	const char *(*judge)(const void *state, uint64_t calls, uint64_t *ret_lost);

	void (*close)(void *state);

	bool bare; /* calls without tasks or times: their times are made up, 1 µs a call */
};

extern const struct trace_format trace_bsc_format;
extern const struct trace_format trace_lids_format;
extern const struct trace_format trace_numbers_format;
extern const struct trace_format trace_strace_format;

#endif
