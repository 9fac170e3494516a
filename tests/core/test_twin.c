/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The twin: all scenes, and what happens when its table of bags is full, which the scenes'
 * stages never are.
 */
#include "scenes_ends.h"
#include "scenes_learn.h"
#include "scenes_threads.h"

static void stage_open(enum sensor_mode mode, struct profile *profile, bool count_bags)
{
	stage_open_twin(&stage, mode, profile, 1024, count_bags);
}

/* One bucket, which is both of a bag's: eight bags and no more. */
static void test_learn_full(void **state)
{
	(void)state;
	stage_open_twin(&stage, MODE_LEARN, profile_new("full", 1), 1, 0);
	play(&stage, 100, "abcdefghij", 2);
	for (int i = 0; i < 8; i++)
		expect_event(EVENT_BAG);
	expect_none();
	assert_int_equal(stage_target(&stage).bags, 8);
	assert_int_equal(stage_target(&stage).lost_bags, 4);
	assert_int_equal(stage_target(&stage).calls, 20);
}

/* An unknown bag that cannot be remembered stays a first sight, and is counted as lost. */
static void test_monitor_full(void **state)
{
	struct profile *profile = profile_new("full", 1);

	(void)state;
	for (const char *letter = "abcdefgh"; *letter; letter++)
		know_bag(profile, (char[]){ *letter, 0 });
	know_calls(profile, "i");
	know_novelty(profile, NEVER, 0);
	stage_open_twin(&stage, MODE_MONITOR, profile, 1, 1);
	play(&stage, 100, "iiiii", 1);
	expect_none();
	play(&stage, 100, "i", 1);
	expect_alarm(RULE_FIRST_SIGHT, 6, 0);
	assert_int_equal(stage_target(&stage).lost_bags, 6);
	assert_int_equal(stage_target(&stage).mismatches, 6);
}

/* A profile with more bags than the table has room for says so from the start. */
static void test_profile_too_large(void **state)
{
	struct profile *profile = profile_new("large", 1);

	(void)state;
	for (const char *letter = "abcdefghij"; *letter; letter++)
		know_bag(profile, (char[]){ *letter, 0 });
	stage_open_twin(&stage, MODE_MONITOR, profile, 1, 0);
	assert_int_equal(stage_target(&stage).lost_bags, 2);
	assert_true(stage.places[7] < BUCKET_WAYS);
	assert_int_equal(stage.places[8], BAG_NO_PLACE);
	assert_int_equal(stage.places[9], BAG_NO_PLACE);
}

/* Threads beyond the first room, while others hold on to theirs. */
static void test_many_threads(void **state)
{
	(void)state;
	open_loop();
	for (uint32_t tid = 1000; tid < 3000; tid++)
		play_fork(&stage, 100, tid);
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t tid = 1000; tid < 3000; tid++)
			play(&stage, tid, round == 0 ? "a" : round == 1 ? "b" : "ca", 1);
	for (uint32_t tid = 1000; tid < 3000; tid += 2)
		play_exit(&stage, tid);
	for (uint32_t tid = 5000; tid < 6500; tid++)
		play_fork(&stage, 1001, tid);
	for (uint32_t tid = 1001; tid < 3000; tid += 2)
		play(&stage, tid, "bc", 1);
	for (uint32_t tid = 5000; tid < 6500; tid++)
		play(&stage, tid, "abc", 1);
	expect_none();
	assert_int_equal(stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).unjudged, 0);
	assert_int_equal(stage_target(&stage).calls, 2000 * 4 + 1000 * 2 + 1500 * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE_SCENES,
		THREAD_SCENES,
		END_SCENES,
		LEARN_SCENES,
		SCENE(test_learn_full),
		SCENE(test_monitor_full),
		SCENE(test_profile_too_large),
		SCENE(test_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
