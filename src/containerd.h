/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * containerd behind its socket.
 */
#ifndef BOSC_CONTAINERD_H
#define BOSC_CONTAINERD_H

#include "container.h"
#include "error.h"

/* An id is unique in its namespace. One of 64 digits, as Kubernetes and nerdctl draw them, is so
 * everywhere, and the cgroup is named by it alone. */
void containerd_id(char ret_id[CONTAINER_ID], const char *namespace, const char *name);

/* Adds all its containers, those that do not run included, but those of the namespace "moby", which
 * are Docker's to tell of. -EHOSTDOWN: nobody answers there, or nonsense. */
int containerd_ask(const char *socket, struct container_list *list, struct error *err);

#endif
