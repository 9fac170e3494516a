/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speaks HTTP to the Docker engine over its unix socket; podman's service understands the same
 * request. It is only ever one: the list of all containers.
 *
 * The list tells less of a container than inspecting it would, but inspecting waits for its lock,
 * which the engine holds while it starts the container. That is exactly when bosc asks: it has just
 * met the new cgroup. Docker makes the list from a snapshot that needs no lock; podman takes each
 * container's lock either way, so that the limit on the time is what helps there.
 *
 * The answer comes within seconds and below a size.
 */
#include "docker.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"
#include "util.h"

#define LIST_URL    "http://localhost/containers/json?all=1"
#define ANSWER_MS   2000L
#define ANSWER_MOST (16u << 20)

static void curl_p(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

/* The body of an answer as it comes in. */
struct answer {
	char *text;
	size_t size, room;
};

static void answer_free(const struct answer *answer)
{
	free(answer->text);
}

#define _cleanup_curl_	 _cleanup_(curl_p)
#define _cleanup_answer_ _cleanup_(answer_free)

static size_t answer_add(char *data, size_t unit, size_t count, void *context)
{
	struct answer *answer = context;
	size_t size = unit * count, room = answer->room;
	char *grown;

	if (size > ANSWER_MOST - answer->size)
		return CURL_WRITEFUNC_ERROR;
	if (answer->size + size > room) {
		room = 2 * (answer->size + size);
		grown = realloc(answer->text, room);
		if (!grown)
			return CURL_WRITEFUNC_ERROR;
		answer->text = grown;
		answer->room = room;
	}
	memcpy(answer->text + answer->size, data, size);
	answer->size += size;
	return size;
}

int docker_unreachable(struct error *err, const char *where, const char *reason)
{
	fail(err, -EHOSTDOWN, "cannot ask the container runtime at '%s': %s", where, reason);
	return fail_hint(
		err, -EHOSTDOWN,
		"DOCKER_HOST=unix://SOCKET, or the container's cgroup instead of its name");
}

/* Of a proxy in the environment curl makes no use for a unix socket. Signals are the program's. */
static void set_up(CURL *curl, const char *socket, struct answer *answer)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, LIST_URL);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_add);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
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

static int check_answer(long status, const json_t *json, const char *socket, struct error *err)
{
	const char *said = json_string_value(json_object_get(json, "message"));
	char reason[256];

	if (status == 200 && json_is_array(json))
		return 0;
	if (status == 200)
		return docker_unreachable(err, socket,
					  json ? "the answer is no list" : "the answer is no JSON");
	snprintf(reason, sizeof(reason), "HTTP status %ld%s%.200s", status, said ? ": " : "",
		 said ? said : "");
	return docker_unreachable(err, socket, reason);
}

static const char *runtime_of(CURL *curl)
{
	struct curl_header *server;

	if (!curl_easy_header(curl, "Server", 0, CURLH_HEADER, -1, &server) &&
	    !strncmp(server->value, "Libpod/", strlen("Libpod/")))
		return "podman";
	return "docker";
}

/* Asks for all containers, those that do not run included. */
int docker_ask(const char *socket, json_t **ret_list, const char **ret_runtime, struct error *err)
{
	_cleanup_curl_ CURL *curl = curl_easy_init();
	_cleanup_answer_ struct answer answer = { 0 };
	_cleanup_json_ json_t *list = NULL;
	long http_status = 0;
	CURLcode code;
	int status;

	if (!curl)
		return fail(err, -ENOMEM, "cannot ask the container runtime: out of memory");
	set_up(curl, socket, &answer);
	code = curl_easy_perform(curl);
	if (code)
		return docker_unreachable(err, socket, reason_of(curl, code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
	list = answer.text ? json_loadb(answer.text, answer.size, 0, NULL) : NULL;
	status = check_answer(http_status, list, socket, err);
	if (status)
		return status;
	*ret_runtime = runtime_of(curl);
	*ret_list = json_incref(list);
	return 0;
}
