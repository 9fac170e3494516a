/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers that nobody named: each that runs, or starts, becomes a watch (--all).
 */
#ifndef BOSC_LIVE_ALL_H
#define BOSC_LIVE_ALL_H

#include "live.h"

/* Makes a watch of every container that runs. */
int live_all_first(struct live *live, struct error *err);

/* Makes a watch of a container whose own cgroup is at `path`. */
int live_all_bind(struct live *live, const struct container *container, const char *path,
		  struct error *err);

#endif
