/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One HTTP request, or one call of gRPC, over a unix socket. Meson chooses the file behind it:
 * http_curl.c, or http_none.c where bosc is built without libcurl.
 */
#ifndef BOSC_HTTP_H
#define BOSC_HTTP_H

#include <stddef.h>

struct http_answer {
	long status; /* of HTTP; of a call of gRPC its own, where 0 is success */
	char server[64];
	char *text; /* the body, not ended by a NUL; NULL: empty */
	size_t size;
};

/*
 * Gets `url` from who listens at the socket. NULL, or why there is no answer: within 2 seconds, and
 * of at most 16 MiB. The answer is the caller's to free either way.
 */
const char *http_get(const char *socket, const char *url, struct http_answer *ret_answer);

/*
 * Calls a method of gRPC ("package.Service/Method") with an empty message and this header, by
 * HTTP/2; the text is the answer's message. NULL, or why there is no answer, as above.
 */
const char *http_grpc(const char *socket, const char *method, const char *header,
		      struct http_answer *ret_answer);

void http_answer_free(const struct http_answer *answer);
#define _cleanup_answer_ __attribute__((cleanup(http_answer_free)))

#endif
