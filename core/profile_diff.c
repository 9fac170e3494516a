/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bags of each profile are folded by its own fold into a profile of their own, which is a set
 * with counts; those of the other, folded the same way, are looked up there.
 */
#include "profile_diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"
#include "profile_folded.h"

#define FIRST_CALL (CODE_BEGIN + 1)

int profile_diff_check(const struct profile *old, const struct profile *new, const char **ret_why)
{
	const char *why = NULL;

	if (strcmp(old->arch, new->arch) != 0)
		why = "their calls are those of different machines";
	else if (paper_owns(old) != paper_owns(new))
		why = "only one of them was learnt by the paper's method";
	else if (old->window != new->window && old->bag_count &&new->bag_count)
		why = "their windows differ in size";
	if (ret_why)
		*ret_why = why;
	return why ? -EINVAL : 0;
}

static int is_call(uint32_t code)
{
	return code >= FIRST_CALL && code < CODE_NEW;
}

static int made_call(const struct profile_diff *diff, enum diff_side side, uint32_t code)
{
	return diff->fold[side][code] != CODE_NEW;
}

double profile_diff_call_share(const struct profile_diff *diff, enum diff_side side, uint32_t code)
{
	uint64_t calls = diff->profile[side]->calls[code];

	return calls ? (double)calls / (double)diff->calls[side] : 0;
}

double profile_diff_unknown(const struct profile_diff *diff, enum diff_side side)
{
	uint64_t windows = diff->only[side].windows;

	return windows ? (double)windows / (double)diff->windows[side] : 0;
}

/* Moves the element at the end to its place among those before it, which descend by weight. The
 * lists that are sorted so are of calls and executables, hundreds at most. */
static void settle_call(uint16_t *codes, size_t count, const uint64_t *weight)
{
	uint16_t code = codes[count - 1];
	size_t at = count - 1;

	for (; at > 0 && weight[codes[at - 1]] < weight[code]; at--)
		codes[at] = codes[at - 1];
	codes[at] = code;
}

static int compare_calls(struct profile_diff *diff)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		struct diff_only *only = &diff->only[side];

		only->calls = calloc(CODE_COUNT, sizeof(*only->calls));
		if (!only->calls)
			return -ENOMEM;
		for (uint32_t code = FIRST_CALL; is_call(code); code++) {
			if (!made_call(diff, side, code) || made_call(diff, !side, code))
				continue;
			only->calls[only->call_count++] = (uint16_t)code;
			settle_call(only->calls, only->call_count, diff->profile[side]->calls);
		}
	}
	return 0;
}

static int is_shifted(const struct profile_diff *diff, uint32_t code, double *ret_factor)
{
	double old = profile_diff_call_share(diff, DIFF_OLD, code);
	double new = profile_diff_call_share(diff, DIFF_NEW, code);

	if (!(old > 0) || !(new > 0) || (old < DIFF_SHIFT_LEAST && new < DIFF_SHIFT_LEAST))
		return 0;
	*ret_factor = old > new ? old / new : new / old;
	return *ret_factor >= DIFF_SHIFT_FACTOR;
}

/* The calls that both make, by how much their share changed. */
static int compare_shares(struct profile_diff *diff)
{
	uint64_t milli[CODE_COUNT] = { 0 };

	diff->shifted = calloc(CODE_COUNT, sizeof(*diff->shifted));
	if (!diff->shifted)
		return -ENOMEM;
	for (uint32_t code = FIRST_CALL; is_call(code); code++) {
		double factor;

		if (!is_shifted(diff, code, &factor))
			continue;
		milli[code] = (uint64_t)(factor * 1000);
		diff->shifted[diff->shifted_count++] = (uint16_t)code;
		settle_call(diff->shifted, diff->shifted_count, milli);
	}
	return 0;
}

static int ran(const struct profile *profile, const char *path, size_t until)
{
	for (size_t i = 0; i < until; i++)
		if (strcmp(profile->execs[i].path, path) == 0)
			return 1;
	return 0;
}

/* By path alone: an image that was made anew has other inodes. */
static int compare_execs(struct profile_diff *diff)
{
	for (int side = 0; side < DIFF_SIDES; side++) {
		const struct profile *profile = diff->profile[side];
		const struct profile *other = diff->profile[!side];
		struct diff_only *only = &diff->only[side];

		only->execs = calloc(profile->exec_count + 1, sizeof(*only->execs));
		if (!only->execs)
			return -ENOMEM;
		for (size_t i = 0; i < profile->exec_count; i++)
			if (!ran(profile, profile->execs[i].path, i) &&
			    !ran(other, profile->execs[i].path, other->exec_count))
				only->execs[only->exec_count++] = (uint32_t)i;
	}
	return 0;
}

