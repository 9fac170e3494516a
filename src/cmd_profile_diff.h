/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two forms of bosc profile diff share: for people (cmd_profile_diff.c) and as JSON
 * (cmd_profile_diff_json.c).
 */
#ifndef BOSC_CMD_PROFILE_DIFF_H
#define BOSC_CMD_PROFILE_DIFF_H

#include <stdbool.h>

#include "../core/profile_diff.h"
#include "error.h"

struct diff_view {
	const struct profile_diff *diff;
	const char *name[DIFF_SIDES]; /* as the user called them */
	double expected[DIFF_SIDES];  /* unknown windows: more is drift from that profile */
};

/* Whether a side does what the other did not: what would be an alarm, or drift, there. */
bool cmd_profile_diff_has(const struct diff_view *view, enum diff_side side);

/* What share of a side's windows so many are. */
double cmd_profile_diff_share(const struct diff_view *view, enum diff_side side, uint64_t count);

/* Prints one object. Negative errno, with its sentence. */
int cmd_profile_diff_json(const struct diff_view *view, struct error *err);

#endif
