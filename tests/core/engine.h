/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A made-up Docker engine for tests: a thread that serves prepared answers on a unix socket, one
 * connection after the other, and counts the questions. To be included after cmocka, whose
 * assertions it uses.
 */
#ifndef BOSC_TEST_ENGINE_H
#define BOSC_TEST_ENGINE_H

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../src/util.h"

#define HTTP(status) "HTTP/1.1 " status "\r\nServer: Docker/28 (linux)\r\n\r\n"
#define OK	     HTTP("200 OK")

/* Of an answer: NULL text never comes, the connection stays open until the client gives up. */
struct reply {
	const char *path, *text;
};

struct engine {
	char directory[32], path[64];
	int socket;
	_Atomic int asked;
	const struct reply *_Atomic replies;
	pthread_t thread;
};

static void engine_serve(struct engine *engine, int client)
{
	char request[1024] = "", path[512] = "", byte;
	const struct reply *reply = engine->replies;
	ssize_t length = read(client, request, sizeof(request) - 1);

	engine->asked++;
	if (length <= 0 || sscanf(request, "GET %511s ", path) != 1)
		return;
	while (reply->path && strcmp(reply->path, path))
		reply++;
	if (!reply->path)
		dprintf(client, HTTP("404 Not Found") "{\"message\":\"page not found\"}");
	else if (reply->text)
		dprintf(client, "%s", reply->text);
	else if (read(client, &byte, 1) < 0)
		return;
}

static void *engine_run(void *context)
{
	struct engine *engine = context;

	for (;;) {
		_cleanup_close_ int client = accept(engine->socket, NULL, NULL);

		if (client < 0)
			return NULL;
		engine_serve(engine, client);
	}
}

/* An engine that DOCKER_HOST names, and that knows nothing until its `replies` are set. */
static struct engine *engine_start(void)
{
	static const struct reply none[] = { { NULL, NULL } };
	struct engine *engine = calloc(1, sizeof(*engine));
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char host[96];

	strcpy(engine->directory, "/tmp/bosc-engine-XXXXXX");
	assert_non_null(mkdtemp(engine->directory));
	snprintf(engine->path, sizeof(engine->path), "%s/socket", engine->directory);
	strcpy(address.sun_path, engine->path);
	engine->replies = none;
	engine->socket = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(engine->socket, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(engine->socket, 8), 0);
	snprintf(host, sizeof(host), "unix://%s", engine->path);
	setenv("DOCKER_HOST", host, 1);
	assert_int_equal(pthread_create(&engine->thread, NULL, engine_run, engine), 0);
	return engine;
}

static void engine_stop(struct engine *engine)
{
	shutdown(engine->socket, SHUT_RDWR);
	pthread_join(engine->thread, NULL);
	close(engine->socket);
	unlink(engine->path);
	rmdir(engine->directory);
	free(engine);
}

#endif
