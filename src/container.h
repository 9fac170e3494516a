/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers as the runtimes of this machine know them (runtime.h). Without any, a container's id
 * alone works, where its cgroup is named by it.
 */
#ifndef BOSC_CONTAINER_H
#define BOSC_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define CONTAINER_ID 160

struct container {
	/* Full; "namespace/id" where containerd was given one by hand; the name of an LXC or
	 * systemd-nspawn container. */
	char id[CONTAINER_ID];
	char name[256];	   /* "web", "namespace/pod/container", "namespace/id"; empty: unknown */
	char alias[256];   /* another name that it has */
	char image[256];   /* by name; its digest once the name means another image */
	char digest[256];  /* "sha256:…" of the image; empty: unknown */
	char command[256]; /* with its arguments, as the runtime lists it */
	char runtime[16];  /* "docker", "podman", "containerd", …; empty: unknown */
};

/* Owned; all zero: empty. */
struct container_list {
	struct container *all;
	size_t count, room;
	size_t folders; /* of other users' runtimes that could be read, if without containers */
	size_t unread;	/* folders of runtimes that could not */
	int status;	/* of container_list_all() */
	struct error reason; /* of a failure */
};

/* All that the runtimes know, in an empty list. The first runtime that cannot be asked is told in
 * `reason`, and the others are asked all the same: -EHOSTDOWN. -ENOENT: there is no runtime. */
int container_list_all(struct container_list *list);
void container_list_free(const struct container_list *list);

#define _cleanup_list_ _cleanup_(container_list_free)

/* NULL: none has this id. */
const struct container *container_list_find(const struct container_list *list, const char *id);

/*
 * Finds in the list of all the container that the user calls `what`: a full id, a name, the end of
 * one behind a slash ("container" or "pod/container" of Kubernetes), or a prefix of an id (of at
 * least 3 hex digits); decided in this order, as Docker does. -ENOENT: no runtime knows one;
 * -EEXIST: several fit (the error lists them); -EHOSTDOWN: there is no runtime, or one of them
 * cannot be asked, and no other knows it.
 */
int container_find(const struct container_list *list, const char *what,
		   struct container *ret_container, struct error *err);

/* The full id of the container whose own cgroup this is; false: it is nobody's. */
bool container_at(const char *relative, char ret_id[CONTAINER_ID]);

/*
 * What the runtimes know of a full id; fields that they do not know stay empty. False when none
 * knows it; then only `id` is filled in. Docker answers within milliseconds, also while it starts
 * the container; nobody is waited for longer than 2 s.
 */
bool container_describe(const char *id, struct container *ret_container);

/* Whether the user's word, which may be a part, means this container. */
bool container_is_called(const struct container *container, const char *what);

/* 64 digits, as most runtimes draw them. */
bool container_id_is_hex(const char *id);

#endif
