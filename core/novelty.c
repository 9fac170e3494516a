/* SPDX-License-Identifier: BSD-2-Clause */
#include "novelty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/sensor.h"
#include "numbers.h"
#include "table.h"

int novelty_log(struct profile *profile, const struct sight *sight)
{
	if (profile->sight_count >= SIGHTS_MAX)
		return 0;
	if (profile->sight_count == profile->sight_room) {
		size_t room = profile->sight_room ? profile->sight_room * 2 : 1024;
		struct sight *grown = realloc(profile->sights, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		profile->sights = grown;
		profile->sight_room = room;
	}
	profile->sights[profile->sight_count++] = *sight;
	return 0;
}

static void forget_known(struct profile *profile)
{
	size_t kept = 0;

	for (size_t i = 0; i < profile->sight_count; i++)
		if (!profile->bags[profile->sights[i].bag].again)
			profile->sights[kept++] = profile->sights[i];
	profile->sight_count = kept;
}

/* The frames of one thread in one part. */
struct frames {
	uint64_t frame, fresh;
	uint32_t at;
};

/* Moves the frames on to the window, and marks it; the number of marks. */
static uint32_t shift_mark(uint64_t *frame, uint32_t by, int marked)
{
	*frame = by < FRAME_SIZE ? *frame << by : 0;
	*frame |= (uint64_t)marked;
	return frame_count(*frame);
}

static void judge_sight(struct frames *frames, const struct sight *sight, int fresh,
			struct profile_part *part)
{
	uint32_t by = (uint32_t)number_subtract(sight->at, frames->at);
	uint32_t count = shift_mark(&frames->frame, by, 1);

	if (count > part->frame_most)
		part->frame_most = count;
	count = shift_mark(&frames->fresh, by, fresh);
	if (count > part->fresh_most)
		part->fresh_most = count;
	frames->at = sight->at;
}

/* The frames of the sight's thread, made when there are none; NULL: no memory. */
static struct frames *frames_of(struct table *threads, struct frames *all, size_t *count,
				const struct sight *sight)
{
	uint64_t *index = table_at(threads, sight->thread, sight->part);

	if (!index)
		return NULL;
	if (!*index) {
		all[*count] = (struct frames){ .at = sight->at };
		*index = ++*count;
	}
	return &all[*index - 1];
}

int novelty_judge(struct profile *profile)
{
	struct table threads = { 0 };
	uint8_t *met = calloc(profile->bag_count + 1, 1);
	struct frames *all = calloc(profile->sight_count + 1, sizeof(*all));
	size_t count = 0, i = 0;

	forget_known(profile);
	for (size_t p = 0; p < profile->history_count; p++)
		if (profile->history[p].logged)
			profile->history[p].frame_most = profile->history[p].fresh_most = 0;
	for (; met && all && i < profile->sight_count; i++) {
		const struct sight *sight = &profile->sights[i];
		struct frames *frames = frames_of(&threads, all, &count, sight);

		if (!frames)
			break;
		judge_sight(frames, sight, !met[sight->bag], &profile->history[sight->part - 1]);
		met[sight->bag] = 1;
	}
	free(met);
	free(all);
	table_free(&threads);
	return met && all && i == profile->sight_count ? 0 : -ENOMEM;
}

/* The two worst results. */
struct worst {
	uint32_t first, second;
};

static void worst_add(struct worst *worst, uint32_t most)
{
	if (most >= worst->first) {
		worst->second = worst->first;
		worst->first = most;
	} else if (most > worst->second) {
		worst->second = most;
	}
}

int novelty_worst(const struct profile *profile, uint32_t *ret_frame, uint32_t *ret_fresh)
{
	struct worst frame = { 0 }, fresh = { 0 };
	size_t judged = 0;

	for (size_t p = 0; p < profile->history_count; p++) {
		const struct profile_part *part = &profile->history[p];

		if (!part->logged)
			continue;
		judged++;
		worst_add(&frame, part->frame_most);
		worst_add(&fresh, part->fresh_most);
	}
	*ret_frame = judged >= NOVELTY_ENOUGH ? frame.second : judged ? frame.first : FRAME_SIZE;
	*ret_fresh = judged >= NOVELTY_ENOUGH ? fresh.second : judged ? fresh.first : FRAME_SIZE;
	return judged > 0;
}
