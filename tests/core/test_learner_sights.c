/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the learner keeps of novelty: the sights that it logs, of which thread and part, and which
 * bags another part saw, too.
 */
#include "../../core/learner.h"
#include "stage.h"

static struct learner learner;
static struct profile *profile;

static void run_begin(const uint32_t *places)
{
	static const struct learner_limits limits = { .quiet_windows = 1, .unseen = 1 };

	assert_non_null(profile_run(profile));
	assert_int_equal(learner_begin(&learner, profile, &limits, places, 0), 0);
}

static int setup(void **state)
{
	(void)state;
	profile = profile_new("learner", 1);
	run_begin(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	learner_end(&learner);
	profile_free(profile);
	return 0;
}

static uint64_t count_at(void *source, uint32_t place)
{
	return ((const uint64_t *)source)[place];
}

/* What the source counted, by place. */
static void take_counts(const uint64_t *counts)
{
	static const struct rules rules;
	struct target target = { .calls = 100 };

	learner_sync(&learner, &target, &rules, count_at, (void *)counts, 0);
}

/* One window of a bag, whose thread made so many calls until then. */
static void tell(uint16_t kind, char letter, uint32_t part, uint32_t tid, uint32_t at,
		 uint32_t start)
{
	struct event_bag event = { .head = { .kind = kind, .tid = tid },
				   .place = (uint32_t)(letter - 'a'),
				   .part = part,
				   .at = at,
				   .start = start };
	uint64_t weight[CODE_COUNT] = { 0 };

	window_push(&event.window, LETTER(letter), weight, 1);
	assert_int_equal(learner_event(&learner, &event.head), 0);
}

static void assert_last_sight(size_t count, struct sight wanted)
{
	assert_int_equal(profile->sight_count, count);
	assert_memory_equal(&profile->sights[count - 1], &wanted, sizeof(wanted));
}

static void begin_part(uint32_t number)
{
	assert_non_null(profile_part(profile));
	assert_int_equal(profile->history_count, number);
}

/* A bag is known since the part in which it came; what is new to a later part is logged. */
static void test_sights(void **state)
{
	(void)state;
	tell(EVENT_BAG, 'a', 1, 7, 1, 0);
	assert_int_equal(profile->sight_count, 0); /* to the first part, everything is new */
	begin_part(2);
	tell(EVENT_BAG, 'b', 2, 7, 10, 0);
	assert_last_sight(1, (struct sight){ .bag = 1, .thread = 1, .at = 10, .part = 2 });
	tell(EVENT_SIGHT, 'b', 2, 7, 11, 0);
	assert_last_sight(2, (struct sight){ .bag = 1, .thread = 1, .at = 11, .part = 2 });
	tell(EVENT_BAG, 'c', 2, 8, 11, 0);
	assert_last_sight(3, (struct sight){ .bag = 2, .thread = 2, .at = 11, .part = 2 });
	tell(EVENT_SIGHT, 'c', 2, 7, 12, 0);
	assert_last_sight(4, (struct sight){ .bag = 2, .thread = 1, .at = 12, .part = 2 });
	assert_int_equal(profile->bags[0].part, 1);
	assert_int_equal(profile->bags[2].part, 2);

	tell(EVENT_SIGHT, 'z', 2, 7, 13, 0); /* of a bag whose first event was lost */
	tell(EVENT_SIGHT, 'c', 3, 7, 13, 0); /* of a part that did not begin */
	assert_int_equal(profile->sight_count, 4);
	assert_int_equal(profile->bag_count, 3);
}

/* A count that begins anew is that of another program or thread. */
static void test_sights_of_threads(void **state)
{
	(void)state;
	begin_part(2);
	tell(EVENT_BAG, 'b', 2, 7, 10, 0);
	tell(EVENT_SIGHT, 'b', 2, 7, 9, 0);
	assert_last_sight(2, (struct sight){ .thread = 2, .at = 9, .part = 2 });
	tell(EVENT_BAG, 'c', 2, 7, 1, 1); /* a start is no sight, but another program */
	assert_int_equal(profile->sight_count, 2);
	tell(EVENT_SIGHT, 'b', 2, 7, 9, 0);
	assert_last_sight(3, (struct sight){ .thread = 3, .at = 9, .part = 2 });
	assert_int_equal(profile->threads, 3);

	/* The numbers of another run go on from there. */
	learner_end(&learner);
	run_begin((const uint32_t[]){ 1, 2 });
	tell(EVENT_BAG, 'd', 3, 7, 20, 0);
	assert_last_sight(4, (struct sight){ .bag = 2, .thread = 4, .at = 20, .part = 3 });
}

/* The source counts whether another part saw a bag; or says again that one is new. */
static void test_again(void **state)
{
	(void)state;
	tell(EVENT_BAG, 'a', 1, 7, 1, 0);
	tell(EVENT_BAG, 'b', 1, 7, 2, 0);
	take_counts((const uint64_t[]){ 5, 3 | COUNT_AGAIN });
	assert_int_equal(profile->bags[0].again, 0);
	assert_int_equal(profile->bags[0].count, 5);
	assert_int_equal(profile->bags[1].again, 1);
	assert_int_equal(profile->bags[1].count, 3);
	take_counts((const uint64_t[]){ 5, 4 }); /* never forgotten */
	assert_int_equal(profile->bags[1].again, 1);

	begin_part(2);
	tell(EVENT_BAG, 'c', 2, 7, 1, 0);
	tell(EVENT_BAG, 'c', 2, 8, 1, 0); /* two processors */
	assert_int_equal(profile->bags[2].again, 0);
	begin_part(3);
	tell(EVENT_BAG, 'c', 3, 7, 2, 0);
	assert_int_equal(profile->bags[2].again, 1);
	assert_int_equal(profile->bags[2].part, 2);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sights),
		TEST(test_sights_of_threads),
		TEST(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
