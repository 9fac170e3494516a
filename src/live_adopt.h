/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of live_bind.c that takes in processes which run already: those of a cgroup, and those
 * that are meant by number or by name, with all that descend from them.
 */
#ifndef BOSC_LIVE_ADOPT_H
#define BOSC_LIVE_ADOPT_H

#include "live.h"

/* What runs in the cgroup at `path`, whose beginning was missed. */
int live_adopt_members(struct live *live, struct watch *watch, const char *path, struct error *err);

/* The process whose number the watch is called, and what descends from it; -ESRCH when there is
 * none. */
int live_adopt_pid(struct live *live, struct watch *watch, struct error *err);

/* Every process that executes what the watch is called, and what descends from it. */
int live_adopt_named(struct live *live, struct watch *watch, struct error *err);

#endif
