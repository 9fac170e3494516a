/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cgroup hierarchies of this machine: the unified one (v2), wherever it is mounted, and of
 * the v1 ones that of the pids controller, in which every container's tasks sit too.
 */
#ifndef BOSC_CGROUP_H
#define BOSC_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

#define CGROUP_PATH 4096
#define CGROUP_ID   80

#define CGROUP_SKIP 1 /* a visit's result */

struct cgroup_mounts {
	char unified[CGROUP_PATH]; /* mount point; empty: none */
	char pids[CGROUP_PATH];
};

/* Reads /proc/self/mountinfo. -ENOENT when no hierarchy is mounted. */
int cgroup_mounts_read(struct cgroup_mounts *ret_mounts, struct error *err);

/* The same of any text in the form of mountinfo (proc(5)). Of several mounts of one hierarchy the
 * first that shows most of it counts: in a container, that of the host, which begins above the root
 * of the container's cgroup namespace. */
int cgroup_mounts_parse(FILE *mountinfo, struct cgroup_mounts *ret_mounts);

/* The key by which the sensor knows a cgroup: its id << 1, plus 1 in the v1 hierarchy. `path` is
 * that of the directory. */
int cgroup_key(const struct cgroup_mounts *mounts, const char *path, uint64_t *ret_key,
	       struct error *err);

/* Called for each cgroup; `path` is that of the directory, `relative` below the mount point ("/"
 * for the mount point itself). Not 0 ends the walk and becomes its result, but for CGROUP_SKIP:
 * what is below this one is passed over. */
typedef int cgroup_visit(const char *path, const char *relative, void *context);

/* Visits the cgroup at `path` and all below it, parents first; cgroups that vanish meanwhile are
 * passed over. A cgroup is visited before what is in it is listed: what is made below it after the
 * visit is either listed or seen by whoever watches since the visit. What cannot be read, or lies
 * too deep to have a path, is passed over as well, and `ret_unread` says so of the first; its text
 * is empty when there is none. -EINVAL when `path` lies in no hierarchy. */
int cgroup_walk(const struct cgroup_mounts *mounts, const char *path, cgroup_visit *visit,
		void *context, struct error *ret_unread);

/* Visits every cgroup of both hierarchies. */
int cgroup_walk_all(const struct cgroup_mounts *mounts, cgroup_visit *visit, void *context,
		    struct error *ret_unread);

/* The directory meant by a user's -g: an absolute path below a mount point, one relative to the
 * root of a hierarchy, or the name of a systemd unit ("ssh.service", "ssh"); the unified hierarchy
 * comes first. -ENOENT when there is none, -EEXIST when several have the name, -EACCES when it is
 * not among those that could be read. */
int cgroup_resolve(const struct cgroup_mounts *mounts, const char *name, char *ret_path,
		   struct error *err);

/* Whether the cgroup of this path has the name, which is no path, or is the unit's of this name. */
bool cgroup_is_called(const char *path, const char *name);

/* Whether what cgroup_resolve() did not find could be the name of a cgroup that is made later. */
bool cgroup_may_come(const struct cgroup_mounts *mounts, const char *name);

/* The full id of the container whose own cgroup this is ("/docker/<64 hex>",
 * "…/docker-<64 hex>.scope", "…/cri-containerd-<64 hex>.scope", "libpod-<64 hex>" …); false for
 * the cgroup of no container and for what lies below a container's cgroup. `ret_id` has
 * CGROUP_ID bytes. */
bool cgroup_container_id(const char *relative, char *ret_id);

#endif
