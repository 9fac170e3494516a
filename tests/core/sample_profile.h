/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles for tests of what keeps and carries profiles: made from a seed, with awkward texts and
 * counts up to the last bit, and compared member by member.
 */
#ifndef BOSC_TESTS_SAMPLE_PROFILE_H
#define BOSC_TESTS_SAMPLE_PROFILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../bpf/sensor.h"
#include "../../core/content.h"
#include "../../core/merge.h"
#include "../../core/novelty.h"
#include "../../core/profile.h"

static inline uint64_t sample_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33 ^ *seed << 20;
}

/* Of all magnitudes; the largest need all 64 bits. */
static inline uint64_t sample_count(uint64_t *seed)
{
	return (sample_random(seed) << 32 ^ sample_random(seed)) >> sample_random(seed) % 64;
}

/* Everything from empty to full, with bytes that JSON, SQL and UTF-8 do not like. */
static inline void sample_text(uint64_t *seed, char *text, size_t size)
{
	static const char *const words[] = { "redis",	 " ",	    "'; DROP TABLE bag; --",
					     "\"",	 "/",	    "\n",
					     "\t",	 "\\u0000", "ü",
					     "\xff\xfe", "%s",	    "\x01",
					     "日" };
	size_t length = sample_random(seed) % size;

	memset(text, 0, size);
	while (strlen(text) < length) {
		const char *word = words[sample_random(seed) % (sizeof(words) / sizeof(*words))];

		strncat(text, word, size - 1 - strlen(text));
	}
}

static inline void sample_run(uint64_t *seed, struct profile *profile)
{
	struct profile_run *run = profile_run(profile);

	snprintf(run->id, sizeof(run->id), "%zu-", profile->run_count);
	sample_text(seed, run->id + 2, sizeof(run->id) - 2);
	sample_text(seed, run->source, sizeof(run->source));
	sample_text(seed, run->host, sizeof(run->host));
	sample_text(seed, run->kernel, sizeof(run->kernel));
	sample_text(seed, run->version, sizeof(run->version));
	sample_text(seed, run->image, sizeof(run->image));
	sample_text(seed, run->digest, sizeof(run->digest));
	sample_text(seed, run->command, sizeof(run->command));
	sample_text(seed, run->container, sizeof(run->container));
	sample_text(seed, run->note, sizeof(run->note));
	sample_text(seed, run->why, sizeof(run->why));
	run->state = sample_random(seed) % 2 ? PROFILE_PARTIAL : PROFILE_LEARNING;
	run->order = sample_random(seed) % 3;
	run->started_s = sample_count(seed);
	run->ended_s = sample_count(seed);
	run->calls = sample_count(seed);
	run->windows = sample_count(seed);
	run->new_bags = sample_count(seed);
	run->lost = sample_count(seed);
	run->unseen_ppb = sample_count(seed);
	run->joined_late = (uint32_t)sample_count(seed);
	if (sample_random(seed) % 2) {
		sample_text(seed, run->reviewer, sizeof(run->reviewer));
		run->reviewed_s = 1 + (sample_count(seed) >> 1);
	}
	if (sample_random(seed) % 8 == 0) {
		sample_text(seed, run->withdrawer, sizeof(run->withdrawer));
		run->withdrawn_s = 1 + (sample_count(seed) >> 1);
	}
}

/* None to many parts, some of which begin at the same window, the last perhaps beyond 2^63. */
static inline void sample_parts(uint64_t *seed, struct profile *profile)
{
	uint64_t before = 0;

	for (uint64_t parts = sample_random(seed) % 20; parts > 0; parts--) {
		struct profile_part *part = profile_part(profile);
		uint64_t length = sample_count(seed) / (sample_random(seed) % 3 + 1);

		if (__builtin_add_overflow(before, length, &part->windows_before))
			part->windows_before = before;
		before = part->windows_before;
		part->frame_most = (uint32_t)(sample_random(seed) % 65);
		part->fresh_most = (uint32_t)(sample_random(seed) % 65);
		part->level_most = (uint32_t)(sample_random(seed) % 12289);
		for (uint32_t bin = 0; bin < sample_random(seed) % (SCORE_BINS + 1); bin++)
			part->scores[bin] = (uint32_t)sample_count(seed);
	}
}

