/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Novelty of the training's parts, worked by hand: what a frame of 64 windows holds of the sights
 * that were logged, which of them are forgotten, and which part has the say.
 */
#include "stage.h"

#include "../../core/novelty.h"

static struct profile *profile;

/* Bags 0 to 9, and three parts, of which the first is not judged. */
static int setup(void **state)
{
	(void)state;
	profile = profile_new("novelty", 1);
	for (uint16_t i = 0; i < 10; i++) {
		struct bag bag = { .code = { (uint16_t)(i + 1) } };

		if (profile_bag(profile, &bag, 2, NULL) != i)
			return -1;
	}
	for (uint32_t part = 0; part < 3; part++)
		profile_part(profile)->logged = part > 0;
	profile->history[0].frame_most = 50;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	profile_free(profile);
	return 0;
}

static void sight(uint32_t part, uint32_t thread, uint32_t bag, uint32_t at)
{
	struct sight sight = { .bag = bag, .thread = thread, .at = at, .part = part };

	assert_int_equal(novelty_log(profile, &sight), 0);
}

static void assert_part(uint32_t part, uint32_t frame, uint32_t fresh)
{
	assert_int_equal(profile->history[part - 1].frame_most, frame);
	assert_int_equal(profile->history[part - 1].fresh_most, fresh);
}

static void judge(void)
{
	assert_int_equal(novelty_judge(profile), 0);
}

/* A frame is 64 windows: one that is 63 back still counts, one that is 64 back does not. */
static void test_frame(void **state)
{
	(void)state;
	sight(2, 1, 0, 1000);
	sight(2, 1, 1, 1062);
	sight(2, 1, 1, 1063); /* three marks, of two bags */
	sight(2, 1, 2, 1064); /* the first is gone */
	sight(2, 1, 3, 1065 + 64);
	sight(3, 1, 4, 1000);
	sight(3, 1, 5, 1064);
	judge();
	assert_part(1, 50, 0); /* not logged, and left as it is */
	assert_part(2, 3, 2);
	assert_part(3, 1, 1);
	sight(3, 1, 6, 1065);
	sight(3, 1, 7, 1065 + 1000);
	judge();
	assert_part(2, 3, 2); /* judged anew, not added up */
	assert_part(3, 2, 2);
}

/* Each thread has frames of its own, in each part; a bag's first sight is whoever's saw it. */
static void test_threads(void **state)
{
	(void)state;
	sight(2, 1, 0, 10);
	sight(2, 2, 0, 10);
	sight(2, 1, 1, 11);
	sight(2, 2, 1, 11);
	sight(2, 2, 1, 12);
	sight(3, 2, 2, 13);
	judge();
	assert_part(2, 3, 2);
	assert_part(3, 1, 1);
}

/* What another part saw is no novelty of any, once that is known. */
static void test_again(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 4; at++) {
		sight(2, 1, 0, 10 + 2 * at);
		sight(2, 1, 1, 11 + 2 * at);
	}
	judge();
	assert_part(2, 8, 2);
	assert_int_equal(profile->sight_count, 8);
	profile->bags[0].again = 1;
	judge();
	assert_part(2, 4, 1);
	assert_int_equal(profile->sight_count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(profile->sights[i].bag, 1);
		assert_int_equal(profile->sights[i].at, 11 + 2 * i);
	}
	profile->bags[1].again = 1;
	judge();
	assert_part(2, 0, 0);
	assert_int_equal(profile->sight_count, 0);
}

/* One that fills its frame has all its bits, and no more. */
static void test_whole_frame(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 200; at++)
		sight(2, 1, at % 2, UINT32_MAX - 250 + at);
	judge();
	assert_part(2, FRAME_SIZE, 2);
}

static void test_most(void **state)
{
	struct sight sight = { .part = 2 };

	(void)state;
	for (uint32_t i = 0; i < SIGHTS_MAX + 2; i++)
		assert_int_equal(novelty_log(profile, &sight), 0);
	assert_int_equal(profile->sight_count, SIGHTS_MAX);
}

static void result(size_t part, uint32_t frame, uint32_t fresh)
{
	while (profile->history_count < part)
		profile_part(profile)->logged = 1;
	profile->history[part - 1].frame_most = frame;
	profile->history[part - 1].fresh_most = fresh;
}

static void assert_worst(int judged, uint32_t frame, uint32_t fresh)
{
	uint32_t frame_most = 99, fresh_most = 99;

	assert_int_equal(novelty_worst(profile, &frame_most, &fresh_most), judged);
	assert_int_equal(frame_most, frame);
	assert_int_equal(fresh_most, fresh);
}

/* Of four judged parts the worst is left aside, in each kind its own; of fewer, none. */
static void test_worst(void **state)
{
	(void)state;
	result(2, 20, 3);
	result(3, 4, 8);
	assert_worst(1, 20, 8);
	result(4, 30, 1);
	assert_worst(1, 30, 8);
	result(5, 1, 2);
	assert_worst(1, 20, 3);
	result(6, 30, 8); /* as bad as the worst: it was no single case */
	assert_worst(1, 30, 8);
}

static void test_worst_unjudged(void **state)
{
	(void)state;
	profile->history_count = 1;
	assert_worst(0, FRAME_SIZE, FRAME_SIZE);
	profile->history_count = 0;
	assert_worst(0, FRAME_SIZE, FRAME_SIZE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_frame),	   TEST(test_threads), TEST(test_again),
		TEST(test_whole_frame),	   TEST(test_most),    TEST(test_worst),
		TEST(test_worst_unjudged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
