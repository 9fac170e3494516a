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

/* Without a branch that depends on where it stands: nobody could foresee it. A sum, for of a chain
 * of ors compilers make branches. */
static int bucket_has(const struct bag_bucket *bucket, uint64_t hash)
{
	const uint64_t *at = bucket->hash;

	return (at[0] == hash) + (at[1] == hash) + (at[2] == hash) + (at[3] == hash) +
	       (at[4] == hash) + (at[5] == hash) + (at[6] == hash) + (at[7] == hash);
}

int bagtable_has(const struct bag_bucket *buckets, uint32_t count, uint64_t hash)
{
	return bucket_has(&buckets[bag_bucket_first(hash, count)], hash) ||
	       bucket_has(&buckets[bag_bucket_second(hash, count)], hash);
}

/* All buckets are on their way before the first is looked at. Then mostly a hash stands in its own
 * place; unlike one by one, that is worth a branch, for no load waits for it. */
uint64_t bagtable_unknown(const struct bag_bucket *buckets, uint32_t count, const uint64_t *hashes,
			  uint32_t hash_count)
{
	uint64_t unknown = 0;

	for (uint32_t i = 0; i < hash_count; i++)
		__builtin_prefetch(&buckets[bag_bucket_first(hashes[i], count)]);
	for (uint32_t i = 0; i < hash_count; i++) {
		uint64_t hash = hashes[i];
		const struct bag_bucket *first = &buckets[bag_bucket_first(hash, count)];
		int known = first->hash[bag_way(hash)] == hash ||
			    bagtable_has(buckets, count, hash);

		unknown |= (uint64_t)!known << i;
	}
	return unknown;
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

/* Moves one of the bucket's bags to the other bucket it may stand in; the way that got free, or
 * BUCKET_WAYS. Whoever looks for the bag meanwhile looks here first, and there after that. */
static uint32_t make_way(struct bag_bucket *buckets, uint32_t count, uint32_t index)
{
	for (uint32_t way = 0; way < BUCKET_WAYS; way++) {
		uint64_t *hash = &buckets[index].hash[way];
		struct bag_bucket *other = &buckets[bag_bucket_second(*hash, count)];
		uint32_t free_way = way_of(other, *hash, 0);

		if (bag_bucket_first(*hash, count) != index || free_way == BUCKET_WAYS)
			continue;
		__atomic_store_n(&other->hash[free_way], *hash, __ATOMIC_RELEASE);
		__atomic_store_n(hash, 0, __ATOMIC_RELEASE);
		return way;
	}
	return BUCKET_WAYS;
}

int bagtable_add(struct bag_bucket *buckets, uint32_t count, uint64_t hash)
{
	uint32_t index[2] = { bag_bucket_first(hash, count), bag_bucket_second(hash, count) };

	if (bagtable_insert(buckets, count, hash) != BAG_NO_PLACE)
		return 1;
	for (int half = 0; half < 2; half++) {
		uint32_t way = make_way(buckets, count, index[half]);

		if (way == BUCKET_WAYS)
			continue;
		__atomic_store_n(&buckets[index[half]].hash[way], hash, __ATOMIC_RELEASE);
		return 1;
	}
	return 0;
}

int bagtable_remove(struct bag_bucket *buckets, uint32_t count, uint64_t hash)
{
	uint32_t place = bagtable_find(buckets, count, hash);

	if (place == BAG_NO_PLACE)
		return 0;
	__atomic_store_n(&buckets[place / BUCKET_WAYS].hash[place % BUCKET_WAYS], 0,
			 __ATOMIC_RELEASE);
	return 1;
}

uint32_t bagtable_buckets(uint64_t bags)
{
	uint64_t buckets = (bags * 2 + BUCKET_WAYS - 1) / BUCKET_WAYS;

	if (buckets < BAG_BUCKETS_MIN)
		return BAG_BUCKETS_MIN;
	return buckets < BAG_BUCKETS_MAX ? (uint32_t)buckets : BAG_BUCKETS_MAX;
}
