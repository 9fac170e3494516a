/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two halves of bosc learn share: live targets (cmd_learn.c), recordings
 * (cmd_learn_trace.c), and what both say at the end (cmd_learn_report.c).
 */
#ifndef BOSC_CMD_LEARN_H
#define BOSC_CMD_LEARN_H

#include "options.h"
#include "store.h"
#include "watch.h"

/* Learns from the recordings that the options name, each a run of its own. */
int cmd_learn_trace(const struct options *options, struct store *store, struct error *err);

/* Says what came of it: for people on stderr, or for programs on stdout. */
int cmd_learn_report(const struct watch *watch, const struct options *options, struct error *err);

#endif
