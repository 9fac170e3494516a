/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a trace of any format (trace_format.h): the format is known by how the file begins, and
 * makes records of it; here they are put into the order of time.
 *
 * The records of several CPUs stand in a file nearly in order. The reader keeps the next HORIZON
 * records in a ring sorted by time; a record that comes in goes in behind all that are not later,
 * which is at the ring's end, at the cost of one comparison, unless it is one of the few that
 * came too late. A record of the ring is its head alone, since nearly all records are calls;
 * the others are kept beside it, in places that a stack of free ones hands out. What comes so late
 * that the ring cannot help is passed on where it stands: one that is late by JUMP_NS makes the
 * recording incomplete, for then it was not written in the order of time at all.
 */
#include <errno.h>
#include <string.h>

#include "../core/window.h"
#include "compress.h"
#include "trace_format.h"
#include "util.h"

#define HORIZON 512u /* records; a power of two */
#define JUMP_NS NS_PER_S

struct pending {
	struct trace_head head;
	uint32_t place; /* in `kept`; not of a call */
};

struct trace_reader {
	struct trace_input *input;
	const struct trace_format *format;
	void *state; /* the format's */
	struct trace_summary summary;
	int status;	 /* 1: the file has more, 0: it was read to its end, negative: the error */
	uint64_t passed; /* the latest time that was passed on */
	bool jumps;
	bool drains; /* a live one pauses: what is in the ring is passed on */

	uint32_t first; /* in the ring */
	uint32_t count;
	uint32_t free_count;
	uint32_t free_place[HORIZON];
	struct pending ring[HORIZON];
	struct trace_record kept[HORIZON];
};

static const struct trace_format *const formats[] = {
	&trace_bsc_format,
	&trace_lids_format,
	&trace_strace_format,
	&trace_numbers_format,
};

static inline struct pending *reader_pending(struct trace_reader *reader, uint32_t index)
{
	return &reader->ring[(reader->first + index) % HORIZON];
}

static inline void reader_insert(struct trace_reader *reader, const struct trace_head *head,
				 uint32_t place)
{
	uint32_t index = reader->count++;

	for (; index > 0 && reader_pending(reader, index - 1)->head.ts > head->ts; index--)
		*reader_pending(reader, index) = *reader_pending(reader, index - 1);
	*reader_pending(reader, index) = (struct pending){ *head, place };
}

/* Takes the next record of the file into the ring. 1, 0 at the end. */
static inline int reader_take(struct trace_reader *reader)
{
	struct trace_record record;
	uint32_t place = 0;
	int status = reader->format->next(reader->state, &record);

	if (status <= 0)
		return status;
	if (trace_is_call(&record.head)) {
		reader->summary.calls++;
		reader->summary.operations += record.head.type == TRACE_URING;
	} else {
		place = reader->free_place[--reader->free_count];
		reader->kept[place] = record;
	}
	reader_insert(reader, &record.head, place);
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

/* Keeps the ring full; but where a live one pauses, gives up all that it has before it waits. */
static inline void reader_fill(struct trace_reader *reader)
{
	reader->drains = reader->drains && reader->count;
	while (reader->status > 0 && reader->count < HORIZON && !reader->drains) {
		if (reader->input->live && reader->count)
			reader->drains = trace_input_pauses(reader->input);
		if (!reader->drains)
			reader->status = reader_take(reader);
	}
}

int trace_reader_next(struct trace_reader *reader, struct trace_record *ret_record,
		      struct error *err)
{
	const struct pending *next;

	reader_fill(reader);
	reader->summary.bytes = reader->input->bytes;
	if (reader->count == 0)
		return reader_conclude(reader, err);
	next = &reader->ring[reader->first];
	if (trace_is_call(&next->head)) {
		ret_record->head = next->head;
	} else {
		*ret_record = reader->kept[next->place];
		reader->free_place[reader->free_count++] = next->place;
	}
	reader_watch_time(reader, &next->head);
	reader->first = (reader->first + 1) % HORIZON;
	reader->count--;
	return 1;
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

int trace_reader_open_as(const char *path, uint32_t abi, struct trace_reader **ret_reader,
			 struct error *err)
{
	_cleanup_(reader_close_p) struct trace_reader *reader = calloc(1, sizeof(*reader));
	int status;

	if (!reader)
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	for (uint32_t i = 0; i < HORIZON; i++)
		reader->free_place[reader->free_count++] = i;
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

int trace_reader_open(const char *path, struct trace_reader **ret_reader, struct error *err)
{
	return trace_reader_open_as(path, ABI_NATIVE, ret_reader, err);
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
