/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that may be compressed. The buffers, the system calls and the errors are here, the same
 * for all formats; a format itself is a struct codec (codec.h). A plain file has none: reading
 * one, the bytes go straight from the kernel to the caller.
 */
#include "compress.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "codec.h"
#include "util.h"

#define IN_SIZE	  (64u << 10)
#define OUT_SIZE  (128u << 10)
#define FILE_MODE 0600

static const struct codec *const codecs[] = { &codec_xz, &codec_zstd };

struct compress_reader {
	const struct codec *codec; /* NULL: plain */
	void *decoder;
	char *path;
	int fd;
	int status; /* 1: there may be more, 0: the end, negative: as `error` says */
	struct error error;
	bool exhausted; /* the file was read to its end */
	bool cut;
	uint64_t bytes;
	uint64_t total;
	struct span in; /* what was read and not yet decoded */
	unsigned char buffer[IN_SIZE];
};

struct compress_writer {
	const struct codec *codec; /* NULL: plain */
	void *encoder;
	char *path;
	int fd;
	int status; /* 0, or negative as `error` says */
	struct error error;
	uint64_t written;
	struct span out; /* what was encoded and not yet written */
	unsigned char buffer[OUT_SIZE];
};

static const struct codec *codec_by_magic(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (size >= codecs[i]->magic_size &&
		    memcmp(data, codecs[i]->magic, codecs[i]->magic_size) == 0)
			return codecs[i];
	return NULL;
}

static const struct codec *codec_by_name(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
		size_t ending = strlen(codecs[i]->ending);

		if (length >= ending && strcmp(path + length - ending, codecs[i]->ending) == 0)
			return codecs[i];
	}
	return NULL;
}

static void span_copy(struct span *from, struct span *to)
{
	size_t size = from->size - from->at;

	if (size > to->size - to->at)
		size = to->size - to->at;
	if (size == 0)
		return;
	memcpy(to->data + to->at, from->data + from->at, size);
	from->at += size;
	to->at += size;
}

/* Reads from the file: how much, 0 at its end. */
static long reader_load(struct compress_reader *reader, void *data, size_t size)
{
	ssize_t loaded;

	do
		loaded = read(reader->fd, data, size);
	while (loaded < 0 && errno == EINTR);
	if (loaded < 0)
		return fail(&reader->error, -errno, "cannot read '%s': %s", reader->path,
			    strerror(errno));
	reader->exhausted = loaded == 0;
	reader->bytes += (uint64_t)loaded;
	return loaded;
}

/* The beginning of the file, from which its format is known. A pipe may give it in pieces. */
static int reader_recognize(struct compress_reader *reader)
{
	struct span *in = &reader->in;

	in->data = reader->buffer;
	while (in->size < CODEC_MAGIC && !reader->exhausted) {
		long size = reader_load(reader, in->data + in->size, IN_SIZE - in->size);

		if (size < 0)
			return (int)size;
		in->size += (size_t)size;
	}
	reader->codec = codec_by_magic(in->data, in->size);
	if (!reader->codec)
		return 0;
	reader->decoder = reader->codec->decoder_new();
	return reader->decoder ? 0
			       : fail(&reader->error, -ENOMEM, "cannot decompress '%s': %s",
				      reader->path, strerror(ENOMEM));
}

static void reader_close_p(struct compress_reader **reader)
{
	compress_reader_close(*reader);
}

