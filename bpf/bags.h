/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of bags: where a hash stands, its count, and a place for a new one (core/bagtable.h).
 */
#ifndef BOSC_BPF_BAGS_H
#define BOSC_BPF_BAGS_H

#include "maps.h"

static __always_inline struct bag_bucket *bucket_at(uint64_t index)
{
	return BLOCK_AT(bags, index, sizeof(struct bag_bucket));
}

static __always_inline uint32_t bucket_way(const struct bag_bucket *bucket, uint64_t hash)
{
	uint32_t way = bag_way(hash);

	if (bucket->hash[way] == hash)
		return way;
#pragma unroll
	for (uint32_t i = 0; i < BUCKET_WAYS; i++) {
		if (bucket->hash[i] == hash)
			return i;
	}
	return BUCKET_WAYS;
}

/* Where the hash stands, of `buckets` buckets behind the `base`th: bucket * BUCKET_WAYS + way, or
 * BAG_NO_PLACE. The index has 64 bits because of Linux 6.1, where the verifier rounds what is added
 * to 32 up to a power of two. */
static __always_inline uint32_t hash_place(uint64_t hash, uint32_t base, uint32_t buckets)
{
	uint64_t index = (uint64_t)base + bag_bucket_first(hash, buckets);
	struct bag_bucket *bucket = bucket_at(index);
	uint32_t way;

	if (!bucket)
		return BAG_NO_PLACE;
	way = bucket_way(bucket, hash);
	if (way < BUCKET_WAYS)
		return index * BUCKET_WAYS + way;
	index = (uint64_t)base + bag_bucket_second(hash, buckets);
	bucket = bucket_at(index);
	if (!bucket)
		return BAG_NO_PLACE;
	way = bucket_way(bucket, hash);
	return way < BUCKET_WAYS ? index * BUCKET_WAYS + way : BAG_NO_PLACE;
}

static __always_inline uint32_t bag_place(uint64_t hash)
{
	return hash_place(hash, 0, bag_buckets);
}

/* Where bags are counted, none is hot: each has its place. */
static __always_inline _Bool bag_is_hot(uint64_t hash)
{
	return !count_bags && hot_bags[hot_place(hash)] == hash;
}

static __always_inline uint64_t *bag_count(uint32_t place)
{
	struct bag_counts *found;

	barrier_var(place); /* or Linux 6.1 sees the bound of one copy, and the use of another */
	if (place >= all_buckets * BUCKET_WAYS)
		return NULL;
	found = BLOCK_AT(counts, place / BUCKET_WAYS, sizeof(*found));
	return found ? &found->count[place % BUCKET_WAYS] : NULL;
}

/* Two buckets, eight ways: the hash's own one, or the first that is free. A race for it may store a
 * bag twice, which only splits its count. */
static __noinline uint32_t hash_insert(uint64_t hash, uint32_t base, uint32_t buckets)
{
	for (uint32_t half = 0; half < 2; half++) {
		uint32_t index = base + (half ? bag_bucket_second(hash, buckets)
					      : bag_bucket_first(hash, buckets));
		struct bag_bucket *bucket;

		if (index >= all_buckets)
			return BAG_NO_PLACE;
		bucket = bucket_at(index);
		if (!bucket)
			return BAG_NO_PLACE;
		for (uint32_t n = 0; n <= BUCKET_WAYS; n++) {
			uint32_t i = n ? n - 1 : bag_way(hash);
			uint64_t found = __sync_val_compare_and_swap(&bucket->hash[i], 0, hash);

			if (found == 0 || found == hash)
				return index * BUCKET_WAYS + i;
		}
	}
	return BAG_NO_PLACE;
}

#endif
