/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a profile to weights and limits: which calls weigh the same, which are odd, and how many
 * mismatches are too many.
 */
#include "stage.h"

static uint64_t secret[CODE_COUNT];

static int setup(void **state)
{
	uint64_t seed = 6;

	(void)state;
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		secret[code] = random_word(&seed);
	return 0;
}

/* Four calls: the counts that make a call rare are 1 to 4. */
static struct profile *four_calls(void)
{
	struct profile *profile = profile_new("four", 2);

	profile->calls[LETTER('a')] = 1000;
	profile->calls[LETTER('b')] = 5;
	profile->calls[LETTER('r')] = 4;
	profile->calls[LETTER('s')] = 1;
	return profile;
}

static void test_monitor_weights(void **state)
{
	static struct rules rules;
	struct profile *profile = four_calls();
	uint64_t new_weight;

	(void)state;
	memset(&rules, 0xff, sizeof(rules));
	rules_monitor(&rules, profile, secret);
	new_weight = rules.weight[LETTER('z')];
	assert_true(weight_is_new(new_weight));
	assert_true(rules.weight[CODE_BEGIN] == 0);
	assert_true(rules.weight[LETTER('a')] == (secret[LETTER('a')] & ~1ull));
	assert_true(rules.weight[LETTER('b')] == (secret[LETTER('b')] & ~1ull));
	assert_true(rules.weight[LETTER('r')] == rules.weight[LETTER('s')]);
	assert_true(rules.weight[LETTER('r')] == (secret[CODE_OTHER] & ~1ull));
	for (uint32_t code = 1; code < CODE_NEW; code++) {
		int seen = profile->calls[code] > 0;

		assert_int_equal(weight_is_new(rules.weight[code]), !seen);
		assert_true(seen || rules.weight[code] == new_weight);
	}
	/* The mark of a late window is nobody's call, and no window that holds it may be known. */
	assert_false(weight_is_new(rules.weight[CODE_LATE]));
	assert_true(rules.weight[CODE_LATE] != 0);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		assert_int_equal(rules.count[code], 0);
	profile_free(profile);
}

static void test_learn_weights(void **state)
{
	static struct rules rules;
	struct profile *profile = four_calls();

	(void)state;
	memset(&rules, 0xff, sizeof(rules));
	profile->signals = 1ull << 11;
	rules_learn(&rules, profile, secret);
	assert_true(rules.weight[CODE_BEGIN] == 0);
	for (uint32_t code = 1; code < CODE_COUNT; code++) {
		assert_true(rules.weight[code] == (secret[code] & ~1ull));
		assert_int_equal(rules.count[code], 0);
	}
	assert_true(rules.signals == 1ull << 11);
	assert_int_equal(rules.frame_limit, 0);
	assert_int_equal(rules.fresh_limit, 0);
	profile_free(profile);
}

/* A bag may be all that tells of a call: an imported profile has no counts of calls. */
static void test_calls_of_bags(void **state)
{
	static struct rules rules;
	struct profile *profile = profile_new("bags", 2);
	struct bag bag = letters_bag("ab", 2);

	(void)state;
	assert_int_equal(profile_bag(profile, &bag, 1, NULL), 0);
	rules_monitor(&rules, profile, secret);
	assert_false(weight_is_new(rules.weight[LETTER('a')]));
	assert_false(weight_is_new(rules.weight[LETTER('b')]));
	assert_true(weight_is_new(rules.weight[LETTER('c')]));
	profile_free(profile);
}

static void test_signals(void **state)
{
	static struct rules rules;
	struct profile *profile = four_calls();

	(void)state;
	profile->signals = 1ull << 6 | 1ull << 31;
	rules_monitor(&rules, profile, secret);
	assert_true(rules.signals == (1ull << 6 | 1ull << 31));
	profile_free(profile);
}

/* The limits of a profile of a hundred windows whose parts began and showed so much. */
static struct rules *limits(const struct profile_part *parts, size_t count)
{
	static struct rules rules;
	struct profile *profile = profile_new("limits", 1);
	struct bag bag = letters_bag("a", 1);

	assert_int_equal(profile_bag(profile, &bag, 1, NULL), 0);
	profile->bags[0].count = 100;
	for (size_t i = 0; i < count; i++)
		*profile_part(profile) = parts[i];
	rules_monitor(&rules, profile, secret);
	profile_free(profile);
	return &rules;
}

#define PARTS(...)                                    \
	(const struct profile_part[]){ __VA_ARGS__ }, \
		sizeof((const struct profile_part[]){ __VA_ARGS__ }) / sizeof(struct profile_part)

static void assert_limits(const struct rules *rules, uint32_t frame, uint32_t fresh)
{
	assert_int_equal(rules->frame_limit, frame);
	assert_int_equal(rules->fresh_limit, fresh);
}

/* The worst of the later parts and a margin, and never more than a frame has. */
static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(FRAME_MARGIN, 8);
	assert_int_equal(FRESH_MARGIN, 4);
	assert_limits(limits(PARTS({ 0, 64, 64 }, { 26, 0, 0 })), 8, 4);
	assert_limits(limits(PARTS({ 0, 64, 64 }, { 26, 5, 9 }, { 50, 7, 2 })), 15, 13);
	assert_limits(limits(PARTS({ 0, 64, 64 }, { 40, 55, 59 })), 63, 63);
	assert_limits(limits(PARTS({ 0, 64, 64 }, { 40, 56, 60 })), 64, 64);
	assert_limits(limits(PARTS({ 0, 64, 64 }, { 40, 64, 64 })), 0,
		      0); /* frames say nothing here */
}

/* The first quarter says nothing; where there was nothing but it, only a whole frame alarms. */
/* What was not learnt to the end meets more that is new. */
static void test_limits_of_partial(void **state)
{
	static struct rules rules;
	struct profile *profile = profile_new("partial", 1);
	struct bag bag = letters_bag("a", 1);

	(void)state;
	profile->state = PROFILE_PARTIAL;
	assert_int_equal(profile_bag(profile, &bag, 1, NULL), 0);
	profile->bags[0].count = 100;
	profile_part(profile)->frame_most = 5;
	profile->history[0].windows_before = 50;
	profile->history[0].fresh_most = 2;
	rules_monitor(&rules, profile, secret);
	assert_limits(&rules, 21, 10);
	profile->state = PROFILE_LEARNT;
	rules_monitor(&rules, profile, secret);
	assert_limits(&rules, 13, 6);
	profile_free(profile);
}

static void test_limits_of_first_quarter(void **state)
{
	(void)state;
	assert_limits(limits(PARTS({ 0, 3, 3 })), 64, 64);
	assert_limits(limits(PARTS({ 0, 3, 3 }, { 25, 50, 50 })), 64, 64);
	assert_limits(limits(PARTS({ 0, 3, 3 }, { 25, 50, 50 }, { 26, 1, 2 })), 9, 6);
	assert_limits(limits(NULL, 0), 64, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_monitor_weights),
		cmocka_unit_test(test_learn_weights),
		cmocka_unit_test(test_calls_of_bags),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_limits_of_partial),
		cmocka_unit_test(test_limits_of_first_quarter),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
