/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The profile's bags stand in an array in the order in which they were met; beside it an open
 * addressing table finds a bag by its content. The table holds places + 1, so that 0 is free,
 * and is never more than half full, so that a search is short and always ends.
 *
 * A call counts as seen when it was counted, or when a bag holds it: a profile that was imported
 * may know bags only.
 */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/sensor.h"

#define INDEX_ROOM_FIRST 64u
#define ARRAY_ROOM_FIRST 16u

/* Calls have the codes from here to CODE_NEW; the others are classes and marks. */
#define FIRST_CALL (CODE_BEGIN + 1)

/* Makes room for one element more in an array of `count`. Returns the array, which may have
 * moved, or NULL, and then the old one stands. */
static void *grow(void *array, size_t *room, size_t count, size_t size)
{
	size_t more = *room ? *room * 2 : ARRAY_ROOM_FIRST;
	void *moved;

	if (count < *room)
		return array;
	moved = reallocarray(array, more, size);
	if (moved)
		*room = more;
	return moved;
}

struct profile *profile_new(const char *name, uint32_t window)
{
	struct profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return NULL;
	profile_text(profile->name, sizeof(profile->name), name);
	profile->window = window;
	return profile;
}

struct profile *profile_new_like(const struct profile *profile)
{
	struct profile *like = profile_new(profile->name, profile->window);

	if (like)
		memcpy(like->arch, profile->arch, sizeof(like->arch));
	return like;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	for (size_t i = 0; i < profile->run_count; i++)
		free(profile->runs[i].content);
	free(profile->bags);
	free(profile->index);
	free(profile->execs);
	free(profile->runs);
	free(profile->history);
	free(profile->sights);
	free(profile->grams);
	repertoires_free(&profile->repertoires);
	free(profile);
}

/* Nobody gains by steering this table, it serves one profile in user space; so the mixing needs
 * no secret, only good spread. */
static uint64_t mix(const struct bag *bag)
{
	uint64_t words[(sizeof(*bag) + 7) / 8] = { 0 };
	uint64_t hash = 0x9e3779b97f4a7c15ull;

	memcpy(words, bag, sizeof(*bag));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * 0xff51afd7ed558ccdull;
		hash ^= hash >> 32;
	}
	return hash;
}

/* An entry of the index: the upper half of the bag's hash, which tells most others without a look
 * at their bags, and its number + 1. 0: free. */
static uint64_t index_entry(uint64_t hash, size_t bag)
{
	return (hash & ~0xffffffffull) | (bag + 1);
}

static size_t index_bag(uint64_t entry)
{
	return (uint32_t)entry - 1;
}

/* The place in the table where the bag stands, or the free one where it would. */
static size_t index_place(const struct profile *profile, const struct bag *bag, uint64_t hash)
{
	size_t mask = profile->index_room - 1;
	size_t place = hash & mask;

	for (;; place = (place + 1) & mask) {
		uint64_t entry = profile->index[place];

		if (!entry || (!((entry ^ hash) >> 32) &&
			       !bag_compare(&profile->bags[index_bag(entry)].bag, bag)))
			return place;
	}
}

/* Doubles the table when one bag more would fill it above one half. */
static int index_reserve(struct profile *profile)
{
	size_t room = profile->index_room ? profile->index_room * 2 : INDEX_ROOM_FIRST;
	uint64_t *table;

	if ((profile->bag_count + 1) * 2 <= profile->index_room)
		return 0;
	table = calloc(room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = mix(&profile->bags[i].bag);
		size_t place = hash & (room - 1);

		while (table[place])
			place = (place + 1) & (room - 1);
		table[place] = index_entry(hash, i);
	}
	free(profile->index);
	profile->index = table;
	profile->index_room = room;
	return 0;
}

long profile_find(const struct profile *profile, const struct bag *bag)
{
	uint64_t entry = 0;

	if (profile->index_room)
		entry = profile->index[index_place(profile, bag, mix(bag))];
	return entry ? (long)index_bag(entry) : -ENOENT;
}

