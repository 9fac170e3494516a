/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands for http_curl.c where libcurl is left out, as in a static build: Debian has no whole set
 * of static libraries for it. */
#include "http.h"

#include <string.h>

const char *http_get(const char *socket, const char *url, struct http_answer *ret_answer)
{
	(void)socket;
	(void)url;
	memset(ret_answer, 0, sizeof(*ret_answer));
	return "this bosc was built without libcurl";
}

const char *http_grpc(const char *socket, const char *method, const char *header,
		      struct http_answer *ret_answer)
{
	(void)header;
	return http_get(socket, method, ret_answer);
}

void http_answer_free(const struct http_answer *answer)
{
	(void)answer;
}
