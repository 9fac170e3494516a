/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs for tests of merging: a few of them, over and over, in states that differ in little, so that
 * every rule for the tie is asked.
 */
#ifndef BOSC_TESTS_SAMPLE_RUNS_H
#define BOSC_TESTS_SAMPLE_RUNS_H

#include <errno.h>

#include "sample_profile.h"

#define RUNS 6 /* that sample_runs() mixes */

static inline const char *pick(uint64_t *seed, const char *one, const char *other)
{
	return sample_random(seed) % 2 ? one : other;
}

/* One of the states that run `number` may be in. Two states, and two runs, are of the same content
 * or of another. */
static inline void add_state(uint64_t *seed, struct profile *profile, uint64_t number)
{
	uint64_t content = number / 2 * 100 + sample_random(seed) % 2;
	struct profile_run *run;

	sample_learn(content, profile, 20);
	run = &profile->runs[profile->run_count - 1];
	*run = (struct profile_run){ .content = run->content, .content_size = run->content_size };
	snprintf(run->id, sizeof(run->id), "run %d", (int)number);
	strcpy(run->source, pick(seed, RUN_LIVE, RUN_TRACE));
	strcpy(run->host, pick(seed, "a", "b"));
	strcpy(run->image, pick(seed, "", "redis:7"));
	strcpy(run->note, pick(seed, "", "note"));
	strcpy(run->why, pick(seed, "why", "why not"));
	run->state = (enum profile_state)(sample_random(seed) % PROFILE_REVIEWED);
	run->order = number % 3 + sample_random(seed) % 2;
	run->started_s = number % 2;
	run->ended_s = sample_random(seed) % 2;
	run->calls = sample_random(seed) % 2;
	run->windows = sample_random(seed) % 2;
	run->lost = sample_random(seed) % 2;
	run->unseen_ppb = 1000000000;
	run->joined_late = sample_random(seed) % 2;
	if (sample_random(seed) % 2) {
		strcpy(run->reviewer, pick(seed, "ann", "bob"));
		run->reviewed_s = 1 + sample_random(seed) % 2;
	}
	if (sample_random(seed) % 4 == 0) {
		strcpy(run->withdrawer, pick(seed, "ann", "bob"));
		run->withdrawn_s = 1 + sample_random(seed) % 2;
	}
}

static inline void rebuild(struct profile *profile)
{
	const char *why = "";

	if (profile_rebuild(profile, &why) < 0)
		fail_msg("%s", why);
}

static inline struct profile *no_runs(void)
{
	struct profile *profile = profile_new("p", 4);

	if (!profile)
		abort();
	strcpy(profile->arch, "x86_64");
	return profile;
}

static inline struct profile *sample_runs(uint64_t seed)
{
	struct profile *profile = no_runs();

	for (uint64_t run = 0; run < RUNS; run++)
		if (sample_random(&seed) % 2)
			add_state(&seed, profile, run);
	rebuild(profile);
	return profile;
}

static inline void merge(struct profile *into, const struct profile *from)
{
	const char *why = "";

	if (profile_merge(into, from, &why) < 0)
		fail_msg("%s", why);
}

/* A copy is what an empty profile becomes. */
static inline struct profile *copy(const struct profile *profile)
{
	struct profile *empty = profile_new("p", 1);

	merge(empty, profile);
	assert_int_equal(empty->window, profile->run_count ? 4 : profile->window);
	return empty;
}

static inline struct profile *merged(const struct profile *a, const struct profile *b)
{
	struct profile *both = copy(a);

	merge(both, b);
	return both;
}

static inline void assert_same_and_free(struct profile *a, struct profile *b)
{
	assert_same_profile(a, b);
	profile_free(a);
	profile_free(b);
}

/* A profile of that many runs, none withdrawn or reviewed, the first being number `from`. */
static inline struct profile *plain_runs(uint64_t from, uint64_t count)
{
	struct profile *profile = no_runs();
	uint64_t seed = 9;

	for (uint64_t run = from; run < from + count; run++) {
		struct profile_run *added;

		add_state(&seed, profile, run);
		added = &profile->runs[profile->run_count - 1];
		added->reviewed_s = added->withdrawn_s = 0;
		added->reviewer[0] = added->withdrawer[0] = 0;
		added->order = run;
	}
	rebuild(profile);
	return profile;
}

#endif
