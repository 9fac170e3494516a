/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing traces: what is written comes back record for record, whatever the compression; and
 * of what is then cut or damaged, all that is readable, never called complete.
 */
#include "trace_file.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static const char *const endings[] = { "", ".xz", ".zst" };

/* Some record of every kind, for the writer. */
static struct trace_record sample(uint32_t i)
{
	static const uint8_t types[] = { TRACE_SYS,  TRACE_SYS,	 TRACE_TASK, TRACE_SYS,	 TRACE_EXEC,
					 TRACE_FORK, TRACE_EXIT, TRACE_SIG,  TRACE_URING };
	static const uint8_t units[TRACE_URING + 1] = { 0, 2, 8, 1, 0, 0 };
	struct trace_record record = { .head = { .ts = 1000 + i, .tid = i * 2654435761u } };

	record.head.type = types[i % ARRAY_SIZE(types)];
	record.head.nr = record.head.type ? units[record.head.type] : (uint16_t)(i * 7 % 400);
	record.head.flags = (uint8_t)(i % 3);
	if (record.head.type == TRACE_TASK)
		record.task = (struct trace_task){ i, 1, i * 3, "worker" };
	if (record.head.type == TRACE_EXEC)
		record.exec = (struct trace_exec){ i, i, i * 5, "/usr/bin/true" };
	if (record.head.type == TRACE_FORK)
		record.fork = (struct trace_fork){ i + 1, i + 1, i, 0 };
	return record;
}

static const char *write_samples(const char *ending, uint32_t count)
{
	char name[32] = "samples";
	struct trace_writer *writer;
	const char *path = path_of(strcat(name, ending));
	struct error err;
	struct stat st;

	unlink(path);
	assert_int_equal(trace_writer_create(path, 4711, &writer, &err), 0);
	for (uint32_t i = 0; i < count; i++) {
		struct trace_record record = sample(i);

		assert_int_equal(trace_writer_append(writer, &record, record_size(&record), &err),
				 0);
		if (i % 500 == 499)
			assert_int_equal(trace_writer_flush(writer, &err), 0);
	}
	assert_int_equal(trace_writer_finish(writer, 0, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	return path;
}

/* What is read of samples is their beginning: HOST, the samples, END. The clock of the samples
 * begins at 0, so that HOST and END, which carry the machine's, come last. */
static size_t assert_samples(const struct reading *r, uint32_t count)
{
	size_t samples = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct trace_record expected = sample((uint32_t)samples);

		if (r->records[i].head.type == TRACE_HOST || r->records[i].head.type == TRACE_END)
			continue;
		assert_true(samples++ < count);
		assert_same(&r->records[i], &expected);
	}
	return samples;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		struct reading r = read_all(write_samples(endings[i], MANY));
		uint32_t hosts = 0;

		assert_int_equal(r.status, 0);
		assert_true(r.summary.complete);
		assert_int_equal(r.summary.inode, 4711);
		assert_int_equal(r.summary.bytes, r.summary.total);
		assert_int_equal(r.count, MANY + 2);
		assert_int_equal(assert_samples(&r, MANY), MANY);
		for (size_t k = 0; k < r.count; k++) {
			const struct trace_host *host = &r.records[k].host;

			if (r.records[k].head.type != TRACE_HOST)
				continue;
			hosts++;
			assert_true(strlen(host->arch) > 2);
			assert_true(host->unix_ns > 1600000000 * NS_PER_S);
		}
		assert_int_equal(hosts, 1);
		free(r.records);
	}
}

static void test_compression_is_real(void **state)
{
	unsigned char magic[6];
	FILE *file;

	(void)state;
	file = fopen(write_samples(".xz", 10), "r");
	assert_int_equal(fread(magic, 1, 6, file), 6);
	assert_memory_equal(magic,
			    "\xfd"
			    "7zXZ",
			    6);
	fclose(file);
	file = fopen(write_samples(".zst", 10), "r");
	assert_int_equal(fread(magic, 1, 4, file), 4);
	assert_memory_equal(magic, "\x28\xb5\x2f\xfd", 4);
	fclose(file);
}

/* A recorder that is killed leaves all that it flushed. */
static void test_flush(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		char name[32] = "flush";
		const char *path = path_of(strcat(name, endings[i]));
		struct trace_writer *writer;
		struct reading r;
		struct error err;

		assert_int_equal(trace_writer_create(path, 0, &writer, &err), 0);
		for (uint32_t k = 0; k < 100; k++) {
			struct trace_record record = sample(k);

			trace_writer_append(writer, &record, record_size(&record), &err);
		}
		assert_int_equal(trace_writer_flush(writer, &err), 0);
		assert_int_equal(trace_writer_flush(writer, &err), 0);
		r = read_all(path);
		assert_int_equal(r.status, 0);
		assert_false(r.summary.complete);
		assert_int_equal(assert_samples(&r, 100), 100);
		assert_int_equal(r.summary.bytes, trace_writer_bytes(writer));
		assert_int_equal(r.summary.calls, trace_writer_calls(writer));
		free(r.records);
		assert_int_equal(trace_writer_finish(writer, 0, &err), 0);
	}
}

