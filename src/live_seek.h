/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The containers that the user named, among those that the runtimes tell of: when bosc starts, and
 * again while one of them is not there. A container that starts is told of by the kernel
 * (live_bind.c); that one which runs gets the name, or that a runtime tells its name late, is not;
 * nor that one which is watched loses its name.
 */
#ifndef BOSC_LIVE_SEEK_H
#define BOSC_LIVE_SEEK_H

#include "live.h"

/* Asks the runtimes for each. That they know none, or that one cannot be asked, which is said, only
 * means that there is something to wait for. -EEXIST: the user may mean several. */
int live_seek_first(struct live *live, struct error *err);

/* When to do again what is done every `pause_ns`, and was begun then (monotonic) and ended now:
 * later where it takes long, for no alarm is told meanwhile. */
uint64_t live_seek_next(uint64_t begun_ns, uint64_t pause_ns);

/* In how many milliseconds live_seek_again(), live_all_again() or live_missed_again() has something
 * to do, at most `timeout_ms` (-1: for ever), which it is where all are there. */
int live_seek_wait(const struct live *live, int timeout_ms);

/* Something is told of a container: some seconds later it is to be seen what it is called now. */
void live_seek_names(struct live *live);

/* The watch's container is this one, perhaps by another name. */
void live_seek_rename(struct watch *watch, const struct container *container);

/* Looks for those that are not there, and for other names, if it is time to. */
int live_seek_again(struct live *live, struct error *err);

#endif
