/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of known bags against a plain list of what was put in: nothing is lost, nothing is
 * found that was not put in, places never move unless that is asked for, and a hash is refused only
 * when both its buckets are full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../core/bagtable.h"

#define HASHES 20000u

struct entry {
	uint64_t hash;
	uint32_t place;
};

static uint64_t random_word(uint64_t *seed)
{
	uint64_t word = 0;

	for (int i = 0; i < 3; i++) {
		*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
		word = word << 30 ^ *seed >> 33;
	}
	return word | 1; /* 0 marks a free way */
}

static struct bag_bucket *buckets_new(uint32_t count)
{
	struct bag_bucket *buckets = calloc(count, sizeof(*buckets));

	assert_non_null(buckets);
	return buckets;
}

static int is_full(const struct bag_bucket *bucket)
{
	for (uint32_t way = 0; way < BUCKET_WAYS; way++)
		if (!bucket->hash[way])
			return 0;
	return 1;
}

/* Puts hashes in; returns how many found no room. */
static uint32_t fill(struct bag_bucket *buckets, uint32_t bucket_count, struct entry *entries,
		     uint32_t count, uint64_t *seed)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t hash = random_word(seed);
		uint32_t first = bag_bucket_first(hash, bucket_count);
		uint32_t second = bag_bucket_second(hash, bucket_count);
		int full = is_full(&buckets[first]) && is_full(&buckets[second]);

		assert_int_equal(bagtable_find(buckets, bucket_count, hash), BAG_NO_PLACE);
		entries[i].hash = hash;
		entries[i].place = bagtable_insert(buckets, bucket_count, hash);
		assert_int_equal(entries[i].place == BAG_NO_PLACE, full);
		refused += full;
		if (full)
			continue;
		assert_true(entries[i].place / BUCKET_WAYS == first ||
			    entries[i].place / BUCKET_WAYS == second);
		assert_true(buckets[entries[i].place / BUCKET_WAYS]
				    .hash[entries[i].place % BUCKET_WAYS] == hash);
	}
	return refused;
}

static void assert_found(const struct bag_bucket *buckets, uint32_t bucket_count,
			 const struct entry *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(bagtable_find(buckets, bucket_count, entries[i].hash),
				 entries[i].place);
}

/* The load that the geometry is made for. */
static void test_half_load(void **state)
{
	static struct entry entries[HASHES];
	uint32_t count = bagtable_buckets(HASHES);
	struct bag_bucket *buckets = buckets_new(count);
	uint64_t seed = 1;

	(void)state;
	assert_int_equal(fill(buckets, count, entries, HASHES, &seed), 0);
	assert_found(buckets, count, entries, HASHES);
	for (uint32_t i = 0; i < HASHES; i++)
		assert_int_equal(bagtable_insert(buckets, count, entries[i].hash),
				 entries[i].place);
	for (uint32_t i = 0; i < HASHES; i++)
		assert_int_equal(bagtable_find(buckets, count, random_word(&seed)), BAG_NO_PLACE);
	free(buckets);
}

/* What is taken out leaves its place free, and the others where they are. */
static void test_remove(void **state)
{
	static struct entry entries[HASHES];
	uint32_t count = bagtable_buckets(HASHES);
	struct bag_bucket *buckets = buckets_new(count);
	uint64_t seed = 3;

	(void)state;
	assert_int_equal(fill(buckets, count, entries, HASHES, &seed), 0);
	for (uint32_t i = 0; i < HASHES; i += 2)
		assert_int_equal(bagtable_remove(buckets, count, entries[i].hash), 1);
	for (uint32_t i = 0; i < HASHES; i++)
		assert_int_equal(bagtable_find(buckets, count, entries[i].hash),
				 i % 2 ? entries[i].place : BAG_NO_PLACE);
	assert_int_equal(bagtable_remove(buckets, count, entries[0].hash), 0);
	assert_int_equal(fill(buckets, count, entries, HASHES / 2, &seed), 0);
	free(buckets);
}