static void test_truncated(void **state)
{
	static unsigned char whole[64 << 10];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t size = file_read(write_samples(endings[i], 60), whole, sizeof(whole));
		size_t most = 0;

		for (size_t cut = 0; cut < size; cut++) {
			struct reading r = read_all(file_write("cut", whole, cut));
			size_t samples = assert_samples(&r, 60);

			assert_false(r.summary.complete);
			assert_true(samples >= most);
			assert_true(r.status == 0 ||
				    (r.status == -EINVAL && r.count == 0 && !samples));
			most = samples;
			free(r.records);
		}
		assert_int_equal(most, 60);
	}
}

/* Damage of compressed data: never a crash, never complete, nothing but the true records. */
static void test_damaged(void **state)
{
	static unsigned char whole[64 << 10];

	(void)state;
	for (size_t i = 1; i < ARRAY_SIZE(endings); i++) {
		size_t size = file_read(write_samples(endings[i], 200), whole, sizeof(whole));
		struct reading r;

		memcpy(whole + size, "some garbage behind it", 22);
		r = read_all(file_write("garbage", whole, size + 22));
		assert_int_equal(r.status, -EBADMSG);
		assert_non_null(strstr(r.err.text, "/garbage'"));
		assert_false(r.summary.complete);
		assert_int_equal(assert_samples(&r, 200), 200);
		free(r.records);
		for (size_t at = 0; at < size; at += 3) {
			whole[at] ^= 0x40;
			r = read_all(file_write("damaged", whole, size));
			whole[at] ^= 0x40;
			assert_true(r.status < 0 || !r.summary.complete || r.count == 202);
			free(r.records);
		}
	}
}

static void test_create_refuses(void **state)
{
	const char *path = file_write("there", "precious", 8);
	struct trace_writer *writer;
	struct error err;
	char data[16];

	(void)state;
	assert_int_equal(trace_writer_create(path, 0, &writer, &err), -EEXIST);
	assert_non_null(strstr(err.text, "/there': File exists"));
	assert_true(err.hint[0]);
	assert_int_equal(file_read(path, data, sizeof(data)), 8);
	assert_int_equal(trace_writer_create(path_of("no/folder"), 0, &writer, &err), -ENOENT);
}

static void test_append_refuses(void **state)
{
	const char *path = path_of("parts");
	struct trace_record record = sample(2);
	struct trace_writer *writer;
	struct reading r;
	struct error err;

	(void)state;
	assert_int_equal(trace_writer_create(path, 0, &writer, &err), 0);
	assert_int_equal(trace_writer_append(writer, &record, 15, &err), -EINVAL);
	assert_int_equal(trace_writer_append(writer, &record, 47, &err), -EINVAL);
	assert_int_equal(trace_writer_append(writer, &record, 0, &err), 0);
	assert_int_equal(trace_writer_finish(writer, 3, &err), 0);
	r = read_all(path);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.summary.lost, 3);
	assert_false(r.summary.complete);
	free(r.records);
}

/* A full disk, played by a limit on the size of files: an error, again and again, no crash; and
 * the file can be read as far as it goes. */
static void write_to_limit(const char *ending)
{
	char name[32] = "full";
	const char *path = path_of(strcat(name, ending));
	struct trace_writer *writer;
	struct reading r;
	struct error err = { "", "" };
	uint64_t random = 1;
	int status = 0;

	assert_int_equal(trace_writer_create(path, 0, &writer, &err), 0);
	for (uint32_t i = 0; i < MANY && status == 0; i++) {
		struct trace_exec exec = { .inode = random };
		struct trace_record record = { .head = { .nr = 8, .type = TRACE_EXEC } };

		record.exec = exec;
		for (size_t k = 0; k < sizeof(exec.path); k++)
			record.exec.path[k] = (char)((random = random * 6364136223846793005u + 1) >>
						     40);
		status = trace_writer_append(writer, &record, sizeof(record), &err);
		if (status == 0 && i % 100 == 0)
			status = trace_writer_flush(writer, &err);
	}
	assert_int_equal(status, -EFBIG);
	assert_non_null(strstr(err.text, "cannot write '"));
	assert_non_null(strstr(err.text, "File too large"));
	assert_int_equal(trace_writer_flush(writer, &err), -EFBIG);
	assert_int_equal(trace_writer_finish(writer, 0, &err), -EFBIG);
	r = read_all(path);
	assert_int_equal(r.status, 0);
	assert_true(r.count > 100);
	assert_false(r.summary.complete);
	free(r.records);
}

static void test_disk_full(void **state)
{
	struct rlimit before, limit;
	struct trace_writer *writer;
	struct error err;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){ 100 << 10, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		write_to_limit(endings[i]);
	/* Full from the beginning: creating says so, and leaves no file that is in the way. */
	limit.rlim_cur = 10;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(trace_writer_create(path_of("none"), 0, &writer, &err), -EFBIG);
	assert_int_not_equal(access(path_of("none"), F_OK), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_compression_is_real),
		cmocka_unit_test(test_flush),	       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged),	       cmocka_unit_test(test_create_refuses),
		cmocka_unit_test(test_append_refuses), cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
