/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile.h"

#include <stdlib.h>

#include "src/options.h"
#include "work.h"

/* All bags of the first so many kinds, from the `from`th on, that have the bag's first codes. */
static void add_bags(struct profile *profile, struct bag *bag, uint32_t kinds, uint32_t from,
		     uint32_t filled)
{
	if (filled == profile->window) {
		if (profile_bag(profile, bag, 1, NULL) < 0)
			abort();
		profile->bags[profile->bag_count - 1].count = 1000;
		return;
	}
	for (uint32_t kind = from; kind < kinds; kind++) {
		bag->code[filled] = (uint16_t)code_of(ABI_NATIVE, (uint64_t)work_kinds[kind]);
		add_bags(profile, bag, kinds, kind, filled + 1);
	}
}

/* In the order of add_bags(). */
static void heat_window(struct profile *profile, uint32_t step)
{
	struct bag bag = { 0 };
	uint32_t filled = 0;
	long index;

	for (uint32_t kind = 0; kind < WORK_CYCLE_KINDS; kind++)
		for (uint32_t i = 0; i < profile->window; i++)
			if (work_cycle[(step + i) % WORK_CYCLE_STEPS] == kind)
				bag.code[filled++] = (uint16_t)code_of(ABI_NATIVE,
								       (uint64_t)work_kinds[kind]);
	index = profile_bag(profile, &bag, 1, NULL);
	if (index < 0)
		abort();
	profile->bags[index].count = 1000000;
}

struct profile *bench_profile(uint32_t kinds)
{
	struct profile *profile = profile_new("bench", WINDOW_DEFAULT);
	struct bag bag = { 0 };

	if (!profile)
		abort();
	for (uint32_t kind = 0; kind < WORK_KINDS_MAX; kind++)
		profile->calls[code_of(ABI_NATIVE, (uint64_t)work_kinds[kind])] = 1000000000;
	if (kinds)
		add_bags(profile, &bag, kinds, 0, 0);
	for (uint32_t step = 0; kinds >= WORK_CYCLE_KINDS && step < WORK_CYCLE_STEPS; step++)
		heat_window(profile, step);
	return profile;
}
