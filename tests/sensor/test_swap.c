/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A newer profile takes the place of another in the sensor, while threads make calls: what is judged
 * by which, what goes on, and what happens where there is little room.
 */
#include "../core/scene.h"
#include "stage_sensor.h"

#include <pthread.h>

static uint64_t room = 1000;

static void stage_open(enum sensor_mode mode, struct profile *profile, bool count_bags)
{
	stage_open_sensor(&stage, mode, profile, room, count_bags);
}

/* As a watch does: what was counted of a bag that both know goes with it. */
static void move_counts(const struct profile *to, const uint32_t *places)
{
	for (size_t i = 0; i < stage.profile->bag_count; i++) {
		long at = profile_find(to, &stage.profile->bags[i].bag);

		source_live_move_count(stage.source, stage.places[i],
				       at < 0 ? BAG_NO_PLACE : places[at]);
	}
}

/* The profile becomes the stage's; on failure the caller keeps it. */
static int swap_to(struct profile *to, bool counted)
{
	uint32_t *places = calloc(to->bag_count + 1, sizeof(*places));
	struct error err = { 0 };
	int status = source_live_swap(stage.source, 1, stage.profile, to, counted ? places : NULL,
				      &err);

	assert_non_null(places);
	if (status < 0) {
		assert_true(err.text[0] && err.hint[0]);
		free(places);
		return status;
	}
	if (counted)
		move_counts(to, places);
	profile_free(stage.profile);
	free(stage.places);
	stage.profile = to;
	stage.places = places;
	return 0;
}

static uint64_t mismatches(void)
{
	return stage_target(&stage).mismatches;
}

/* Windows of one, and calls 'a' to 'y', of whose bags these are known. */
static struct profile *single(const char *bags, uint32_t frame_most, uint32_t fresh_most)
{
	struct profile *profile = profile_new("single", 1);

	for (; *bags; bags++)
		know_bag(profile, (const char[]){ *bags, '\0' });
	know_calls(profile, "abcdefghijklmnopqrstuvwxy");
	know_novelty(profile, frame_most, fresh_most);
	return profile;
}

static void test_bags(void **state)
{
	(void)state;
	stage_open(MODE_MONITOR, single("ab", NEVER, NEVER), false);
	play(&stage, 100, "ab", 1);
	assert_int_equal(mismatches(), 0);
	assert_int_equal(swap_to(single("ca", NEVER, NEVER), false), 0);
	play(&stage, 100, "ac", 1);
	assert_int_equal(mismatches(), 0);
	play(&stage, 100, "b", 1);
	assert_int_equal(mismatches(), 1);
	play(&stage, 200, "acb", 1);
	assert_int_equal(mismatches(), 2);
	expect_none();
}

