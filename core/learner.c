/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "novelty.h"

/* By how much a run must exceed the limits where new bags do not stop coming. */
#define BUSY_WINDOWS 10u
#define BUSY_TIME    2u
#define BUSY_SHARE   10

#define PART_SHARE 4u	 /* a part is as long as this share of all before it */
#define PART_LEAST 5000u /* windows; shorter parts say nothing about a frame of 64 */

/* Keeps one place and one base count for each bag of the profile. */
static int learner_grow(struct learner *learner, size_t bags)
{
	size_t room = learner->room ? learner->room : 1024;
	uint32_t *places;
	uint64_t *base;

	if (bags <= learner->room)
		return 0;
	while (room < bags)
		room *= 2;
	places = realloc(learner->places, room * sizeof(*places));
	if (!places)
		return -ENOMEM;
	learner->places = places;
	base = realloc(learner->base, room * sizeof(*base));
	if (!base)
		return -ENOMEM;
	learner->base = base;
	for (size_t i = learner->room; i < room; i++) {
		places[i] = BAG_NO_PLACE;
		base[i] = 0;
	}
	learner->room = room;
	return 0;
}

int learner_begin(struct learner *learner, struct profile *profile,
		  const struct learner_limits *limits, const uint32_t *places, uint64_t now_ns)
{
	*learner = (struct learner){
		.profile = profile,
		.limits = *limits,
		.started_ns = now_ns,
		.new_ns = now_ns,
		.base_windows = profile_windows(profile),
		.base_programs = profile->programs,
	};
	memcpy(learner->base_calls, profile->calls, sizeof(profile->calls));
	memcpy(learner->base_starts, profile->start_calls, sizeof(profile->start_calls));
	if (learner_grow(learner, profile->bag_count + 1) < 0 || !profile_part(profile))
		return -ENOMEM;
	profile->history[profile->history_count - 1].logged = profile->history_count > 1;
	for (size_t i = 0; i < profile->bag_count; i++) {
		learner->places[i] = places[i];
		learner->base[i] = profile->bags[i].count;
	}
	return 0;
}

void learner_end(struct learner *learner)
{
	free(learner->places);
	free(learner->base);
	table_free(&learner->threads);
	learner->places = NULL;
	learner->base = NULL;
	learner->room = 0;
}

/* The number of the thread that the event is of: a new one when its count began anew, for then
 * it runs another program, or is another thread. */
static uint32_t thread_number(struct learner *learner, const struct event_bag *event)
{
	uint64_t *last = table_at(&learner->threads, event->head.tid, 0);
	uint32_t number;

	if (!last)
		return 0;
	number = (uint32_t)(*last >> 32);
	if (!number || event->at < (uint32_t)*last)
		number = ++learner->profile->threads;
	*last = (uint64_t)number << 32 | event->at;
	return number;
}

/* To the first part everything is new. What a starting program shows is no sight, but says that
 * another program runs in the thread. */
static int learner_sight(struct learner *learner, const struct event_bag *event, uint32_t bag)
{
	struct sight sight = { .bag = bag, .at = event->at, .part = event->part };

	if (sight.part < 2 || sight.part > learner->profile->history_count)
		return 0;
	sight.thread = thread_number(learner, event);
	if (!sight.thread)
		return -ENOMEM;
	return event->start ? 0 : novelty_log(learner->profile, &sight);
}

static int learner_again(struct learner *learner, const struct event_bag *event)
{
	struct bag bag = bag_of_window(&event->window, learner->profile->window);
	long index = profile_find(learner->profile, &bag);

	return index < 0 ? 0 : learner_sight(learner, event, (uint32_t)index);
}

static int learner_bag(struct learner *learner, const struct event_bag *event)
{
	struct profile *profile = learner->profile;
	struct bag bag = bag_of_window(&event->window, profile->window);
	long index = profile_bag(profile, &bag, event->part, NULL);

	if (index < 0)
		return (int)index;
	/* An earlier part knew it, but the source had no place for it. */
	if (profile->bags[index].part != event->part)
		profile->bags[index].again = 1;
	if (learner_grow(learner, profile->bag_count) < 0)
		return -ENOMEM;
	/* Two processors may have stored the bag at the same time: one place counts it. */
	if (learner->places[index] == BAG_NO_PLACE)
		learner->places[index] = event->place;
	profile->bags[index].count = learner->base[index] + 1;
	return learner_sight(learner, event, (uint32_t)index);
}