static long bag_append(struct profile *profile, const struct bag *bag, uint32_t part)
{
	uint32_t run = profile->run_count ? (uint32_t)profile->run_count - 1 : 0;
	struct profile_bag *bags;

	if (profile->bag_count >= INT32_MAX) /* the index has 32 bits a bag */
		return -EOVERFLOW;
	bags = grow(profile->bags, &profile->bag_room, profile->bag_count, sizeof(*bags));
	if (!bags)
		return -ENOMEM;
	profile->bags = bags;
	bags[profile->bag_count] = (struct profile_bag){
		.bag = *bag, .first_run = run, .last_run = run, .part = part
	};
	return (long)profile->bag_count++;
}

long profile_bag(struct profile *profile, const struct bag *bag, uint32_t part, int *ret_new)
{
	uint64_t hash = mix(bag);
	uint64_t *entry;
	long found;
	int is_new;

	if (index_reserve(profile) < 0)
		return -ENOMEM;
	entry = &profile->index[index_place(profile, bag, hash)];
	is_new = !*entry;
	found = is_new ? bag_append(profile, bag, part) : (long)index_bag(*entry);
	if (is_new && found >= 0)
		*entry = index_entry(hash, (size_t)found);
	if (ret_new)
		*ret_new = is_new && found >= 0;
	return found;
}

int profile_exec(struct profile *profile, const char *path, uint64_t inode, uint64_t count)
{
	struct profile_exec exec = { .inode = inode, .count = count };
	struct profile_exec *execs;

	/* The sensor cuts long paths at the same length, so that cut paths still compare equal. */
	profile_text(exec.path, sizeof(exec.path), path);
	for (size_t i = 0; i < profile->exec_count; i++) {
		struct profile_exec *known = &profile->execs[i];

		if (known->inode == inode && strcmp(known->path, exec.path) == 0) {
			known->count += count;
			return 0;
		}
	}
	execs = grow(profile->execs, &profile->exec_room, profile->exec_count, sizeof(*execs));
	if (!execs)
		return -ENOMEM;
	profile->execs = execs;
	execs[profile->exec_count++] = exec;
	return 1;
}

struct profile_run *profile_run(struct profile *profile)
{
	struct profile_run *runs = grow(profile->runs, &profile->run_room, profile->run_count,
					sizeof(*runs));
	uint64_t order = 0;

	if (!runs)
		return NULL;
	for (size_t i = 0; i < profile->run_count; i++)
		order = runs[i].order > order ? runs[i].order : order;
	profile->runs = runs;
	runs[profile->run_count] = (struct profile_run){ .order = order + 1 };
	return &runs[profile->run_count++];
}

struct profile_part *profile_part(struct profile *profile)
{
	struct profile_part *part;
	void *history = grow(profile->history, &profile->history_room, profile->history_count,
			     sizeof(*profile->history));

	if (!history)
		return NULL;
	profile->history = history;
	part = &profile->history[profile->history_count++];
	*part = (struct profile_part){
		.run = profile->run_count ? (uint32_t)profile->run_count - 1 : 0,
		.windows_before = profile_windows(profile),
	};
	return part;
}

int profile_gram(struct profile *profile, uint64_t calls, uint64_t count)
{
	struct gram *grams = grow(profile->grams, &profile->gram_room, profile->gram_count,
				  sizeof(*grams));

	if (!grams)
		return -ENOMEM;
	profile->grams = grams;
	grams[profile->gram_count++] = (struct gram){ calls, count };
	return 0;
}

/* Whether the part says what normal novelty looks like: to the first ones everything was new. */
int profile_part_is_judged(const struct profile *profile, const struct profile_part *part)
{
	return part->windows_before > profile_windows(profile) / 4;
}

