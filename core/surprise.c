/* SPDX-License-Identifier: BSD-2-Clause */
#include "surprise.h"

#include <math.h>
#include <stdlib.h>

#include "table.h"

/* A call of which nothing is known is one of so many: about what a kernel has. */
#define CALLS_OF_A_KERNEL 512.0

/* What a context's word holds: how often it was seen, above how many followers it had. */
#define FOLLOWER_BITS 16u

struct surprise {
	struct table runs;     /* (the last 1 to 4 calls, how many) → times seen */
	struct table contexts; /* (the calls before the newest, how many) → seen and followers */
	uint64_t *known;       /* grams of the training above their surprise + 1; 0: free */
	size_t known_mask;     /* its size, a power of two, less 1 */
};

#define KNOWN_BITS 16u /* of a surprise + 1; the calls of a gram fill the rest of the word */
_Static_assert(GRAM_CALLS *CODE_BITS + KNOWN_BITS == 64, "one word a gram");

static uint64_t newest(uint64_t calls, uint32_t count)
{
	return calls & ((1ull << (count * CODE_BITS)) - 1);
}

static double probability(const struct surprise *surprise, uint64_t calls)
{
	double p = 1.0 / CALLS_OF_A_KERNEL;

	for (uint32_t order = 0; order < GRAM_CALLS; order++) {
		uint64_t context = table_get(&surprise->contexts, newest(calls >> CODE_BITS, order),
					     order);
		double seen = (double)(context >> FOLLOWER_BITS);
		double followers = (double)(context & ((1u << FOLLOWER_BITS) - 1));

		if (!context)
			break;
		p = ((double)table_get(&surprise->runs, newest(calls, order + 1), order) +
		     followers * p) /
		    (seen + followers);
	}
	return p;
}

static uint32_t quantise(double p)
{
	double bits = -log2(p) * SURPRISE_UNIT + 0.5;

	return bits > SURPRISE_MOST ? SURPRISE_MOST : (uint32_t)bits;
}

static int count_gram(struct surprise *surprise, const struct gram *gram)
{
	for (uint32_t order = 0; order < GRAM_CALLS; order++) {
		uint64_t *run = table_at(&surprise->runs, newest(gram->calls, order + 1), order);
		uint64_t *context = table_at(&surprise->contexts,
					     newest(gram->calls >> CODE_BITS, order), order);

		if (!run || !context)
			return 0;
		*context += (gram->count << FOLLOWER_BITS) + !*run;
		*run += gram->count;
	}
	return 1;
}

/* Where the gram stands, or would. */
static uint64_t *known_at(const struct surprise *surprise, uint64_t calls)
{
	uint64_t hash = calls * 0x9e3779b97f4a7c15ull;
	size_t slot = hash >> 32 & surprise->known_mask;

	while (surprise->known[slot] && surprise->known[slot] >> KNOWN_BITS != calls)
		slot = (slot + 1) & surprise->known_mask;
	return &surprise->known[slot];
}

/* What every gram comes to is worked out once. */
static int know_grams(struct surprise *surprise, const struct gram *grams, size_t count)
{
	size_t room = 64;

	while (room < 2 * count)
		room *= 2;
	surprise->known = calloc(room, sizeof(*surprise->known));
	surprise->known_mask = room - 1;
	for (size_t i = 0; surprise->known && i < count; i++)
		*known_at(surprise,
			  grams[i].calls) = grams[i].calls << KNOWN_BITS |
					    (quantise(probability(surprise, grams[i].calls)) + 1);
	return surprise->known != NULL;
}

struct surprise *surprise_new(const struct gram *grams, size_t count)
{
	struct surprise *surprise = calloc(1, sizeof(*surprise));
	int ready = surprise != NULL;

	for (size_t i = 0; ready && i < count; i++)
		ready = count_gram(surprise, &grams[i]);
	if (ready && know_grams(surprise, grams, count))
		return surprise;
	surprise_free(surprise);
	return NULL;
}

void surprise_free(struct surprise *surprise)
{
	if (!surprise)
		return;
	table_free(&surprise->runs);
	table_free(&surprise->contexts);
	free(surprise->known);
	free(surprise);
}

uint32_t surprise_of(const struct surprise *surprise, uint64_t calls)
{
	uint64_t known = *known_at(surprise, calls);

	return known ? (uint32_t)(known & ((1u << KNOWN_BITS) - 1)) - 1
		     : quantise(probability(surprise, calls));
}
