/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The repertoire of a thread: the set of calls that it has used since its program began. A thread
 * that combines calls as no thread of the training did stands out, though each of its calls is
 * known and each of its windows may be.
 *
 * Two repertoires are compared as sets weighted by rarity, idf as information retrieval has it
 * (Spärck Jones 1972): a call that D of N training threads use weighs 1 + ln((N + 1) / (D + 1)).
 * The distance is 1 - cosine: from 0, the same set, to 1, nothing in common. What counts is the
 * nearest repertoire of the training.
 */
#ifndef BOSC_CORE_REPERTOIRE_H
#define BOSC_CORE_REPERTOIRE_H

#include <stddef.h>
#include <stdint.h>

#include "window.h"

#define REPERTOIRE_WORDS (CODE_COUNT / 64)

/* The calls of one thread, a bit each. */
struct callset {
	uint64_t word[REPERTOIRE_WORDS];
};

static inline void callset_add(struct callset *set, uint32_t code)
{
	set->word[(code & CODE_MASK) / 64] |= 1ull << (code % 64);
}

static inline int callset_has(const struct callset *set, uint32_t code)
{
	return (set->word[(code & CODE_MASK) / 64] >> (code % 64)) & 1;
}

/* A repertoire of the training: its codes in ascending order, ended by 0 (CODE_BEGIN is no
 * call). */
struct repertoire {
	uint16_t *codes;
	uint64_t threads; /* that had it */
	uint32_t part;	  /* of the training, that saw it first */
};

struct repertoires {
	struct repertoire *all;
	size_t count, room;
	uint64_t threads;
	uint64_t users[CODE_COUNT]; /* threads that used the call */
};

/* More different ones than this are not kept: they would be no habit. */
#define REPERTOIRES_MAX 16384u

void repertoires_free(struct repertoires *repertoires);

/* Makes a copy of `from` in an empty `ret_copy`. -ENOMEM, else 0. */
int repertoires_copy(struct repertoires *ret_copy, const struct repertoires *from);

/* Appends a repertoire as it is, without counting its threads among all threads and users: as it
 * is read from somewhere. 1, 0: there are too many, or -ENOMEM. */
int repertoires_put(struct repertoires *repertoires, const struct callset *set, uint64_t threads,
		    uint32_t part);

/* Keeps those whose `gone` is 0, and counts the threads of the others nowhere any more. */
void repertoires_drop(struct repertoires *repertoires, const uint8_t *gone);

/* The set that is written in codes ended by 0. */
struct callset repertoire_set(const uint16_t *codes);

/* Counts a thread. 1: its repertoire is a new one, 0: known, or not kept; -ENOMEM. */
int repertoires_add(struct repertoires *repertoires, const struct callset *set, uint64_t threads,
		    uint32_t part);

/* Adds all that `from` counts; the parts of its repertoires are moved up by `parts`, those without
 * a part (0) come from `first_part`. -ENOMEM, else 0. */
int repertoires_merge(struct repertoires *repertoires, const struct repertoires *from,
		      uint32_t parts, uint32_t first_part);

/* What `whole` counts beyond `base`, into an empty `ret_rest`. Parts are those of `whole`, and 0
 * where `base` knows the repertoire. -ENOMEM, else 0. */
int repertoires_rest(struct repertoires *ret_rest, const struct repertoires *whole,
		     const struct repertoires *base);

/* The weights of the calls by how many threads used them until now. */
void repertoires_weigh(const struct repertoires *repertoires, double weight[CODE_COUNT]);

/* The distance to the nearest repertoire of a part before `part`, and in `ret_nearest` (may be
 * NULL) its index, or -1 where there is none: then it is 1. O(repertoires). */
double repertoires_distance(const struct repertoires *repertoires, const struct callset *set,
			    const double weight[CODE_COUNT], uint32_t part, long *ret_nearest);

#endif
