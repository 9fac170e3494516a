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
	assert_true(rules.weight[LETTER('a')] == weight_sum(secret[LETTER('a')]));
	assert_true(rules.weight[LETTER('b')] == weight_sum(secret[LETTER('b')]));
	assert_true(rules.weight[LETTER('r')] == rules.weight[LETTER('s')]);
	assert_true(rules.weight[LETTER('r')] == weight_sum(secret[CODE_OTHER]));
	for (uint32_t code = 1; code < CODE_NEW; code++) {
		int seen = profile->calls[code] > 0;

		assert_int_equal(weight_is_new(rules.weight[code]), !seen);
		assert_true(seen || rules.weight[code] == new_weight);
	}
	/* The mark of a late window is nobody's call, and no window that holds it may be known. */
	assert_false(weight_is_new(rules.weight[CODE_LATE]));
	assert_true(rules.weight[CODE_LATE] != 0);
	/* Where the sensor monitors, there is no room for counts. */
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		assert_true(rules.count[0][code] == UINT64_MAX &&
			    rules.count[1][code] == UINT64_MAX);
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
		assert_true(rules.weight[code] == weight_sum(secret[code]));
		assert_int_equal(rules.count[0][code] + rules.count[1][code], 0);
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

/* A program started three times, and 's' is what it calls then; 'a' is all that it calls later. */
static struct profile *starts(void)
{
	struct profile *profile = profile_new("starts", 2);

	profile->programs = 3;
	profile->calls[LETTER('a')] = STEADY_CALLS + 50;
	profile->start_calls[LETTER('a')] = 50;
	profile->calls[LETTER('s')] = profile->start_calls[LETTER('s')] = 3 * CALLS_A_START;
	return profile;
}

/* Whether 's', and nothing else, is a call of starts. */
static int is_start_only(struct profile *profile)
{
	static struct rules rules;
	uint8_t start_only[CODE_COUNT];
	uint32_t count = rules_start_only(profile, start_only);

	assert_int_equal(start_only[LETTER('s')], count);
	rules_monitor(&rules, profile, secret);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		assert_int_equal((rules.weight[code] & WEIGHT_START) != 0, start_only[code]);
	profile_free(profile);
	return (int)count;
}

static void test_start_only(void **state)
{
	struct profile *profile;

	(void)state;
	assert_true(is_start_only(starts()));
	profile = starts(); /* it was made later, once */
	profile->calls[LETTER('s')]++;
	assert_false(is_start_only(profile));
	profile = starts(); /* too little was done without it */
	profile->calls[LETTER('a')]--;
	assert_false(is_start_only(profile));
	profile = starts(); /* it is more than a matter of starting */
	profile->calls[LETTER('s')]++;
	profile->start_calls[LETTER('s')]++;
	assert_false(is_start_only(profile));
	profile = starts(); /* learnt before it was counted */
	profile->programs = 0;
	memset(profile->start_calls, 0, sizeof(profile->start_calls));
	assert_false(is_start_only(profile));
}

/* A call that is rare besides weighs as much as the other rare ones. */
static void test_start_only_rare(void **state)
{
	static struct rules rules;
	struct profile *profile = starts();

	(void)state;
	profile->calls[LETTER('s')] = profile->start_calls[LETTER('s')] = 1;
	rules_monitor(&rules, profile, secret);
	assert_true(rules.weight[LETTER('s')] == (weight_sum(secret[CODE_OTHER]) | WEIGHT_START));
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

/* So much and half of it again, and a margin, never more than a frame has; first sights count
 * once. Which part they come from is novelty_worst()'s matter. */
static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(FRAME_MARGIN, 8);
	assert_int_equal(FRESH_MARGIN, 6);
	assert_limits(limits(PARTS({ 0, 0, 64, 64, 0 }, { 0, 1, 0, 0, 1 })), 8, 6);
	assert_limits(limits(PARTS({ 0, 0, 64, 64, 0 }, { 0, 26, 5, 9, 1 }, { 0, 50, 7, 2, 1 })),
		      18, 15);
	assert_limits(limits(PARTS({ 0, 5, 37, 57, 1 })), 63, 63);
	assert_limits(limits(PARTS({ 0, 5, 38, 58, 1 })), 64, 64);
	assert_limits(limits(PARTS({ 0, 5, 64, 64, 1 })), 0, 0); /* frames say nothing here */
	assert_limits(limits(PARTS({ 0, 1, 5, 9, 1 }, { 0, 2, 7, 2, 1 }, { 0, 3, 64, 64, 1 },
				   { 0, 4, 6, 3, 1 })),
		      18, 15);
}

