/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sum (FNV-1a) over all that an older bosc kept of a profile.
 */
#include <string.h>

#include "../core/fnv.h"
#include "store_sqlite_old.h"

static void sum_bytes(uint64_t *sum, const void *bytes, size_t size)
{
	*sum = fnv_bytes(*sum, bytes, size);
}

static void sum_text(uint64_t *sum, const char *text)
{
	sum_bytes(sum, text, strlen(text) + 1);
}

/* Byte by byte, so that the sum is the same on every machine. */
static void sum_number(uint64_t *sum, uint64_t number)
{
	for (unsigned int shift = 0; shift < 64; shift += 8)
		*sum = fnv_add(*sum, number >> shift & 0xff);
}

static void sum_run(uint64_t *sum, const struct profile_run *run)
{
	sum_text(sum, run->id);
	sum_text(sum, run->source);
	sum_text(sum, run->host);
	sum_text(sum, run->kernel);
	sum_text(sum, run->version);
	sum_number(sum, run->started_s);
	sum_number(sum, run->ended_s);
	sum_number(sum, run->calls);
	sum_number(sum, run->windows);
	sum_number(sum, run->new_bags);
	sum_number(sum, run->lost);
	sum_number(sum, run->joined_late);
}

/* Numbers that not every bosc knew: what was saved before they existed had a sum without them, and
 * has 0. */
static void sum_counts(uint64_t *sum, const uint64_t *counts, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!counts[i])
			continue;
		sum_number(sum, i);
		sum_number(sum, counts[i]);
	}
}

static void sum_scores(uint64_t *sum, const uint32_t scores[SCORE_BINS])
{
	uint64_t counts[SCORE_BINS];

	for (uint32_t bin = 0; bin < SCORE_BINS; bin++)
		counts[bin] = scores[bin];
	sum_counts(sum, counts, SCORE_BINS);
}

static void sum_part(uint64_t *sum, const struct profile_part *part)
{
	sum_number(sum, part->windows_before);
	sum_number(sum, part->frame_most);
	sum_number(sum, part->fresh_most);
	/* As with sum_counts(); the text keeps the two apart. */
	if (part->logged) {
		sum_text(sum, "logged");
		sum_number(sum, part->logged);
	}
	if (part->level_most)
		sum_number(sum, part->level_most);
	sum_scores(sum, part->scores);
}

static void sum_bag(uint64_t *sum, const struct profile_bag *known, uint32_t window)
{
	for (uint32_t i = 0; i < window; i++)
		sum_number(sum, known->bag.code[i]);
	sum_number(sum, known->count);
	sum_number(sum, known->first_run);
	sum_number(sum, known->last_run);
	sum_number(sum, known->part);
	if (known->again)
		sum_number(sum, known->again);
}

static void sum_sights(uint64_t *sum, const struct profile *profile)
{
	for (size_t i = 0; i < profile->sight_count; i++) {
		sum_number(sum, profile->sights[i].bag);
		sum_number(sum, profile->sights[i].thread);
		sum_number(sum, profile->sights[i].at);
		sum_number(sum, profile->sights[i].part);
	}
	if (profile->threads)
		sum_number(sum, profile->threads);
}

static void sum_repertoire(uint64_t *sum, const struct repertoire *repertoire)
{
	for (const uint16_t *code = repertoire->codes; *code; code++)
		sum_number(sum, *code);
	sum_number(sum, repertoire->threads);
	sum_number(sum, repertoire->part);
}

/* Nothing where nothing was learnt of it: see sum_counts(). */
static void sum_view(uint64_t *sum, const struct profile *profile)
{
	const struct repertoires *repertoires = &profile->repertoires;

	for (size_t i = 0; i < profile->gram_count; i++) {
		sum_number(sum, profile->grams[i].calls);
		sum_number(sum, profile->grams[i].count);
	}
	for (size_t i = 0; i < repertoires->count; i++)
		sum_repertoire(sum, &repertoires->all[i]);
	if (repertoires->threads)
		sum_number(sum, repertoires->threads);
	sum_counts(sum, repertoires->users, CODE_COUNT);
}

static void sum_head(uint64_t *sum, const struct old_profile *old)
{
	const struct profile *profile = old->profile;

	sum_text(sum, profile->name);
	sum_text(sum, profile->arch);
	sum_text(sum, profile->image);
	sum_text(sum, profile->digest);
	sum_text(sum, profile->container);
	sum_text(sum, profile_state_name(profile->state));
	sum_text(sum, profile->why);
	sum_number(sum, profile->window);
	sum_number(sum, profile->signals);
	/* As with sum_counts(). */
	if (old->confirmed_parts)
		sum_number(sum, old->confirmed_parts);
	if (profile->programs)
		sum_number(sum, profile->programs);
	if (profile->command[0])
		sum_text(sum, profile->command);
}

uint64_t store_sqlite_old_sum(const struct old_profile *old)
{
	const struct profile *profile = old->profile;
	uint64_t sum = FNV_BEGIN;

	sum_head(&sum, old);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		sum_number(&sum, profile->calls[code]);
	sum_counts(&sum, profile->start_calls, CODE_COUNT);
	sum_number(&sum, profile->run_count);
	for (size_t i = 0; i < profile->run_count; i++)
		sum_run(&sum, &profile->runs[i]);
	sum_number(&sum, profile->exec_count);
	for (size_t i = 0; i < profile->exec_count; i++) {
		sum_text(&sum, profile->execs[i].path);
		sum_number(&sum, profile->execs[i].inode);
		sum_number(&sum, profile->execs[i].count);
	}
	sum_number(&sum, profile->history_count);
	for (size_t i = 0; i < profile->history_count; i++)
		sum_part(&sum, &profile->history[i]);
	sum_number(&sum, profile->bag_count);
	for (size_t i = 0; i < profile->bag_count; i++)
		sum_bag(&sum, &profile->bags[i], profile->window);
	sum_sights(&sum, profile);
	sum_view(&sum, profile);
	return sum;
}
