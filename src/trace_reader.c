/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a trace, which may come from anywhere: nothing in it is believed before it is checked.
 *
 * The records of several CPUs stand in a file nearly in order. The reader keeps the next HORIZON
 * records in a ring sorted by time; a record that comes in goes in behind all that are not later,
 * which is at the ring's end, at the cost of one comparison, unless it is one of the few that
 * came too late. A record of the ring is its head alone, since nearly all records are calls;
 * the others are kept beside it, in places that a stack of free ones hands out.
 */
#include "trace.h"

#include <errno.h>
#include <string.h>

#include "compress.h"
#include "util.h"

#define HORIZON	    512u /* records; a power of two */
#define UNIT	    16u	 /* of payload */
#define HEADER_SIZE 16u
#define BUFFER_SIZE (256u << 10)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are used as they stand");
_Static_assert(sizeof(struct trace_head) == 16, "as in a file");
_Static_assert(sizeof(struct trace_task) == 2 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_exec) == 8 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_fork) == UNIT, "as in a file");
_Static_assert(sizeof(struct trace_end) == UNIT, "as in a file");
_Static_assert(sizeof(struct trace_host) == 6 * UNIT, "as in a file");
_Static_assert(sizeof(struct trace_record) == 9 * UNIT, "no padding behind the head");

struct pending {
	struct trace_head head;
	uint32_t place; /* in `kept`; not of a call */
};

struct trace_reader {
	struct compress_reader *input;
	char *path;
	struct trace_summary summary;
	int status; /* 1: the file has more, 0: it was read to its end, negative: see `error` */
	struct error error;
	bool ended;    /* END was read */
	bool trailing; /* and then something else */
	struct trace_end end;

	uint64_t offset; /* of buffer[0], in the file as it is uncompressed */
	size_t at;
	size_t filled;

	uint32_t first; /* in the ring */
	uint32_t count;
	uint32_t free_count;
	uint32_t free_place[HORIZON];
	struct pending ring[HORIZON];
	struct trace_record kept[HORIZON];
	unsigned char buffer[BUFFER_SIZE];
};

