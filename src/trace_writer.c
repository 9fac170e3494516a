/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a trace. The sensor's records pass as they stand: the writer only walks over their
 * heads to count the calls, for the END record must say how many there are, and to refuse what
 * would make the rest of the file unreadable.
 */
#include "trace.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "compress.h"
#include "util.h"

#define UNIT 16u /* of payload */

struct trace_writer {
	struct compress_writer *output;
	char *path;
	uint64_t calls;	     /* system calls */
	uint64_t operations; /* of io_uring */
};

static void writer_free(struct trace_writer *writer)
{
	free(writer->path);
	free(writer);
}

/* Writes one of the writer's own records; `size` is in whole units. */
static int writer_put(struct trace_writer *writer, enum trace_type type, const void *payload,
		      size_t size, struct error *err)
{
	struct trace_head head = {
		.ts = clock_ns(CLOCK_MONOTONIC),
		.nr = (uint16_t)(size / UNIT),
		.type = (uint8_t)type,
		.flags = type == TRACE_HOST ? TRACE_FLAG_ENDS : 0,
	};
	int status = compress_writer_write(writer->output, &head, sizeof(head), err);

	return status < 0 ? status : compress_writer_write(writer->output, payload, size, err);
}

/* On the disk at once: a trace that cannot be written is known before the recording begins. */
static int writer_begin(struct trace_writer *writer, uint64_t cgroup_inode, struct error *err)
{
	struct trace_host host = { .unix_ns = clock_ns(CLOCK_REALTIME) };
	struct utsname name;
	int status;

	if (uname(&name) == 0) {
		memcpy(host.arch, name.machine, strnlen(name.machine, sizeof(host.arch) - 1));
		memcpy(host.release, name.release, strnlen(name.release, sizeof(host.release) - 1));
	}
	status = compress_writer_write(writer->output, TRACE_MAGIC, sizeof(TRACE_MAGIC), err);
	if (status == 0)
		status = compress_writer_write(writer->output, &cgroup_inode, sizeof(cgroup_inode),
					       err);
	if (status == 0)
		status = writer_put(writer, TRACE_HOST, &host, sizeof(host), err);
	return status < 0 ? status : compress_writer_flush(writer->output, err);
}

int trace_writer_create(const char *path, uint64_t cgroup_inode, struct trace_writer **ret_writer,
			struct error *err)
{
	struct trace_writer *writer = calloc(1, sizeof(*writer));
	char *copy = strdup(path);
	int status;

	if (!writer || !copy) {
		free(writer);
		free(copy);
		return fail(err, -ENOMEM, "cannot create '%s': %s", path, strerror(ENOMEM));
	}
	writer->path = copy;
	status = compress_writer_create(path, &writer->output, err);
	if (status == 0) {
		status = writer_begin(writer, cgroup_inode, err);
		if (status < 0)
			compress_writer_abandon(writer->output);
	}
	if (status < 0) {
		writer_free(writer);
		return status;
	}
	*ret_writer = writer;
	return 0;
}

/* Walks over whole records, and counts the calls among them; -EINVAL. */
static int count_calls(const unsigned char *records, size_t size, uint64_t *ret_calls,
		       uint64_t *ret_operations)
{
	size_t at = 0;

	while (size - at >= sizeof(struct trace_head)) {
		struct trace_head head;

		memcpy(&head, records + at, sizeof(head));
		at += sizeof(head);
		*ret_calls += head.type == TRACE_SYS;
		*ret_operations += head.type == TRACE_URING;
		if (head.type == TRACE_SYS)
			continue;
		if (size - at < head.nr * (size_t)UNIT)
			return -EINVAL;
		at += head.nr * (size_t)UNIT;
	}
	return at == size ? 0 : -EINVAL;
}

int trace_writer_append(struct trace_writer *writer, const void *records, size_t size,
			struct error *err)
{
	uint64_t calls = 0, operations = 0;
	int status = count_calls(records, size, &calls, &operations);

	if (status < 0)
		return fail(err, status, "cannot write '%s': %zu bytes are no whole records",
			    writer->path, size);
	status = compress_writer_write(writer->output, records, size, err);
	if (status == 0) {
		writer->calls += calls;
		writer->operations += operations;
	}
	return status;
}

int trace_writer_flush(struct trace_writer *writer, struct error *err)
{
	return compress_writer_flush(writer->output, err);
}

int trace_writer_finish(struct trace_writer *writer, uint64_t lost, struct error *err)
{
	struct trace_end end = { .lost = lost, .calls = writer->calls };
	int status = writer_put(writer, TRACE_END, &end, sizeof(end), err);
	int finished = compress_writer_finish(writer->output, err);

	writer_free(writer);
	return status < 0 ? status : finished;
}

void trace_writer_close(struct trace_writer *writer)
{
	struct error unused;

	compress_writer_finish(writer->output, &unused);
	writer_free(writer);
}

uint64_t trace_writer_calls(const struct trace_writer *writer)
{
	return writer->calls + writer->operations;
}

uint64_t trace_writer_bytes(const struct trace_writer *writer)
{
	return compress_writer_bytes(writer->output);
}
