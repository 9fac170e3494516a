/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of learning: what is told of the bags that threads show, and what is counted. As in
 * scenes.h, all was derived by hand.
 */
#ifndef BOSC_TESTS_SCENES_LEARN_H
#define BOSC_TESTS_SCENES_LEARN_H

#include "../../core/frame.h"
#include "scenes.h"

/* A new bag, or another window of one, that the thread's call number `at` completed. */
static void expect_window(uint16_t kind, const char *letters, uint32_t part, uint32_t at,
			  uint32_t start)
{
	struct bag wanted = letters_bag(letters, 3);
	struct bag bag;

	expect_event(kind);
	bag = bag_of_window(&last_event()->bag.window, 3);
	assert_int_equal(bag_compare(&bag, &wanted), 0);
	assert_int_equal(last_event()->bag.part, part);
	assert_int_equal(last_event()->bag.at, at);
	assert_int_equal(last_event()->bag.start, start);
}

/* So many windows had the bag, which is known since the part, and seen by it alone or `again`. */
static void expect_count(uint32_t place, uint32_t part, uint64_t windows, uint64_t again)
{
	uint64_t count = stage.source->count(stage.source, place);

	assert_int_equal(count_part(count), part);
	assert_int_equal(count & COUNT_MASK, windows);
	assert_true((count & COUNT_AGAIN) == again);
}

/* The bags, each told once, and how often and in how many parts they were seen. */
static void scene_learn(void **state)
{
	uint32_t place;

	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	expect_event(EVENT_EXEC);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "abc", 1);
	expect_window(EVENT_BAG, "..a", 1, 1, 0);
	expect_window(EVENT_BAG, ".ab", 1, 2, 0);
	expect_window(EVENT_BAG, "abc", 1, 3, 0);
	place = last_event()->bag.place;
	play(&stage, 200, "a", 1); /* everything is new to the first part, and that says nothing */
	expect_none();
	assert_int_equal(stage_target(&stage).bags, 3);
	expect_count(place, 1, 2, 0);

	stage.source->part(stage.source, 1, 2);
	play(&stage, 200, "b", 1);
	expect_none();
	expect_count(place, 1, 3, COUNT_AGAIN);
	play(&stage, 200, "bb", 1);
	expect_window(EVENT_BAG, "abb", 2, 6, 0);
	expect_window(EVENT_BAG, "bbb", 2, 7, 0);
	expect_none();
	play(&stage, 200, "b", 1);
	assert_int_equal(stage.source->rules(stage.source, 1)->count[0][LETTER('b')], 5);
	assert_int_equal(stage.source->rules(stage.source, 1)->count[0][LETTER('a')], 2);
	assert_int_equal(stage_target(&stage).alarms + stage_target(&stage).mismatches, 0);
	assert_int_equal(stage_target(&stage).bags, 5);
}

/* Of what only the current part saw, each window is told, until another part sees it, too. */
static void scene_learn_sights(void **state)
{
	uint32_t place;

	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	expect_event(EVENT_EXEC);
	play_fork(&stage, 100, 200);
	play_fork(&stage, 100, 300);
	play(&stage, 200, "aaaa", 1);
	stage.read = stage.count;
	stage.source->part(stage.source, 1, 2);
	play(&stage, 200, "b", 1);
	expect_window(EVENT_BAG, "aab", 2, 5, 0);
	place = last_event()->bag.place;
	play(&stage, 200, "aaa", 1); /* the last window is of the first part's "aaa" */
	expect_window(EVENT_SIGHT, "aab", 2, 6, 0);
	assert_int_equal(last_event()->bag.place, place);
	expect_window(EVENT_SIGHT, "aab", 2, 7, 0);
	expect_none();
	play(&stage, 300, "baa", 1); /* the places in the frames are those of the thread */
	assert_int_equal(stage.log[stage.count - 1].head.tid, 300);
	expect_window(EVENT_BAG, "..b", 2, 1, 0);
	expect_window(EVENT_BAG, ".ab", 2, 2, 0);
	expect_window(EVENT_SIGHT, "aab", 2, 3, 0);
	expect_none();
	expect_count(place, 2, 4, 0);

	stage.source->part(stage.source, 1, 3);
	play(&stage, 200, "baa", 1);
	expect_none();
	expect_count(place, 2, 7, COUNT_AGAIN);
	stage.source->part(stage.source, 1, 2); /* it is known for good */
	play(&stage, 200, "baa", 1);
	expect_none();
	expect_count(place, 2, 10, COUNT_AGAIN);
}