/* A bag of codes in order; some begin with places before the thread's beginning. */
static inline void sample_bag(uint64_t *seed, struct profile *profile)
{
	struct bag bag = { 0 };
	uint32_t begins = (uint32_t)(sample_random(seed) % profile->window);
	uint32_t range = sample_random(seed) % 2 ? 400 : CODE_NEW - 1;
	long place;

	for (uint32_t i = begins; i < profile->window; i++) {
		uint16_t code = (uint16_t)(1 + sample_random(seed) % range);
		uint32_t at = i;

		for (; at > 0 && bag.code[at - 1] > code; at--)
			bag.code[at] = bag.code[at - 1];
		bag.code[at] = code;
	}
	place = profile_bag(profile, &bag, 0, NULL);
	profile->bags[place].part = (uint32_t)(sample_random(seed) % (profile->history_count + 1));
	profile->bags[place].count = sample_count(seed) / 100000;
}

/* Runs of calls in order, the first ones from the beginning of a thread. */
static inline void sample_grams(uint64_t *seed, struct profile *profile, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t calls = i < 5 ? 0 : (1 + i / 1000) << CODE_BITS | (1 + i % 1000);

		calls = calls << CODE_BITS | (i < 5 ? 0 : 1 + sample_random(seed) % (CODE_NEW - 1));
		calls = calls << CODE_BITS |
			(i < 5 ? 1 + i : 1 + sample_random(seed) % (CODE_NEW - 1));
		assert_int_equal(profile_gram(profile, calls, 1 + (sample_count(seed) >> 40)), 0);
	}
}

/* Sets of one call to all of them, and threads whose sets are not kept. */
static inline void sample_repertoires(uint64_t *seed, struct profile *profile, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t calls = i == 3 ? 100000 : 1 + sample_random(seed) % 100;
		struct callset set = { 0 };

		for (uint64_t call = 0; call < calls; call++)
			callset_add(&set, 1 + (uint32_t)(sample_random(seed) % (CODE_NEW - 1)));
		assert_true(repertoires_add(&profile->repertoires, &set,
					    1 + (sample_count(seed) >> 20),
					    (uint32_t)(sample_random(seed) %
						       (profile->history_count + 1))) >= 0);
	}
	for (uint32_t code = 1; code < CODE_NEW && count; code += 7)
		profile->repertoires.users[code] += 5;
	profile->repertoires.threads += count ? 5 : 0;
}

/* Which parts were logged, which bags came again, and sights of the parts that were logged. */
static inline void sample_novelty(uint64_t *seed, struct profile *profile)
{
	for (size_t i = 0; i < profile->history_count; i++)
		profile->history[i].logged = i % 3 != 0;
	for (size_t i = 0; i < profile->bag_count; i++) {
		uint32_t part = 1 + (uint32_t)(sample_random(seed) % 20);
		struct sight sight = { .bag = (uint32_t)i, .part = part };

		profile->bags[i].again = sample_random(seed) % 4 == 0;
		if (part > profile->history_count || !profile->history[part - 1].logged)
			continue;
		sight.thread = 1 + (uint32_t)(sample_random(seed) % 9);
		sight.at = (uint32_t)sample_count(seed);
		profile->threads = 9;
		assert_int_equal(novelty_log(profile, &sight), 0);
	}
}

