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
	struct table known;    /* grams of the training → their surprise + 1 */
};

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

struct surprise *surprise_new(const struct gram *grams, size_t count)
{
	struct surprise *surprise = calloc(1, sizeof(*surprise));
	int ready = surprise != NULL;

	for (size_t i = 0; ready && i < count; i++)
		ready = count_gram(surprise, &grams[i]);
	for (size_t i = 0; ready && i < count; i++) {
		uint64_t *known = table_at(&surprise->known, grams[i].calls, 0);

		ready = known != NULL;
		if (ready)
			*known = quantise(probability(surprise, grams[i].calls)) + 1;
	}
	if (ready)
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
	table_free(&surprise->known);
	free(surprise);
}

uint32_t surprise_of(const struct surprise *surprise, uint64_t calls)
{
	uint64_t known = table_get(&surprise->known, calls, 0);

	return known ? (uint32_t)known - 1 : quantise(probability(surprise, calls));
}
