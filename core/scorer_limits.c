/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the second view calls too much, from what the training's parts came to.
 */
#include <math.h>

#include "rules.h"
#include "scorer.h"

/* The margin of the level's limit, a share of the training's highest level. */
#define LEVEL_MARGIN 0.5

static double bin_edge(uint32_t bin)
{
	return exp2((double)bin / 4 - SCORE_OCTAVES_BELOW);
}

uint32_t scorer_level_limit(const struct profile *profile)
{
	uint32_t most = 0;

	for (size_t i = 0; i < profile->history_count; i++) {
		const struct profile_part *part = &profile->history[i];

		if (profile_part_is_judged(profile, part) && part->level_most > most)
			most = part->level_most;
	}
	if (most > LEVEL_REACH / 2)
		return 0;
	return most + (uint32_t)(rules_margin(profile) * most * LEVEL_MARGIN);
}

/* Adds the part's scores, if it is judged; how many. */
static uint64_t add_scores(const struct profile *profile, const struct profile_part *part,
			   uint64_t scores[SCORE_BINS])
{
	uint64_t all = 0;

	if (!profile_part_is_judged(profile, part))
		return 0;
	for (uint32_t bin = 0; bin < SCORE_BINS; bin++) {
		scores[bin] += part->scores[bin];
		all += part->scores[bin];
	}
	return all;
}

double scorer_score_limit(const struct profile *profile, double share)
{
	uint64_t scores[SCORE_BINS] = { 0 }, all = 0, above = 0;
	uint32_t bin = SCORE_BINS;
	double limit;

	for (size_t i = 0; i < profile->history_count; i++)
		all += add_scores(profile, &profile->history[i], scores);
	if (!all)
		return INFINITY;
	while (bin && (double)(above + scores[bin - 1]) <= share * (double)all)
		above += scores[--bin];
	limit = bin ? bin_edge(bin - 1) : 0;
	return limit > SCORE_LEAST ? limit : SCORE_LEAST;
}
