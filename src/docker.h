/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Docker engine, or podman's service, behind a unix socket.
 */
#ifndef BOSC_DOCKER_H
#define BOSC_DOCKER_H

#include <jansson.h>

#include "error.h"

/* All containers, those that do not run included, as an array of what the engine says of each.
 * `ret_runtime`: "docker" or "podman". -EHOSTDOWN: nobody answers there, or nonsense. */
int docker_ask(const char *socket, json_t **ret_list, const char **ret_runtime, struct error *err);

/* Says so. -EHOSTDOWN. */
int docker_unreachable(struct error *err, const char *where, const char *reason);

#endif
