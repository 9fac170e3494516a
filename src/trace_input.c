/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace_input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "compress.h"
#include "trace.h"
#include "util.h"
#include "zip.h"

#define PAUSE_MS 50

static long input_read(struct trace_input *input, void *data, size_t size)
{
	if (input->zip)
		return zip_reader_read(input->zip, data, size, &input->error);
	return compress_reader_read(input->file, data, size, &input->error);
}

int trace_input_refill(struct trace_input *input)
{
	size_t rest = input->filled - input->at;
	long size;

	memmove(input->data, input->data + input->at, rest);
	input->offset += input->at;
	input->at = 0;
	input->filled = rest;
	size = input_read(input, input->data + rest, TRACE_INPUT_SIZE - rest);
	input->bytes = compress_reader_bytes(input->file);
	if (size <= 0)
		return (int)size;
	input->filled += (size_t)size;
	return 1;
}

bool trace_input_pauses(const struct trace_input *input)
{
	struct pollfd pipe = { .fd = STDIN_FILENO, .events = POLLIN };

	return input->live && trace_input_is_dry(input) && poll(&pipe, 1, PAUSE_MS) == 0;
}

int trace_input_skip(struct trace_input *input, size_t size)
{
	int status = 1;

	while (status > 0 && input->filled - input->at < size) {
		size -= input->filled - input->at;
		input->at = input->filled;
		status = trace_input_refill(input);
	}
	if (status > 0)
		input->at += size;
	return status;
}

/* Passes over the rest of a line that was too long. */
static int skip_line(struct trace_input *input)
{
	for (;;) {
		unsigned char *from = input->data + input->at;
		unsigned char *end = memchr(from, '\n', input->filled - input->at);
		int status;

		input->at = end ? (size_t)(end - input->data) + 1 : input->filled;
		if (end)
			return 1;
		status = trace_input_refill(input);
		if (status <= 0)
			return status;
	}
}

static int take_line(struct trace_input *input, size_t length, char **ret_line)
{
	*ret_line = (char *)input->data + input->at;
	input->data[input->at + length] = '\0';
	input->at += length + 1;
	return 1;
}

/* What is cut off is passed over at once, so that the next line begins where it should. */
static int take_long(struct trace_input *input, char **ret_line)
{
	int status;

	memcpy(input->long_line, input->data + input->at, TRACE_LINE_MAX - 1);
	input->long_lines++;
	status = skip_line(input);
	*ret_line = input->long_line;
	return status < 0 ? status : 1;
}

int trace_input_line(struct trace_input *input, char **ret_line)
{
	for (;;) {
		size_t rest = input->filled - input->at;
		unsigned char *end = memchr(input->data + input->at, '\n', rest);
		int status;

		if (end)
			rest = (size_t)(end - (input->data + input->at));
		if (rest >= TRACE_LINE_MAX)
			return take_long(input, ret_line);
		if (end)
			return take_line(input, rest, ret_line);
		status = trace_input_refill(input);
		if (status < 0)
			return status;
		rest = input->filled - input->at;
		if (status == 0 && rest == 0)
			return 0;
		if (status == 0) {
			input->unfinished = true;
			input->filled++; /* the place of the newline that is missing */
			return take_line(input, rest, ret_line);
		}
	}
}

bool trace_input_is_cut(const struct trace_input *input)
{
	return compress_reader_is_cut(input->file) || (input->zip && zip_reader_is_cut(input->zip));
}

const char *trace_input_fault(const struct trace_input *input)
{
	if (trace_input_is_cut(input))
		return "its compressed data was cut short";
	if (input->unfinished)
		return "its last line was cut short";
	if (input->long_lines)
		return "lines of it are longer than 64 KiB";
	return NULL;
}

/* The recording in a zip archive. */
static int input_unzip(struct trace_input *input)
{
	int status = zip_reader_open(input->path, input->file, input->data, input->filled, ".sc",
				     &input->zip, &input->error);

	input->filled = 0;
	if (status == -ENOENT)
		return fail(&input->error, -EINVAL,
			    "'%s' is no trace: a zip archive without a recording (*.sc)",
			    input->path);
	return status;
}

static bool starts_as_ours(const struct trace_input *input)
{
	return input->filled >= 2 * sizeof(TRACE_MAGIC) &&
	       memcmp(input->data, TRACE_MAGIC, sizeof(TRACE_MAGIC)) == 0;
}

/* As much of its beginning as tells what it is; one of our own may come live, through a pipe. */
static int input_fill(struct trace_input *input)
{
	int status = 1;

	while (status > 0 && input->filled < TRACE_INPUT_SIZE && !starts_as_ours(input))
		status = trace_input_refill(input);
	return status;
}

static void input_close_p(struct trace_input **input)
{
	trace_input_close(*input);
}

int trace_input_open(const char *path, struct trace_input **ret_input, struct error *err)
{
	_cleanup_(input_close_p) struct trace_input *input = calloc(1, sizeof(*input));
	int status;

	if (!input || !(input->path = strdup(path)))
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	status = compress_reader_open(path, &input->file, err);
	if (status < 0)
		return status;
	status = input_fill(input);
	if (zip_recognize(input->data, input->filled)) {
		status = input_unzip(input);
		if (status >= 0)
			status = input_fill(input);
	}
	/* What comes before damage is still read. */
	if (status < 0 && input->filled == 0) {
		*err = input->error;
		return status;
	}
	input->live = compress_is_stream(path) && starts_as_ours(input);
	*ret_input = input;
	input = NULL;
	return 0;
}

void trace_input_close(struct trace_input *input)
{
	if (!input)
		return;
	zip_reader_close(input->zip);
	if (input->file)
		compress_reader_close(input->file);
	free(input->path);
	free(input);
}
