/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor in the kernel, without attaching it: all scenes, and what it does when a table or
 * the ring buffer is full, which must be counted and must be all that happens.
 */
#include "../core/scenes_ends.h"
#include "../core/scenes_learn.h"
#include "../core/scenes_threads.h"
#include "stage_sensor.h"

static void stage_open(enum sensor_mode mode, struct profile *profile, bool count_bags)
{
	stage_open_sensor(&stage, mode, profile, 1000, count_bags);
}

/* One step that leaves its events in the ring buffer. */
static void feed_call(uint32_t tid, uint32_t code)
{
	struct feed step = {
		.ns = ++stage.ns,
		.kind = FEED_CALL,
		.tid = tid,
		.tgid = tid,
		.code = code,
		.target = 1,
		.comm = "prog",
	};

	stage_feed(&stage, &step);
}

/* The number'th of many different pairs. The window between two pairs holds a bag that was, or
 * that follows at once. */
static void feed_pair(uint32_t tid, uint32_t number)
{
	feed_call(tid, 1 + number % 1000);
	feed_call(tid, 1001 + number / 1000);
}

/* The `number`th tid whose slot is in the same set as that of tid 40. */
static uint32_t sharing_tid(uint32_t number)
{
	uint32_t tid = 40;

	while (number)
		number -= thread_set_index(++tid) == thread_set_index(40);
	return tid;
}

/* A set of slots holds eight threads; the ninth is not followed until one of them ends. */
static void test_set_full(void **state)
{
	const uint32_t ninth = sharing_tid(THREAD_WAYS);

	(void)state;
	open_loop();
	play_exit(&stage, 100);
	for (uint32_t way = 0; way <= THREAD_WAYS; way++)
		play_exec(&stage, sharing_tid(way), sharing_tid(way), "/bin/known", 1);
	assert_int_equal(stage_target(&stage).lost_threads, 1);
	play(&stage, ninth, "zz", 1);
	play_signal(&stage, ninth, 11);
	play_fork(&stage, 40, sharing_tid(THREAD_WAYS + 1));
	expect_none();
	assert_int_equal(stage_target(&stage).lost_threads, 4);
	assert_int_equal(stage_target(&stage).calls, 0);

	/* The others go on as if nothing were, and so does it once there is room: as one met
	 * late. */
	play(&stage, 40, "abc", 1);
	play(&stage, sharing_tid(3), "abc", 1);
	play_exit(&stage, sharing_tid(1));
	play(&stage, ninth, "bca", 1);
	assert_int_equal(stage_target(&stage).calls, 9);
	assert_int_equal(stage_target(&stage).unjudged, 2);
	assert_int_equal(stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).lost_threads, 4);
}

/* More threads than there are slots: whoever has one is followed, the others are counted. */
static void test_all_slots(void **state)
{
	const uint32_t tids = THREAD_SETS * THREAD_WAYS + 100;
	uint64_t lost;

	(void)state;
	open_loop();
	play_exit(&stage, 100);
	for (uint32_t tid = 1; tid <= tids; tid++)
		feed_call(tid, LETTER('a'));
	lost = stage_target(&stage).lost_threads;
	assert_in_range(lost, 100, tids / 8);
	assert_int_equal(stage_target(&stage).calls, tids - lost);
	for (uint32_t tid = 1; tid <= tids; tid++)
		feed_call(tid, LETTER('b'));
	assert_int_equal(stage_target(&stage).lost_threads, 2 * lost);
	assert_int_equal(stage_target(&stage).calls, 2 * (tids - lost));
	assert_int_equal(stage_target(&stage).unjudged, 2 * (tids - lost));
	stage_flush(&stage);
	expect_none();
}

/* The bags that the table had no room for are counted at each call, and none is said to be new. */
static void test_bags_full(void **state)
{
	const uint32_t ways = bagtable_buckets(0) * BUCKET_WAYS;
	struct target target;

	(void)state;
	stage_open_sensor(&stage, MODE_LEARN, profile_new("full", 2), 0, false);
	for (uint32_t number = 0; number < 3 * ways; number++)
		feed_pair(100, number);
	stage_flush(&stage);
	target = stage_target(&stage);
	assert_int_equal(target.bags, stage.count);
	assert_in_range(target.bags, ways * 9 / 10, ways);
	assert_true(target.lost_bags > 0);
	assert_int_equal(target.lost_events, 0);
	assert_int_equal(target.calls, 6 * ways);
	assert_int_equal(target.unjudged, 1); /* met late */

	/* Those that are known are counted still. */
	for (size_t i = 0; i < stage.count; i++) {
		uint32_t place = stage.log[i].bag.place;

		assert_true(stage.source->count(stage.source, place) > 0);
		assert_in_range(place, 0, ways - 1);
	}
}

