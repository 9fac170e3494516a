/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of traces share: a folder for their files, traces made byte by byte in memory,
 * and reading a file to its end.
 */
#ifndef BOSC_TEST_TRACE_FILE_H
#define BOSC_TEST_TRACE_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>
#include <sys/stat.h>

#include "../../src/trace.h"
#include "../../src/util.h"

/* Last: its macro fail would change what error.h declares. */
#include <cmocka.h>

#define MANY 3000u

static char folder[] = "/tmp/bosc-trace-XXXXXX";

/* A trace in the making, in memory. */
struct image {
	unsigned char data[2 << 20];
	size_t size;
};

static struct image image; /* too large for the stack */

static inline const char *path_of(const char *name)
{
	static char path[4][256];
	static unsigned int next;
	char *ret = path[next++ % ARRAY_SIZE(path)];

	snprintf(ret, sizeof(path[0]), "%s/%s", folder, name);
	return ret;
}

static inline void image_put(const void *data, size_t size)
{
	assert_true(image.size + size <= sizeof(image.data));
	memcpy(image.data + image.size, data, size);
	image.size += size;
}

static inline void image_begin(void)
{
	uint64_t inode = 77;

	image.size = 0;
	image_put(TRACE_MAGIC, 8);
	image_put(&inode, 8);
}

static inline void image_head(uint64_t ts, uint16_t nr, uint8_t type)
{
	struct trace_head head = { .ts = ts, .tid = 100, .nr = nr, .type = type };

	image_put(&head, sizeof(head));
}

static inline void image_end(uint64_t lost, uint64_t calls)
{
	struct trace_end end = { lost, calls };

	image_head(UINT64_MAX, 1, TRACE_END);
	image_put(&end, sizeof(end));
}

static inline const char *file_write(const char *name, const void *data, size_t size)
{
	const char *path = path_of(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	return path;
}

static inline size_t file_read(const char *path, void *data, size_t room)
{
	FILE *file = fopen(path, "r");
	size_t size;

	assert_non_null(file);
	size = fread(data, 1, room, file);
	assert_true(size < room);
	fclose(file);
	return size;
}

/* What came out of reading a file to its end. */
struct reading {
	struct trace_record *records;
	size_t count;
	int status; /* of opening, or the last */
	struct trace_summary summary;
	struct error err;
};

static inline struct reading read_all(const char *path)
{
	struct reading r = { .records = calloc(MANY * 2, sizeof(*r.records)) };
	struct trace_reader *reader;

	assert_non_null(r.records);
	r.status = trace_reader_open(path, ABI_NATIVE, &reader, &r.err);
	if (r.status < 0)
		return r;
	do {
		assert_true(r.count < MANY * 2);
		r.status = trace_reader_next(reader, &r.records[r.count], &r.err);
		r.count += r.status > 0;
	} while (r.status > 0);
	assert_int_equal(trace_reader_next(reader, &r.records[r.count], &r.err), r.status);
	r.summary = *trace_reader_summary(reader);
	assert_int_equal(r.summary.complete, r.summary.why == NULL);
	trace_reader_close(reader);
	return r;
}

static inline struct reading read_image(void)
{
	return read_all(file_write("image", image.data, image.size));
}

/* How many bytes of a record count. */
static inline size_t record_size(const struct trace_record *record)
{
	return sizeof(record->head) + (record->head.type == TRACE_SYS ? 0 : record->head.nr * 16u);
}

static inline void assert_same(const struct trace_record *a, const struct trace_record *b)
{
	assert_int_equal(record_size(a), record_size(b));
	assert_memory_equal(a, b, record_size(a));
}

static inline int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static inline int folder_remove(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
}

#endif
