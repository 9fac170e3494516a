/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of text recordings share: reading a text, what came of it in words, and texts
 * with random damage.
 */
#ifndef BOSC_TEST_TRACE_TEXT_H
#define BOSC_TEST_TRACE_TEXT_H

#include "trace_file.h"

static inline struct reading read_text(const char *text)
{
	return read_all(file_write("text", text, strlen(text)));
}

/* The records as a line of words each, those of calls with their number: easy to compare. */
static inline const char *told(const struct reading *r)
{
	static char text[8192];
	size_t size = 0;

	text[0] = '\0';
	for (size_t i = 0; i < r->count; i++) {
		const struct trace_record *record = &r->records[i];
		char *at = text + size;
		size_t room = sizeof(text) - size;
		uint32_t tid = record->head.tid;

		switch (record->head.type) {
		case TRACE_SYS:
			size += (size_t)snprintf(at, room, "%u:%s%u ", tid,
						 record->head.flags ? "c" : "", record->head.nr);
			break;
		case TRACE_TASK:
			size += (size_t)snprintf(at, room, "%u=%s/%u<%u ", tid, record->task.comm,
						 record->task.tgid, record->task.parent_tgid);
			break;
		case TRACE_EXEC:
			size += (size_t)snprintf(at, room, "%u!%s ", tid, record->exec.path);
			break;
		case TRACE_FORK:
			size += (size_t)snprintf(at, room, "%u>%u/%u ", tid, record->fork.child_tid,
						 record->fork.child_tgid);
			break;
		case TRACE_EXIT:
			size += (size_t)snprintf(at, room, "%u. ", tid);
			break;
		case TRACE_SIG:
			size += (size_t)snprintf(at, room, "%u*%u ", tid, record->head.flags);
			break;
		}
	}
	return text;
}

static inline void assert_told(const char *text, const char *wanted)
{
	struct reading r = read_text(text);

	assert_int_equal(r.status, 0);
	assert_string_equal(told(&r), wanted);
	if (!r.summary.complete)
		fail_msg("incomplete: %s", r.summary.why);
	free(r.records);
}

static inline void assert_incomplete(const char *text, const char *why, uint64_t calls)
{
	struct reading r = read_text(text);

	assert_int_equal(r.status, 0);
	assert_false(r.summary.complete);
	assert_non_null(strstr(r.summary.why, why));
	assert_int_equal(r.summary.calls, calls);
	free(r.records);
}

static inline void read_mutated(const char *text, size_t size, uint32_t rounds)
{
	static unsigned char data[8192];
	uint64_t random = 88172645463325252ull;

	assert_true(size < sizeof(data));
	for (uint32_t round = 0; round < rounds; round++) {
		size_t length = size;
		struct reading r;

		memcpy(data, text, size);
		for (uint32_t i = 0; i <= round % 8; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			data[random % size] = (unsigned char)(random >> 32);
			if (i == 7)
				length = (random >> 40) % size;
		}
		r = read_all(file_write("mutated", data, length));
		assert_true(r.status <= 0);
		free(r.records);
	}
}

#endif
