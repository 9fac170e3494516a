/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream of bytes from or to a file that may be compressed, plain, by xz or by zstd. A reader
 * goes by the file's first bytes, a writer by the ending of its name (.xz, .zst). The name "-" is
 * standard input or output. All memory is bounded, whatever the file says.
 */
#ifndef BOSC_COMPRESS_H
#define BOSC_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Whether this name stands for standard input or output. */
static inline bool compress_is_stream(const char *path)
{
	return path[0] == '-' && !path[1];
}

struct compress_reader;

int compress_reader_open(const char *path, struct compress_reader **ret_reader, struct error *err);

/*
 * Reads and decompresses up to `size` bytes: how many, 0 at the end, or negative errno. Whatever
 * can be decompressed before damage comes first; then the error, again at every further call.
 */
long compress_reader_read(struct compress_reader *reader, void *buffer, size_t size,
			  struct error *err);

/* After the end: whether the file stops in the middle of its compressed data. */
bool compress_reader_is_cut(const struct compress_reader *reader);

/* Of the file as it lies on the disk: read until now, and its size (0: a pipe). */
uint64_t compress_reader_bytes(const struct compress_reader *reader);
uint64_t compress_reader_total(const struct compress_reader *reader);
void compress_reader_close(struct compress_reader *reader);

struct compress_writer;

/* Creates the file with mode 0600; it must not exist. */
int compress_writer_create(const char *path, struct compress_writer **ret_writer,
			   struct error *err);

/* After one failure every further call of these three fails alike. */
int compress_writer_write(struct compress_writer *writer, const void *data, size_t size,
			  struct error *err);

/* Hands to the kernel whatever makes all that was written readable. */
int compress_writer_flush(struct compress_writer *writer, struct error *err);

/* Completes the compressed data, syncs and closes; frees the writer in any case. */
int compress_writer_finish(struct compress_writer *writer, struct error *err);

/* Size of the file once all that was compressed until now is written. */
uint64_t compress_writer_bytes(const struct compress_writer *writer);

/* Removes the file and frees the writer. */
void compress_writer_abandon(struct compress_writer *writer);

#endif