/* What one run learnt: up to `bags` bags, of which two may turn out equal. */
static inline struct profile *sample_content(uint64_t seed, const char *name, const char *arch,
					     uint32_t window, size_t bags)
{
	struct profile *content = profile_new(name, window);
	const char *why = "";

	if (!content)
		abort();
	strcpy(content->arch, arch);
	assert_non_null(profile_run(content));
	content->signals = sample_count(&seed) | 1ull << 11 | MAIN_EXIT_BIT;
	for (uint32_t i = 1; i < CODE_NEW; i++)
		content->calls[i] = sample_random(&seed) % 3 ? 0 : sample_count(&seed);
	for (uint32_t i = 1; i < CODE_NEW; i += 1 + (uint32_t)sample_random(&seed) % 9)
		content->start_calls[i] = content->calls[i] >> sample_random(&seed) % 64;
	content->programs = sample_count(&seed);
	for (uint64_t execs = seed % 7 ? 1 + sample_random(&seed) % 4 : 0; execs > 0; execs--) {
		char path[PROFILE_PATH];

		sample_text(&seed, path, sizeof(path));
		profile_exec(content, path, sample_count(&seed), sample_count(&seed) / 2);
	}
	sample_parts(&seed, content);
	for (size_t i = 0; i < bags; i++)
		sample_bag(&seed, content);
	sample_grams(&seed, content, seed % 5 ? bags : 0);
	sample_repertoires(&seed, content, seed % 5 ? bags / 20 + sample_random(&seed) % 5 : 0);
	sample_novelty(&seed, content);
	if (profile_check(content, &why) < 0)
		fail_msg("the test's own content is wrong: %s", why);
	return content;
}

/* Appends a run that learnt that. */
static inline void sample_learn(uint64_t seed, struct profile *profile, size_t bags)
{
	struct profile *content = sample_content(seed, profile->name, profile->arch,
						 profile->window, bags);
	struct profile_run *run;

	sample_run(&seed, profile);
	run = &profile->runs[profile->run_count - 1];
	assert_int_equal(content_encode(content, &run->content, &run->content_size), 0);
	profile_free(content);
}

/* One to four runs, the first with up to `bags` bags, which pass profile_check(). */
static inline struct profile *sample_profile(uint64_t seed, const char *name, size_t bags)
{
	struct profile *profile = profile_new(name, 1 + (uint32_t)(seed % WINDOW_MAX));
	const char *why = "";

	if (!profile)
		abort();
	strcpy(profile->arch, seed % 2 ? "x86_64" : "aarch64");
	for (uint64_t run = 0; run <= seed % 4; run++)
		sample_learn(seed + 1000 * run, profile, run ? bags / 2 : bags);
	if (profile_rebuild(profile, &why) < 0 || profile_check(profile, &why) < 0)
		fail_msg("the test's own profile is wrong: %s", why);
	return profile;
}

static inline void assert_same_run(const struct profile_run *a, const struct profile_run *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->source, b->source);
	assert_string_equal(a->host, b->host);
	assert_string_equal(a->kernel, b->kernel);
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->image, b->image);
	assert_string_equal(a->digest, b->digest);
	assert_string_equal(a->command, b->command);
	assert_string_equal(a->container, b->container);
	assert_string_equal(a->note, b->note);
	assert_int_equal(a->state, b->state);
	assert_string_equal(a->why, b->why);
	assert_memory_equal(&a->order, &b->order,
			    offsetof(struct profile_run, joined_late) -
				    offsetof(struct profile_run, order));
	assert_int_equal(a->joined_late, b->joined_late);
	assert_string_equal(a->reviewer, b->reviewer);
	assert_int_equal(a->reviewed_s, b->reviewed_s);
	assert_string_equal(a->withdrawer, b->withdrawer);
	assert_int_equal(a->withdrawn_s, b->withdrawn_s);
	assert_int_equal(a->content_size, b->content_size);
	assert_memory_equal(a->content, b->content, a->content_size);
}

static inline void assert_same_runs(const struct profile *a, const struct profile *b)
{
	assert_int_equal(a->run_count, b->run_count);
	for (size_t i = 0; i < a->run_count; i++)
		assert_same_run(&a->runs[i], &b->runs[i]);
}