static void test_calls(void **state)
{
	struct profile *newer = single("az", NEVER, NEVER);

	(void)state;
	stage_open(MODE_MONITOR, single("ay", NEVER, NEVER), false);
	play(&stage, 100, "az", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 0);
	newer->calls[LETTER('y')] = 0;
	assert_int_equal(swap_to(newer, false), 0);
	play(&stage, 100, "az", 1);
	expect_none();
	play(&stage, 100, "y", 1);
	expect_alarm(RULE_NEW_CALL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
}

static void test_programs_and_signals(void **state)
{
	struct profile *older = single("a", NEVER, NEVER), *newer = single("a", NEVER, NEVER);

	(void)state;
	older->signals = 1ull << 6;
	profile_exec(older, "/bin/both", 0, 1);
	profile_exec(older, "/bin/older", 0, 1);
	newer->signals = 1ull << 11;
	profile_exec(newer, "/bin/newer", 0, 1);
	profile_exec(newer, "/bin/both", 0, 1);
	stage_open(MODE_MONITOR, older, false);
	play_exec(&stage, 100, 100, "/bin/older", 1);
	play_signal(&stage, 100, 6);
	expect_none();
	assert_int_equal(swap_to(newer, false), 0);
	play_exec(&stage, 100, 100, "/bin/newer", 1);
	play_exec(&stage, 100, 100, "/bin/both", 1);
	play_signal(&stage, 100, 11);
	expect_none();
	play_exec(&stage, 100, 100, "/bin/older", 1);
	expect_alarm(RULE_NEW_EXEC, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
	play_signal(&stage, 100, 6);
	expect_alarm(RULE_FATAL_SIGNAL, 1, 0);
	assert_int_equal(last_event()->alarm.generation, 1);
}

/* Marks in frames stay, repeats go on, and the newer limit holds at once. */
static void test_frames_go_on(void **state)
{
	(void)state;
	stage_open(MODE_MONITOR, single("a", 0, NEVER), false);
	play(&stage, 100, "b", 8);
	expect_alarm(RULE_FRAME, 8, 0);
	play(&stage, 100, "b", 7);
	assert_int_equal(swap_to(single("ac", 0, NEVER), false), 0);
	play(&stage, 100, "ac", 5);
	expect_none();
	play(&stage, 100, "b", 1);
	expect_alarm(RULE_FRAME, 8, 1);
	play(&stage, 100, "b", 7);
	assert_int_equal(swap_to(single("ac", 8, NEVER), false), 0);
	play(&stage, 100, "b", 12);
	expect_none();
	assert_int_equal(stage_target(&stage).alarms, 2);
	assert_int_equal(mismatches(), 35);
}

/* A bag that was met before is no first sight to the newer profile. */
static void test_met_before(void **state)
{
	(void)state;
	stage_open(MODE_MONITOR, single("a", NEVER, 0), false);
	play(&stage, 100, "bcdef", 1);
	for (uint32_t swap = 0; swap < 5; swap++) {
		assert_int_equal(swap_to(single(swap % 2 ? "a" : "ax", NEVER, 0), false), 0);
		play(&stage, 100, "bcdef", 2);
		assert_int_equal(stage_target(&stage).bags, 5);
	}
	expect_none();
	play(&stage, 100, "g", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
}

/* Rare calls are one to a profile. Which are rare changes, and with it what a window is. */
static void test_fold(void **state)
{
	struct profile *older = single("as", NEVER, NEVER), *newer = single("as", NEVER, NEVER);

	(void)state;
	older->calls[LETTER('r')] = older->calls[LETTER('s')] = 1;
	newer->calls[LETTER('s')] = 1;
	stage_open(MODE_MONITOR, older, false);
	play(&stage, 100, "ars", 1);
	assert_int_equal(mismatches(), 0);
	assert_int_equal(swap_to(newer, false), 0);
	play(&stage, 100, "as", 1);
	assert_int_equal(mismatches(), 0);
	play(&stage, 100, "r", 1);
	assert_int_equal(mismatches(), 1);
}

/* The endless loop "abc" from its beginning, and one bag more. */
static struct profile *loop_and(const char *bag)
{
	struct profile *profile = profile_new("loop", 3);

	know_bag(profile, "..a");
	know_bag(profile, ".ab");
	know_bag(profile, "abc");
	know_bag(profile, bag);
	know_calls(profile, "cz");
	profile_exec(profile, "/bin/known", 0, 1);
	know_novelty(profile, NEVER, NEVER);
	return profile;
}

/* Threads in the middle of their first windows, met late or from the beginning, go on from there; so
 * do their children. */
static void test_windows_go_on(void **state)
{
	(void)state;
	stage_open(MODE_MONITOR, loop_and("abz"), false);
	play_exec(&stage, 100, 100, "/bin/known", 1);
	play(&stage, 100, "ab", 1);
	play_exec(&stage, 110, 110, "/bin/known", 1);
	play(&stage, 110, "abcab", 1);
	play(&stage, 200, "a", 1);
	assert_int_equal(swap_to(loop_and("abd"), false), 0);
	play(&stage, 100, "cab", 1);
	play(&stage, 110, "dabc", 1);
	play(&stage, 200, "bcabc", 1);
	play_fork(&stage, 110, 111);
	play(&stage, 111, "abcabd", 1);
	play_exec(&stage, 300, 300, "/bin/known", 1);
	play(&stage, 300, "abc", 1);
	expect_none();
	assert_int_equal(mismatches(), 0);
	assert_int_equal(stage_target(&stage).unjudged, 2);
	play(&stage, 110, "abz", 1);
	assert_int_equal(mismatches(), 1);
}

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

/* Mismatches among these, where the window between two pairs is the second one or another of them. */
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

/* Of 16,384 places for bags 12,000 are taken by one profile, which the newer one gets afterwards; for
 * one of 20,000 there is no room, and the other holds on. */
static void test_growth(void **state)
{
	(void)state;
	room = 0;
	assert_int_equal(bagtable_buckets(room) * BUCKET_WAYS, 8192);
	stage_open(MODE_MONITOR, pairs(500), false);
	room = 1000;
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

static uint64_t count_of(const char *letters)
{
	struct bag bag = letters_bag(letters, stage.profile->window);
	long at = profile_find(stage.profile, &bag);

	assert_true(at >= 0);
	return stage.source->count(stage.source, stage.places[at]);
}

static void test_counts_go_on(void **state)
{
	uint32_t dropped;

	(void)state;
	stage_open(MODE_MONITOR, single("abc", NEVER, NEVER), true);
	play(&stage, 100, "aabbbc", 1);
	assert_int_equal(count_of("b"), 3);
	dropped = stage.places[0];
	assert_int_equal(swap_to(single("dcb", NEVER, NEVER), true), 0);
	assert_int_equal(count_of("b"), 3);
	assert_int_equal(count_of("c"), 1);
	assert_int_equal(count_of("d"), 0);
	assert_int_equal(stage.source->count(stage.source, dropped), 0);
	play(&stage, 100, "bdd", 1);
	assert_int_equal(count_of("b"), 4);
	assert_int_equal(count_of("d"), 2);
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

	stage_open(MODE_MONITOR, loop_and("abd"), counted);
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
		SCENE(test_bags),
		SCENE(test_calls),
		SCENE(test_programs_and_signals),
		SCENE(test_frames_go_on),
		SCENE(test_met_before),
		SCENE(test_fold),
		SCENE(test_windows_go_on),
		SCENE(test_growth),
		SCENE(test_counts_go_on),
		SCENE(test_under_load),
		SCENE(test_counted_under_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