uint32_t profile_new_calls(const struct profile *profile)
{
	uint32_t first[CODE_COUNT], judged = 1, count = 0;

	memset(first, 0xff, sizeof(first));
	for (size_t i = 0; i < profile->bag_count; i++)
		for (uint32_t j = 0; j < profile->window; j++) {
			uint32_t code = profile->bags[i].bag.code[j];

			if (profile->bags[i].part < first[code])
				first[code] = profile->bags[i].part;
		}
	while (judged <= profile->history_count &&
	       !profile_part_is_judged(profile, &profile->history[judged - 1]))
		judged++;
	for (uint32_t code = 1; code < CODE_OTHER; code++)
		count += first[code] != UINT32_MAX && first[code] >= judged;
	return count;
}

size_t profile_bytes(const struct profile *profile)
{
	size_t bytes = profile->bag_count * sizeof(*profile->bags) +
		       profile->gram_count * sizeof(*profile->grams) +
		       profile->exec_count * sizeof(*profile->execs);

	for (size_t i = 0; i < profile->repertoires.count; i++) {
		const uint16_t *code = profile->repertoires.all[i].codes;

		bytes += sizeof(profile->repertoires.all[i]) + sizeof(*code);
		for (; *code; code++)
			bytes += sizeof(*code);
	}
	return bytes;
}

uint64_t profile_windows(const struct profile *profile)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < profile->bag_count; i++)
		sum += profile->bags[i].count;
	return sum;
}

uint64_t profile_calls(const struct profile *profile)
{
	uint64_t sum = 0;

	for (uint32_t code = FIRST_CALL; code < CODE_NEW; code++)
		sum += profile->calls[code];
	return sum;
}

uint64_t profile_lost(const struct profile *profile)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < profile->run_count; i++)
		if (profile_run_counts(&profile->runs[i]))
			sum += profile->runs[i].lost;
	return sum;
}

/* Says of each code whether it is a call that was seen; returns how many are. */
static uint32_t mark_seen(const struct profile *profile, uint8_t seen[CODE_COUNT])
{
	uint32_t distinct = 0;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		seen[code] = profile->calls[code] > 0;
	for (size_t i = 0; i < profile->bag_count; i++)
		for (uint32_t j = 0; j < WINDOW_MAX; j++)
			seen[profile->bags[i].bag.code[j] & CODE_MASK] = 1;
	seen[CODE_BEGIN] = 0;
	memset(seen + CODE_NEW, 0, CODE_COUNT - CODE_NEW);
	for (uint32_t code = FIRST_CALL; code < CODE_NEW; code++)
		distinct += seen[code];
	return distinct;
}

uint32_t profile_distinct(const struct profile *profile)
{
	uint8_t seen[CODE_COUNT];

	return mark_seen(profile, seen);
}

double profile_unseen(const struct profile *profile)
{
	uint64_t windows = profile_windows(profile);
	uint64_t once = 0;

	if (windows == 0)
		return 1.0;
	for (size_t i = 0; i < profile->bag_count; i++)
		once += profile->bags[i].count == 1;
	return (double)once / (double)windows;
}

void profile_fold(const struct profile *profile, uint16_t fold[CODE_COUNT])
{
	uint8_t seen[CODE_COUNT];
	uint32_t distinct = mark_seen(profile, seen);

	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		if (!seen[code])
			fold[code] = CODE_NEW;
		else if (profile->calls[code] <= distinct)
			fold[code] = CODE_OTHER;
		else
			fold[code] = (uint16_t)code;
	}
	fold[CODE_BEGIN] = CODE_BEGIN;
	fold[CODE_LATE] = CODE_LATE;
	fold[CODE_OTHER] = CODE_OTHER; /* so that folding twice is folding once */
}

long profile_nearest(const struct profile *profile, const struct bag *bag, const uint16_t *fold,
		     uint32_t *ret_distance)
{
	struct bag wanted = bag_fold(bag, profile->window, fold);
	uint32_t least = UINT32_MAX;
	long nearest = -ENOENT;

	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];
		struct bag folded = bag_fold(&known->bag, profile->window, fold);
		uint32_t distance = bag_distance(&folded, &wanted, profile->window);

		if (distance < least ||
		    (distance == least && known->count > profile->bags[nearest].count)) {
			least = distance;
			nearest = (long)i;
		}
	}
	if (nearest >= 0 && ret_distance)
		*ret_distance = least;
	return nearest;
}
