/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one of two profiles knows and the other does not: calls, executables, fatal signals, and
 * behaviour, which is bags. A bag counts as known where monitoring by the other profile would find
 * no mismatch: calls that are rare there are alike (profile_fold()), and so the share of unknown
 * windows is the one that such a monitor would meet.
 */
#ifndef BOSC_CORE_PROFILE_DIFF_H
#define BOSC_CORE_PROFILE_DIFF_H

#include "profile.h"

/* The two profiles, and the sides of what is compared. */
enum diff_side {
	DIFF_OLD,
	DIFF_NEW,
	DIFF_SIDES,
};

/* A call whose share of all calls changed by this factor is told, if it ever had that share. */
#define DIFF_SHIFT_FACTOR 4.0
#define DIFF_SHIFT_LEAST  0.01

/* What only one side has. Calls and bags begin with those it has most of. */
struct diff_only {
	uint16_t *calls; /* codes */
	size_t call_count;
	uint32_t *execs; /* indices into its profile's executables: the first of each path */
	size_t exec_count;
	uint64_t signals; /* as the profile's */
	uint32_t *bags;	  /* indices into its profile's bags */
	size_t bag_count;
	uint64_t windows; /* of these bags */
};

struct profile_diff {
	const struct profile *profile[DIFF_SIDES]; /* the caller's */
	uint64_t calls[DIFF_SIDES];
	uint64_t windows[DIFF_SIDES];
	struct diff_only only[DIFF_SIDES];
	uint16_t *shifted; /* codes of calls that both make, with much different shares */
	size_t shifted_count;
	int has_bags; /* whether both do; else no bag is compared */

	uint16_t fold[DIFF_SIDES][CODE_COUNT];
	struct profile *known[DIFF_SIDES]; /* the bags of the profile, folded by itself */
};

/* The bag of the other side that is nearest to one that only this side has, folded as the other
 * side folds. */
struct diff_nearest {
	struct bag bag;	  /* the one in question, folded */
	struct bag known; /* the nearest */
	uint64_t count;	  /* windows that had it */
	uint32_t distance;
};

/* How many more of a call one bag has than another. */
struct diff_delta {
	uint16_t code;
	int count; /* never 0 */
};

/* Whether two profiles can be compared. 0, or -EINVAL with a clause in `ret_why` that says why not
 * and names neither; it is a constant. `ret_why` may be NULL. */
int profile_diff_check(const struct profile *old, const struct profile *new, const char **ret_why);

/* Compares two profiles, which must outlive the result. O(bags) expected. NULL: no memory. */
struct profile_diff *profile_diff(const struct profile *old, const struct profile *new);
void profile_diff_free(struct profile_diff *diff);

/* The share of the calls of one side that this call is, from 0 to 1; 0 where there are no calls. */
double profile_diff_call_share(const struct profile_diff *diff, enum diff_side side, uint32_t code);

/* The share of the windows of one side that the other does not know, from 0 to 1. */
double profile_diff_unknown(const struct profile_diff *diff, enum diff_side side);

/* What is nearest to a bag of only[side].bags; there must be bags. O(bags). */
struct diff_nearest profile_diff_nearest(const struct profile_diff *diff, enum diff_side side,
					 uint32_t bag);

/* What the bag has more and less than the nearest, of windows of `size` calls, in the order of the
 * codes; how many, at most 2 * `size`. */
size_t profile_diff_deltas(const struct diff_nearest *nearest, uint32_t size,
			   struct diff_delta deltas[2 * WINDOW_MAX]);

#endif
