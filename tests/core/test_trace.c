/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading traces: the order of the records, and files that are cut, corrupt or hostile. The
 * recordings of BOSC_SHARED (or ../shared) must hold the calls that their manifest counts.
 */
#include "trace_file.h"

#include <errno.h>

static void test_order(void **state)
{
	struct reading r;

	(void)state;
	image_begin();
	/* Blocks of three CPUs: each goes back by more than a hundred records; equal times meet. */
	for (uint32_t i = 0; i < MANY; i++)
		image_head(i / 300 * 100 + i % 100, (uint16_t)(i / 100 % 3), TRACE_SYS);
	image_end(0, MANY);
	r = read_image();
	assert_true(r.summary.complete);
	assert_int_equal(r.count, MANY + 1);
	for (uint32_t i = 0; i < MANY; i++) {
		assert_int_equal(r.records[i].head.ts, i / 3);
		assert_int_equal(r.records[i].head.nr, i % 3);
	}
	free(r.records);
}

/* A payload goes with its head, wherever that is sorted to. */
static void test_order_of_payloads(void **state)
{
	struct reading r;

	(void)state;
	image_begin();
	for (uint32_t i = 0; i < MANY; i++) {
		struct trace_fork fork = { .child_tid = i ^ 15 };

		image_head(i ^ 15, 1, TRACE_FORK);
		image_put(&fork, sizeof(fork));
	}
	image_end(0, 0);
	r = read_image();
	assert_true(r.summary.complete);
	assert_true(r.count > MANY);
	for (uint32_t i = 0; i + 16 < MANY; i++)
		assert_int_equal(r.records[i].fork.child_tid, i);
	free(r.records);
}

static void test_unknown_and_longer(void **state)
{
	static const uint8_t zeros[1 << 20];
	struct trace_task task = { .tgid = 9, .comm = "longer" };
	struct reading r;

	(void)state;
	image_begin();
	image_head(1, 0, 7);
	image_head(2, 65535, 31);
	image_put(zeros, 65535 * 16);
	image_head(3, 5, TRACE_TASK);
	image_put(&task, sizeof(task));
	image_put(zeros, 3 * 16);
	image_head(4, 20000, TRACE_EXIT);
	image_put(zeros, 20000 * 16);
	image_head(5, 39, TRACE_SYS);
	image_end(0, 1);
	r = read_image();
	assert_true(r.summary.complete);
	assert_int_equal(r.count, 4);
	assert_string_equal(r.records[0].task.comm, "longer");
	assert_int_equal(r.records[1].head.type, TRACE_EXIT);
	assert_int_equal(r.records[2].head.nr, 39);
	free(r.records);
}

/* They are calls, but END counts system calls alone. What a later version may add to one is
 * skipped. */
static void test_operations(void **state)
{
	struct reading r;

	(void)state;
	image_begin();
	image_head(1, 257, TRACE_SYS);
	image_head(2, 0, TRACE_URING);
	image.data[image.size - 1] = 18;
	image_head(3, 1, TRACE_URING);
	image.data[image.size - 1] = 255;
	image_put((uint8_t[16]){ 0 }, 16);
	image_end(0, 1);
	r = read_image();
	assert_true(r.summary.complete);
	assert_int_equal(r.summary.calls, 3);
	assert_int_equal(r.summary.operations, 2);
	assert_int_equal(r.count, 4);
	assert_int_equal(trace_code(&r.records[0].head), code_of(ABI_NATIVE, 257));
	assert_int_equal(trace_code(&r.records[1].head), code_of(ABI_URING, 18));
	assert_int_equal(trace_code(&r.records[2].head), code_of(ABI_URING, 255));
	assert_false(trace_is_call(&r.records[3].head));
	free(r.records);
}

static void test_too_short(void **state)
{
	static const uint8_t types[] = { TRACE_TASK, TRACE_EXEC, TRACE_FORK, TRACE_END,
					 TRACE_HOST };
	static const uint16_t units[] = { 2, 8, 1, 1, 6 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct reading r;

		image_begin();
		image_head(1, 39, TRACE_SYS);
		image_head(2, (uint16_t)(units[i] - 1), types[i]);
		image_put((uint8_t[128]){ 0 }, 128);
		r = read_image();
		assert_int_equal(r.status, -EBADMSG);
		assert_int_equal(r.count, 1);
		assert_non_null(strstr(r.err.text, "/image' is corrupt: the record at byte 32,"));
		assert_false(r.summary.complete);
		free(r.records);
	}
}

