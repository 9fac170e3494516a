/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watches of a live run: how one is added, given its profile, and met.
 */
#ifndef BOSC_LIVE_WATCH_H
#define BOSC_LIVE_WATCH_H

#include "live.h"

/* Gives the watch an index and takes it over, on failure as well. -ENOSPC: there are too many. */
int live_watch_add(struct live *live, struct watch *watch, struct error *err);

/* Gives the watch its profile. One sensor has one size of windows. */
int live_watch_prepare(struct live *live, struct watch *watch, struct error *err);

/* Adds a watch while the others are watched: gives it its profile, and begins it. Takes it over,
 * and leaves nothing of it on failure. */
int live_watch_enter(struct live *live, struct watch *watch, struct error *err);

/* A watch for a container that nobody named. A failure leaves nothing of it. */
int live_watch_container(struct live *live, const struct container *container,
			 struct watch **ret_watch, struct error *err);

/* The watch's container turned out to be this one. Another of the same name is met like the
 * first. */
void live_watch_is(struct watch *watch, const struct container *container);

/* A task or cgroup of the watch was found. */
void live_watch_met(struct live *live, struct watch *watch);

#endif
