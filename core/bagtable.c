/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of known bags as user space fills and reads it: the same geometry as in the sensor,
 * without its races.
 */
#include "bagtable.h"

uint32_t bagtable_find(const struct bag_bucket *buckets, uint32_t mask, uint64_t hash)
{
	uint32_t index[2] = { bag_bucket_first(hash, mask), bag_bucket_second(hash, mask) };

	for (int half = 0; half < 2; half++)
		for (uint32_t way = 0; way < BUCKET_WAYS; way++)
			if (buckets[index[half]].hash[way] == hash)
				return index[half] * BUCKET_WAYS + way;
	return BAG_NO_PLACE;
}

uint32_t bagtable_insert(struct bag_bucket *buckets, uint32_t mask, uint64_t hash)
{
	uint32_t index[2] = { bag_bucket_first(hash, mask), bag_bucket_second(hash, mask) };

	for (int half = 0; half < 2; half++) {
		for (uint32_t way = 0; way < BUCKET_WAYS; way++) {
			uint64_t *place = &buckets[index[half]].hash[way];

			if (*place && *place != hash)
				continue;
			*place = hash;
			return index[half] * BUCKET_WAYS + way;
		}
	}
	return BAG_NO_PLACE;
}

uint32_t bagtable_buckets(uint64_t bags)
{
	uint32_t buckets = 1024;

	while (buckets < BAG_BUCKETS_MAX && (uint64_t)buckets * BUCKET_WAYS < bags * 2)
		buckets *= 2;
	return buckets;
}
