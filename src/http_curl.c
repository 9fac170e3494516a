/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests by libcurl; no other file includes its header. */
#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "util.h"

#define ANSWER_MS   2000L
#define ANSWER_MOST (16u << 20)

/* The answer as it comes in. */
struct incoming {
	struct http_answer *answer;
	size_t room;
};

static void curl_p(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

#define _cleanup_curl_ _cleanup_(curl_p)

void http_answer_free(const struct http_answer *answer)
{
	free(answer->text);
}

static size_t answer_add(char *data, size_t unit, size_t count, void *context)
{
	struct incoming *incoming = context;
	struct http_answer *answer = incoming->answer;
	size_t size = unit * count, room = incoming->room;
	char *grown;

	if (size > ANSWER_MOST - answer->size)
		return CURL_WRITEFUNC_ERROR;
	if (answer->size + size > room) {
		room = 2 * (answer->size + size);
		grown = realloc(answer->text, room);
		if (!grown)
			return CURL_WRITEFUNC_ERROR;
		answer->text = grown;
		incoming->room = room;
	}
	memcpy(answer->text + answer->size, data, size);
	answer->size += size;
	return size;
}

/* Of a proxy in the environment curl makes no use for a unix socket. Signals are the program's. */
static void set_up(CURL *curl, const char *socket, const char *url, struct incoming *incoming)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_add);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, incoming);
}

/* Why curl_easy_perform() failed: what the system said of the socket tells more than curl does. */
static const char *reason_of(CURL *curl, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (code == CURLE_COULDNT_CONNECT && error)
		return strerror((int)error);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no answer in time";
	if (code == CURLE_WRITE_ERROR)
		return "the answer is too long";
	return curl_easy_strerror(code);
}

static const char *perform(CURL *curl, const char *socket, const char *url,
			   struct http_answer *ret_answer)
{
	struct incoming incoming = { .answer = ret_answer };
	CURLcode code;

	memset(ret_answer, 0, sizeof(*ret_answer));
	if (!curl)
		return strerror(ENOMEM);
	set_up(curl, socket, url, &incoming);
	code = curl_easy_perform(curl);
	if (code)
		return reason_of(curl, code);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
	return NULL;
}

const char *http_get(const char *socket, const char *url, struct http_answer *ret_answer)
{
	_cleanup_curl_ CURL *curl = curl_easy_init();
	const char *reason = perform(curl, socket, url, ret_answer);
	struct curl_header *server;

	if (reason)
		return reason;
	if (!curl_easy_header(curl, "Server", 0, CURLH_HEADER, -1, &server))
		snprintf(ret_answer->server, sizeof(ret_answer->server), "%s", server->value);
	return NULL;
}

/* Before a message of gRPC: whether it is compressed, and its size in four bytes. */
#define FRAME 5

/* Takes away what is before the message, of which there must be one. */
static const char *unpack(struct http_answer *answer)
{
	const unsigned char *head = (const unsigned char *)answer->text;
	size_t size;

	if (answer->size < FRAME || head[0])
		return "the answer is no message";
	size = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (size != answer->size - FRAME)
		return "the answer is cut short";
	answer->size = size;
	memmove(answer->text, answer->text + FRAME, size);
	return NULL;
}

/* What became of the call stands behind the answer, or before, where there is no message. */
static const char *result_of(CURL *curl, struct http_answer *answer)
{
	struct curl_header *status;

	if (answer->status != 200 ||
	    curl_easy_header(curl, "grpc-status", 0, CURLH_HEADER | CURLH_TRAILER, -1, &status))
		return "it does not speak gRPC";
	answer->status = strtol(status->value, NULL, 10);
	return answer->status ? NULL : unpack(answer);
}

static void slist_p(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

/* Adds a line, or leaves NULL where there is no memory for all. */
static void add_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = *headers ? curl_slist_append(*headers, line) : NULL;

	if (!longer)
		slist_p(headers);
	*headers = longer;
}

const char *http_grpc(const char *socket, const char *method, const char *header,
		      struct http_answer *ret_answer)
{
	static const char empty[FRAME] = { 0 };
	_cleanup_(slist_p) struct curl_slist *headers = curl_slist_append(
		NULL, "Content-Type: application/grpc");
	_cleanup_curl_ CURL *curl = curl_easy_init();
	char url[256];
	const char *reason;

	memset(ret_answer, 0, sizeof(*ret_answer));
	add_header(&headers, "TE: trailers");
	add_header(&headers, header);
	if (!curl || !headers)
		return strerror(ENOMEM);
	snprintf(url, sizeof(url), "http://localhost/%s", method);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, empty);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)sizeof(empty));
	reason = perform(curl, socket, url, ret_answer);
	return reason ? reason : result_of(curl, ret_answer);
}
