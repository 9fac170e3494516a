/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The learner between a source that is made of plain counters and a profile: when a part begins,
 * when learning is over and what must not end it, and that runs add up.
 */
#include <stdio.h>

#include "../../core/learner.h"
#include "stage.h"

#define SECOND 1000000000ull

/* What a source would count: windows of the bags "a", "b" … at the places 0, 1 … */
struct counters {
	struct target target;
	struct rules rules;
	uint64_t windows[26];
};

static struct counters counters;
static struct learner learner;
static struct profile *profile;

static const struct learner_limits limits = {
	.quiet_windows = 10000,
	.quiet_ns = 60 * SECOND,
	.unseen = 1e-3,
};

static uint64_t count_at(void *source, uint32_t place)
{
	return ((struct counters *)source)->windows[place];
}

static void run_begin(const uint32_t *places, uint64_t now_ns)
{
	counters = (struct counters){ .target = { .part = 1 } };
	assert_non_null(profile_run(profile));
	assert_int_equal(learner_begin(&learner, profile, &limits, places, now_ns), 0);
}

static int setup(void **state)
{
	(void)state;
	profile = profile_new("learner", 1);
	run_begin(NULL, SECOND);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	learner_end(&learner);
	profile_free(profile);
	return 0;
}

/* The thread makes so many calls of one kind; the first makes the bag known, at this place. */
static void see(char letter, uint32_t place, uint64_t times)
{
	struct event_bag event = { .head = { .kind = EVENT_BAG }, .place = place };
	uint64_t weight[CODE_COUNT] = { 0 };

	if (!counters.windows[place]) {
		window_push(&event.window, LETTER(letter), weight, 1);
		assert_int_equal(learner_event(&learner, &event.head), 0);
		counters.target.bags++;
	}
	counters.windows[place] += times;
	counters.rules.count[0][LETTER(letter)] += times;
	counters.target.calls += times;
}

static void sync_at(uint64_t now_ns)
{
	learner_sync(&learner, &counters.target, &counters.rules, count_at, &counters, now_ns);
}

static int is_done(uint64_t now_ns)
{
	char why[PROFILE_TEXT] = "";
	int done = learner_is_done(&learner, now_ns, why, sizeof(why));

	assert_int_equal(done, why[0] != 0);
	return done;
}

/* Sees one window less than it takes to begin part `number`, then that one. */
static void see_part(uint64_t length, uint32_t number)
{
	uint64_t before = profile_windows(profile);

	see('a', 0, length - 1);
	sync_at(2 * SECOND);
	assert_int_equal(learner_next_part(&learner), 0);
	see('a', 0, 1);
	sync_at(2 * SECOND);
	assert_int_equal(learner_next_part(&learner), number);
	assert_int_equal(learner_next_part(&learner), 0);
	assert_int_equal(profile->history_count, number);
	assert_int_equal(profile->history[number - 1].windows_before, before + length);
}

/* Each part is a quarter as long as all before it, and no shorter than 5000 windows. */
static void test_parts(void **state)
{
	(void)state;
	assert_int_equal(profile->history_count, 1);
	assert_int_equal(profile->history[0].windows_before, 0);
	see_part(5000, 2);
	see_part(5000, 3);
	see_part(5000, 4);
	see_part(5000, 5);
	see_part(5000, 6);
	see_part(6250, 7);
	see_part(7812, 8);
	learner_end(&learner);
	run_begin((const uint32_t[]){ 0 }, 0);
	assert_int_equal(profile->history[8].windows_before, 39062);
	see_part(9765, 10);
	for (size_t i = 0; i < profile->history_count; i++)
		assert_int_equal(profile->history[i].logged, i > 0);
}

/* Calls that are not judged, the runtime's or a late thread's, make no part longer. */
static void test_parts_count_windows(void **state)
{
	(void)state;
	counters.target.calls = counters.target.unjudged = 100000;
	see('a', 0, 4999);
	sync_at(SECOND);
	assert_int_equal(learner_next_part(&learner), 0);
	assert_int_equal(profile->runs[0].calls, 104999);
	assert_int_equal(profile->runs[0].windows, 4999);
}

