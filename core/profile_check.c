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
#include "novelty.h"
#include "scorer.h"

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

		if (part->run >= profile->run_count)
			return "a part of the training is of a run that is not there";
		if (part->windows_before < before)
			return "a part of the training began before the part ahead of it";
		if (part->frame_most > FRAME_SIZE || part->fresh_most > FRAME_SIZE)
			return "a part counts more mismatches or first sights in a frame than a "
			       "frame has windows";
		if (part->level_most > LEVEL_REACH)
			return "a part comes to more surprise than there can be";
		before = part->windows_before;
	}
	return NULL;
}

static const char *sights_fault(const struct profile *profile)
{
	if (profile->sight_count > SIGHTS_MAX)
		return "it has more sights than are kept";
	for (size_t i = 0; i < profile->sight_count; i++) {
		const struct sight *sight = &profile->sights[i];

		if (sight->bag >= profile->bag_count)
			return "a sight is of a bag that is not there";
		if (sight->part < 1 || sight->part > profile->history_count ||
		    !profile->history[sight->part - 1].logged)
			return "a sight is of a part of the training that has none";
		if (sight->thread < 1 || sight->thread > profile->threads)
			return "a sight is of a thread that is not there";
	}
	return NULL;
}

/* What is wrong with a gram, or NULL. Places before the thread's beginning come first. */
static const char *gram_fault(uint64_t calls)
{
	uint32_t older = CODE_BEGIN;

	if (calls > GRAM_MASK)
		return "a run of calls has more than four";
	for (uint32_t back = GRAM_CALLS; back-- > 0;) {
		uint32_t code = (calls >> (back * CODE_BITS)) & CODE_MASK;

		if (code >= CODE_NEW)
			return "a run of calls holds a code that no call has";
		if (code == CODE_BEGIN && (older != CODE_BEGIN || back == 0))
			return "a run of calls begins behind a call";
		older = code;
	}
	return NULL;
}

static const char *grams_fault(const struct profile *profile)
{
	uint64_t all = 0;

	for (size_t i = 0; i < profile->gram_count; i++) {
		const struct gram *gram = &profile->grams[i];
		const char *fault = gram_fault(gram->calls);

		if (fault)
			return fault;
		if (i && gram->calls <= gram[-1].calls)
			return "the runs of calls are not in order";
		if (gram->count == 0)
			return "a run of calls was never seen";
		if (__builtin_add_overflow(all, gram->count, &all) || all >= GRAM_TOTAL)
			return "the runs of calls are more than there can be";
	}
	return NULL;
}

/* Takes the repertoire's threads off those that no repertoire had until now. */
static const char *repertoire_fault(const struct repertoire *repertoire, uint64_t *threads,
				    uint64_t users[CODE_COUNT])
{
	const uint16_t *code = repertoire->codes;

	if (*code == CODE_BEGIN)
		return "a repertoire holds no call";
	if (repertoire->threads == 0 || repertoire->threads > *threads)
		return "a repertoire is of no thread, or of more than there were";
	*threads -= repertoire->threads;
	for (uint32_t before = 0; *code; before = *code++) {
		if (*code >= CODE_NEW)
			return "a repertoire holds a code that no call has";
		if (*code <= before)
			return "a repertoire is not in ascending order";
		if (repertoire->threads > users[*code])
			return "a repertoire's call was used by fewer threads than have it";
		users[*code] -= repertoire->threads;
	}
	return NULL;
}

static const char *repertoires_fault(const struct profile *profile)
{
	const struct repertoires *repertoires = &profile->repertoires;
	uint64_t threads = repertoires->threads, users[CODE_COUNT];
	const char *fault = NULL;

	if (repertoires->count > REPERTOIRES_MAX)
		return "it has more repertoires than are kept";
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (repertoires->users[code] > threads)
			return "a call was used by more threads than there were";
	memcpy(users, repertoires->users, sizeof(users));
	for (size_t i = 0; i < repertoires->count && !fault; i++) {
		fault = repertoire_fault(&repertoires->all[i], &threads, users);
		if (!fault && repertoires->all[i].part > profile->history_count)
			fault = "a repertoire was seen in a part of the training that is not there";
	}
	return fault;
}

#define IS_TEXT(field) (memchr(field, 0, sizeof(field)) != NULL)

/* Whether every string ends inside its field. */
static int texts_end(const struct profile *profile)
{
	int good = IS_TEXT(profile->name) && IS_TEXT(profile->arch) && IS_TEXT(profile->image) &&
		   IS_TEXT(profile->digest) && IS_TEXT(profile->container) &&
		   IS_TEXT(profile->why) && IS_TEXT(profile->command);

	for (size_t i = 0; i < profile->exec_count; i++)
		good = good && IS_TEXT(profile->execs[i].path);
	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		good = good && IS_TEXT(run->id) && IS_TEXT(run->source) && IS_TEXT(run->host) &&
		       IS_TEXT(run->kernel) && IS_TEXT(run->version) && IS_TEXT(run->image) &&
		       IS_TEXT(run->digest) && IS_TEXT(run->command) && IS_TEXT(run->container) &&
		       IS_TEXT(run->note) && IS_TEXT(run->why) && IS_TEXT(run->reviewer) &&
		       IS_TEXT(run->withdrawer);
	}
	return good;
}

/* A review is said of a run; it is no state of it. */
static const char *runs_fault(const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if ((unsigned int)profile->runs[i].state >= PROFILE_REVIEWED)
			return "a run ended in a state that no run has";
	return NULL;
}

static const char *calls_fault(const struct profile *profile)
{
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (profile->start_calls[code] > profile->calls[code])
			return "a call was made oftener while programs started than in all";
	return NULL;
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
		fault = runs_fault(profile);
	if (!fault)
		fault = calls_fault(profile);
	if (!fault)
		fault = history_fault(profile);
	if (!fault)
		fault = bags_fault(profile);
	if (!fault)
		fault = sights_fault(profile);
	if (!fault)
		fault = grams_fault(profile);
	if (!fault)
		fault = repertoires_fault(profile);
	if (!fault && profile->state >= PROFILE_LEARNT && profile_windows(profile) == 0)
		fault = "it is said to be learnt but holds no window";
	if (!fault)
		return 0;
	*ret_why = fault;
	return -EINVAL;
}
