/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers as their runtime knows them. Asked of the Docker engine's socket (DOCKER_HOST when it
 * names a unix socket, else /var/run/docker.sock); without it, a container's id alone works.
 */
#ifndef BOSC_CONTAINER_H
#define BOSC_CONTAINER_H

#include <stdbool.h>

#include "error.h"

struct container {
	char id[80];	   /* full */
	char name[256];	   /* without the leading slash; empty: unknown */
	char image[256];   /* by name; its digest once the name means another image */
	char digest[256];  /* "sha256:…" of the image; empty: unknown */
	char command[256]; /* with its arguments, as the runtime lists it */
	char runtime[16];  /* "docker", "podman"; empty: unknown */
};

/*
 * Finds the container that the user calls `what`: a full id, a unique prefix of one (of at least
 * 3 hex digits), or a name; what is both, Docker decides in this order: full id, name, prefix.
 * -ENOENT: the runtime knows none, -EEXIST: the prefix fits several (the error lists them),
 * -EHOSTDOWN: no runtime answers in time, or what answers is none.
 */
int container_find(const char *what, struct container *ret_container, struct error *err);

/*
 * What the runtime knows of a full id; fields that it does not know stay empty. False when no
 * runtime answers or none knows it; then only `id` is filled in, and not even that when what is
 * given is no id. Docker answers within milliseconds, also while it starts the container; nobody
 * is waited for longer than 2 s.
 */
bool container_describe(const char *id, struct container *ret_container);

#endif
