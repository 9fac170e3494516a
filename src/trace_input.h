/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of a recording, whatever holds them: a plain file, a compressed one, or a zip archive,
 * of which the file NAME.sc is read. The trace formats take them from here, in pieces or by lines.
 */
#ifndef BOSC_TRACE_INPUT_H
#define BOSC_TRACE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/record.h"
#include "error.h"

#define TRACE_INPUT_SIZE (256u << 10)
#define TRACE_LINE_MAX	 (64u << 10) /* what is longer is cut there, and counted */

struct trace_input {
	struct compress_reader *file;
	struct zip_reader *zip; /* NULL: the file is no archive */
	char *path;
	bool live; /* comes through a pipe while it is recorded */
	struct error error;

	uint64_t offset; /* of data[0], in the file as it is uncompressed */
	size_t at;	 /* what was not taken yet begins here */
	size_t filled;
	uint64_t bytes; /* read until now, of the file as it lies on the disk */

	uint64_t long_lines;
	bool unfinished; /* the last line had no end */
	char long_line[TRACE_LINE_MAX];
	unsigned char data[TRACE_INPUT_SIZE + 1];
};

/* The buffer then holds the beginning of the recording, up to its full size. */
int trace_input_open(const char *path, struct trace_input **ret_input, struct error *err);
void trace_input_close(struct trace_input *input);

/* Whether one that comes live has nothing more for a while; waits a moment to see. */
bool trace_input_pauses(const struct trace_input *input);

/* Whether not even the head of a record stands in the buffer. */
static inline bool trace_input_is_dry(const struct trace_input *input)
{
	return input->filled - input->at < sizeof(struct trace_head);
}

/* Reads on. 1, 0 at the end, or negative errno as input->error says. */
int trace_input_refill(struct trace_input *input);

/* Makes sure that the next `size` bytes, at most the buffer's, stand in it. 1, 0 or negative. */
static inline int trace_input_want(struct trace_input *input, size_t size)
{
	int status = 1;

	while (status > 0 && input->filled - input->at < size)
		status = trace_input_refill(input);
	return status;
}

/* Passes over that many bytes. 1, 0 when the file ends before, or negative. */
int trace_input_skip(struct trace_input *input, size_t size);

/* The next line without its end, as text that ends with a NUL and may be written to, valid until
 * the next call. 1, 0 at the end, or negative. */
int trace_input_line(struct trace_input *input, char **ret_line);

/* After the end: the compressed data stopped in its middle. */
bool trace_input_is_cut(const struct trace_input *input);

/* After the end of a text: why its lines are not all that there was; NULL: they are. */
const char *trace_input_fault(const struct trace_input *input);

#endif
