/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of live.c that finds a watch's tasks and cgroups and hands them to the sensor.
 */
#ifndef BOSC_LIVE_BIND_H
#define BOSC_LIVE_BIND_H

#include "live.h"

/* Takes in what runs of the watch already. Nothing yet is no error, but for a pid, and a cgroup
 * that cannot come. */
int live_bind_running(struct live *live, struct watch *watch, struct error *err);

/* The same for all watches that the user named. */
int live_bind_named(struct live *live, struct error *err);

/* Binds the cgroup that is its container's, or unit's, own, and all below it. */
int live_bind_home(struct live *live, struct watch *watch, const char *path, struct error *err);

/* The same of one that was just made. Unless something of the target ran in it already, its start
 * is seen. */
int live_bind_new_home(struct live *live, struct watch *watch, const char *path, struct error *err);

/* Visits every cgroup. That some cannot be read is said, once. */
int live_bind_walk(struct live *live, cgroup_visit *visit, void *context);

/* What is known of the container with this id, which may have been made since all were listed. */
void live_bind_describe(const struct live *live, const char *id, struct container *ret_container);

/* A container appeared, whose cgroup is at `path`: binds it if it is one of the targets. */
int live_bind_container(struct live *live, const struct container *container, const char *path,
			struct error *err);

/* A cgroup came or went. */
int live_bind_event(struct live *live, const struct event_cgroup *event, struct error *err);

#endif
