/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one run learnt, as bytes: the same on every machine, and the same for the same content. So
 * runs can be kept, sent, and counted once wherever they meet.
 *
 * A content is a profile of one run, whose parts and threads are numbered from 1 and whose windows
 * from 0. Its bags with the part 0 were known before the run began; in a run without parts, as of
 * the paper's method, no bag has one. Numbers are of seven bits a byte, the lowest first, the top
 * bit saying that more follow (LEB128); a text is its length and its bytes; of sorted numbers the
 * differences are written.
 */
#ifndef BOSC_CORE_CONTENT_H
#define BOSC_CORE_CONTENT_H

#include "profile.h"

#define CONTENT_VERSION 1

/* The bytes, which the caller frees. -ENOMEM, else 0. */
int content_encode(const struct profile *content, unsigned char **ret_bytes, size_t *ret_size);

/* The content, which passes profile_check(); its name is `name`. -EBADMSG, with the reason in
 * `*ret_why`: these are not the bytes of one. -ENOMEM. */
int content_decode(const unsigned char *bytes, size_t size, const char *name,
		   struct profile **ret_content, const char **ret_why);

#endif