int learner_event(struct learner *learner, const struct event *event)
{
	const struct event_exec *exec = (const struct event_exec *)event;
	const struct event_signal *signal = (const struct event_signal *)event;
	int status;

	switch (event->kind) {
	case EVENT_BAG:
		return learner_bag(learner, (const struct event_bag *)event);
	case EVENT_SIGHT:
		return learner_again(learner, (const struct event_bag *)event);
	case EVENT_EXEC:
		status = profile_exec(learner->profile, exec->path, exec->inode, 1);
		return status < 0 ? status : 0;
	case EVENT_SIGNAL:
		learner->profile->signals |= 1ull << (signal->signal & 63);
		return 0;
	}
	return 0;
}

void learner_sync(struct learner *learner, const struct target *target, const struct rules *rules,
		  learner_count *count, void *source, uint64_t now_ns)
{
	struct profile *profile = learner->profile;
	struct profile_run *run = &profile->runs[profile->run_count - 1];

	learner->windows = target->calls - target->unjudged;
	learner->lost = learner->missed + target_lost(target);
	if (target->bags != learner->bags) {
		learner->bags = target->bags;
		learner->new_windows = learner->windows;
		learner->new_ns = now_ns;
	}
	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t seen = learner->places[i] == BAG_NO_PLACE
					? 0
					: count(source, learner->places[i]);

		profile->bags[i].count = learner->base[i] + (seen & COUNT_MASK);
		profile->bags[i].again |= (seen & COUNT_AGAIN) != 0;
		if (seen)
			profile->bags[i].last_run = (uint32_t)profile->run_count - 1;
	}
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		uint64_t starts = rules->count[1][code];

		profile->calls[code] = learner->base_calls[code] + rules->count[0][code] + starts;
		profile->start_calls[code] = learner->base_starts[code] + starts;
	}
	profile->programs = learner->base_programs + target->programs;
	run->calls = target->calls;
	run->windows = learner->windows;
	run->new_bags = target->bags;
	run->lost = learner->lost;
}

uint32_t learner_next_part(struct learner *learner)
{
	uint64_t before = learner->base_windows + learner->part_windows;
	uint64_t length = learner->windows - learner->part_windows;
	struct profile_part *part;

	if (length < PART_LEAST || length < before / PART_SHARE)
		return 0;
	part = profile_part(learner->profile);
	if (!part)
		return 0;
	part->logged = 1;
	learner->part_windows = learner->windows;
	return (uint32_t)learner->profile->history_count;
}

/* No new bag for long enough. */
static int is_quiet(const struct learner *learner, uint64_t now_ns)
{
	return learner->windows - learner->new_windows >= learner->limits.quiet_windows &&
	       now_ns - learner->new_ns >= learner->limits.quiet_ns;
}

/* New bags come, but too rarely to matter, and that is known well. */
static int is_busy_enough(const struct learner *learner, uint64_t now_ns, double unseen)
{
	return learner->windows / BUSY_WINDOWS >= learner->limits.quiet_windows &&
	       (now_ns - learner->started_ns) / BUSY_TIME >= learner->limits.quiet_ns &&
	       unseen * BUSY_SHARE <= learner->limits.unseen;
}

int learner_is_done(const struct learner *learner, uint64_t now_ns, char *why, size_t size)
{
	double unseen;

	if (learner->lost || !learner->windows)
		return 0;
	unseen = profile_unseen(learner->profile);
	if (unseen > learner->limits.unseen)
		return 0;
	if (is_quiet(learner, now_ns))
		snprintf(why, size, "no new bag in %llu windows and %.0f s, unseen share %.1e",
			 (unsigned long long)(learner->windows - learner->new_windows),
			 (double)(now_ns - learner->new_ns) / 1e9, unseen);
	else if (is_busy_enough(learner, now_ns, unseen))
		snprintf(why, size, "unseen share %.1e after %llu windows and %.0f s", unseen,
			 (unsigned long long)learner->windows,
			 (double)(now_ns - learner->started_ns) / 1e9);
	else
		return 0;
	return 1;
}