static inline void assert_same_parts(const struct profile *a, const struct profile *b)
{
	assert_int_equal(a->history_count, b->history_count);
	for (size_t i = 0; i < a->history_count; i++) {
		assert_int_equal(a->history[i].run, b->history[i].run);
		assert_int_equal(a->history[i].windows_before, b->history[i].windows_before);
		assert_int_equal(a->history[i].frame_most, b->history[i].frame_most);
		assert_int_equal(a->history[i].fresh_most, b->history[i].fresh_most);
		assert_int_equal(a->history[i].logged, b->history[i].logged);
		assert_int_equal(a->history[i].level_most, b->history[i].level_most);
		assert_memory_equal(a->history[i].scores, b->history[i].scores,
				    sizeof(a->history[i].scores));
	}
}

static inline void assert_same_view(const struct profile *a, const struct profile *b)
{
	assert_int_equal(a->gram_count, b->gram_count);
	for (size_t i = 0; i < a->gram_count; i++) {
		assert_int_equal(a->grams[i].calls, b->grams[i].calls);
		assert_int_equal(a->grams[i].count, b->grams[i].count);
	}
	assert_int_equal(a->repertoires.threads, b->repertoires.threads);
	assert_memory_equal(a->repertoires.users, b->repertoires.users,
			    sizeof(a->repertoires.users));
	assert_int_equal(a->repertoires.count, b->repertoires.count);
	for (size_t i = 0; i < a->repertoires.count; i++) {
		const struct repertoire *left = &a->repertoires.all[i];
		const struct repertoire *right = &b->repertoires.all[i];
		size_t size = 0;

		while (left->codes[size])
			size++;
		assert_memory_equal(left->codes, right->codes, (size + 1) * sizeof(*left->codes));
		assert_int_equal(left->threads, right->threads);
		assert_int_equal(left->part, right->part);
	}
}

static inline void assert_same_sights(const struct profile *a, const struct profile *b)
{
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->sight_count, b->sight_count);
	for (size_t i = 0; i < a->sight_count; i++) {
		assert_int_equal(a->sights[i].bag, b->sights[i].bag);
		assert_int_equal(a->sights[i].thread, b->sights[i].thread);
		assert_int_equal(a->sights[i].at, b->sights[i].at);
		assert_int_equal(a->sights[i].part, b->sights[i].part);
	}
}

static inline void assert_same_bags(const struct profile *a, const struct profile *b)
{
	assert_int_equal(a->bag_count, b->bag_count);
	for (size_t i = 0; i < a->bag_count; i++) {
		assert_int_equal(bag_compare(&a->bags[i].bag, &b->bags[i].bag), 0);
		assert_int_equal(a->bags[i].count, b->bags[i].count);
		assert_int_equal(a->bags[i].first_run, b->bags[i].first_run);
		assert_int_equal(a->bags[i].last_run, b->bags[i].last_run);
		assert_int_equal(a->bags[i].part, b->bags[i].part);
		assert_int_equal(a->bags[i].again, b->bags[i].again);
		assert_int_equal(profile_find(b, &a->bags[i].bag), (long)i);
	}
}

/* What was learnt, whoever did. */
static inline void assert_same_learnt(const struct profile *a, const struct profile *b)
{
	assert_string_equal(a->arch, b->arch);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->signals, b->signals);
	assert_memory_equal(a->calls, b->calls, sizeof(a->calls));
	assert_memory_equal(a->start_calls, b->start_calls, sizeof(a->start_calls));
	assert_int_equal(a->programs, b->programs);
	assert_same_parts(a, b);
	assert_same_view(a, b);
	assert_same_sights(a, b);
	assert_int_equal(a->exec_count, b->exec_count);
	for (size_t i = 0; i < a->exec_count; i++) {
		assert_string_equal(a->execs[i].path, b->execs[i].path);
		assert_int_equal(a->execs[i].inode, b->execs[i].inode);
		assert_int_equal(a->execs[i].count, b->execs[i].count);
	}
	assert_same_bags(a, b);
}

static inline void assert_same_profile(const struct profile *a, const struct profile *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->image, b->image);
	assert_string_equal(a->digest, b->digest);
	assert_string_equal(a->container, b->container);
	assert_string_equal(a->command, b->command);
	assert_string_equal(a->why, b->why);
	assert_int_equal(a->state, b->state);
	assert_same_runs(a, b);
	assert_same_learnt(a, b);
}

#endif
