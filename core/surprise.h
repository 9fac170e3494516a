/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Surprise: how many bits it takes to say the next call of a thread, given the three before it.
 *
 * Training counts the runs of four calls ("grams"); a run of four holds those of three and two, so
 * that they suffice for the probability of a call after three, two, one and no known calls. The
 * orders are blended by escape probabilities after method C of prediction by partial matching
 * (Witten and Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37, 1991): after a
 * context that was seen N times with D different followers, of which the call was n,
 *
 *     p = (n + D * p_shorter) / (N + D)
 *
 * The surprise is -log2 p, in steps of 1/16 bit and at most 12 bits: one byte.
 */
#ifndef BOSC_CORE_SURPRISE_H
#define BOSC_CORE_SURPRISE_H

#include <stddef.h>
#include <stdint.h>

#include "window.h"

#define GRAM_CALLS 4u
#define GRAM_MASK  ((1ull << (GRAM_CALLS * CODE_BITS)) - 1)

#define SURPRISE_UNIT 16u		    /* a bit */
#define SURPRISE_MOST (12u * SURPRISE_UNIT) /* whatever is less likely than 2^-12 */

/* All counts of a training together stay below this. */
#define GRAM_TOTAL (1ull << 48)

/* Four calls of a thread in their order, as struct window holds them: the newest in the low
 * bits. */
struct gram {
	uint64_t calls;
	uint64_t count;
};

struct surprise;

/* The model of what the grams say; NULL: no memory. Without any gram every call is a surprise. */
struct surprise *surprise_new(const struct gram *grams, size_t count);
void surprise_free(struct surprise *surprise);

/* Of the newest of the four calls, in SURPRISE_UNITs. */
uint32_t surprise_of(const struct surprise *surprise, uint64_t calls);

/* Whether a call that nobody saw is among the four. */
static inline int gram_is_late(uint64_t calls)
{
	return (calls >> ((GRAM_CALLS - 1) * CODE_BITS)) == CODE_LATE;
}

#endif