/* All rules at once, each missed by one. */
static void test_end(void **state)
{
	(void)state;
	see('a', 0, 1000);
	see('b', 1, 2);
	sync_at(5 * SECOND);
	see('a', 0, 9999);
	sync_at(70 * SECOND);
	assert_false(is_done(1000 * SECOND)); /* a window too few */
	see('a', 0, 1);
	sync_at(70 * SECOND);
	assert_false(is_done(65 * SECOND - 1)); /* a nanosecond too early */
	assert_true(is_done(65 * SECOND));

	see('c', 2, 2); /* a new bag: all waiting begins again */
	sync_at(80 * SECOND);
	assert_false(is_done(80 * SECOND));
	see('a', 0, 10000);
	sync_at(81 * SECOND);
	assert_false(is_done(139 * SECOND));
	assert_true(is_done(140 * SECOND));
}

/* An hour without work teaches nothing. */
static void test_idle_time(void **state)
{
	(void)state;
	see('a', 0, 100);
	sync_at(2 * SECOND);
	for (uint64_t hour = 1; hour < 10; hour++) {
		sync_at(hour * 3600 * SECOND);
		assert_false(is_done(hour * 3600 * SECOND));
	}
}

/* Bags seen once say that more of the kind are to come. */
static void test_unseen_share(void **state)
{
	(void)state;
	see('a', 0, 1);
	for (char letter = 'b'; letter < 'z'; letter++)
		see(letter, (uint32_t)(letter - 'a'), 1);
	sync_at(SECOND);
	see('a', 0, 20000); /* 24 of 20025 windows: 1.2e-3 */
	sync_at(SECOND);
	assert_false(is_done(100 * SECOND));
	see('a', 0, 5000); /* of 25025: below 1e-3 */
	sync_at(SECOND);
	assert_true(is_done(100 * SECOND));
}

/* Where new bags never stop coming, a much smaller share of them is enough. */
static void test_busy(void **state)
{
	(void)state;
	see('a', 0, 99998);
	see('b', 1, 1);
	sync_at(120 * SECOND);
	assert_false(is_done(120 * SECOND)); /* a window too few, a second too early */
	see('a', 0, 1);
	sync_at(120 * SECOND);
	assert_false(is_done(121 * SECOND - 1));
	assert_true(is_done(121 * SECOND));
	for (char letter = 'c'; letter < 'c' + 9; letter++)
		see(letter, (uint32_t)(letter - 'a'), 1);
	sync_at(120 * SECOND);
	assert_true(is_done(121 * SECOND)); /* 10 of 100009 windows */
	see('m', 12, 1);
	sync_at(120 * SECOND);
	assert_false(is_done(121 * SECOND)); /* 11 of 100010: above 1e-4 */
}

static void assert_loss_holds(uint64_t *counter)
{
	*counter = 1;
	sync_at(100 * SECOND);
	assert_int_equal(learner.lost, 1);
	assert_int_equal(profile->runs[0].lost, 1);
	assert_false(is_done(1000 * SECOND));
	*counter = 0;
	sync_at(100 * SECOND);
	assert_true(is_done(1000 * SECOND));
}

/* What was lost may have been what was not known yet. */
static void test_losses(void **state)
{
	(void)state;
	see('a', 0, 1);
	sync_at(SECOND);
	see('a', 0, 50000);
	sync_at(100 * SECOND);
	assert_true(is_done(1000 * SECOND));
	assert_loss_holds(&counters.target.lost_events);
	assert_loss_holds(&counters.target.lost_threads);
	assert_loss_holds(&counters.target.lost_bags);
	assert_loss_holds(&counters.target.lost_cgroups);
	assert_loss_holds(&learner.missed);
}

