/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must hold of any profile, however it came into memory. A learner keeps to all of it, but a
 * store or a file may have been changed by hand, cut short or damaged; what passes here can be
 * judged by and learnt on without another look.
 */
#include "profile.h"

#include <errno.h>
#include <string.h>

#include "../bpf/sensor.h"

/* What is wrong with a bag, or NULL. */
static const char *bag_fault(const struct profile *profile, const struct profile_bag *known)
{
	const uint16_t *code = known->bag.code;
	uint32_t size = profile->window;

	for (uint32_t i = 1; i < size; i++)
		if (code[i - 1] > code[i])
			return "a bag is not in ascending order";
	for (uint32_t i = size; i < WINDOW_MAX; i++)
		if (code[i])
			return "a bag holds more calls than a window";
	if (code[size - 1] >= CODE_NEW)
		return "a bag holds a code that no call has";
	if (code[size - 1] == CODE_BEGIN)
		return "a bag holds no call";
	if (known->first_run > known->last_run || known->last_run >= profile->run_count)
		return "a bag was seen by a run that is not there";
	if (known->part > profile->history_count)
		return "a bag was seen in a part of the training that is not there";
	return NULL;
}

static const char *bags_fault(const struct profile *profile)
{
	uint64_t windows = 0;

	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];
		const char *fault = bag_fault(profile, known);

		if (fault)
			return fault;
		if (profile_find(profile, &known->bag) != (long)i)
			return "a bag is there twice";
		if (__builtin_add_overflow(windows, known->count, &windows))
			return "the bags count more windows than there can be";
	}
	return NULL;
}

static const char *history_fault(const struct profile *profile)
{
	uint64_t before = 0;

	for (size_t i = 0; i < profile->history_count; i++) {
		const struct profile_part *part = &profile->history[i];

		if (part->windows_before < before)
			return "a part of the training began before the part ahead of it";
		if (part->frame_most > FRAME_SIZE || part->fresh_most > FRAME_SIZE)
			return "a part counts more mismatches or first sights in a frame than a "
			       "frame has windows";
		before = part->windows_before;
	}
	return NULL;
}

#define IS_TEXT(field) (memchr(field, 0, sizeof(field)) != NULL)

/* Whether every string ends inside its field. */
static int texts_end(const struct profile *profile)
{
	int good = IS_TEXT(profile->name) && IS_TEXT(profile->arch) && IS_TEXT(profile->image) &&
		   IS_TEXT(profile->digest) && IS_TEXT(profile->container) && IS_TEXT(profile->why);

	for (size_t i = 0; i < profile->exec_count; i++)
		good = good && IS_TEXT(profile->execs[i].path);
	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		good = good && IS_TEXT(run->id) && IS_TEXT(run->source) && IS_TEXT(run->host) &&
		       IS_TEXT(run->kernel) && IS_TEXT(run->version);
	}
	return good;
}

static const char *head_fault(const struct profile *profile)
{
	if (!texts_end(profile))
		return "a text is longer than its field";
	if (profile->name[0] == 0)
		return "it has no name";
	if ((unsigned int)profile->state >= PROFILE_STATES)
		return "its state is unknown";
	if (profile->window < 1 || profile->window > WINDOW_MAX)
		return "its window has no size that is known";
	return NULL;
}

/* Losses do not contradict "learnt": a later, whole run may have made good what one lost. */
int profile_check(const struct profile *profile, const char **ret_why)
{
	const char *fault = head_fault(profile);

	if (!fault)
		fault = history_fault(profile);
	if (!fault)
		fault = bags_fault(profile);
	if (!fault && profile->state == PROFILE_LEARNT && profile_windows(profile) == 0)
		fault = "it is said to be learnt but holds no window";
	if (!fault)
		return 0;
	*ret_why = fault;
	return -EINVAL;
}