struct counted {
	uint32_t bag;
	uint64_t count;
};

static int compare_counted(const void *a, const void *b)
{
	const struct counted *left = a;
	const struct counted *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->bag > right->bag) - (left->bag < right->bag);
}

static int only_bags(struct profile_diff *diff, enum diff_side side, struct counted *counted)
{
	const struct profile *profile = diff->profile[side];
	struct diff_only *only = &diff->only[side];

	for (size_t i = 0; i < profile->bag_count; i++) {
		struct bag bag = bag_fold(&profile->bags[i].bag, profile->window,
					  diff->fold[!side]);

		if (profile_find(diff->known[!side], &bag) >= 0)
			continue;
		counted[only->bag_count++] = (struct counted){ (uint32_t)i,
							       profile->bags[i].count };
		only->windows += profile->bags[i].count;
	}
	qsort(counted, only->bag_count, sizeof(*counted), compare_counted);
	only->bags = calloc(only->bag_count + 1, sizeof(*only->bags));
	for (size_t i = 0; only->bags && i < only->bag_count; i++)
		only->bags[i] = counted[i].bag;
	return only->bags ? 0 : -ENOMEM;
}

static int compare_bags(struct profile_diff *diff)
{
	diff->has_bags = diff->profile[DIFF_OLD]->bag_count && diff->profile[DIFF_NEW]->bag_count;
	if (!diff->has_bags)
		return 0;
	for (int side = 0; side < DIFF_SIDES; side++) {
		diff->known[side] = profile_folded(diff->profile[side], diff->fold[side]);
		if (!diff->known[side])
			return -ENOMEM;
	}
	for (int side = 0; side < DIFF_SIDES; side++) {
		struct counted *counted = calloc(diff->profile[side]->bag_count, sizeof(*counted));
		int status = counted ? only_bags(diff, side, counted) : -ENOMEM;

		free(counted);
		if (status < 0)
			return status;
	}
	return 0;
}

struct profile_diff *profile_diff(const struct profile *old, const struct profile *new)
{
	struct profile_diff *diff = calloc(1, sizeof(*diff));

	if (!diff)
		return NULL;
	diff->profile[DIFF_OLD] = old;
	diff->profile[DIFF_NEW] = new;
	for (int side = 0; side < DIFF_SIDES; side++) {
		diff->calls[side] = profile_calls(diff->profile[side]);
		diff->windows[side] = profile_windows(diff->profile[side]);
		profile_fold(diff->profile[side], diff->fold[side]);
		diff->only[side].signals = diff->profile[side]->signals &
					   ~diff->profile[!side]->signals;
	}
	if (compare_calls(diff) == 0 && compare_shares(diff) == 0 && compare_execs(diff) == 0 &&
	    compare_bags(diff) == 0)
		return diff;
	profile_diff_free(diff);
	return NULL;
}

void profile_diff_free(struct profile_diff *diff)
{
	if (!diff)
		return;
	for (int side = 0; side < DIFF_SIDES; side++) {
		free(diff->only[side].calls);
		free(diff->only[side].execs);
		free(diff->only[side].bags);
		profile_free(diff->known[side]);
	}
	free(diff->shifted);
	free(diff);
}

struct diff_nearest profile_diff_nearest(const struct profile_diff *diff, enum diff_side side,
					 uint32_t bag)
{
	const struct profile *profile = diff->profile[side];
	const struct profile *other = diff->known[!side];
	struct diff_nearest nearest = { 0 };
	long at;

	nearest.bag = bag_fold(&profile->bags[bag].bag, profile->window, diff->fold[!side]);
	at = profile_nearest(other, &nearest.bag, NULL, &nearest.distance);
	nearest.known = other->bags[at].bag;
	nearest.count = other->bags[at].count;
	return nearest;
}

/* Passes over what the bag has of a code from `*at` on. */
static int take(const struct bag *bag, uint32_t size, uint16_t code, uint32_t *at)
{
	uint32_t from = *at;

	while (*at < size && bag->code[*at] == code)
		++*at;
	return (int)(*at - from);
}

size_t profile_diff_deltas(const struct diff_nearest *nearest, uint32_t size,
			   struct diff_delta deltas[2 * WINDOW_MAX])
{
	uint32_t i = 0, j = 0;
	size_t count = 0;

	while (i < size || j < size) {
		uint16_t left = i < size ? nearest->bag.code[i] : UINT16_MAX;
		uint16_t right = j < size ? nearest->known.code[j] : UINT16_MAX;
		uint16_t code = left < right ? left : right;
		int more = take(&nearest->bag, size, code, &i);
		int fewer = take(&nearest->known, size, code, &j);

		if (more != fewer)
			deltas[count++] = (struct diff_delta){ code, more - fewer };
	}
	return count;
}
