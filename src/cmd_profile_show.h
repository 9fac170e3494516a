/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pieces of bosc profile show, a file each. Each prints lines for people, of any length.
 */
#ifndef BOSC_CMD_PROFILE_SHOW_H
#define BOSC_CMD_PROFILE_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

/* How often each call was made, the most frequent first; the rest as one line unless `all`. */
void cmd_profile_show_calls(FILE *out, const struct profile *profile, bool all);

/* The most frequent bags, and the rest as one line. */
int cmd_profile_show_bags(FILE *out, const struct profile *profile, struct error *err);

/* How the training settled: a plot of at most so many columns of how many windows had a new bag,
 * part by part. Nothing where the parts of the training are not known. */
int cmd_profile_show_convergence(FILE *out, const struct profile *profile, uint32_t columns,
				 bool utf8, struct error *err);

/* What the training did not meet, and so cannot be relied on for. */
void cmd_profile_show_unmet(FILE *out, const struct profile *profile);

#endif