static bool type_is_known(uint8_t type)
{
	return type <= TRACE_END || type == TRACE_HOST;
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

/* Moves the rest of the buffer to its beginning and reads on behind it. 1, 0 at the end. */
static int reader_refill(struct trace_reader *reader)
{
	size_t rest = reader->filled - reader->at;
	long size;

	memmove(reader->buffer, reader->buffer + reader->at, rest);
	reader->offset += reader->at;
	reader->at = 0;
	reader->filled = rest;
	size = compress_reader_read(reader->input, reader->buffer + rest, BUFFER_SIZE - rest,
				    &reader->error);
	reader->summary.bytes = compress_reader_bytes(reader->input);
	if (size <= 0)
		return (int)size;
	reader->filled += (size_t)size;
	return 1;
}

/* Makes sure that the next `size` bytes stand in the buffer. 1, 0 at the end. */
static inline int reader_want(struct trace_reader *reader, size_t size)
{
	int status = 1;

	while (status > 0 && reader->filled - reader->at < size)
		status = reader_refill(reader);
	return status;
}

static int reader_skip(struct trace_reader *reader, size_t size)
{
	int status = 1;

	while (status > 0 && reader->filled - reader->at < size) {
		size -= reader->filled - reader->at;
		reader->at = reader->filled;
		status = reader_refill(reader);
	}
	if (status > 0)
		reader->at += size;
	return status;
}

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

/* Keeps a record whose payload is next in the buffer. */
static void reader_keep(struct trace_reader *reader, const struct trace_head *head, size_t size)
{
	uint32_t place = reader->free_place[--reader->free_count];
	struct trace_record *record = &reader->kept[place];

	record->head = *head;
	memcpy((unsigned char *)record + sizeof(*head), reader->buffer + reader->at, size);
	record_terminate(record);
	if (head->type == TRACE_END && !reader->ended) {
		reader->end = record->end;
		reader->ended = true;
	}
	reader_insert(reader, head, place);
}

/* The rest of any record but a call. Of a payload longer than it is known here, as a later
 * version may write it, the known beginning is used. */
static int reader_payload(struct trace_reader *reader, const struct trace_head *head)
{
	size_t size = type_payload(head->type);
	size_t rest = head->nr * (size_t)UNIT;
	int status;

	if (!type_is_known(head->type))
		return reader_skip(reader, rest);
	if (rest < size)
		return fail(&reader->error, -EBADMSG,
			    "'%s' is corrupt: the record at byte %llu, of type %u, is too short",
			    reader->path,
			    (unsigned long long)(reader->offset + reader->at - sizeof(*head)),
			    head->type);
	status = reader_want(reader, size);
	if (status <= 0)
		return status;
	reader_keep(reader, head, size);
	return reader_skip(reader, rest);
}

/* Takes the next record of the file into the ring. 1, 0 at the end. */
static inline int reader_take(struct trace_reader *reader)
{
	struct trace_head head;
	int status = reader_want(reader, sizeof(head));

	if (status <= 0)
		return status;
	memcpy(&head, reader->buffer + reader->at, sizeof(head));
	reader->at += sizeof(head);
	reader->trailing = reader->ended;
	if (head.type != TRACE_SYS)
		return reader_payload(reader, &head);
	reader->summary.calls++;
	reader_insert(reader, &head, 0);
	return 1;
}

static const char *reader_judge(const struct trace_reader *reader)
{
	if (reader->status < 0)
		return "it is damaged";
	if (!reader->ended)
		return "no end record: it was cut short";
	if (reader->trailing || reader->at < reader->filled)
		return "records after the end record";
	if (compress_reader_is_cut(reader->input))
		return "its compressed data was cut short";
	if (reader->end.lost > 0)
		return "records were lost while it was recorded";
	if (reader->end.calls != reader->summary.calls)
		return "it does not hold as many calls as its end record says";
	return NULL;
}

static int reader_conclude(struct trace_reader *reader, struct error *err)
{
	reader->summary.lost = reader->end.lost;
	reader->summary.why = reader_judge(reader);
	reader->summary.complete = !reader->summary.why;
	if (reader->status < 0)
		*err = reader->error;
	return reader->status;
}

int trace_reader_next(struct trace_reader *reader, struct trace_record *ret_record,
		      struct error *err)
{
	const struct pending *next;

	while (reader->status > 0 && reader->count < HORIZON)
		reader->status = reader_take(reader);
	if (reader->count == 0)
		return reader_conclude(reader, err);
	next = &reader->ring[reader->first];
	if (next->head.type == TRACE_SYS) {
		ret_record->head = next->head;
	} else {
		*ret_record = reader->kept[next->place];
		reader->free_place[reader->free_count++] = next->place;
	}
	reader->first = (reader->first + 1) % HORIZON;
	reader->count--;
	return 1;
}

/* The header: magic and inode. What does not begin so is no trace. */
static int reader_begin(struct trace_reader *reader)
{
	int status = reader_want(reader, HEADER_SIZE);

	if (status == 0)
		return fail(&reader->error, -EINVAL,
			    "'%s' is not a bosc trace: it is shorter than the header of one",
			    reader->path);
	if (status < 0)
		return status;
	if (memcmp(reader->buffer, TRACE_MAGIC, sizeof(TRACE_MAGIC)) != 0)
		return fail(&reader->error, -EINVAL,
			    "'%s' is not a bosc trace: it does not begin with '" TRACE_MAGIC "'",
			    reader->path);
	memcpy(&reader->summary.inode, reader->buffer + sizeof(TRACE_MAGIC), sizeof(uint64_t));
	reader->at = HEADER_SIZE;
	return 0;
}

static void reader_close_p(struct trace_reader **reader)
{
	trace_reader_close(*reader);
}

int trace_reader_open(const char *path, struct trace_reader **ret_reader, struct error *err)
{
	_cleanup_(reader_close_p) struct trace_reader *reader = calloc(1, sizeof(*reader));
	int status;

	if (!reader || !(reader->path = strdup(path)))
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	for (uint32_t i = 0; i < HORIZON; i++)
		reader->free_place[reader->free_count++] = i;
	status = compress_reader_open(path, &reader->input, err);
	if (status < 0)
		return status;
	reader->summary.total = compress_reader_total(reader->input);
	reader->summary.why = "it was not read to its end";
	status = reader_begin(reader);
	if (status < 0) {
		*err = reader->error;
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
	compress_reader_close(reader->input);
	free(reader->path);
	free(reader);
}
