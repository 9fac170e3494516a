/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers that the user named, that are not there yet, and have no profile by their name: which
 * profile they are held against is only known with their image. Each becomes a watch when it is
 * there.
 */
#ifndef BOSC_LIVE_PENDING_H
#define BOSC_LIVE_PENDING_H

#include "live.h"

/* Takes the watch at this place, which was not given a profile yet, out of the live run's. With
 * --all it will be one of all. */
void live_pending_put(struct live *live, size_t place);

/* Whether one that is waited for is called like the container. */
bool live_pending_is(const struct live *live, const struct container *container);

/* Makes a watch of it, and binds the container's own cgroup, which is at `path`. That there is no
 * profile for it ends the run only where nothing else is watched or waited for; else it is said. */
int live_pending_bind(struct live *live, const struct container *container, const char *path,
		      struct error *err);

/* Does so with those that run already. */
int live_pending_running(struct live *live, struct error *err);

/* Whether the runtimes, as they were listed last, know one of them. */
bool live_pending_known(const struct live *live);

void live_pending_free(struct live *live);

#endif
