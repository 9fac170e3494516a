/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bags of profiles in the sensor's table: those that fill the stretch that every call looks at,
 * and, once that is full, those that are found only by who did not find a bag there. In front of
 * them stand the hot ones: those that training saw most often.
 */
#include "../core/rules.h"
#include "sensor.skel.h"
#include "source_live_internal.h"

struct stretch {
	struct bag_bucket *buckets;
	uint32_t count;
	uint32_t begin; /* the number of its first bucket */
};

static struct stretch known_of(const struct source_live *live)
{
	return (struct stretch){ live->bags.memory, live->sensor->rodata->bag_buckets, 0 };
}

static struct stretch spare_of(const struct source_live *live)
{
	uint32_t begin = live->sensor->rodata->bag_buckets + live->sensor->rodata->met_buckets;

	return (struct stretch){ (struct bag_bucket *)live->bags.memory + begin,
				 live->sensor->rodata->spare_buckets, begin };
}

/* Its place, or BAG_NO_PLACE. What is counted must not be moved; of other bags no place is told but
 * whether there is one. */
static uint32_t put(const struct stretch *stretch, uint64_t hash, bool counted)
{
	uint32_t place;

	if (!stretch->count)
		return BAG_NO_PLACE;
	if (!counted)
		return bagtable_add(stretch->buckets, stretch->count, hash) ? 0 : BAG_NO_PLACE;
	place = bagtable_insert(stretch->buckets, stretch->count, hash);
	return place == BAG_NO_PLACE ? place : stretch->begin * BUCKET_WAYS + place;
}

uint64_t live_bags_put(struct source_live *live, struct rules *rules, const struct profile *profile,
		       uint32_t *places)
{
	struct stretch known = known_of(live), spare = spare_of(live);
	uint64_t missing = 0;

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = rules_hash(rules, &profile->bags[i].bag, profile->window);
		uint32_t place = BAG_NO_PLACE;

		/* Bags that fold to the same have one place. */
		if (!rules->spared || !bagtable_has(spare.buckets, spare.count, hash))
			place = put(&known, hash, places != NULL);
		if (place == BAG_NO_PLACE) {
			place = put(&spare, hash, places != NULL);
			rules->spared |= place != BAG_NO_PLACE;
		}
		if (places)
			places[i] = place;
		missing += place == BAG_NO_PLACE;
	}
	return missing;
}

void live_bags_heat(struct source_live *live, const struct rules *rules,
		    const struct profile *profile)
{
	uint64_t *hot = live->sensor->bss->hot_bags;

	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *bag = &profile->bags[i];
		uint64_t hash = rules_hash(rules, &bag->bag, profile->window);
		uint32_t place = hot_place(hash);

		if (bag->count <= live->hot_counts[place])
			continue;
		live->hot_counts[place] = bag->count;
		__atomic_store_n(&hot[place], hash, __ATOMIC_RELAXED);
	}
}

static void cool(struct source_live *live, uint64_t hash)
{
	uint64_t *hot = &live->sensor->bss->hot_bags[hot_place(hash)];

	if (*hot != hash)
		return;
	__atomic_store_n(hot, 0, __ATOMIC_RELAXED);
	live->hot_counts[hot_place(hash)] = 0;
}

void live_bags_take(struct source_live *live, const struct rules *rules,
		    const struct profile *profile)
{
	struct stretch known = known_of(live), spare = spare_of(live);

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = rules_hash(rules, &profile->bags[i].bag, profile->window);

		cool(live, hash);
		if (!bagtable_remove(known.buckets, known.count, hash))
			bagtable_remove(spare.buckets, spare.count, hash);
	}
}

bool live_bags_copy(struct source_live *live, const struct rules *rules,
		    const struct profile *profile)
{
	struct stretch known = known_of(live), spare = spare_of(live);
	bool all = true;

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = rules_hash(rules, &profile->bags[i].bag, profile->window);

		if (bagtable_has(spare.buckets, spare.count, hash))
			all &= put(&known, hash, false) != BAG_NO_PLACE;
	}
	return all;
}

void live_bags_tidy(struct source_live *live, const struct rules *rules,
		    const struct profile *profile)
{
	struct stretch known = known_of(live), spare = spare_of(live);

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = rules_hash(rules, &profile->bags[i].bag, profile->window);

		if (bagtable_has(known.buckets, known.count, hash))
			bagtable_remove(spare.buckets, spare.count, hash);
	}
}
