/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "novelty.h"
#include "numbers.h"

static void rules_fold(struct rules *rules, const uint16_t *fold, const uint64_t *secret)
{
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		rules->weight[code] = fold[code] == CODE_NEW
					      ? weight_sum(secret[CODE_NEW]) | WEIGHT_NEW
					      : weight_sum(secret[fold[code]]);
	rules->weight[CODE_BEGIN] = 0;
}

uint32_t rules_start_only(const struct profile *profile, uint8_t start_only[CODE_COUNT])
{
	uint64_t steady = 0;
	uint32_t count = 0;

	memset(start_only, 0, CODE_COUNT);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		steady += profile->calls[code] - profile->start_calls[code];
	if (steady < STEADY_CALLS)
		return 0;
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		uint64_t calls = profile->calls[code];

		start_only[code] = calls && profile->start_calls[code] == calls &&
				   calls <= profile->programs * CALLS_A_START;
		count += start_only[code];
	}
	return count;
}

static void rules_mark(struct rules *rules, const struct profile *profile)
{
	uint8_t start_only[CODE_COUNT];

	rules_start_only(profile, start_only);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (start_only[code])
			rules->weight[code] |= WEIGHT_START;
}

static uint32_t rules_limit(uint32_t most, double margin)
{
	double limit = most + margin + 0.5;

	return limit < FRAME_SIZE ? (uint32_t)limit : FRAME_SIZE;
}

double rules_margin(const struct profile *profile)
{
	double tenfold = log(profile_unseen(profile) / UNSEEN_LEARNT) / M_LN10;

	return tenfold > 0 ? 1 + tenfold : 1;
}

/* The length of the runs, where the clock of the run is that of the target. Accepted alarms are no
 * training. */
static double live_seconds(const struct profile *profile)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		if (!profile_run_counts(run) || !strcmp(run->source, RUN_ACCEPT))
			continue;
		if (strcmp(run->source, RUN_LIVE) != 0)
			return 0;
		sum += number_subtract(run->ended_s, run->started_s);
	}
	return (double)sum;
}

struct limits {
	uint32_t frame, fresh;
};

/* Where training showed that normal work fills a whole frame, or has no bags, frames say nothing of
 * that target. */
static struct limits rules_limits(const struct profile *profile)
{
	double margin = rules_margin(profile);
	struct limits limits = { 0 };
	uint32_t frame, fresh;
	int judged = novelty_worst(profile, &frame, &fresh);

	if (!profile->bag_count)
		return limits;
	if (!judged || frame < FRAME_SIZE)
		limits.frame = rules_limit(frame + frame / 2, margin * FRAME_MARGIN);
	if (!judged || fresh < FRAME_SIZE)
		limits.fresh = rules_limit(fresh, margin * FRESH_MARGIN);
	return limits;
}

static int part_reached(const struct profile_part *part, const struct limits *limits)
{
	return (limits->frame && part->frame_most >= limits->frame) ||
	       (limits->fresh && part->fresh_most >= limits->fresh);
}

struct rules_proof rules_proof(const struct profile *profile)
{
	struct limits limits = rules_limits(profile);
	uint64_t windows = profile_windows(profile);
	struct rules_proof proof = { 0 };

	for (size_t i = 0; i < profile->history_count; i++) {
		const struct profile_part *part = &profile->history[i];
		uint64_t end = i + 1 < profile->history_count ? part[1].windows_before : windows;

		if (!part->logged)
			continue;
		if (end > part->windows_before)
			proof.windows += end - part->windows_before;
		proof.parts++;
		proof.reached += (uint32_t)part_reached(part, &limits);
	}
	if (windows)
		proof.seconds = live_seconds(profile) * (double)proof.windows / (double)windows;
	return proof;
}

/* Whether all that is known comes from files that name no run, nor what it executed. */
static int is_import(const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if (profile_run_counts(&profile->runs[i]) &&
		    strcmp(profile->runs[i].source, RUN_IMPORT) != 0)
			return 0;
	return profile->run_count > 0;
}

void rules_monitor(struct rules *rules, const struct profile *profile, const uint64_t *secret)
{
	struct limits limits = rules_limits(profile);
	uint16_t fold[CODE_COUNT];

	memset(rules, 0, offsetof(struct rules, count));
	profile_fold(profile, fold);
	rules_fold(rules, fold, secret);
	rules_mark(rules, profile);
	rules->signals = profile->signals;
	rules->any_exec = (uint32_t)is_import(profile);
	rules->frame_limit = limits.frame;
	rules->fresh_limit = limits.fresh;
}

void rules_learn(struct rules *rules, const struct profile *profile, const uint64_t *secret)
{
	uint16_t fold[CODE_COUNT];

	memset(rules, 0, sizeof(*rules));
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		fold[code] = (uint16_t)code;
	rules_fold(rules, fold, secret);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		rules->weight[code] = weight_sum(rules->weight[code]);
	rules->signals = profile->signals;
}

uint64_t rules_hash(const struct rules *rules, const struct bag *bag, uint32_t size)
{
	return bag_hash(bag, size, rules->weight) + rules->salt;
}

uint64_t rules_load_bags(const struct rules *rules, const struct profile *profile,
			 struct bag_bucket *buckets, uint32_t count, uint32_t *places)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = rules_hash(rules, &profile->bags[i].bag, profile->window);

		if (!places) {
			missing += !bagtable_add(buckets, count, hash);
			continue;
		}
		places[i] = bagtable_insert(buckets, count, hash);
		missing += places[i] == BAG_NO_PLACE;
	}
	return missing;
}
