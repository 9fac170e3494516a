/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile_old.h"

#include <errno.h>
#include <string.h>

#include "merge.h"

/*
 * The run of each part. A bag knows both; a part that met no bag is placed by how many windows the
 * runs had, which losses blur: so the bags have the last word.
 */
static void place_parts(struct profile *profile)
{
	uint64_t end = profile->run_count ? profile->runs[0].windows : 0;
	uint32_t run = 0;

	for (size_t i = 0; i < profile->history_count; i++) {
		while (run + 1 < profile->run_count && profile->history[i].windows_before >= end)
			end += profile->runs[++run].windows;
		profile->history[i].run = run;
	}
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *bag = &profile->bags[i];

		if (bag->part && bag->part <= profile->history_count)
			profile->history[bag->part - 1].run = bag->first_run;
	}
}

/* What is known of the last run only. */
static void place_outcome(struct profile *profile)
{
	struct profile_run *last = &profile->runs[profile->run_count - 1];

	last->state = profile->state;
	last->unseen_ppb = profile->state == PROFILE_LEARNT ? 1000000000 : 0;
	memcpy(last->why, profile->why, sizeof(last->why));
	memcpy(last->image, profile->image, sizeof(last->image));
	memcpy(last->digest, profile->digest, sizeof(last->digest));
	memcpy(last->command, profile->command, sizeof(last->command));
	memcpy(last->container, profile->container, sizeof(last->container));
}

static void place_review(struct profile *profile, uint32_t confirmed)
{
	for (size_t i = 0; i < profile->run_count; i++) {
		struct profile_run *run = &profile->runs[i];
		uint32_t last = 0;

		for (uint32_t part = 1; part <= profile->history_count; part++)
			if (profile->history[part - 1].run == i)
				last = part;
		if (!last || last > confirmed)
			continue;
		profile_text(run->reviewer, sizeof(run->reviewer), "unknown");
		run->reviewed_s = run->ended_s ? run->ended_s : 1;
	}
}

/* What names no run was learnt in one all the same. */
static struct profile_run *add_import(struct profile *profile)
{
	struct profile_run *run = profile_run(profile);

	if (run)
		strcpy(run->source, RUN_IMPORT);
	return run;
}

int profile_adopt(struct profile *profile, uint32_t confirmed, const char **ret_why)
{
	*ret_why = "there is no memory";
	if (!profile->run_count && !add_import(profile))
		return -ENOMEM;
	for (size_t i = 0; i < profile->run_count; i++) {
		struct profile_run *run = &profile->runs[i];

		run->order = i + 1;
		run->state = PROFILE_PARTIAL;
		profile_text(run->why, sizeof(run->why), "not kept by an older bosc");
	}
	place_parts(profile);
	if (profile_check(profile, ret_why) < 0)
		return -EINVAL;
	place_outcome(profile);
	place_review(profile, confirmed);
	return profile_seal(profile, ret_why);
}
