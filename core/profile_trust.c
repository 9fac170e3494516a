/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile_trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A part belongs to the end of its run when less than this share of the run came after it. */
#define LATE_SHARE 10

/* Where a part ended, in windows of the training. */
static uint64_t part_end(const struct profile *profile, size_t part)
{
	return part + 1 < profile->history_count ? profile->history[part + 1].windows_before
						 : profile_windows(profile);
}

/* What a run covers, in windows of the training. */
struct span {
	uint64_t begin, end;
};

/* Says of each part whether it ended with its run, or shortly before. */
static void mark_parts(const struct profile *profile, struct span *spans, uint8_t *late)
{
	for (size_t i = profile->history_count; i-- > 0;) {
		struct span *span = &spans[profile->history[i].run];

		if (!span->end)
			span->end = part_end(profile, i);
		span->begin = profile->history[i].windows_before;
	}
	for (size_t i = 0; i < profile->history_count; i++) {
		uint32_t run = profile->history[i].run;
		uint64_t length = spans[run].end - spans[run].begin;

		late[i] = !profile->runs[run].reviewed_s &&
			  part_end(profile, i) >= spans[run].end - length / LATE_SHARE;
	}
}

/* Says of each part whether the end of a run met it, for which nobody vouches. NULL: no memory. */
static uint8_t *late_parts(const struct profile *profile)
{
	uint8_t *late = calloc(profile->history_count + 1, 1);
	struct span *spans = calloc(profile->run_count + 1, sizeof(*spans));

	if (late && spans) {
		mark_parts(profile, spans, late);
	} else {
		free(late);
		late = NULL;
	}
	free(spans);
	return late;
}

long profile_trust_mark(const struct profile *profile, uint8_t *unconfirmed)
{
	uint8_t *late = late_parts(profile);
	long count = 0;

	if (!late)
		return -ENOMEM;
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];

		unconfirmed[i] = known->part && known->first_run == known->last_run &&
				 late[known->part - 1];
		count += unconfirmed[i];
	}
	free(late);
	return count;
}

long profile_trust_repertoires(const struct profile *profile, uint8_t *unconfirmed)
{
	uint8_t *late = late_parts(profile);
	long count = 0;

	if (!late)
		return -ENOMEM;
	for (size_t i = 0; i < profile->repertoires.count; i++) {
		uint32_t part = profile->repertoires.all[i].part;

		unconfirmed[i] = part && late[part - 1];
		count += unconfirmed[i];
	}
	free(late);
	return count;
}

uint32_t profile_trust_calls(const struct profile *profile, const uint8_t *unconfirmed,
			     uint8_t doubted[CODE_COUNT])
{
	uint8_t vouched[CODE_COUNT] = { 0 };
	uint32_t count = 0;

	memset(doubted, 0, CODE_COUNT);
	for (size_t i = 0; i < profile->bag_count; i++)
		for (uint32_t j = 0; j < profile->window; j++)
			(unconfirmed[i] ? doubted : vouched)[profile->bags[i].bag.code[j]] = 1;
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		doubted[code] = code != CODE_BEGIN && doubted[code] && !vouched[code];
		count += doubted[code];
	}
	return count;
}

/* Forgets the sights of bags that go, and lets the others name their bags by the new places. */
static void move_sights(struct profile *profile, const uint8_t *unconfirmed, const uint32_t *place)
{
	size_t kept = 0;

	for (size_t i = 0; i < profile->sight_count; i++) {
		struct sight sight = profile->sights[i];

		if (unconfirmed[sight.bag])
			continue;
		sight.bag = place[sight.bag];
		profile->sights[kept++] = sight;
	}
	profile->sight_count = kept;
}

/* Puts the kept bags, in their order, into `kept`, and their places there into `place`. -ENOMEM,
 * else 0. */
static int copy_confirmed(const struct profile *profile, const uint8_t *unconfirmed,
			  struct profile *kept, uint32_t *place)
{
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];
		long at;

		if (unconfirmed[i])
			continue;
		at = profile_bag(kept, &known->bag, known->part, NULL);
		if (at < 0)
			return (int)at;
		kept->bags[at] = *known;
		place[i] = (uint32_t)at;
	}
	return 0;
}

static void take_bags(struct profile *profile, struct profile *from)
{
	free(profile->bags);
	free(profile->index);
	profile->bags = from->bags;
	profile->bag_count = from->bag_count;
	profile->bag_room = from->bag_room;
	profile->index = from->index;
	profile->index_room = from->index_room;
	from->bags = NULL;
	from->index = NULL;
}

/* Gives the profile a table of the kept bags only. */
static int keep_confirmed(struct profile *profile, const uint8_t *unconfirmed)
{
	struct profile *kept = profile_new(profile->name, profile->window);
	uint32_t *place = calloc(profile->bag_count, sizeof(*place));
	int status = kept && place ? copy_confirmed(profile, unconfirmed, kept, place) : -ENOMEM;

	if (status == 0) {
		move_sights(profile, unconfirmed, place);
		take_bags(profile, kept);
	}
	free(place);
	profile_free(kept);
	return status;
}

static int gram_is_doubted(uint64_t calls, const uint8_t doubted[CODE_COUNT])
{
	for (; calls; calls >>= CODE_BITS)
		if (doubted[calls & CODE_MASK])
			return 1;
	return 0;
}

/* Forgets the calls, and the grams that hold one. */
static void forget_calls(struct profile *profile, const uint8_t doubted[CODE_COUNT])
{
	size_t kept = 0;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (doubted[code])
			profile->calls[code] = profile->start_calls[code] = 0;
	for (size_t i = 0; i < profile->gram_count; i++)
		if (!gram_is_doubted(profile->grams[i].calls, doubted))
			profile->grams[kept++] = profile->grams[i];
	profile->gram_count = kept;
}

/* Marks both kinds, then forgets: the bags first, the only step that may fail. */
static long forget(struct profile *profile, uint8_t *bags, uint8_t *repertoires)
{
	long count = profile_trust_mark(profile, bags);
	long views = profile_trust_repertoires(profile, repertoires);
	uint8_t doubted[CODE_COUNT];
	long status;

	if (count < 0 || views < 0)
		return -ENOMEM;
	profile_trust_calls(profile, bags, doubted);
	status = count ? keep_confirmed(profile, bags) : 0;
	if (status < 0)
		return status;
	forget_calls(profile, doubted);
	repertoires_drop(&profile->repertoires, repertoires);
	return count;
}

long profile_trust_strict(struct profile *profile)
{
	uint8_t *bags = calloc(profile->bag_count + 1, 1);
	uint8_t *repertoires = calloc(profile->repertoires.count + 1, 1);
	long count = bags && repertoires ? forget(profile, bags, repertoires) : -ENOMEM;

	free(bags);
	free(repertoires);
	return count;
}

size_t profile_trust_confirm(struct profile *profile, const char *reviewer, uint64_t now_s)
{
	size_t unfinished = 0;

	for (size_t i = 0; i < profile->run_count; i++) {
		struct profile_run *run = &profile->runs[i];

		if (!profile_run_counts(run) || run->reviewed_s)
			continue;
		if (run->state == PROFILE_LEARNING) {
			unfinished++;
			continue;
		}
		profile_text(run->reviewer, sizeof(run->reviewer), reviewer);
		run->reviewed_s = now_s;
	}
	profile_settle(profile);
	return unfinished;
}