/* In monitoring, an unknown bag that cannot be remembered is counted, and judged all the same. */
static void test_bags_full_monitoring(void **state)
{
	struct profile *profile = profile_new("full", 2);
	struct target target;
	uint64_t mismatches;

	(void)state;
	know_bag(profile, "ab");
	for (uint32_t code = 1; code < 2000; code++)
		profile->calls[code] = 10000;
	know_novelty(profile, 0, 0);
	stage_open_sensor(&stage, MODE_MONITOR, profile, 0, false);
	for (uint32_t number = 0; number < 20000; number++)
		feed_pair(100, number);
	target = stage_target(&stage);
	mismatches = target.mismatches;
	assert_int_equal(mismatches, 39999);
	assert_true(target.lost_bags > 0);
	assert_true(target.bags - target.lost_bags <= bagtable_buckets(0) * BUCKET_WAYS);
	assert_int_equal(target.alarms, mismatches / 8 + target.bags / 6);
	assert_int_equal(target.lost_events, 0);
}

/* A bag whose event finds no room is not known afterwards: it is learnt when it comes again. */
static void test_ring_full(void **state)
{
	const uint32_t pairs = 100000;
	struct target target, again;

	(void)state;
	stage_open_sensor(&stage, MODE_LEARN, profile_new("ring", 2), 4 * pairs, false);
	for (uint32_t number = 0; number < pairs; number++)
		feed_pair(100, number);
	target = stage_target(&stage);
	stage_flush(&stage);
	assert_int_equal(target.bags, stage.count);
	assert_in_range(target.bags, pairs / 2, pairs - 1);
	assert_in_range(target.lost_events, 2 * (pairs - target.bags) - 1,
			2 * (pairs - target.bags));
	assert_int_equal(target.calls, 2 * pairs);

	/* The same again, with somebody who listens. */
	for (uint32_t number = 0; number < pairs; number++) {
		feed_pair(100, number);
		if (number % 1000 == 0)
			stage_flush(&stage);
	}
	stage_flush(&stage);
	again = stage_target(&stage);
	assert_int_equal(again.lost_events, target.lost_events);
	assert_int_equal(again.lost_bags, 0);
	assert_int_equal(again.bags, pairs);
	assert_int_equal(stage.count, pairs);
}

/* Alarms without room are counted, too, and the counter of alarms has them. */
static void test_ring_full_monitoring(void **state)
{
	struct target target;

	(void)state;
	open_loop();
	for (uint32_t tid = 1000; tid < 13000; tid++)
		feed_call(tid, LETTER('z'));
	target = stage_target(&stage);
	assert_int_equal(target.alarms, 12000);
	assert_true(target.lost_events > 0);
	stage_flush(&stage);
	assert_int_equal(stage.count + target.lost_events, 12000);
	feed_call(20000, LETTER('z'));
	stage_flush(&stage);
	assert_int_equal(stage.count + target.lost_events, 12001);
	assert_int_equal(stage_target(&stage).lost_events, target.lost_events);
}

/* The sensor draws its own weights; two that are loaded do not share them. */
static void test_weights(void **state)
{
	uint64_t first;

	(void)state;
	open_loop();
	first = stage.source->rules(stage.source, 1)->weight[LETTER('a')];
	stage_close(&stage);
	open_loop();
	assert_true(stage.source->rules(stage.source, 1)->weight[LETTER('a')] != first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_SCENES,
		THREAD_SCENES,
		END_SCENES,
		LEARN_SCENES,
		SCENE(test_set_full),
		SCENE(test_all_slots),
		SCENE(test_bags_full),
		SCENE(test_bags_full_monitoring),
		SCENE(test_ring_full),
		SCENE(test_ring_full_monitoring),
		SCENE(test_weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
