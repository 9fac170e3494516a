/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The xz format; the only file that knows liblzma. Recording must not disturb what is recorded,
 * hence the fastest preset; a flush keeps the dictionary, so it costs a few bytes, not a block.
 */
#include "codec.h"

#include <errno.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#define PRESET	   1
#define MEMORY_MAX (256ull << 20) /* for decoding; `xz -9` wants a quarter of it */

static void xz_free(void *stream)
{
	if (stream)
		lzma_end(stream);
	free(stream);
}

static void *xz_started(lzma_stream *stream, lzma_ret ret)
{
	if (ret == LZMA_OK)
		return stream;
	xz_free(stream);
	return NULL;
}

static void *xz_decoder_new(void)
{
	lzma_stream *stream = calloc(1, sizeof(*stream));

	/* A file may consist of several streams, as parallel compressors and `cat` make it. */
	return stream ? xz_started(stream,
				   lzma_stream_decoder(stream, MEMORY_MAX, LZMA_CONCATENATED))
		      : NULL;
}

static void *xz_encoder_new(void)
{
	lzma_stream *stream = calloc(1, sizeof(*stream));

	return stream ? xz_started(stream, lzma_easy_encoder(stream, PRESET, LZMA_CHECK_CRC32))
		      : NULL;
}

static lzma_ret xz_step(lzma_stream *stream, struct span *in, struct span *out, lzma_action action)
{
	lzma_ret ret;

	stream->next_in = in->data + in->at;
	stream->avail_in = in->size - in->at;
	stream->next_out = out->data + out->at;
	stream->avail_out = out->size - out->at;
	ret = lzma_code(stream, action);
	in->at = in->size - stream->avail_in;
	out->at = out->size - stream->avail_out;
	return ret;
}

static int xz_fail(lzma_ret ret, const char **ret_why)
{
	*ret_why = "its xz data is corrupt";
	if (ret == LZMA_MEM_ERROR) {
		*ret_why = strerror(ENOMEM);
		return -ENOMEM;
	}
	if (ret == LZMA_FORMAT_ERROR)
		*ret_why = "something else follows its xz data";
	if (ret == LZMA_MEMLIMIT_ERROR)
		*ret_why = "its xz dictionary is too large";
	if (ret == LZMA_OPTIONS_ERROR)
		*ret_why = "it needs a newer liblzma";
	return -EBADMSG;
}

static int xz_decode(void *decoder, struct span *in, bool last, struct span *out,
		     const char **ret_why)
{
	lzma_ret ret = xz_step(decoder, in, out, last ? LZMA_FINISH : LZMA_RUN);

	if (ret == LZMA_STREAM_END)
		return 0;
	/* No progress: for want of input. */
	if (ret == LZMA_BUF_ERROR)
		return last ? -ENODATA : 1;
	return ret == LZMA_OK ? 1 : xz_fail(ret, ret_why);
}

static int xz_encode(void *encoder, struct span *in, struct span *out, enum codec_action action,
		     const char **ret_why)
{
	static const lzma_action actions[] = { LZMA_RUN, LZMA_SYNC_FLUSH, LZMA_FINISH };
	lzma_ret ret = xz_step(encoder, in, out, actions[action]);

	if (ret == LZMA_STREAM_END)
		return 0;
	if (ret != LZMA_OK && ret != LZMA_BUF_ERROR)
		return xz_fail(ret, ret_why);
	return action != CODEC_CONTINUE || in->at < in->size;
}

const struct codec codec_xz = {
	.ending = ".xz",
	.magic = { 0xfd, '7', 'z', 'X', 'Z', 0 },
	.magic_size = 6,
	.decoder_new = xz_decoder_new,
	.encoder_new = xz_encoder_new,
	.decoder_free = xz_free,
	.encoder_free = xz_free,
	.decode = xz_decode,
	.encode = xz_encode,
};
