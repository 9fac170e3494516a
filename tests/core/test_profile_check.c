/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * profile_check() stands between a file that anybody may have written and the rest of the
 * program: each test breaks one thing in a good profile and wants it named.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/novelty.h"
#include "../../core/scorer.h"

static void add(struct profile *profile, struct bag bag, uint64_t count)
{
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += count;
}

/* A learnt profile of two parts in which nothing is wrong. */
static int setup(void **state)
{
	struct profile *profile = profile_new("web", 4);

	*state = profile;
	if (!profile || !profile_run(profile) || !profile_part(profile) || !profile_part(profile))
		return -1;
	profile->history[1].windows_before = 4;
	profile->state = PROFILE_LEARNT;
	profile->calls[1] = 8;
	add(profile, (struct bag){ .code = { 0, 0, 0, 1 } }, 1);
	add(profile, (struct bag){ .code = { 1, 1, 1, CODE_NEW - 1 } }, 7);
	profile_exec(profile, "/bin/web", 0, 1);
	return 0;
}

static int teardown(void **state)
{
	profile_free(*state);
	return 0;
}

static void assert_check(const struct profile *profile, const char *expected)
{
	const char *why = NULL;

	assert_int_equal(profile_check(profile, &why), expected ? -EINVAL : 0);
	if (expected) {
		assert_non_null(why);
		assert_non_null(strstr(why, expected));
	}
}

static void test_calls(void **state)
{
	struct profile *profile = *state;

	profile->start_calls[1] = 8;
	assert_check(profile, NULL);
	profile->start_calls[1] = 9;
	assert_check(profile, "oftener while programs started than in all");
}

static void test_good(void **state)
{
	struct profile *profile = *state;

	assert_check(profile, NULL);
	profile->runs[0].lost = 5;
	assert_check(profile, NULL);
	profile->history_count = 1;
	assert_check(profile, NULL);
	profile->window = 10; /* the same bags are wrong in a larger window and in a smaller */
	assert_check(profile, "ascending");
	profile->window = 3;
	assert_check(profile, "more calls than a window");
}

static void test_head(void **state)
{
	struct profile *profile = *state;

	profile->window = 0;
	assert_check(profile, "window");
	profile->window = WINDOW_MAX + 1;
	assert_check(profile, "window");
	profile->window = 4;
	profile->state = PROFILE_STATES;
	assert_check(profile, "state");
	profile->state = (enum profile_state) - 1;
	assert_check(profile, "state");
	profile->state = PROFILE_LEARNT;
	profile->name[0] = 0;
	assert_check(profile, "name");
}

static void test_parts(void **state)
{
	struct profile *profile = *state;

	for (size_t i = 0; i < 2; i++) {
		struct profile_part *part = &profile->history[i];

		part->frame_most = 65;
		assert_check(profile, "mismatches");
		part->frame_most = 64;
		part->fresh_most = 65;
		assert_check(profile, "first sights");
		part->fresh_most = 64;
		assert_check(profile, NULL);
	}
	profile->history[0].windows_before = 5;
	assert_check(profile, "began before");
	profile->history[0].windows_before = 4;
	assert_check(profile, NULL);
	profile->history[1].run = 1;
	assert_check(profile, "of a run that is not there");
	profile->history[1].run = 0;
	profile->history_count = 0;
	assert_check(profile, "part of the training that is not there");
}

static void test_view_of_parts(void **state)
{
	struct profile *profile = *state;

	profile->history[1].level_most = LEVEL_REACH;
	profile->history[1].scores[SCORE_BINS - 1] = UINT32_MAX;
	assert_check(profile, NULL);
	profile->history[1].level_most++;
	assert_check(profile, "more surprise than there can be");
}

