/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A newer profile takes the place of another in the sensor where there is little room, and where
 * threads never rest.
 */
#include "swap.h"

#include <pthread.h>

#define PAIR(number, which) ((which) ? 1001 + (number) / 1000 : 1 + (number) % 1000)

/* So many bags of two calls, those that feed_pairs() makes. */
static struct profile *pairs(uint32_t count)
{
	struct profile *profile = profile_new("pairs", 2);
	static const uint64_t weightless[CODE_COUNT];

	for (uint32_t number = 0; number < count; number++) {
		struct window window = { 0 };
		struct bag bag;

		window_push(&window, PAIR(number, 0), weightless, 2);
		window_push(&window, PAIR(number, 1), weightless, 2);
		bag = bag_of_window(&window, 2);
		assert_int_equal(profile_bag(profile, &bag, 1, NULL), number);
		profile->bags[number].count = 1000;
	}
	for (uint32_t code = 1; code < 2000; code++)
		profile->calls[code] = 10000;
	know_novelty(profile, NEVER, NEVER);
	return profile;
}

static void feed(uint64_t ns, uint32_t code)
{
	struct feed step = { .ns = ns,
			     .kind = FEED_CALL,
			     .tid = 100,
			     .tgid = 100,
			     .code = code,
			     .target = 1,
			     .comm = "prog" };
	struct error err;

	if (source_live_feed(stage.source, &step, &err) < 0)
		abort();
}

/* Mismatches among these, where the window between two pairs is the second one or another of
 * them. */
static uint64_t feed_pairs(uint32_t from, uint32_t to)
{
	uint64_t before;

	feed(++stage.ns, PAIR(from, 0));
	before = mismatches();
	for (uint32_t number = from; number < to; number++) {
		if (number > from)
			feed(++stage.ns, PAIR(number, 0));
		feed(++stage.ns, PAIR(number, 1));
	}
	return mismatches() - before;
}

/* Of 16,384 places for bags 12,000 are taken by one profile, which the newer one gets afterwards;
 * for one of 20,000 there is no room, and the other holds on. */
static void test_growth(void **state)
{
	(void)state;
	assert_int_equal(bagtable_buckets(0) * BUCKET_WAYS, 8192);
	stage_open_sensor(&stage, MODE_MONITOR, pairs(500), 0, false);
	for (uint32_t turn = 0; turn < 4; turn++) {
		struct profile *huge = pairs(20000);

		assert_int_equal(feed_pairs(0, 500), 0);
		assert_int_equal(feed_pairs(11000, 11500), 999);
		assert_int_equal(swap_to(pairs(12000), false), 0);
		assert_int_equal(feed_pairs(0, 12000), 0);
		assert_int_equal(swap_to(huge, false), -ENOSPC);
		profile_free(huge);
		assert_int_equal(feed_pairs(0, 12000), 0);
		assert_int_equal(swap_to(pairs(500), false), 0);
	}
	assert_int_equal(feed_pairs(0, 500), 0);
	/* What found no room where every call looks was moved there once there was. */
	assert_int_equal(swap_to(pairs(6000), false), 0);
	assert_int_equal(stage.source->rules(stage.source, 1)->spared, 0);
	assert_int_equal(swap_to(pairs(5900), false), 0);
	assert_int_equal(stage.source->rules(stage.source, 1)->spared, 0);
	assert_int_equal(feed_pairs(0, 5900), 0);
	assert_int_equal(stage_target(&stage).lost_bags, 0);
}

struct load {
	bool end;
	uint64_t cycles;
};

/* Ten calls, of which three windows are unknown: those with the 'z'. */
static void *make_calls(void *argument)
{
	struct load *load = argument;
	uint64_t ns = 1ull << 41;

	while (!__atomic_load_n(&load->end, __ATOMIC_RELAXED)) {
		for (const char *letter = "abcabcabcz"; *letter; letter++)
			feed(++ns, LETTER(*letter));
		load->cycles++;
	}
	return NULL;
}

/* A thread that never rests, and profiles that come and go: each window is judged, once, and as the
 * same as if nothing were; with bags counted, each is counted. */
static void swap_under_load(uint32_t swaps, bool counted)
{
	struct load load = { 0 };
	struct target target;
	pthread_t thread;

	stage_open_sensor(&stage, MODE_MONITOR, loop_and("abd"), 1000, counted);
	feed(++stage.ns, LETTER('b'));
	feed(++stage.ns, LETTER('c'));
	assert_int_equal(pthread_create(&thread, NULL, make_calls, &load), 0);
	for (uint32_t swap = 0; swap < swaps; swap++) {
		struct profile *next = loop_and(swap % 2 ? "abd" : "abe");

		/* 'z' is rare to every other one, 'y' known to others. */
		next->calls[LETTER('z')] = swap % 2 ? 1 : 1000;
		next->calls[LETTER('y')] = swap % 3 ? 0 : 1;
		assert_int_equal(swap_to(next, counted), 0);
	}
	__atomic_store_n(&load.end, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	stage_flush(&stage);
	target = stage_target(&stage);
	print_message("%u swaps, %llu calls meanwhile\n", swaps, (unsigned long long)target.calls);
	assert_int_equal(target.calls, 10 * load.cycles + 2);
	assert_int_equal(target.unjudged, 2);
	assert_int_equal(target.mismatches, 3 * load.cycles - 2);
	assert_int_equal(target.alarms, 0);
	assert_int_equal(target_lost(&target), 0);
	if (counted)
		assert_int_equal(count_of("abc"), 7 * load.cycles + 2);
}

static void test_under_load(void **state)
{
	(void)state;
	swap_under_load(50, false);
}

static void test_counted_under_load(void **state)
{
	(void)state;
	swap_under_load(20, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_growth),
		SCENE(test_under_load),
		SCENE(test_counted_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
