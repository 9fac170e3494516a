/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor knows by itself of a target that may still come: user space would learn of it,
 * but only after its first calls.
 */
#ifndef BOSC_LIVE_AWAIT_H
#define BOSC_LIVE_AWAIT_H

#include "live.h"

/* Tells the sensor the name of a task, or the path or name of a cgroup. Before it is attached. */
int live_await(struct live *live, const struct watch *watch, struct error *err);

#endif
