/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers that nobody named: each that runs, or starts, becomes a watch (--all). One that cannot
 * be watched is said, once, and never ends the watching of the others.
 */
#ifndef BOSC_LIVE_ALL_H
#define BOSC_LIVE_ALL_H

#include "live.h"

/* Makes a watch of every container that runs. */
int live_all_first(struct live *live, struct error *err);

/* Makes a watch of a container whose own cgroup, at `path`, was just made. */
int live_all_bind(struct live *live, const struct container *container, const char *path,
		  struct error *err);

/* What came of binding a cgroup of the watch, whose container nobody may have named. */
int live_all_bound(struct live *live, struct watch *watch, int status, struct error *err);

/* When live_all_again() has something to do (monotonic; UINT64_MAX: nothing). */
uint64_t live_all_due(const struct live *live);

/* Tries those again that could not be watched for a reason that passes, if it is time to. */
int live_all_again(struct live *live, struct error *err);

#endif