/* At that load every hash finds room, be it by moving others; none is lost thereby. */
static void test_room_for_each(void **state)
{
	const uint32_t hashes = 1u << 20;
	uint32_t count = bagtable_buckets(hashes), moved = 0;

	(void)state;
	for (uint64_t start = 0; start < 8; start++) {
		struct bag_bucket *buckets = buckets_new(count);
		uint64_t seed = start;

		for (uint32_t i = 0; i < hashes; i++) {
			uint64_t hash = random_word(&seed);

			moved += is_full(&buckets[bag_bucket_first(hash, count)]) &&
				 is_full(&buckets[bag_bucket_second(hash, count)]);
			assert_true(bagtable_add(buckets, count, hash));
		}
		seed = start;
		for (uint32_t i = 0; i < hashes; i++) {
			uint64_t hash = random_word(&seed);

			assert_true(bagtable_has(buckets, count, hash));
			assert_int_not_equal(bagtable_find(buckets, count, hash), BAG_NO_PLACE);
		}
		for (uint32_t i = 0; i < hashes; i++)
			assert_false(bagtable_has(buckets, count, random_word(&seed)));
		free(buckets);
	}
	assert_true(moved > 0);
}

/* More than there are ways: every way gets used, the rest is refused and stays unknown. */
static void test_overfull(void **state)
{
	static struct entry entries[4096];
	uint32_t count = 64;
	struct bag_bucket *buckets = buckets_new(count);
	uint64_t seed = 2;

	(void)state;
	assert_int_equal(fill(buckets, count, entries, 4096, &seed), 4096 - 64 * BUCKET_WAYS);
	assert_found(buckets, count, entries, 4096);
	free(buckets);
}

static void test_full_bucket(void **state)
{
	struct bag_bucket *buckets = buckets_new(4);
	const uint64_t first = 1ull << 62, second = 2ull << 37, third = 3ull << 37;

	(void)state;
	/* The highest bits from 63 and from 38 on: bucket 1 first, bucket 2 second. Bits 32 to 34:
	 * the way, here 0, then the next that is free. The last way of the first is for later. */
	for (uint64_t i = 0; i < 2 * BUCKET_WAYS - 2; i++) {
		uint64_t hash = first | second | (i + 1) << 40;

		assert_int_equal(bagtable_insert(buckets, 4, hash),
				 i < BUCKET_WAYS - 1 ? BUCKET_WAYS + i : BUCKET_WAYS + i + 1);
	}
	assert_int_equal(bagtable_insert(buckets, 4, first | second | 97ull << 40),
			 2 * BUCKET_WAYS - 1);
	assert_int_equal(bagtable_insert(buckets, 4, first | second | 98ull << 40),
			 3 * BUCKET_WAYS - 1);
	assert_int_equal(bagtable_insert(buckets, 4, first | second | 99ull << 40), BAG_NO_PLACE);
	assert_int_equal(bagtable_insert(buckets, 4, first | third | 99ull << 40), 3 * BUCKET_WAYS);
	assert_int_equal(bagtable_find(buckets, 4, first | second | 8ull << 40), 2 * BUCKET_WAYS);
	free(buckets);
}

/* Where its own way is free, a hash stands there. */
static void test_own_way(void **state)
{
	struct bag_bucket *buckets = buckets_new(4);

	(void)state;
	for (uint64_t way = 0; way < BUCKET_WAYS - 1; way++)
		assert_int_equal(bagtable_insert(buckets, 4, 1ull << 62 | (7 - way) << 32 | 1),
				 BUCKET_WAYS + 7 - way);
	free(buckets);
}

static void test_sizes(void **state)
{
	(void)state;
	for (uint64_t bags = 0; bags < 1ull << 32; bags = bags * 3 / 2 + 1) {
		uint64_t buckets = bagtable_buckets(bags);

		assert_in_range(buckets, BAG_BUCKETS_MIN, BAG_BUCKETS_MAX);
		assert_true(buckets * BUCKET_WAYS >= bags * 2 || buckets == BAG_BUCKETS_MAX);
		assert_true(buckets == BAG_BUCKETS_MIN || (buckets - 1) * BUCKET_WAYS < bags * 2);
	}
}

/* The mark of a bag that was met is no other bag's hash: weights of known calls are even. */
static void test_met_hash(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (uint32_t i = 0; i < HASHES; i++) {
		uint64_t hash = random_word(&seed) & ~1ull;

		assert_true(bag_met_hash(hash) & 1);
		assert_true(bag_met_hash(hash) == ~hash);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_remove),	      cmocka_unit_test(test_half_load),
		cmocka_unit_test(test_room_for_each), cmocka_unit_test(test_overfull),
		cmocka_unit_test(test_full_bucket),   cmocka_unit_test(test_own_way),
		cmocka_unit_test(test_sizes),	      cmocka_unit_test(test_met_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