/* Normal work that did not fill a whole frame does not make them say nothing. */
static void test_limits_of_nearly_whole_frames(void **state)
{
	(void)state;
	assert_limits(limits(PARTS({ 0, 5, 42, 0, 1 })), 64, 6);
	assert_limits(limits(PARTS({ 0, 5, 43, 0, 1 })), 64, 6);
	assert_limits(limits(PARTS({ 0, 5, 63, 63, 1 })), 64, 64);
}

/* Where no part was judged, only a whole frame is an alarm. */
static void test_limits_unjudged(void **state)
{
	(void)state;
	assert_limits(limits(PARTS({ 0, 0, 3, 3, 0 })), 64, 64);
	assert_limits(limits(PARTS({ 0, 0, 3, 3, 0 }, { 0, 50, 1, 1, 0 })), 64, 64);
	assert_limits(limits(NULL, 0), 64, 64);
}

/* A profile of 10000 windows, `once` of which show a bag that no other shows. */
static struct profile *unseen(uint16_t once)
{
	struct profile *profile = profile_new("unseen", 1);

	for (uint16_t i = 0; i <= once; i++) {
		struct bag bag = { .code = { (uint16_t)(i + 1) } };

		assert_int_equal(profile_bag(profile, &bag, 1, NULL), i);
		profile->bags[i].count = i ? 1 : 10000u - once;
	}
	know_novelty(profile, 5, 2);
	return profile;
}

/* The margins are once more for each tenfold of what is unseen beyond 1e-4, and rounded. */
static void test_margin(void **state)
{
	static const struct {
		uint16_t once;
		double margin;
		uint32_t frame, fresh;
	} cases[] = {
		{ 0, 1, 15, 8 },   { 1, 1, 15, 8 },    { 2, 1.30103, 17, 10 }, /* 10.41 and 7.81 */
		{ 10, 2, 23, 14 }, { 100, 3, 31, 20 }, { 1000, 4, 39, 26 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct rules rules;
		struct profile *profile = unseen(cases[i].once);
		double margin = rules_margin(profile);

		assert_true(margin > cases[i].margin - 1e-5 && margin < cases[i].margin + 1e-5);
		rules_monitor(&rules, profile, secret);
		assert_limits(&rules, cases[i].frame, cases[i].fresh);
		profile->state = PROFILE_PARTIAL; /* that alone widens nothing */
		rules_monitor(&rules, profile, secret);
		assert_limits(&rules, cases[i].frame, cases[i].fresh);
		profile_free(profile);
	}
}

/* The judged parts, the one that reached a limit, and their share of the time of live runs. */
static void test_proof(void **state)
{
	static const struct profile_part parts[] = { { 0, 0, 64, 64, 0 },
						     { 0, 20, 5, 2, 1 },
						     { 0, 40, 7, 8, 1 },
						     { 0, 70, 18, 0, 1 },
						     { 0, 90, 6, 3, 1 } };
	struct profile *profile = profile_new("proof", 1);
	struct rules_proof proof;
	struct profile_run *run;

	(void)state;
	know_bag(profile, "a");
	profile->bags[0].count = 100;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		*profile_part(profile) = parts[i];
	run = profile_run(profile);
	strcpy(run->source, "live");
	run->started_s = 100;
	run->ended_s = 300;
	proof = rules_proof(profile);
	assert_int_equal(proof.parts, 4);
	assert_int_equal(proof.reached, 1); /* 18 of 18 mismatches */
	assert_int_equal(proof.windows, 80);
	assert_true(proof.seconds > 159.9 && proof.seconds < 160.1);
	profile->history[3].frame_most = 17;
	assert_int_equal(rules_proof(profile).reached, 0);
	profile->history[3].fresh_most = 15; /* of 14: the worst but one is 8 */
	assert_int_equal(rules_proof(profile).reached, 1);
	run = profile_run(profile); /* what counts not, and what is no training, tells no time */
	strcpy(run->source, "trace");
	run->withdrawn_s = 1;
	strcpy(profile_run(profile)->source, RUN_ACCEPT);
	assert_true(rules_proof(profile).seconds == proof.seconds);
	profile->runs[1].withdrawn_s = 0;
	assert_true(rules_proof(profile).seconds == 0);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_monitor_weights),
		cmocka_unit_test(test_learn_weights),
		cmocka_unit_test(test_calls_of_bags),
		cmocka_unit_test(test_start_only),
		cmocka_unit_test(test_start_only_rare),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_limits_of_nearly_whole_frames),
		cmocka_unit_test(test_limits_unjudged),
		cmocka_unit_test(test_margin),
		cmocka_unit_test(test_proof),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
