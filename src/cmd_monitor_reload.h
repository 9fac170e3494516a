/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A running bosc monitor and newer versions of the profiles that it holds targets against.
 */
#ifndef BOSC_CMD_MONITOR_RELOAD_H
#define BOSC_CMD_MONITOR_RELOAD_H

#include "live.h"

/* Takes up each watch's profile as the store (the verdict's, which is the context of `live`) has it
 * now, with no call unjudged meanwhile, and tells what came of it. Where that cannot be, the watch
 * keeps what it has, which is told and no failure. The store is opened anew: another file may be in
 * its place. Delivers events. */
int cmd_monitor_reload_all(struct live *live, struct error *err);

/* Takes up what others changed in the store, if it is one that says so (store_listen()). To be
 * called about once a second. */
int cmd_monitor_hear(struct live *live, struct error *err);

#endif
