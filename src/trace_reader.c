/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a trace of any format (trace_format.h): the format is known by how the file begins, and
 * makes records of it; here they are put into the order of time.
 *
 * The records of several CPUs stand in a file nearly in order. The reader keeps a queue of the
 * next records, sorted by time; one that comes in goes behind all that are not later, which is at
 * the queue's end, at the cost of one comparison, unless it is one of the few that came too late.
 * It goes before none but the last HORIZON: those before them are ready to be passed on. A record
 * of the queue is its head alone, since nearly all records are calls; the others are kept beside
 * it, in places that a stack of free ones hands out. What comes so late that this cannot help is
 * passed on where it stands: one that is late by JUMP_NS makes the recording incomplete, for then
 * it was not written in the order of time at all.
 */
#include <errno.h>
#include <string.h>

#include "../core/window.h"
#include "compress.h"
#include "trace_format.h"
#include "util.h"

#define HORIZON 512u  /* records */
#define ROOM	2048u /* records of the queue */
#define JUMP_NS NS_PER_S

struct trace_reader {
	struct trace_input *input;
	const struct trace_format *format;
	void *state; /* the format's */
	struct trace_summary summary;
	int status;	 /* 1: the file has more, 0: it was read to its end, negative: the error */
	uint64_t passed; /* the latest time that was passed on */
	bool jumps;

	uint32_t first; /* in the queue */
	uint32_t count;
	uint32_t ready; /* of these: nothing that is still to come goes before them */
	uint32_t free_count;
	uint16_t free_place[ROOM];
	struct trace_head queue[ROOM]; /* nr of those that are no calls: the place in `kept` */
	struct trace_record kept[ROOM];
};

static const struct trace_format *const formats[] = {
	&trace_bsc_format,
	&trace_lids_format,
	&trace_strace_format,
	&trace_numbers_format,
};

/* Where the next record goes that comes in. */
static inline struct trace_head *reader_end(struct trace_reader *reader)
{
	return &reader->queue[reader->first + reader->count];
}

/* Takes the record at the queue's end into the queue, where it belongs. */
static inline void reader_sort(struct trace_reader *reader)
{
	struct trace_head *at = reader_end(reader), head = *at;
	uint32_t before = reader->count++;

	for (before = before < HORIZON ? before : HORIZON - 1; before > 0; before--, at--) {
		if (at[-1].ts <= head.ts)
			break;
		*at = at[-1];
	}
	*at = head;
}

/* Takes system calls into the queue that stand ready; how many. */
static inline size_t reader_take_calls(struct trace_reader *reader)
{
	size_t room = ROOM - reader->first - reader->count, count = 0;

	if (reader->format->calls)
		count = reader->format->calls(reader->state, reader_end(reader), room);
	for (size_t i = 0; i < count; i++)
		reader_sort(reader);
	reader->summary.calls += count;
	return count;
}

/* Takes the next record of the file into the queue. 1, 0 at the end. */
static int reader_take(struct trace_reader *reader)
{
	struct trace_record record;
	int status = reader->format->next(reader->state, &record);

	if (status <= 0)
		return status;
	*reader_end(reader) = record.head;
	if (trace_is_call(&record.head)) {
		reader->summary.calls++;
		reader->summary.operations += record.head.type == TRACE_URING;
	} else {
		reader_end(reader)->nr = reader->free_place[--reader->free_count];
		reader->kept[reader_end(reader)->nr] = record;
	}
	reader_sort(reader);
	return 1;
}

static void reader_judge(struct trace_reader *reader)
{
	struct trace_summary *summary = &reader->summary;

	summary->why = reader->format->judge(reader->state, summary->calls - summary->operations,
					     &summary->lost);
	if (reader->status < 0)
		summary->why = "it is damaged";
	else if (!summary->why && reader->jumps)
		summary->why = "its times go back";
	summary->complete = !summary->why;
}

static int reader_conclude(struct trace_reader *reader, struct error *err)
{
	reader_judge(reader);
	if (reader->status < 0)
		*err = reader->input->error;
	return reader->status;
}

static inline void reader_watch_time(struct trace_reader *reader, const struct trace_head *head)
{
	if (head->ts >= reader->passed)
		reader->passed = head->ts;
	else if (head->type != TRACE_END && reader->passed - head->ts >= JUMP_NS)
		reader->jumps = true;
}

/* Whether one that comes live makes a pause; else it has more, or will have it soon. */
static inline bool reader_pauses(struct trace_reader *reader)
{
	return reader->count && trace_input_pauses(reader->input);
}

/* Fills the queue; but one that comes live waits for no more than must be, and where it pauses,
 * gives up all that it has. */
