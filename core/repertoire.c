/* SPDX-License-Identifier: BSD-2-Clause */
#include "repertoire.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"

void repertoires_free(struct repertoires *repertoires)
{
	for (size_t i = 0; i < repertoires->count; i++)
		free(repertoires->all[i].codes);
	free(repertoires->all);
	*repertoires = (struct repertoires){ 0 };
}

static size_t set_size(const struct callset *set)
{
	size_t size = 0;

	for (uint32_t i = 0; i < REPERTOIRE_WORDS; i++)
		size += frame_count(set->word[i]);
	return size;
}

/* The codes of a set into `codes`, ended by 0. */
static void set_codes(const struct callset *set, uint16_t *codes)
{
	for (uint32_t i = 0; i < REPERTOIRE_WORDS; i++)
		for (uint64_t left = set->word[i]; left; left &= left - 1)
			*codes++ = (uint16_t)(i * 64 + (uint32_t)__builtin_ctzll(left));
	*codes = 0;
}

static int is_set(const uint16_t *codes, const struct callset *set, size_t size)
{
	size_t i = 0;

	for (; codes[i]; i++)
		if (!callset_has(set, codes[i]))
			return 0;
	return i == size;
}

static int copy_one(struct repertoire *ret_copy, const struct repertoire *from)
{
	size_t size = 1;

	while (from->codes[size - 1])
		size++;
	*ret_copy = *from;
	ret_copy->codes = malloc(size * sizeof(*from->codes));
	if (!ret_copy->codes)
		return -ENOMEM;
	memcpy(ret_copy->codes, from->codes, size * sizeof(*from->codes));
	return 0;
}

int repertoires_copy(struct repertoires *ret_copy, const struct repertoires *from)
{
	*ret_copy = *from;
	ret_copy->room = from->count;
	ret_copy->count = 0;
	ret_copy->all = calloc(from->count + 1, sizeof(*from->all));
	for (size_t i = 0; ret_copy->all && i < from->count; i++) {
		if (copy_one(&ret_copy->all[i], &from->all[i]) < 0)
			break;
		ret_copy->count++;
	}
	if (ret_copy->all && ret_copy->count == from->count)
		return 0;
	repertoires_free(ret_copy);
	return -ENOMEM;
}

int repertoires_put(struct repertoires *repertoires, const struct callset *set, uint64_t threads,
		    uint32_t part)
{
	uint16_t *codes;

	if (repertoires->count >= REPERTOIRES_MAX)
		return 0;
	if (repertoires->count == repertoires->room) {
		size_t room = repertoires->room ? repertoires->room * 2 : 64;
		struct repertoire *grown = realloc(repertoires->all, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		repertoires->all = grown;
		repertoires->room = room;
	}
	codes = malloc((set_size(set) + 1) * sizeof(*codes));
	if (!codes)
		return -ENOMEM;
	set_codes(set, codes);
	repertoires->all[repertoires->count++] = (struct repertoire){ .codes = codes,
								      .threads = threads,
								      .part = part };
	return 1;
}

/* The repertoire that is this set, or NULL. */
static struct repertoire *find(const struct repertoires *repertoires, const struct callset *set)
{
	size_t size = set_size(set);

	for (size_t i = 0; i < repertoires->count; i++)
		if (is_set(repertoires->all[i].codes, set, size))
			return &repertoires->all[i];
	return NULL;
}

/* Counts the threads of a known one, or keeps a new one. */
static int add_one(struct repertoires *repertoires, const struct callset *set, uint64_t threads,
		   uint32_t part)
{
	struct repertoire *known = find(repertoires, set);

	if (!known)
		return repertoires_put(repertoires, set, threads, part);
	known->threads = number_add(known->threads, threads);
	return 0;
}

int repertoires_add(struct repertoires *repertoires, const struct callset *set, uint64_t threads,
		    uint32_t part)
{
	repertoires->threads += threads;
	for (uint32_t i = 0; i < REPERTOIRE_WORDS; i++)
		for (uint64_t left = set->word[i]; left; left &= left - 1)
			repertoires->users[i * 64 + (uint32_t)__builtin_ctzll(left)] += threads;
	return add_one(repertoires, set, threads, part);
}

int repertoires_merge(struct repertoires *repertoires, const struct repertoires *from,
		      uint32_t parts, uint32_t first_part)
{
	repertoires->threads = number_add(repertoires->threads, from->threads);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		repertoires->users[code] = number_add(repertoires->users[code], from->users[code]);
	for (size_t i = 0; i < from->count; i++) {
		const struct repertoire *one = &from->all[i];
		struct callset set = repertoire_set(one->codes);

		if (add_one(repertoires, &set, one->threads,
			    one->part ? one->part + parts : first_part) < 0)
			return -ENOMEM;
	}
	return 0;
}

int repertoires_rest(struct repertoires *ret_rest, const struct repertoires *whole,
		     const struct repertoires *base)
{
	ret_rest->threads = number_subtract(whole->threads, base->threads);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		ret_rest->users[code] = number_subtract(whole->users[code], base->users[code]);
	for (size_t i = 0; i < whole->count; i++) {
		const struct repertoire *one = &whole->all[i];
		struct callset set = repertoire_set(one->codes);
		const struct repertoire *known = find(base, &set);
		uint64_t threads = number_subtract(one->threads, known ? known->threads : 0);

		if (threads && repertoires_put(ret_rest, &set, threads, known ? 0 : one->part) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct callset repertoire_set(const uint16_t *codes)
{
	struct callset set = { 0 };

	for (; *codes; codes++)
		callset_add(&set, *codes);
	return set;
}

void repertoires_drop(struct repertoires *repertoires, const uint8_t *gone)
{
	size_t kept = 0;

	for (size_t i = 0; i < repertoires->count; i++) {
		struct repertoire *repertoire = &repertoires->all[i];

		if (!gone[i]) {
			repertoires->all[kept++] = *repertoire;
			continue;
		}
		repertoires->threads = number_subtract(repertoires->threads, repertoire->threads);
		for (const uint16_t *code = repertoire->codes; *code; code++)
			repertoires->users[*code] = number_subtract(repertoires->users[*code],
								    repertoire->threads);
		free(repertoire->codes);
	}
	repertoires->count = kept;
}

void repertoires_weigh(const struct repertoires *repertoires, double weight[CODE_COUNT])
{
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		weight[code] = 1 + log(((double)repertoires->threads + 1) /
				       ((double)repertoires->users[code] + 1));
}

double repertoires_distance(const struct repertoires *repertoires, const struct callset *set,
			    const double weight[CODE_COUNT], uint32_t part, long *ret_nearest)
{
	double size = 0, best = 0;
	long nearest = -1;

	for (uint32_t i = 0; i < REPERTOIRE_WORDS; i++)
		for (uint64_t left = set->word[i]; left; left &= left - 1)
			size += weight[i * 64 + (uint32_t)__builtin_ctzll(left)];
	for (size_t i = 0; i < repertoires->count; i++) {
		const uint16_t *code = repertoires->all[i].codes;
		double other = 0, common = 0, cosine;

		if (repertoires->all[i].part >= part)
			continue;
		for (; *code; code++) {
			other += weight[*code];
			if (callset_has(set, *code))
				common += weight[*code];
		}
		cosine = other > 0 && size > 0 ? common / sqrt(size * other) : 0;
		if (cosine > best) {
			best = cosine;
			nearest = (long)i;
		}
	}
	if (ret_nearest)
		*ret_nearest = nearest;
	return best < 1 ? 1 - best : 0;
}
