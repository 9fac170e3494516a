/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace files (docs/trace-format.md): what `bosc record` writes and --trace reads, plain or
 * compressed by xz or zstd as the name's ending says (.xz, .zst). Little endian. The recordings of
 * others are read through the same functions, as if they were such: the output of strace, those
 * of the LID-DS data sets, lists of numbers.
 */
#ifndef BOSC_TRACE_H
#define BOSC_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/record.h"
#include "error.h"

#define TRACE_MAGIC "BSCREC1"

/* One record; which payload counts is said by head.type. */
struct trace_record {
	struct trace_head head;
	union {
		struct trace_task task;
		struct trace_exec exec;
		struct trace_fork fork;
		struct trace_end end;
		struct trace_host host;
	};
};

/* What is known of a file once it was read to its end. */
struct trace_summary {
	bool complete; /* it has its END record, says that nothing was lost, and its counts agree */
	const char
		*why; /* one phrase, when it is not complete: "no end record: it was cut short" */
	uint64_t lost;
	uint64_t calls;	     /* read: SYS and URING records */
	uint64_t operations; /* of them those of io_uring */
	uint64_t bytes;	     /* of the file, compressed, read until now */
	uint64_t total;	     /* size of the file */
	uint64_t inode;	     /* of the recorded cgroup, from the header; 0: unknown */
	const char *format;  /* "the output of strace" */
	bool timed;	     /* the times are of a clock, and not merely in order */
};

struct trace_reader;

/* Fails clearly on a file that is no trace. The numbers of a list of numbers are of this ABI (enum
 * abi), else of the native one. */
int trace_reader_open(const char *path, uint32_t abi, struct trace_reader **ret_reader,
		      struct error *err);

/*
 * The next record in the order of time (a stable sort within a small horizon); types that this
 * version does not know are skipped. 1, 0 at the end, negative errno on a read error or a corrupt
 * record. A file that simply stops in the middle of a record or of a compressed block ends
 * there: 0, and the summary says that it is incomplete.
 */
int trace_reader_next(struct trace_reader *reader, struct trace_record *ret_record,
		      struct error *err);

/*
 * The calls that come next, one after the other of one thread, at most so many and before
 * `until_ns`: as many as stand ready, valid until more is asked for. 0: something else is next, of
 * which trace_reader_next() tells.
 */
size_t trace_reader_run(struct trace_reader *reader, size_t most, uint64_t until_ns,
			const struct trace_head **ret_calls);

/* Valid at any time; `complete` only after the end. */
const struct trace_summary *trace_reader_summary(const struct trace_reader *reader);
void trace_reader_close(struct trace_reader *reader);

struct trace_writer;

/* Creates the file (mode 0600, it must not exist) with its header and the TRACE_HOST record. */
int trace_writer_create(const char *path, uint64_t cgroup_inode, struct trace_writer **ret_writer,
			struct error *err);

/* Appends records as they stand in a file: `size` bytes of whole records. Counts the calls. */
int trace_writer_append(struct trace_writer *writer, const void *records, size_t size,
			struct error *err);

/* Writes out all that was appended, so that a kill loses nothing before it. */
int trace_writer_flush(struct trace_writer *writer, struct error *err);

/* Writes the END record, syncs and closes; frees the writer in any case. */
int trace_writer_finish(struct trace_writer *writer, uint64_t lost, struct error *err);

/* Ends the file as it is, without an END record, after a recording that failed; frees the
 * writer. */
void trace_writer_close(struct trace_writer *writer);

/* Operations of io_uring included. */
uint64_t trace_writer_calls(const struct trace_writer *writer);
uint64_t trace_writer_bytes(const struct trace_writer *writer);

#endif
