/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The zstd format; the only file that knows libzstd. It is the one to record with: at its third
 * level it compresses a trace faster than most disks write it.
 */
#include "codec.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 3

struct zstd_decoder {
	ZSTD_DStream *stream;
	bool within; /* a frame has begun and did not end yet */
};

static void zstd_decoder_free(void *state)
{
	struct zstd_decoder *decoder = state;

	if (decoder)
		ZSTD_freeDStream(decoder->stream);
	free(decoder);
}

static void *zstd_decoder_new(void)
{
	struct zstd_decoder *decoder = calloc(1, sizeof(*decoder));

	/* Of itself libzstd refuses a window above 128 MiB. */
	if (decoder)
		decoder->stream = ZSTD_createDStream();
	if (decoder && decoder->stream)
		return decoder;
	zstd_decoder_free(decoder);
	return NULL;
}

static int zstd_decode(void *state, struct span *in, bool last, struct span *out,
		       const char **ret_why)
{
	struct zstd_decoder *decoder = state;
	ZSTD_inBuffer from = { in->data, in->size, in->at };
	ZSTD_outBuffer to = { out->data, out->size, out->at };
	bool progress;
	size_t ret;

	/* Asked once more behind the last frame, libzstd would begin to wait for another. */
	if (last && !decoder->within && in->at == in->size)
		return 0;
	ret = ZSTD_decompressStream(decoder->stream, &to, &from);
	progress = from.pos > in->at || to.pos > out->at;
	in->at = from.pos;
	out->at = to.pos;
	if (ZSTD_isError(ret)) {
		*ret_why = ZSTD_getErrorName(ret);
		return -EBADMSG;
	}
	decoder->within = ret != 0;
	return last && !progress ? -ENODATA : 1;
}

static void zstd_encoder_free(void *encoder)
{
	ZSTD_freeCCtx(encoder);
}

static void *zstd_encoder_new(void)
{
	ZSTD_CCtx *encoder = ZSTD_createCCtx();

	if (encoder) {
		ZSTD_CCtx_setParameter(encoder, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(encoder, ZSTD_c_checksumFlag, 1);
	}
	return encoder;
}

static int zstd_encode(void *encoder, struct span *in, struct span *out, enum codec_action action,
		       const char **ret_why)
{
	static const ZSTD_EndDirective actions[] = { ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end };
	ZSTD_inBuffer from = { in->data, in->size, in->at };
	ZSTD_outBuffer to = { out->data, out->size, out->at };
	size_t left = ZSTD_compressStream2(encoder, &to, &from, actions[action]);

	in->at = from.pos;
	out->at = to.pos;
	if (ZSTD_isError(left)) {
		*ret_why = ZSTD_getErrorName(left);
		return -EIO;
	}
	return action == CODEC_CONTINUE ? in->at < in->size : left > 0;
}

const struct codec codec_zstd = {
	.ending = ".zst",
	.magic = { 0x28, 0xb5, 0x2f, 0xfd },
	.magic_size = 4,
	.decoder_new = zstd_decoder_new,
	.encoder_new = zstd_encoder_new,
	.decoder_free = zstd_decoder_free,
	.encoder_free = zstd_encoder_free,
	.decode = zstd_decode,
	.encode = zstd_encode,
};
