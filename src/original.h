/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables that the program bosc grew from prints with -v: the names of the calls that are
 * frequent enough to count on their own, then a line for each bag: how often each of them is in
 * it, the other calls last, and how often the bag was seen.
 */
#ifndef BOSC_ORIGINAL_H
#define BOSC_ORIGINAL_H

#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

struct original_bag {
	struct bag bag;
	uint64_t count;
	uint32_t target;
};

/* "Syscall bags and count for NAME (NORMAL BEHAVIOUR)" and the profile's bags. */
int original_normal(FILE *stream, const char *name, const struct profile *profile,
		    struct error *err);

/* The same for what was monitored, in the columns of the profile. */
int original_monitored(FILE *stream, const char *name, const struct profile *profile,
		       const struct original_bag *bags, size_t count, struct error *err);

#endif