/* Each row is two runs of calls, by their codes, that are not both good in this order. */
static void test_grams(void **state)
{
	static const struct {
		uint64_t calls[2];
		const char *why;
	} rows[] = {
		{ { 1, 2 }, NULL },
		{ { 0x000001002003, 0x001002003001 }, NULL },
		{ { 0x001001001001, 0x001001001001 }, "not in order" },
		{ { 2, 1 }, "not in order" },
		{ { 1, 1ull << 48 }, "more than four" },
		{ { 1, CODE_LATE }, "no call has" },
		{ { 1, 0xfff001001001 }, "no call has" },
		{ { 1, 0x001ffd001001 }, "no call has" },
		{ { 0, 1 }, "begins behind a call" },
		{ { 1, 0x001000000001 }, "begins behind a call" },
		{ { 1, 0x000000001000 }, "begins behind a call" },
	};
	struct profile *profile = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		profile->gram_count = 0;
		assert_int_equal(profile_gram(profile, rows[i].calls[0], 1), 0);
		assert_int_equal(profile_gram(profile, rows[i].calls[1], GRAM_TOTAL - 2), 0);
		assert_check(profile, rows[i].why);
	}
	profile->gram_count = 0;
	profile_gram(profile, 1, 1);
	profile_gram(profile, 2, 0);
	assert_check(profile, "never seen");
	profile->grams[1].count = GRAM_TOTAL - 1;
	assert_check(profile, "more than there can be");
	profile->grams[1].count = UINT64_MAX;
	assert_check(profile, "more than there can be");
}

static void test_repertoires(void **state)
{
	struct profile *profile = *state;
	struct repertoires *repertoires = &profile->repertoires;
	struct callset set = { 0 };
	struct repertoire *known;

	callset_add(&set, 1);
	callset_add(&set, CODE_NEW - 1);
	assert_int_equal(repertoires_add(repertoires, &set, 3, 2), 1);
	assert_check(profile, NULL);
	known = repertoires->all;
	known->part = 3;
	assert_check(profile, "part of the training that is not there");
	known->part = 2;
	known->threads = 0;
	assert_check(profile, "of no thread");
	known->threads = 4;
	assert_check(profile, "more than there were");
	known->threads = 3;
	repertoires->users[1] = 2;
	assert_check(profile, "fewer threads than have it");
	repertoires->users[1] = 4;
	assert_check(profile, "more threads than there were");
	repertoires->threads = 4; /* one whose repertoire is not kept */
	assert_check(profile, NULL);
	assert_int_equal(repertoires_put(repertoires, &set, 2, 1), 1);
	assert_check(profile, "of no thread, or of more");
	repertoires->all[1].threads = 1;
	assert_check(profile, "fewer threads than have it"); /* all of them together */
	repertoires->count--;
	free(repertoires->all[1].codes);
}

/* Each row is the calls of one repertoire. */
static void test_repertoire_codes(void **state)
{
	static const struct {
		uint16_t codes[4];
		const char *why;
	} rows[] = {
		{ { 1, 2, 3 }, NULL },
		{ { 0 }, "holds no call" },
		{ { 1, 1 }, "ascending" },
		{ { 2, 1 }, "ascending" },
		{ { 1, 2, CODE_NEW }, "no call has" },
		{ { 1, 2, CODE_LATE }, "no call has" },
		{ { UINT16_MAX, 1 }, "no call has" },
	};
	struct profile *profile = *state;
	struct callset set = { .word = { 14 } };

	assert_int_equal(repertoires_add(&profile->repertoires, &set, 1, 1), 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(profile->repertoires.all[0].codes, rows[i].codes, sizeof(rows[i].codes));
		assert_check(profile, rows[i].why);
	}
}

static void assert_text(const struct profile *profile, char *field, size_t size)
{
	assert_check(profile, NULL);
	memset(field, 'x', size);
	assert_check(profile, "a text is longer than its field");
	field[0] = field[size - 1] = 0;
}

#define TEXT(field) assert_text(profile, field, sizeof(field))

static void test_texts(void **state)
{
	struct profile *profile = *state;
	struct profile_run *run = &profile->runs[0];

	TEXT(profile->arch), TEXT(profile->image), TEXT(profile->digest), TEXT(profile->command);
	TEXT(profile->container), TEXT(profile->why), TEXT(profile->execs[0].path);
	TEXT(run->id), TEXT(run->source), TEXT(run->host), TEXT(run->kernel), TEXT(run->version);
	TEXT(run->image), TEXT(run->digest), TEXT(run->command), TEXT(run->container);
	TEXT(run->note), TEXT(run->why), TEXT(run->reviewer), TEXT(run->withdrawer);
}

