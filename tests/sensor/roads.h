/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording of calls by every road to the kernel: native, 32-bit and x32 entries, and io_uring.
 */
#ifndef BOSC_TESTS_ROADS_H
#define BOSC_TESTS_ROADS_H

#include "../../src/trace.h"
#include "../core/stage.h"

/* Some hundred calls by each, of two threads. The path of the file. */
static inline const char *record_roads(const char *folder, uint32_t noise)
{
	static char path[64];
	struct trace_writer *writer;
	struct trace_record task = { .head = { .ts = 1, .tid = 7, .nr = 2, .type = TRACE_TASK },
				     .task = { .tgid = 7, .parent_tgid = 1, .comm = "roads" } };
	struct trace_record fork = { .head = { .ts = 2, .tid = 7, .nr = 1, .type = TRACE_FORK },
				     .fork = { .child_tid = 8, .child_tgid = 7, .tgid = 7 } };
	uint64_t seed = noise;
	struct error err;

	snprintf(path, sizeof(path), "%s/roads-%u.bsc", folder, noise);
	assert_int_equal(trace_writer_create(path, 0, &writer, &err), 0);
	trace_writer_append(writer, &task, sizeof(task.head) + sizeof(task.task), &err);
	trace_writer_append(writer, &fork, sizeof(fork.head) + sizeof(fork.fork), &err);
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t of = i / 50 % 4;
		bool other = noise && random_next(&seed) % 40 == 0;
		struct trace_head call = { .ts = 3 + i, .tid = 7 + i % 2 };

		call.type = of == 3 ? TRACE_URING : TRACE_SYS;
		call.nr = of == 3 ? 0 : (uint16_t)(i % 3 + other * 100);
		call.flags = of == 3 ? (uint8_t)(i % 3 + other * 100) : (uint8_t)of;
		assert_int_equal(trace_writer_append(writer, &call, sizeof(call), &err), 0);
	}
	assert_int_equal(trace_writer_calls(writer), 2000);
	assert_int_equal(trace_writer_finish(writer, 0, &err), 0);
	return path;
}

#endif
