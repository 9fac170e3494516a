/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speaks to the Docker engine over its unix socket; podman's service understands the same
 * request. It is only ever one: the list of all containers.
 *
 * The list tells less of a container than inspecting it would, but inspecting waits for its lock,
 * which the engine holds while it starts the container. That is exactly when bosc asks: it has just
 * met the new cgroup. Docker makes the list from a snapshot that needs no lock; podman takes each
 * container's lock either way, so that the limit on the time is what helps there.
 */
#include "docker.h"

#include <errno.h>
#include <string.h>

#include "http.h"
#include "runtime.h"
#include "util.h"

#define LIST_URL "http://localhost/containers/json?all=1"

int docker_unreachable(struct error *err, const char *where, const char *reason)
{
	fail(err, -EHOSTDOWN, "cannot ask the container runtime at '%s': %s", where, reason);
	return fail_hint(
		err, -EHOSTDOWN,
		"DOCKER_HOST=unix://SOCKET, or the container's cgroup instead of its name");
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

int docker_ask(const char *socket, json_t **ret_list, const char **ret_runtime, struct error *err)
{
	_cleanup_answer_ struct http_answer answer = { 0 };
	_cleanup_json_ json_t *list = NULL;
	const char *reason = http_get(socket, LIST_URL, &answer);
	int status;

	if (reason)
		return docker_unreachable(err, socket, reason);
	list = answer.text ? json_loadb(answer.text, answer.size, 0, NULL) : NULL;
	status = check_answer(answer.status, list, socket, err);
	if (status)
		return status;
	*ret_runtime = strncmp(answer.server, "Libpod/", strlen("Libpod/")) ? "docker" : "podman";
	*ret_list = json_incref(list);
	return 0;
}
