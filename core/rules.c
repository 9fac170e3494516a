/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <stdbool.h>
#include <string.h>

static void rules_fold(struct rules *rules, const uint16_t *fold, const uint64_t *secret)
{
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		rules->weight[code] = fold[code] == CODE_NEW ? secret[CODE_NEW] | 1
							     : secret[fold[code]] & ~1ull;
	rules->weight[CODE_BEGIN] = 0;
}

/* Where training showed that normal work fills a whole frame, frames say nothing of that target. */
static uint32_t rules_limit(int judged, uint32_t most, uint32_t margin)
{
	if (judged && most >= FRAME_SIZE)
		return 0;
	return most + margin < FRAME_SIZE ? most + margin : FRAME_SIZE;
}

static uint32_t margin_factor(const struct profile *profile)
{
	bool early = profile->state == PROFILE_PARTIAL &&
		     profile_windows(profile) < PARTIAL_WINDOWS;

	return early ? PARTIAL_FACTOR : 1;
}

void rules_monitor(struct rules *rules, const struct profile *profile, const uint64_t *secret)
{
	uint16_t fold[CODE_COUNT];
	uint32_t factor = margin_factor(profile);
	uint32_t frame, fresh;
	int judged;

	memset(rules, 0, sizeof(*rules));
	profile_fold(profile, fold);
	judged = profile_novelty(profile, &frame, &fresh);
	rules_fold(rules, fold, secret);
	rules->signals = profile->signals;
	rules->frame_limit = rules_limit(judged, frame, factor * FRAME_MARGIN);
	rules->fresh_limit = rules_limit(judged, fresh, factor * FRESH_MARGIN);
}

void rules_learn(struct rules *rules, const struct profile *profile, const uint64_t *secret)
{
	uint16_t fold[CODE_COUNT];

	memset(rules, 0, sizeof(*rules));
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		fold[code] = (uint16_t)code;
	rules_fold(rules, fold, secret);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		rules->weight[code] &= ~1ull;
	rules->signals = profile->signals;
}