/* A run is reviewed by who reviewed it, not by its own state. */
static void test_runs(void **state)
{
	struct profile *profile = *state;

	for (int known = 0; known < PROFILE_REVIEWED; known++) {
		profile->runs[0].state = (enum profile_state)known;
		assert_check(profile, NULL);
	}
	profile->runs[0].state = PROFILE_REVIEWED;
	assert_check(profile, "a run ended in a state that no run has");
	profile->runs[0].state = (enum profile_state) - 1;
	assert_check(profile, "a run ended in a state that no run has");
}

/* Each row is one bag that no learner can have made. */
static void test_codes(void **state)
{
	static const struct {
		uint16_t code[WINDOW_MAX];
		const char *why;
	} rows[] = {
		{ { 2, 1, 3, 4 }, "ascending" },
		{ { 1, 2, 3, 0 }, "ascending" },
		{ { 1, 2, 3, 4, 5 }, "more calls" },
		{ { 1, 2, 3, 4, 0, 0, 0, 0, 0, 5 }, "more calls" },
		{ { 1, 2, 3, CODE_LATE }, "no call has" },
		{ { 1, 2, 3, CODE_OTHER }, "no call has" },
		{ { 1, 2, 3, CODE_NEW }, "no call has" },
		{ { 1, 2, 3, UINT16_MAX }, "no call has" },
		{ { 0 }, "holds no call" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		void *learnt = NULL;
		struct bag bag;

		memcpy(bag.code, rows[i].code, sizeof(bag.code));
		assert_int_equal(setup(&learnt), 0);
		add(learnt, bag, 1);
		assert_check(learnt, rows[i].why);
		teardown(&learnt);
	}
}

static void test_bags(void **state)
{
	struct profile *profile = *state;
	struct profile_bag *known = &profile->bags[1];

	known->last_run = 1;
	assert_check(profile, "run");
	known->last_run = 0;
	known->first_run = 1;
	assert_check(profile, "run");
	known->first_run = 0;
	known->part = 3;
	assert_check(profile, "part");
	known->part = 2;
	assert_check(profile, NULL);
	known->count = UINT64_MAX;
	assert_check(profile, "more windows");
	known->count = 7;
	known->bag = profile->bags[0].bag;
	assert_check(profile, "twice");
}

static void test_learnt(void **state)
{
	struct profile *profile = *state;

	profile->bags[0].count = 0;
	profile->bags[1].count = 0;
	assert_check(profile, "no window");
	profile->state = PROFILE_PARTIAL;
	assert_check(profile, NULL);
	profile->bag_count = 0;
	profile->history_count = 0;
	profile->run_count = 0;
	assert_check(profile, NULL);
	profile->state = PROFILE_LEARNT;
	assert_check(profile, "no window");
	profile->state = PROFILE_REVIEWED;
	assert_check(profile, "no window");
}

static void test_sights(void **state)
{
	struct profile *profile = *state;
	struct sight good = { .bag = 1, .thread = 2, .at = UINT32_MAX, .part = 2 }, *sight;

	profile->threads = 2;
	profile->history[1].logged = 1;
	assert_int_equal(novelty_log(profile, &good), 0);
	sight = &profile->sights[0];
	assert_check(profile, NULL);
	sight->bag = 2;
	assert_check(profile, "a bag that is not there");
	*sight = good;
	sight->thread = 0;
	assert_check(profile, "a thread that is not there");
	sight->thread = 3;
	assert_check(profile, "a thread that is not there");
	*sight = good;
	for (sight->part = 0; sight->part < 4; sight->part++)
		assert_check(profile,
			     sight->part == 2 ? NULL : "part of the training that has none");
	profile->history[0].logged = 1; /* the first part of a later run, seen alone */
	sight->part = 1;
	assert_check(profile, NULL);
	*sight = good;
	profile->history[1].logged = 0;
	assert_check(profile, "part of the training that has none");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good),	  TEST(test_calls),
		TEST(test_head),	  TEST(test_parts),
		TEST(test_view_of_parts), TEST(test_grams),
		TEST(test_repertoires),	  TEST(test_repertoire_codes),
		TEST(test_sights),	  TEST(test_texts),
		TEST(test_runs),	  cmocka_unit_test(test_codes),
		TEST(test_bags),	  TEST(test_learnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
