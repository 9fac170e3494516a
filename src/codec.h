/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A compression format as compress.c uses it: streams in memory, no files. A new format is one
 * more file that fills in this table, and one row in compress.c.
 */
#ifndef BOSC_CODEC_H
#define BOSC_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#define CODEC_MAGIC 8

struct span {
	unsigned char *data;
	size_t size;
	size_t at; /* how much of it was taken, or filled, until now */
};

/* What an encoder does once it took in its data. */
enum codec_action {
	CODEC_CONTINUE,
	CODEC_FLUSH, /* give out all that a reader needs to see the data up to here */
	CODEC_END,
};

struct codec {
	const char *ending; /* of file names */
	unsigned char magic[CODEC_MAGIC];
	size_t magic_size;

	/* A decoder, an encoder; NULL: no memory. */
	void *(*decoder_new)(void);
	void *(*encoder_new)(void);
	void (*decoder_free)(void *decoder);
	void (*encoder_free)(void *encoder);

	/*
	 * One step, which takes from `in` and adds to `out`; `last` says that nothing will come
	 * after `in`. 1: there may be more, 0: the end, -ENODATA: the data stops before its end,
	 * or negative errno with the reason in `*ret_why`. There may be output in any case.
	 */
	int (*decode)(void *decoder, struct span *in, bool last, struct span *out,
		      const char **ret_why);

	/* One step: 1: call again with more room, 0: done, or negative errno as above. */
	int (*encode)(void *encoder, struct span *in, struct span *out, enum codec_action action,
		      const char **ret_why);
};

extern const struct codec codec_xz;
extern const struct codec codec_zstd;

#endif