/* Bags, calls and windows of two runs add up, and each bag knows its runs. */
static void test_two_runs(void **state)
{
	(void)state;
	see('a', 0, 100);
	see('b', 1, 20);
	see('c', 2, 7);
	sync_at(SECOND);
	learner_end(&learner);

	/* The bags stand elsewhere now, and "c" found no place at first. */
	run_begin((const uint32_t[]){ 5, 4, BAG_NO_PLACE }, 0);
	counters.windows[5] = counters.windows[4] = 0;
	sync_at(SECOND);
	assert_int_equal(profile->bags[0].count, 100);
	counters.windows[5] = 1000;
	counters.target.calls = counters.rules.count[0][LETTER('a')] = 1000;
	see('d', 6, 3);
	see('c', 7, 2);
	sync_at(2 * SECOND);
	assert_int_equal(profile->bag_count, 4);
	assert_int_equal(profile->bags[0].count, 1100);
	assert_int_equal(profile->bags[1].count, 20);
	assert_int_equal(profile->bags[2].count, 9);
	assert_int_equal(profile->bags[3].count, 3);
	assert_int_equal(profile->calls[LETTER('a')], 1100);
	assert_int_equal(profile->calls[LETTER('b')], 20);
	assert_int_equal(profile->calls[LETTER('c')], 9);
	assert_int_equal(profile_windows(profile), 1132);
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(profile->bags[i].first_run, i == 3);
		assert_int_equal(profile->bags[i].last_run, i != 1);
	}
	assert_int_equal(profile->runs[0].windows, 127);
	assert_int_equal(profile->runs[1].windows, 1005);
	assert_int_equal(profile->runs[0].new_bags, 3);
}

/* So do the calls that were made while programs started, and the programs. */
static void test_starts_of_two_runs(void **state)
{
	(void)state;
	counters.rules.count[0][LETTER('a')] = 10;
	counters.rules.count[1][LETTER('a')] = counters.rules.count[1][LETTER('s')] = 3;
	counters.target.programs = 2;
	sync_at(SECOND);
	sync_at(SECOND);
	learner_end(&learner);
	run_begin(NULL, 0);
	counters.rules.count[1][LETTER('a')] = 1;
	counters.target.programs = 1;
	sync_at(SECOND);
	assert_int_equal(profile->calls[LETTER('a')], 14);
	assert_int_equal(profile->start_calls[LETTER('a')], 4);
	assert_int_equal(profile->calls[LETTER('s')], 3);
	assert_int_equal(profile->start_calls[LETTER('s')], 3);
	assert_int_equal(profile->programs, 3);
}

/* Two processors that store a bag at once send it twice: it is one bag, counted at one place. */
static void test_bag_twice(void **state)
{
	(void)state;
	see('a', 3, 5);
	see('a', 9, 5);
	sync_at(SECOND);
	assert_int_equal(profile->bag_count, 1);
	assert_int_equal(profile->bags[0].count, 5);
}

static void test_execs_and_signals(void **state)
{
	struct event_exec exec = { .head = { .kind = EVENT_EXEC }, .path = "/bin/x" };
	struct event_signal signal = { .head = { .kind = EVENT_SIGNAL }, .signal = 11 };

	(void)state;
	assert_int_equal(learner_event(&learner, &exec.head), 0);
	assert_int_equal(learner_event(&learner, &exec.head), 0);
	assert_int_equal(learner_event(&learner, &signal.head), 0);
	assert_int_equal(profile->exec_count, 1);
	assert_string_equal(profile->execs[0].path, "/bin/x");
	assert_true(profile->signals == 1ull << 11);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_starts_of_two_runs),
		TEST(test_parts),
		TEST(test_parts_count_windows),
		TEST(test_end),
		TEST(test_idle_time),
		TEST(test_unseen_share),
		TEST(test_idle_time),
		TEST(test_busy),
		TEST(test_losses),
		TEST(test_two_runs),
		TEST(test_bag_twice),
		TEST(test_execs_and_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
