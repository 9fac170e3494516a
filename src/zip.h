/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One file out of a zip archive, as a stream: the LID-DS data sets keep a recording and what is
 * known of it (JSON) in an archive each. The archive is read from the front, so it may come through
 * a pipe; memory is bounded, whatever it says of itself.
 */
#ifndef BOSC_ZIP_H
#define BOSC_ZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "compress.h"
#include "error.h"

struct zip_reader;

/* Whether a file that begins so is a zip archive. */
bool zip_recognize(const void *head, size_t size);

/*
 * Finds the first file in the archive whose name has this ending. `head` are the bytes that were
 * read of `input` before; they are copied. -ENOENT, without a sentence, when there is no such file.
 */
int zip_reader_open(const char *path, struct compress_reader *input, const void *head, size_t size,
		    const char *ending, struct zip_reader **ret_zip, struct error *err);

/* As compress_reader_read(). */
long zip_reader_read(struct zip_reader *zip, void *buffer, size_t size, struct error *err);

/* After the end: the archive stopped in the middle of the file. */
bool zip_reader_is_cut(const struct zip_reader *zip);
void zip_reader_close(struct zip_reader *zip);

/* The whole of a file of an archive, ended by a NUL; -EFBIG when it has more than `most` bytes,
 * -ENOENT, with a sentence, when there is no file with this ending. */
int zip_load(const char *path, const char *ending, size_t most, char **ret_text, struct error *err);

#endif