/* What a program shows while it starts is no sight; that its bags are new is told all the same. */
static void scene_learn_sights_of_starts(void **state)
{
	uint32_t place;

	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	expect_event(EVENT_EXEC);
	stage.source->part(stage.source, 1, 2);
	play(&stage, 100, "b", 1);
	expect_window(EVENT_BAG, "..b", 2, 1, 1);
	place = last_event()->bag.place;
	play_exec(&stage, 100, 100, "/bin/x", 1);
	play(&stage, 100, "b", 1);
	expect_none();
	expect_count(place, 2, 2, 0);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "b", 1);
	expect_window(EVENT_SIGHT, "..b", 2, 1, 0);
	play(&stage, 100, "bb", 1);
	expect_window(EVENT_BAG, ".bb", 2, 2, 1);
	expect_window(EVENT_BAG, "bbb", 2, 3, 1);
	play(&stage, 100, "b", START_CALLS - 4);
	expect_none();
	play(&stage, 100, "c", 1); /* the start is over with this call */
	expect_window(EVENT_BAG, "bbc", 2, START_CALLS, 0);
}

/* A bag that comes again and again is told of until it has filled some frames. */
static void scene_learn_sights_end(void **state)
{
	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	expect_event(EVENT_EXEC);
	stage.source->part(stage.source, 1, 2);
	play_fork(&stage, 100, 200);
	play(&stage, 200, "bbb", 1);
	expect_window(EVENT_BAG, "..b", 2, 1, 0);
	expect_window(EVENT_BAG, ".bb", 2, 2, 0);
	expect_window(EVENT_BAG, "bbb", 2, 3, 0);
	play(&stage, 200, "b", 300);
	for (uint32_t seen = 1; seen < SIGHTS_A_BAG; seen++)
		expect_window(EVENT_SIGHT, "bbb", 2, 3 + seen, 0);
	expect_none();
}

static void scene_learn_once(void **state)
{
	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	expect_event(EVENT_EXEC);
	assert_string_equal(last_event()->exec.path, "/bin/x");
	assert_int_equal(last_event()->exec.inode, 0);
	play_exec(&stage, 100, 100, "/bin/x", 2);
	play_exec(&stage, 100, 100, "x", 2);
	expect_event(EVENT_EXEC);
	assert_int_equal(last_event()->exec.inode, 2);
	play_exec(&stage, 100, 100, "x", 3);
	expect_event(EVENT_EXEC);
	play_exec(&stage, 100, 100, "x", 2);
	play_signal(&stage, 100, 9);
	expect_none();
	play_signal(&stage, 100, 11);
	expect_event(EVENT_SIGNAL);
	assert_int_equal(last_event()->signal.signal, 11);
	play_signal(&stage, 100, 11);
	expect_none();
}

/* Neither the runtime's calls nor windows that are not whole are learnt. */
static void scene_learn_whole(void **state)
{
	(void)state;
	stage_open(MODE_LEARN, profile_new("learn", 3), false);
	play_as("runc:[2:INIT]");
	play(&stage, 100, "zzzz", 1);
	play_signal(&stage, 100, 11);
	play_as("late");
	play(&stage, 200, "ab", 1);
	expect_none();
	assert_int_equal(stage_target(&stage).unjudged, 6);
	play(&stage, 200, "c", 1);
	expect_window(EVENT_BAG, "abc", 1, 3, 0);
	assert_int_equal(stage_target(&stage).unjudged, 6);
	assert_int_equal(stage.source->rules(stage.source, 1)->count[0][LETTER('z')], 0);
}

/* What a profile has from an earlier run is no new bag. */
static void scene_learn_again(void **state)
{
	struct profile *profile = profile_new("learn", 3);

	(void)state;
	know_bag(profile, "..a");
	profile_exec(profile, "/bin/x", 0, 1);
	profile->signals = 1ull << 11;
	stage_open(MODE_LEARN, profile, false);
	stage.source->part(stage.source, 1, 5);
	play_exec(&stage, 100, 100, "/bin/x", 1);
	play_signal(&stage, 100, 11);
	play(&stage, 100, "a", 1);
	expect_none();
	expect_count(stage.places[0], 0, 1, COUNT_AGAIN);
	play(&stage, 100, "b", 1);
	expect_window(EVENT_BAG, ".ab", 5, 2, 1);
}

#define LEARN_SCENES                                                                              \
	SCENE(scene_learn), SCENE(scene_learn_sights), SCENE(scene_learn_sights_of_starts),       \
		SCENE(scene_learn_sights_end), SCENE(scene_learn_once), SCENE(scene_learn_whole), \
		SCENE(scene_learn_again)

#endif
