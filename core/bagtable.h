/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The geometry of the table of known bags, shared by the sensor and the core.
 *
 * A bag's hash may stand in one of two buckets of eight; a bucket is one cache line, and the hash
 * says which of its places it has when that is free, so that most look-ups are one comparison.
 * Hashes are sums of secret weights, so their bits are as good as random, and nobody outside can
 * aim at a bucket. Of a table that is filled to one half about one hash in a million finds both
 * buckets full: user space then moves another, unless places are counted in; the sensor, which
 * learns into a table with more room, does not. What finds no place is counted, never dropped in
 * silence.
 */
#ifndef BOSC_CORE_BAGTABLE_H
#define BOSC_CORE_BAGTABLE_H

#include <stdint.h>

#define BUCKET_WAYS 8u

struct bag_bucket {
	uint64_t hash[BUCKET_WAYS]; /* 0: free */
};

/* While learning, beside each bucket: how often each bag was seen, and since which part of the
 * training it is known. Kept apart, so that monitoring does not pay for it. */
struct bag_counts {
	uint64_t count[BUCKET_WAYS]; /* COUNT_AGAIN | part << 48 | windows */
};

#define COUNT_PART_SHIFT 48
#define COUNT_PART_MASK	 0x7fffull
#define COUNT_MASK	 ((1ull << COUNT_PART_SHIFT) - 1)
#define COUNT_AGAIN	 (1ull << 63) /* a later part saw the bag, too */

static inline uint32_t count_part(uint64_t count)
{
	return (count >> COUNT_PART_SHIFT) & COUNT_PART_MASK;
}

/*
 * In front of the table the sensor has the bags that training saw most often, each at the one place
 * that its hash may have: four pages, which a processor has at hand where those of a large table
 * are not.
 */
#define HOT_BAGS 2048u

static inline uint32_t hot_place(uint64_t hash)
{
	return (uint32_t)(hash >> 16) & (HOT_BAGS - 1);
}

/* The high bits choose among so many buckets, be they a power of two or not. */
static inline uint32_t bag_bucket_first(uint64_t hash, uint32_t buckets)
{
	return (uint32_t)((hash >> 32) * buckets >> 32);
}

static inline uint32_t bag_bucket_second(uint64_t hash, uint32_t buckets)
{
	return (uint32_t)((uint64_t)(uint32_t)(hash >> 7) * buckets >> 32);
}

/* Its place in the first bucket, if nobody else has it. */
static inline uint32_t bag_way(uint64_t hash)
{
	return (uint32_t)(hash >> 32) & (BUCKET_WAYS - 1);
}

/* The hash under which an unknown bag is remembered once it was met: not that of any bag. */
static inline uint64_t bag_met_hash(uint64_t hash)
{
	return ~hash | 1;
}

/* Unknown bags that monitoring remembers, to tell first sights from others. */
#define MET_ROOM (1u << 16)

/* Beside as many as the profiles hold at the start, bags that a profile may grow by while it is
 * monitored. */
#define SPARE_ROOM (1u << 16)

#define BAG_NO_PLACE	0xffffffffu
#define BAG_BUCKETS_MIN 1024u
#define BAG_BUCKETS_MAX (1u << 20)

#ifndef __bpf__
/* Where the hash stands: bucket * BUCKET_WAYS + way; BAG_NO_PLACE: nowhere. */
uint32_t bagtable_find(const struct bag_bucket *buckets, uint32_t count, uint64_t hash);

/* Whether the hash stands anywhere. */
int bagtable_has(const struct bag_bucket *buckets, uint32_t count, uint64_t hash);

/* A bit for each of at most 64 hashes that stands nowhere. */
uint64_t bagtable_unknown(const struct bag_bucket *buckets, uint32_t count, const uint64_t *hashes,
			  uint32_t hash_count);

/* Puts a hash in, unless it is there, and says where; BAG_NO_PLACE: both buckets are full. */
uint32_t bagtable_insert(struct bag_bucket *buckets, uint32_t count, uint64_t hash);

/* Puts a hash in, and moves another where both buckets are full, so that places that were told do
 * not hold any more. 0: there is no room. */
int bagtable_add(struct bag_bucket *buckets, uint32_t count, uint64_t hash);

/* Takes a hash out. 0: it was not there. */
int bagtable_remove(struct bag_bucket *buckets, uint32_t count, uint64_t hash);

/* How many buckets hold so many bags at a load of one half. */
uint32_t bagtable_buckets(uint64_t bags);
#endif

#endif
