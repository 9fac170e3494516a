/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives are read by libarchive; no other file includes its header. It is given the bytes by
 * compress.c, the head that was looked at before first.
 */
#include "zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "util.h"

#define CHUNK (64u << 10)

struct zip_reader {
	struct archive *archive;
	struct compress_reader *input;
	char *path;
	struct error error; /* of the input */
	int status;	    /* negative: `error` says why */
	bool cut;
	size_t head_size; /* of the buffer, before it is read into */
	unsigned char buffer[];
};

bool zip_recognize(const void *head, size_t size)
{
	return size >= 4 && memcmp(head, "PK\3\4", 4) == 0;
}

static la_ssize_t on_read(struct archive *archive, void *context, const void **ret_data)
{
	struct zip_reader *zip = context;
	long size = (long)zip->head_size;

	*ret_data = zip->buffer;
	if (size > 0) {
		zip->head_size = 0;
		return size;
	}
	size = compress_reader_read(zip->input, zip->buffer, CHUNK, &zip->error);
	if (size < 0) {
		zip->status = (int)size;
		archive_set_error(archive, EIO, "%s", zip->error.text);
	}
	return size;
}

static int zip_fail(const struct zip_reader *zip, struct error *err)
{
	const char *why = archive_error_string(zip->archive);

	if (zip->status < 0) {
		*err = zip->error;
		return zip->status;
	}
	return fail(err, -EBADMSG, "'%s' is corrupt: %s", zip->path, why ? why : "no zip archive");
}

static void zip_reader_close_p(struct zip_reader **zip)
{
	zip_reader_close(*zip);
}

int zip_reader_open(const char *path, struct compress_reader *input, const void *head, size_t size,
		    const char *ending, struct zip_reader **ret_zip, struct error *err)
{
	_cleanup_(zip_reader_close_p) struct zip_reader *zip = NULL;
	struct archive_entry *entry;
	int status;

	zip = calloc(1, sizeof(*zip) + (size > CHUNK ? size : CHUNK));
	if (!zip || !(zip->path = strdup(path)) || !(zip->archive = archive_read_new()))
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	zip->input = input;
	zip->head_size = size;
	memcpy(zip->buffer, head, size);
	archive_read_support_format_zip_streamable(zip->archive);
	if (archive_read_open(zip->archive, zip, NULL, on_read, NULL) != ARCHIVE_OK)
		return zip_fail(zip, err);
	while ((status = archive_read_next_header(zip->archive, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);

		if (!name || !ends_with(name, ending))
			continue;
		*ret_zip = zip;
		zip = NULL;
		return 0;
	}
	return status == ARCHIVE_EOF ? -ENOENT : zip_fail(zip, err);
}

/* An archive that stops is no error, but an end, like that of any recording cut short. */
long zip_reader_read(struct zip_reader *zip, void *buffer, size_t size, struct error *err)
{
	long got = zip->cut ? 0 : archive_read_data(zip->archive, buffer, size);

	if (got >= 0)
		return got;
	if (zip->status >= 0 && compress_reader_read(zip->input, buffer, 1, err) == 0) {
		zip->cut = true;
		return 0;
	}
	return zip_fail(zip, err);
}

bool zip_reader_is_cut(const struct zip_reader *zip)
{
	return zip->cut;
}

void zip_reader_close(struct zip_reader *zip)
{
	if (!zip)
		return;
	if (zip->archive)
		archive_read_free(zip->archive);
	free(zip->path);
	free(zip);
}

static void input_close_p(struct compress_reader **input)
{
	if (*input)
		compress_reader_close(*input);
}

int zip_load(const char *path, const char *ending, size_t most, char **ret_text, struct error *err)
{
	_cleanup_(input_close_p) struct compress_reader *input = NULL;
	_cleanup_(zip_reader_close_p) struct zip_reader *zip = NULL;
	_cleanup_free_ char *text = malloc(most + 2);
	size_t size = 0;
	long got;
	int status;

	if (!text)
		return fail(err, -ENOMEM, "cannot read '%s': %s", path, strerror(ENOMEM));
	status = compress_reader_open(path, &input, err);
	if (status < 0)
		return status;
	status = zip_reader_open(path, input, "", 0, ending, &zip, err);
	if (status == -ENOENT)
		return fail(err, -ENOENT, "the archive '%s' holds no file '*%s'", path, ending);
	if (status < 0)
		return status;
	while ((got = zip_reader_read(zip, text + size, most + 1 - size, err)) > 0)
		size += (size_t)got;
	if (got < 0)
		return (int)got;
	if (size > most)
		return fail(err, -EFBIG, "'*%s' in the archive '%s' is too long", ending, path);
	text[size] = '\0';
	*ret_text = text;
	text = NULL;
	return 0;
}
