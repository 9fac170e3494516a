/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of bosc monitor share: live targets (cmd_monitor.c), recordings
 * (cmd_monitor_trace.c).
 */
#ifndef BOSC_CMD_MONITOR_H
#define BOSC_CMD_MONITOR_H

#include "verdict.h"

/* Opens the store, for --keep-alarms to be written to as well. */
int cmd_monitor_open_store(const struct options *options, struct store **ret_store,
			   struct error *err);

/* Judges one recording. -ENODATA: as far as it went, for it is incomplete. */
typedef int monitor_recording(struct verdict *verdict, const char *path, struct error *err);

/* Judges the recordings that the options name, one after the other. -ENODATA, once all are judged,
 * where one was incomplete. */
int cmd_monitor_each(struct verdict *verdict, monitor_recording *monitor, struct error *err);

/* The same, by bosc's own method. */
int cmd_monitor_trace(struct verdict *verdict, struct error *err);

#endif