int compress_reader_open(const char *path, struct compress_reader **ret_reader, struct error *err)
{
	_cleanup_(reader_close_p) struct compress_reader *reader = calloc(1, sizeof(*reader));
	struct stat st;
	int status;

	if (!reader)
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	reader->fd = compress_is_stream(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					      : open(path, O_RDONLY | O_CLOEXEC);
	if (reader->fd < 0 || fstat(reader->fd, &st) < 0)
		return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
	reader->total = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	reader->path = strdup(path);
	if (!reader->path)
		return fail(err, -ENOMEM, "cannot open '%s': %s", path, strerror(ENOMEM));
	status = reader_recognize(reader);
	if (status < 0) {
		*err = reader->error;
		return status;
	}
	reader->status = 1;
	*ret_reader = reader;
	reader = NULL;
	return 0;
}

static int reader_plain(struct compress_reader *reader, struct span *out)
{
	long size;

	span_copy(&reader->in, out);
	if (out->at > 0)
		return 1;
	size = reader_load(reader, out->data, out->size);
	if (size <= 0)
		return (int)size;
	out->at = (size_t)size;
	return 1;
}

static int reader_decode(struct compress_reader *reader, struct span *out)
{
	struct span *in = &reader->in;
	const char *why = NULL;
	int status;

	if (in->at == in->size && !reader->exhausted) {
		long size = reader_load(reader, reader->buffer, IN_SIZE);

		if (size < 0)
			return (int)size;
		in->size = (size_t)size;
		in->at = 0;
	}
	status = reader->codec->decode(reader->decoder, in, reader->exhausted, out, &why);
	if (status == -ENODATA) {
		reader->cut = true;
		return 0;
	}
	return status >= 0 ? status
			   : fail(&reader->error, status, "cannot decompress '%s': %s",
				  reader->path, why);
}

long compress_reader_read(struct compress_reader *reader, void *buffer, size_t size,
			  struct error *err)
{
	struct span out = { buffer, size, 0 };

	while (reader->status > 0 && out.at == 0)
		reader->status = reader->codec ? reader_decode(reader, &out)
					       : reader_plain(reader, &out);
	if (out.at == 0 && reader->status < 0)
		*err = reader->error;
	return out.at ? (long)out.at : reader->status;
}

bool compress_reader_is_cut(const struct compress_reader *reader)
{
	return reader->cut;
}

uint64_t compress_reader_bytes(const struct compress_reader *reader)
{
	return reader->bytes;
}

uint64_t compress_reader_total(const struct compress_reader *reader)
{
	return reader->total;
}

void compress_reader_close(struct compress_reader *reader)
{
	if (!reader)
		return;
	close_p(&reader->fd);
	if (reader->decoder)
		reader->codec->decoder_free(reader->decoder);
	free(reader->path);
	free(reader);
}

static int writer_fail(struct compress_writer *writer, int status, const char *why)
{
	writer->status = fail(&writer->error, status, "cannot write '%s': %s", writer->path, why);
	return writer->status;
}

/* Writes out what was encoded. */
static int writer_drain(struct compress_writer *writer)
{
	struct span *out = &writer->out;
	size_t at = 0;

	while (at < out->at) {
		ssize_t size = write(writer->fd, out->data + at, out->at - at);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return writer_fail(writer, -errno, strerror(errno));
		at += (size_t)size;
		writer->written += (uint64_t)size;
	}
	out->at = 0;
	return 0;
}

/* One step: 1 when there is more to do, once the buffer was written out. */
static int writer_step(struct compress_writer *writer, struct span *in, enum codec_action action)
{
	const char *why = NULL;
	int more;

	if (!writer->codec) {
		span_copy(in, &writer->out);
		return in->at < in->size;
	}
	more = writer->codec->encode(writer->encoder, in, &writer->out, action, &why);
	return more < 0 ? writer_fail(writer, more, why) : more;
}

/* Encodes the data, and writes the buffer out whenever it is full. */
static int writer_encode(struct compress_writer *writer, struct span *in, enum codec_action action)
{
	int more = writer->status < 0 ? writer->status : 1;

	while (more > 0) {
		more = writer_step(writer, in, action);
		if (more >= 0 && writer->out.at == OUT_SIZE && writer_drain(writer) < 0)
			return writer->status;
	}
	return more;
}

/* Makes the encoder give out what it holds, and the file take it. */
static int writer_push(struct compress_writer *writer, enum codec_action action)
{
	struct span none = { writer->buffer, 0, 0 };
	int status = writer_encode(writer, &none, action);

	return status < 0 ? status : writer_drain(writer);
}

static void writer_free(struct compress_writer *writer)
{
	close_p(&writer->fd);
	if (writer->encoder)
		writer->codec->encoder_free(writer->encoder);
	free(writer->path);
	free(writer);
}

static void writer_free_p(struct compress_writer **writer)
{
	if (*writer)
		writer_free(*writer);
}

static int writer_open(struct compress_writer *writer, const char *path, struct error *err)
{
	int status;

	writer->fd = compress_is_stream(path)
			     ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			     : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (writer->fd >= 0)
		return 0;
	status = fail(err, -errno, "cannot create '%s': %s", path, strerror(errno));
	return status == -EEXIST ? fail_hint(err, status, "another name, or remove that file")
				 : status;
}

int compress_writer_create(const char *path, struct compress_writer **ret_writer, struct error *err)
{
	_cleanup_(writer_free_p) struct compress_writer *writer = calloc(1, sizeof(*writer));
	int status;

	if (!writer)
		return fail(err, -ENOMEM, "cannot create '%s': %s", path, strerror(ENOMEM));
	writer->fd = -1;
	writer->out = (struct span){ writer->buffer, OUT_SIZE, 0 };
	writer->path = strdup(path);
	writer->codec = codec_by_name(path);
	if (writer->codec)
		writer->encoder = writer->codec->encoder_new();
	if (!writer->path || (writer->codec && !writer->encoder))
		return fail(err, -ENOMEM, "cannot create '%s': %s", path, strerror(ENOMEM));
	status = writer_open(writer, path, err);
	if (status < 0)
		return status;
	*ret_writer = writer;
	writer = NULL;
	return 0;
}

int compress_writer_write(struct compress_writer *writer, const void *data, size_t size,
			  struct error *err)
{
	struct span in = { (unsigned char *)data, size, 0 };

	if (writer_encode(writer, &in, CODEC_CONTINUE) < 0)
		*err = writer->error;
	return writer->status;
}

int compress_writer_flush(struct compress_writer *writer, struct error *err)
{
	if (writer_push(writer, CODEC_FLUSH) < 0)
		*err = writer->error;
	return writer->status;
}

int compress_writer_finish(struct compress_writer *writer, struct error *err)
{
	int status;

	if (writer_push(writer, CODEC_END) == 0 && !compress_is_stream(writer->path) &&
	    fsync(writer->fd) < 0)
		writer_fail(writer, -errno, strerror(errno));
	if (close(writer->fd) < 0 && writer->status == 0)
		writer_fail(writer, -errno, strerror(errno));
	writer->fd = -1;
	status = writer->status;
	if (status < 0)
		*err = writer->error;
	writer_free(writer);
	return status;
}

uint64_t compress_writer_bytes(const struct compress_writer *writer)
{
	return writer->written + writer->out.at;
}

void compress_writer_abandon(struct compress_writer *writer)
{
	if (!compress_is_stream(writer->path))
		unlink(writer->path);
	writer_free(writer);
}
