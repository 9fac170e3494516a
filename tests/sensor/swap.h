/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor on a stage, and profiles that take each other's place there.
 */
#ifndef BOSC_TESTS_SWAP_H
#define BOSC_TESTS_SWAP_H

#include "../core/scene.h"
#include "stage_sensor.h"

/* As a watch does: what was counted of a bag that both know goes with it. */
static inline void move_counts(const struct profile *to, const uint32_t *places)
{
	for (size_t i = 0; i < stage.profile->bag_count; i++) {
		long at = profile_find(to, &stage.profile->bags[i].bag);

		source_live_move_count(stage.source, stage.places[i],
				       at < 0 ? BAG_NO_PLACE : places[at]);
	}
}

/* The profile becomes the stage's; on failure the caller keeps it. */
static inline int swap_to(struct profile *to, bool counted)
{
	uint32_t *places = calloc(to->bag_count + 1, sizeof(*places));
	struct error err = { 0 };
	int status = source_live_swap(stage.source, 1, stage.profile, to, counted ? places : NULL,
				      &err);

	assert_non_null(places);
	if (status < 0) {
		assert_true(err.text[0] && err.hint[0]);
		free(places);
		return status;
	}
	if (counted)
		move_counts(to, places);
	profile_free(stage.profile);
	free(stage.places);
	stage.profile = to;
	stage.places = places;
	return 0;
}

static inline uint64_t mismatches(void)
{
	return stage_target(&stage).mismatches;
}

/* The endless loop "abc" from its beginning, and one bag more. */
static inline struct profile *loop_and(const char *bag)
{
	struct profile *profile = profile_new("loop", 3);

	know_bag(profile, "..a");
	know_bag(profile, ".ab");
	know_bag(profile, "abc");
	know_bag(profile, bag);
	know_calls(profile, "cz");
	profile_exec(profile, "/bin/known", 0, 1);
	know_novelty(profile, NEVER, NEVER);
	return profile;
}

static inline uint64_t count_of(const char *letters)
{
	struct bag bag = letters_bag(letters, stage.profile->window);
	long at = profile_find(stage.profile, &bag);

	assert_true(at >= 0);
	return stage.source->count(stage.source, stage.places[at]);
}

#endif
