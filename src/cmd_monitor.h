/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of bosc monitor that replays recordings (cmd_monitor_trace.c).
 */
#ifndef BOSC_CMD_MONITOR_H
#define BOSC_CMD_MONITOR_H

#include "verdict.h"

/* Judges the recordings that the options name. */
int cmd_monitor_trace(struct verdict *verdict, struct error *err);

#endif
