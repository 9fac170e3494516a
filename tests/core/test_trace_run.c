/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which records come, of random traces whose records stand nearly in order: that of a
 * heap of 512, worked out here in the plainest way. Calls that are read by the run are the same
 * as one by one.
 */
#include "trace_file.h"

#define RECORDS 5000u
#define HEAP	512u

static uint64_t seed = 88172645463325252ull;

static uint32_t pick(uint32_t choices)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((seed >> 33) % choices);
}

/* Three threads in turns of some length; what is not a call has a payload, and its number in it. */
static void make_trace(struct trace_record *records)
{
	uint32_t tid = 1;

	image_begin();
	for (uint32_t i = 0; i < RECORDS; i++) {
		struct trace_record *record = &records[i];

		memset(record, 0, sizeof(*record));
		tid = pick(20) ? tid : 1 + pick(3);
		record->head = (struct trace_head){ .ts = 100000 + i * 10, .tid = tid, .nr = 1 };
		record->head.type = TRACE_SYS;
		record->head.flags = (uint8_t)(i % 3);
		if (!pick(40))
			record->head.ts += 10 * pick(20) + 5 - 10 * pick(20);
		if (!pick(200)) /* later than the reader can help */
			record->head.ts -= 9000;
		if (!pick(30)) {
			record->head.type = pick(2) ? TRACE_FORK : TRACE_URING;
			record->head.nr = record->head.type == TRACE_FORK;
			record->fork.child_tid = record->head.nr ? i : 0;
		}
		image_put(&record->head, sizeof(record->head));
		if (record->head.nr && record->head.type == TRACE_FORK)
			image_put(&record->fork, sizeof(record->fork));
	}
}

/* Puts the records into the order in which they must come. */
static void sort(struct trace_record *records)
{
	static struct trace_record sorted[RECORDS], heap[HEAP];
	size_t count = 0;

	for (size_t i = 0, in = 0; i < RECORDS; i++) {
		size_t first = 0;

		while (count < HEAP && in < RECORDS)
			heap[count++] = records[in++];
		for (size_t j = 1; j < count; j++)
			if (heap[j].head.ts < heap[first].head.ts)
				first = j;
		sorted[i] = heap[first];
		memmove(&heap[first], &heap[first + 1], (count - first - 1) * sizeof(*heap));
		count--;
	}
	memcpy(records, sorted, sizeof(sorted));
}

static struct trace_reader *open_image(void)
{
	struct trace_reader *reader;
	struct error err = { 0 };

	if (trace_reader_open(file_write("image", image.data, image.size), ABI_NATIVE, &reader,
			      &err) < 0)
		fail_msg("%s", err.text);
	return reader;
}

static void test_one_by_one(void **state)
{
	static struct trace_record records[RECORDS];

	(void)state;
	for (uint32_t trace = 0; trace < 20; trace++) {
		struct reading r;

		make_trace(records);
		r = read_image();
		sort(records);
		assert_int_equal(r.count, RECORDS);
		for (size_t i = 0; i < RECORDS; i++)
			assert_memory_equal(&r.records[i], &records[i], record_size(&records[i]));
		free(r.records);
	}
}

/* Checks the calls of a run; all of them are of the first one's thread, and before the time. */
static void check_run(const struct trace_head *calls, size_t count,
		      const struct trace_record *wanted, uint64_t until_ns)
{
	for (size_t i = 0; i < count; i++) {
		assert_true(trace_is_call(&calls[i]));
		assert_int_equal(calls[i].tid, calls->tid);
		assert_true(calls[i].ts < until_ns);
		assert_memory_equal(&calls[i], &wanted[i].head, sizeof(*calls));
	}
}

/* Runs of any length, and single records in between; how many records came in runs. */
static size_t read_runs(const struct trace_record *wanted)
{
	struct trace_reader *reader = open_image();
	struct trace_record record;
	struct error err = { 0 };
	size_t at = 0, in_runs = 0;

	while (at < RECORDS) {
		uint64_t until_ns = pick(4) ? UINT64_MAX : 100000 + 10 * at + pick(200);
		const struct trace_head *calls;
		size_t most = 1 + pick(100);
		size_t count = trace_reader_run(reader, most, until_ns, &calls);

		assert_true(count <= most && at + count <= RECORDS);
		check_run(calls, count, &wanted[at], until_ns);
		at += count;
		in_runs += count;
		if (count && pick(3))
			continue;
		assert_int_equal(trace_reader_next(reader, &record, &err), at < RECORDS);
		if (at < RECORDS)
			assert_memory_equal(&record, &wanted[at], record_size(&wanted[at]));
		at++;
	}
	assert_int_equal(trace_reader_next(reader, &record, &err), 0);
	trace_reader_close(reader);
	return in_runs;
}

static void test_runs(void **state)
{
	static struct trace_record records[RECORDS];

	(void)state;
	for (uint32_t trace = 0; trace < 20; trace++) {
		make_trace(records);
		sort(records);
		assert_in_range(read_runs(records), RECORDS / 2, RECORDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_by_one),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
