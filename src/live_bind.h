/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of live.c that finds a watch's tasks and cgroups and hands them to the sensor.
 */
#ifndef BOSC_LIVE_BIND_H
#define BOSC_LIVE_BIND_H

#include "live.h"

/* Takes in what runs of the watch already. Nothing yet is no error, but for a pid, and a cgroup that
 * cannot come. */
int live_bind_running(struct live *live, struct watch *watch, struct error *err);

/* Makes a watch of every container that runs. */
int live_bind_all(struct live *live, struct error *err);

/* A cgroup came or went. */
int live_bind_event(struct live *live, const struct event_cgroup *event, struct error *err);

#endif
