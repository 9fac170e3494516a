/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of known bags as user space fills and reads it: the same geometry as in the sensor,
 * without its races.
 */
#include "bagtable.h"

/* The way that holds what is looked for, the one where the hash belongs first; else BUCKET_WAYS. */
static uint32_t way_of(const struct bag_bucket *bucket, uint64_t hash, uint64_t wanted)
{
	uint32_t way = bag_way(hash);

	if (bucket->hash[way] == wanted)
		return way;
	for (way = 0; way < BUCKET_WAYS; way++)
		if (bucket->hash[way] == wanted)
			break;
	return way;
}

static uint32_t used_ways(const struct bag_bucket *bucket)
{
	uint32_t used = 0;

	for (uint32_t way = 0; way < BUCKET_WAYS; way++)
		used += bucket->hash[way] != 0;
	return used;
}

uint32_t bagtable_find(const struct bag_bucket *buckets, uint32_t count, uint64_t hash)
{
	uint32_t index[2] = { bag_bucket_first(hash, count), bag_bucket_second(hash, count) };

	for (int half = 0; half < 2; half++) {
		uint32_t way = way_of(&buckets[index[half]], hash, hash);

		if (way < BUCKET_WAYS)
			return index[half] * BUCKET_WAYS + way;
	}
	return BAG_NO_PLACE;
}

uint32_t bagtable_insert(struct bag_bucket *buckets, uint32_t count, uint64_t hash)
{
	uint32_t place = bagtable_find(buckets, count, hash);
	uint32_t index = bag_bucket_first(hash, count), other = bag_bucket_second(hash, count);
	uint32_t used, way;

	if (place != BAG_NO_PLACE)
		return place;
	/* The last way is for those whose second bucket has no room either. */
	used = used_ways(&buckets[index]);
	if (used >= BUCKET_WAYS - 1 && used_ways(&buckets[other]) < used)
		index = other;
	way = way_of(&buckets[index], hash, 0);
	if (way == BUCKET_WAYS)
		return BAG_NO_PLACE;
	buckets[index].hash[way] = hash;
	return index * BUCKET_WAYS + way;
}

uint32_t bagtable_buckets(uint64_t bags)
{
	uint64_t buckets = (bags * 2 + BUCKET_WAYS - 1) / BUCKET_WAYS;

	if (buckets < BAG_BUCKETS_MIN)
		return BAG_BUCKETS_MIN;
	return buckets < BAG_BUCKETS_MAX ? (uint32_t)buckets : BAG_BUCKETS_MAX;
}
