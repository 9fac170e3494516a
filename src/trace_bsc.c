/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bosc's own traces (docs/trace-format.md). They may come from anywhere: nothing in one is
 * believed before it is checked.
 */
#include <errno.h>
#include <string.h>

#include "trace_format.h"
#include "util.h"

#define UNIT	    16u /* of payload */
#define HEADER_SIZE 16u

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are used as they stand");
_Static_assert(sizeof(struct trace_head) == 16, "as in a file");
_Static_assert(sizeof(struct trace_task) == 2 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_exec) == 8 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_fork) == UNIT, "as in a file");
_Static_assert(sizeof(struct trace_end) == UNIT, "as in a file");
_Static_assert(sizeof(struct trace_host) == 6 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_record) == 9 * UNIT, "no padding behind the head");

struct bsc {
	struct trace_input *input;
	bool ended;    /* END was read */
	bool trailing; /* and then something else */
	struct trace_end end;
};

static bool type_is_known(uint8_t type)
{
	return type <= TRACE_END || type == TRACE_HOST || type == TRACE_URING;
}

static size_t type_payload(uint8_t type)
{
	static const uint8_t sizes[] = {
		[TRACE_TASK] = sizeof(struct trace_task), [TRACE_EXEC] = sizeof(struct trace_exec),
		[TRACE_FORK] = sizeof(struct trace_fork), [TRACE_END] = sizeof(struct trace_end),
		[TRACE_HOST] = sizeof(struct trace_host),
	};

	return type < ARRAY_SIZE(sizes) ? sizes[type] : 0;
}

/* Strings of the file end where their field ends, if not before. */
static void record_terminate(struct trace_record *record)
{
	if (record->head.type == TRACE_TASK)
		record->task.comm[sizeof(record->task.comm) - 1] = '\0';
	if (record->head.type == TRACE_EXEC)
		record->exec.path[sizeof(record->exec.path) - 1] = '\0';
	if (record->head.type == TRACE_HOST) {
		record->host.arch[sizeof(record->host.arch) - 1] = '\0';
		record->host.release[sizeof(record->host.release) - 1] = '\0';
	}
}

static int too_short(const struct bsc *bsc, uint8_t type)
{
	struct trace_input *input = bsc->input;

	return fail(
		&input->error, -EBADMSG,
		"'%s' is corrupt: the record at byte %llu, of type %u, is too short", input->path,
		(unsigned long long)(input->offset + input->at - sizeof(struct trace_head)), type);
}

/* The payload of any record but a call. Of one that is longer than it is known here, as a later
 * version may write it, the known beginning is used. */
static int bsc_payload(struct bsc *bsc, struct trace_record *record)
{
	struct trace_input *input = bsc->input;
	size_t size = type_payload(record->head.type);
	size_t rest = record->head.nr * (size_t)UNIT;
	int status;

	if (rest < size)
		return too_short(bsc, record->head.type);
	status = trace_input_want(input, size);
	if (status <= 0)
		return status;
	memcpy((unsigned char *)record + sizeof(record->head), input->data + input->at, size);
	record_terminate(record);
	if (record->head.type == TRACE_END && !bsc->ended) {
		bsc->end = record->end;
		bsc->ended = true;
	}
	/* The record counts, even where the file stops in what is not known of it. */
	status = trace_input_skip(input, rest);
	return status < 0 ? status : 1;
}

static int bsc_next(void *state, struct trace_record *ret_record)
{
	struct bsc *bsc = state;
	struct trace_input *input = bsc->input;
	struct trace_head *head = &ret_record->head;
	int status;

	for (;;) {
		status = trace_input_want(input, sizeof(*head));
		if (status <= 0)
			return status;
		memcpy(head, input->data + input->at, sizeof(*head));
		input->at += sizeof(*head);
		bsc->trailing = bsc->ended;
		if (head->type == TRACE_SYS)
			return 1;
		if (type_is_known(head->type))
			return bsc_payload(bsc, ret_record);
		status = trace_input_skip(input, head->nr * (size_t)UNIT);
		if (status <= 0)
			return status;
	}
}

static size_t bsc_calls(void *state, struct trace_head *ret_calls, size_t most)
{
	struct bsc *bsc = state;
	struct trace_input *input = bsc->input;
	size_t there = (input->filled - input->at) / sizeof(*ret_calls), count = 0;

	while (count < most && count < there) {
		memcpy(&ret_calls[count], input->data + input->at, sizeof(*ret_calls));
		if (ret_calls[count].type != TRACE_SYS)
			break;
		input->at += sizeof(*ret_calls);
		count++;
	}
	bsc->trailing = bsc->trailing || (bsc->ended && count);
	return count;
}

static const char *bsc_fault(const struct bsc *bsc, uint64_t calls)
{
	if (!bsc->ended)
		return "no end record: it was cut short";
	if (bsc->trailing || bsc->input->at < bsc->input->filled)
		return "records after the end record";
	if (trace_input_is_cut(bsc->input))
		return "its compressed data was cut short";
	if (bsc->end.lost > 0)
		return "records were lost while it was recorded";
	if (bsc->end.calls != calls)
		return "it does not hold as many calls as its end record says";
	return NULL;
}

static const char *bsc_judge(const void *state, uint64_t calls, uint64_t *ret_lost)
{
	const struct bsc *bsc = state;

	*ret_lost = bsc->end.lost;
	return bsc_fault(bsc, calls);
}

static bool bsc_recognize(const char *head, size_t size)
{
	return size >= sizeof(TRACE_MAGIC) && memcmp(head, TRACE_MAGIC, sizeof(TRACE_MAGIC)) == 0;
}

static int bsc_open(struct trace_input *input, uint32_t abi, void **ret_state)
{
	struct bsc *bsc;

	(void)abi;
	if (input->filled < HEADER_SIZE)
		return fail(&input->error, -EINVAL,
			    "'%s' is no trace: it ends within the header of one", input->path);
	bsc = calloc(1, sizeof(*bsc));
	if (!bsc)
		return fail(&input->error, -ENOMEM, "cannot open '%s': %s", input->path,
			    strerror(ENOMEM));
	bsc->input = input;
	input->at = HEADER_SIZE;
	*ret_state = bsc;
	return 0;
}

const struct trace_format trace_bsc_format = {
	.name = "a trace of bosc's own",
	.recognize = bsc_recognize,
	.open = bsc_open,
	.next = bsc_next,
	.calls = bsc_calls,
	.judge = bsc_judge,
	.close = free,
};