static void test_unterminated(void **state)
{
	unsigned char full[128];
	struct reading r;

	(void)state;
	memset(full, 'x', sizeof(full));
	image_begin();
	image_head(1, 2, TRACE_TASK);
	image_put(full, 32);
	image_head(2, 8, TRACE_EXEC);
	image_put(full, 128);
	image_head(3, 6, TRACE_HOST);
	image_put(full, 96);
	image_end(0, 0);
	r = read_image();
	assert_true(r.summary.complete);
	assert_int_equal(strlen(r.records[0].task.comm), 15);
	assert_int_equal(strlen(r.records[1].exec.path), 111);
	assert_int_equal(strlen(r.records[2].host.arch), 15);
	assert_int_equal(strlen(r.records[2].host.release), 63);
	free(r.records);
}

static void assert_incomplete(const char *why)
{
	struct reading r = read_image();

	assert_int_equal(r.status, 0);
	assert_false(r.summary.complete);
	assert_non_null(strstr(r.summary.why, why));
	free(r.records);
}

static void test_incomplete(void **state)
{
	(void)state;
	image_begin();
	image_head(1, 39, TRACE_SYS);
	assert_incomplete("no end record");
	image_end(5, 1);
	assert_incomplete("lost");
	image_head(2, 39, TRACE_SYS);
	assert_incomplete("after the end");
	image_begin();
	image_head(1, 39, TRACE_SYS);
	image_end(0, 2);
	assert_incomplete("as many calls");
	image_begin();
	image_end(0, 0);
	image_put("rest", 4);
	assert_incomplete("after the end");
}

static void assert_refused(const char *path, int status, const char *text)
{
	struct reading r = read_all(path);

	assert_int_equal(r.status, status);
	assert_non_null(strstr(r.err.text, path));
	assert_non_null(strstr(r.err.text, text));
	free(r.records);
}

static void test_no_trace(void **state)
{
	(void)state;
	assert_refused(file_write("empty", "", 0), -EINVAL, "is no trace: it is empty");
	assert_refused(file_write("short", "BSCREC1\0", 8), -EINVAL,
		       "is no trace: it ends within the header");
	assert_refused(file_write("other.xz", "#!/bin/sh\nexit 0\n", 17), -EINVAL,
		       "is no trace: it is neither");
	assert_refused(path_of("missing"), -ENOENT, "No such file");
	assert_refused(folder, -EISDIR, "Is a directory");
}

static void test_random_bytes(void **state)
{
	uint64_t random = 88172645463325252ull;

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		struct reading r;

		image_begin();
		for (uint32_t i = 0; i < 8 * round; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			image_put(&random, sizeof(random));
			/* Types that are known, most of the time. */
			if (i % 2 && round % 4)
				image.data[image.size - 2] &= 7;
			if (i % 2 && round % 4 > 1)
				image.data[image.size - 3] = 0;
		}
		r = read_image();
		assert_true(r.status == 0 || r.status == -EBADMSG);
		assert_false(r.summary.complete);
		free(r.records);
	}
}

/* Reads a recording: the calls in it; all else must hold too. */
static uint64_t recording_calls(const char *path)
{
	struct trace_reader *reader;
	struct trace_record record;
	uint64_t calls = 0, ts = 0;
	struct error err = { "", "" };
	int status;

	if (trace_reader_open(path, ABI_NATIVE, &reader, &err) < 0)
		fail_msg("%s", err.text);
	while ((status = trace_reader_next(reader, &record, &err)) > 0) {
		assert_true(record.head.ts >= ts);
		ts = record.head.ts;
		calls += record.head.type == TRACE_SYS;
	}
	if (status < 0)
		fail_msg("%s", err.text);
	assert_true(trace_reader_summary(reader)->complete);
	assert_int_equal(trace_reader_summary(reader)->calls, calls);
	trace_reader_close(reader);
	return calls;
}

static void test_recordings(void **state)
{
	const char *shared = getenv("BOSC_SHARED") ? getenv("BOSC_SHARED") : "../shared";
	char path[512], line[512], name[128];
	unsigned long long calls;
	unsigned int files = 0;
	FILE *manifest;

	(void)state;
	snprintf(path, sizeof(path), "%s/data/redis-docker/manifest.tsv", shared);
	manifest = fopen(path, "r");
	if (!manifest) {
		print_message("skipped: no recordings at '%s': set BOSC_SHARED\n", path);
		skip();
	}
	while (fgets(line, sizeof(line), manifest)) {
		if (sscanf(line, "%127s %*s %*s %llu", name, &calls) != 2)
			continue;
		snprintf(path, sizeof(path), "%s/data/redis-docker/%s", shared, name);
		assert_int_equal(recording_calls(path), calls);
		files++;
	}
	fclose(manifest);
	assert_true(files > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_of_payloads),
		cmocka_unit_test(test_unknown_and_longer),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_too_short),
		cmocka_unit_test(test_unterminated),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_no_trace),
		cmocka_unit_test(test_random_bytes),
		cmocka_unit_test(test_recordings),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