static void reader_fill(struct trace_reader *reader)
{
	bool live = reader->input->live, pauses = false;

	memmove(reader->queue, reader->queue + reader->first,
		reader->count * sizeof(*reader->queue));
	reader->first = 0;
	while (reader->status > 0 && reader->count < ROOM && !pauses) {
		if (reader_take_calls(reader))
			continue;
		if (live && reader->count >= HORIZON && trace_input_is_dry(reader->input))
			break;
		pauses = live && reader_pauses(reader);
		if (!pauses)
			reader->status = reader_take(reader);
	}
	reader->ready = reader->count;
	if (reader->status > 0 && !pauses)
		reader->ready -= HORIZON - 1;
}

/* Whether a record is ready to be passed on. */
static inline bool reader_is_ready(struct trace_reader *reader)
{
	if (!reader->ready)
		reader_fill(reader);
	reader->summary.bytes = reader->input->bytes;
	return reader->ready;
}

static inline void reader_pass(struct trace_reader *reader, uint32_t count)
{
	reader->first += count;
	reader->count -= count;
	reader->ready -= count;
}

int trace_reader_next(struct trace_reader *reader, struct trace_record *ret_record,
		      struct error *err)
{
	const struct trace_head *next;

	if (!reader_is_ready(reader))
		return reader_conclude(reader, err);
	next = &reader->queue[reader->first];
	if (trace_is_call(next)) {
		ret_record->head = *next;
	} else {
		*ret_record = reader->kept[next->nr];
		reader->free_place[reader->free_count++] = next->nr;
	}
	reader_watch_time(reader, next);
	reader_pass(reader, 1);
	return 1;
}

size_t trace_reader_run(struct trace_reader *reader, size_t most, uint64_t until_ns,
			const struct trace_head **ret_calls)
{
	const struct trace_head *calls;
	uint32_t count = 0;

	if (!reader_is_ready(reader))
		return 0;
	calls = &reader->queue[reader->first];
	most = most < reader->ready ? most : reader->ready;
	while (count < most && trace_is_call(&calls[count]) && calls[count].tid == calls->tid &&
	       calls[count].ts < until_ns)
		reader_watch_time(reader, &calls[count++]);
	reader_pass(reader, count);
	*ret_calls = calls;
	return count;
}

/* Finds out what the file is. */
static int reader_begin(struct trace_reader *reader, uint32_t abi)
{
	struct trace_input *input = reader->input;
	const char *head = (const char *)input->data;

	input->data[input->filled] = '\0';
	if (input->filled == 0)
		return fail(&input->error, -EINVAL, "'%s' is no trace: it is empty", input->path);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!reader->format && formats[i]->recognize(head, input->filled))
			reader->format = formats[i];
	if (!reader->format)
		return fail(&input->error, -EINVAL,
			    "'%s' is no trace: it is neither bosc's own, nor the output of strace, "
			    "nor a recording of LID-DS, nor a list of numbers",
			    input->path);
	if (reader->format == &trace_bsc_format && input->filled >= 2 * sizeof(TRACE_MAGIC))
		memcpy(&reader->summary.inode, head + sizeof(TRACE_MAGIC), sizeof(uint64_t));
	reader->summary.format = reader->format->name;
	reader->summary.timed = !reader->format->bare;
	return reader->format->open(input, abi, &reader->state);
}

static void reader_close_p(struct trace_reader **reader)
{
	trace_reader_close(*reader);
}

int trace_reader_open(const char *path, uint32_t abi, struct trace_reader **ret_reader,
		      struct error *err)
{
	_cleanup_(reader_close_p) struct trace_reader *reader = calloc(1, sizeof(*reader));
	int status;

	if (!reader)
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	while (reader->free_count < ROOM) {
		reader->free_place[reader->free_count] = (uint16_t)reader->free_count;
		reader->free_count++;
	}
	status = trace_input_open(path, &reader->input, err);
	if (status < 0)
		return status;
	reader->summary.total = compress_reader_total(reader->input->file);
	reader->summary.why = "it was not read to its end";
	status = reader_begin(reader, abi);
	if (status < 0) {
		*err = reader->input->error;
		return status;
	}
	reader->status = 1;
	*ret_reader = reader;
	reader = NULL;
	return 0;
}

const struct trace_summary *trace_reader_summary(const struct trace_reader *reader)
{
	return &reader->summary;
}

void trace_reader_close(struct trace_reader *reader)
{
	if (!reader)
		return;
	if (reader->state)
		reader->format->close(reader->state);
	trace_input_close(reader->input);
	free(reader);
}
