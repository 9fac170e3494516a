/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second view of a thread, worked by hand: its level, its score, the parts of a training that
 * are judged by those before them, and the limits that follow.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../core/rules.h"
#include "../../core/scorer.h"

/* Of a profile that knows nothing: a call is 9 bits (core/surprise.h). */
#define NOVICE (9 * SURPRISE_UNIT)

static struct profile *new_profile(void)
{
	struct profile *profile = profile_new("p", 2);

	assert_non_null(profile);
	assert_non_null(profile_run(profile));
	assert_non_null(profile_part(profile));
	return profile;
}

/* A thread that makes `calls` calls, `first` and `second` in turn, and ends. */
static int live(struct scorer *scorer, size_t slot, uint32_t first, uint32_t second, uint32_t calls,
		struct thread_score *ret_score)
{
	assert_int_equal(scorer_begin(scorer, slot, 0), 0);
	for (uint32_t i = 0; i < calls; i++)
		assert_int_equal(scorer_call(scorer, slot, i % 2 ? second : first, 1), 0);
	return scorer_end(scorer, slot, ret_score);
}

/* level = level - level / 64 + surprise: 144; 144 - 2 + 144 = 286; 286 - 4 + 144 = 426. */
static void test_level(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct scorer_peaks peaks;
	struct profile_part part = { 0 };

	(void)state;
	assert_int_equal(scorer_limit(scorer), 0);
	assert_int_equal(scorer_begin(scorer, 0, 0), 0);
	for (uint32_t i = 0; i < 2; i++)
		assert_int_equal(scorer_call(scorer, 0, 1, 1), 0);
	assert_int_equal(scorer_call(scorer, 0, 1, 0), 0); /* not while its program starts */
	scorer_judged(scorer, &part);
	assert_int_equal(part.level_most, 286);
	scorer_peaks(scorer, &peaks);
	assert_int_equal(peaks.level, 286);
	scorer_peaks(scorer, &peaks);
	assert_int_equal(peaks.level, 0);
	assert_int_equal(scorer_call(scorer, 0, 1, 1), 0); /* 426 - 6 + 144 */
	scorer_peaks(scorer, &peaks);
	assert_int_equal(peaks.level, 564);
	scorer_free(scorer);
	profile_free(profile);
}

/* A thread that goes on for ever with the least likely calls comes near LEVEL_REACH, not above. */
static void test_reach(void **state)
{
	const struct gram gram = { 1, 1000000 };
	struct profile *profile = new_profile();
	struct scorer_peaks peaks;
	struct scorer *scorer;

	(void)state;
	assert_int_equal(profile_gram(profile, gram.calls, gram.count), 0);
	scorer = scorer_new(1, profile);
	assert_int_equal(scorer_begin(scorer, 3, 0), 0);
	for (uint32_t i = 0; i < 2000; i++)
		assert_int_equal(scorer_call(scorer, 3, 2, 1), 0);
	scorer_peaks(scorer, &peaks);
	assert_true(peaks.level > LEVEL_REACH - 64 && peaks.level <= LEVEL_REACH);
	scorer_free(scorer);
	profile_free(profile);
}

/* mean surprise * distance^2: where nothing is known, 9 bits and 1. */
static void test_score(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct thread_score score = { 0 };
	struct scorer_peaks peaks;

	(void)state;
	assert_int_equal(live(scorer, 70, 1, 2, SCORE_CALLS - 1, &score), 0); /* too few to tell */
	assert_int_equal(live(scorer, 70, 1, 2, SCORE_CALLS, &score), 1);
	assert_int_equal(score.calls, SCORE_CALLS);
	assert_true(score.surprise == 9 && score.distance == 1 && score.score == 9);
	assert_int_equal(score.nearest, -1);
	assert_int_equal(scorer_end(scorer, 70, &score), 0); /* it has ended already */
	assert_int_equal(scorer_end(scorer, 7000, &score), 0);
	scorer_peaks(scorer, &peaks);
	assert_true(peaks.ended.score == 9);
	scorer_free(scorer);
	profile_free(profile);
}

/* A thread that was met late is not scored, but its later calls are known. */
static void test_late(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct thread_score score;

	(void)state;
	assert_int_equal(scorer_begin(scorer, 0, 1), 0);
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(scorer_call(scorer, 0, 1 + i % 2, 1), 0);
	assert_int_equal(scorer_end(scorer, 0, &score), 0);
	assert_int_equal(scorer_save(scorer, profile), 0);
	assert_int_equal(profile->repertoires.count, 0);
	/* 1 2 1 2 and 2 1 2 1 in turn from the fourth call on, in the order of their codes. */
	assert_int_equal(profile->gram_count, 2);
	assert_true(profile->grams[0].calls < profile->grams[1].calls);
	assert_int_equal(profile->grams[0].count + profile->grams[1].count, 97);
	scorer_free(scorer);
	profile_free(profile);
}

/*
 * The second part is judged by what the first one taught, not by its own. A score of 9 is in bin
 * 4 * (log2 9 + 10) + 1 = 53.7, one of 0 in the first.
 */
static void test_parts(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct thread_score score;
	const char *why;

	(void)state;
	assert_int_equal(live(scorer, 0, 1, 2, 20, &score), 1);
	assert_int_equal(live(scorer, 1, 1, 2, 20, &score), 1);
	assert_true(score.score == 9); /* the first thread teaches the second nothing yet */
	scorer_judged(scorer, &profile->history[0]);
	assert_int_equal(profile->history[0].scores[53], 2);

	assert_non_null(profile_part(profile));
	assert_int_equal(scorer_part(scorer, 2), 0);
	assert_int_equal(live(scorer, 0, 1, 2, 20, &score), 1);
	assert_true(score.distance == 0 && score.score == 0 && score.surprise < 1);
	assert_int_equal(score.nearest, 0);
	for (int i = 0; i < 2; i++) { /* what is new to the part stays so to its end */
		assert_int_equal(live(scorer, 0, 1, 3, 20, &score), 1);
		assert_true(score.distance > 0.1 && score.score > 0);
	}
	assert_int_equal(scorer_save(scorer, profile), 0);
	assert_int_equal(profile->history[0].scores[53], 2);
	assert_int_equal(profile->history[1].scores[0], 1);
	assert_int_equal(profile->repertoires.count, 2);
	assert_int_equal(profile->repertoires.threads, 5);
	assert_int_equal(profile->repertoires.all[0].threads, 3);
	assert_int_equal(profile->repertoires.all[1].part, 2);
	assert_int_equal(profile_check(profile, &why), 0);
	scorer_free(scorer);
	profile_free(profile);
}

/* What one learnt, another goes on with: the profile is all that it needs. */
static void test_second_run(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct thread_score score;
	size_t grams;

	(void)state;
	assert_int_equal(live(scorer, 0, 1, 2, 20, &score), 1);
	assert_int_equal(scorer_save(scorer, profile), 0);
	grams = profile->gram_count;
	scorer_free(scorer);

	assert_non_null(profile_part(profile));
	scorer = scorer_new(1, profile);
	assert_int_equal(live(scorer, 0, 1, 2, 20, &score), 1);
	assert_true(score.score == 0);
	assert_int_equal(live(scorer, 0, 3, 4, 20, &score), 1);
	assert_true(score.distance == 1);
	assert_int_equal(scorer_save(scorer, profile), 0);
	assert_int_equal(profile->gram_count, 2 * grams);
	assert_int_equal(profile->repertoires.threads, 3);
	scorer_free(scorer);
	profile_free(profile);
}

/* An exec begins another program: what the slot held ends, and is learnt. */
static void test_exec(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);
	struct thread_score score;

	(void)state;
	assert_int_equal(scorer_begin(scorer, 0, 0), 0);
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(scorer_call(scorer, 0, 1, 1), 0);
	assert_int_equal(live(scorer, 0, 2, 2, 20, &score), 1);
	assert_int_equal(score.calls, 20);
	assert_int_equal(scorer_save(scorer, profile), 0);
	assert_int_equal(profile->repertoires.count, 2);
	scorer_restart(scorer);
	assert_int_equal(scorer_end(scorer, 0, &score), 0);
	scorer_free(scorer);
	profile_free(profile);
}

/* Windows of 100, and parts that began before the first, behind the half and near the end. */
static struct profile *judged_profile(void)
{
	struct profile *profile = new_profile();
	const struct bag bag = { .code = { 1, 1 } };
	long at = profile_bag(profile, &bag, 1, NULL);

	assert_int_equal(at, 0);
	profile->bags[0].count = 100;
	profile_part(profile)->windows_before = 50;
	profile_part(profile)->windows_before = 90;
	return profile;
}

static void assert_edge(double value, double wanted)
{
	if (!(fabs(value - wanted) < 1e-12))
		fail_msg("%.9g is not %.9g", value, wanted);
}

/* The limit is the upper edge of the last bin that is not left above it, 2^(bin / 4 - 10), but not
 * less than 2^-6. */
static void test_score_limit(void **state)
{
	struct profile *profile = judged_profile();

	(void)state;
	assert_true(isinf(scorer_score_limit(profile, 0)));
	profile->history[0].scores[63] = 9; /* to the first part everything was new */
	assert_true(isinf(scorer_score_limit(profile, 0)));
	profile->history[1].scores[10] = 5;
	profile->history[1].scores[20] = 1;
	profile->history[2].scores[30] = 1;
	assert_edge(scorer_score_limit(profile, 0), exp2(-2.5));
	assert_edge(scorer_score_limit(profile, 0.1), exp2(-2.5));  /* 0.7 of a thread */
	assert_edge(scorer_score_limit(profile, 0.15), exp2(-5));   /* one of 7 */
	assert_edge(scorer_score_limit(profile, 0.3), SCORE_LEAST); /* two: 2^-7.5 */
	assert_edge(scorer_score_limit(profile, 1), SCORE_LEAST);
	profile_free(profile);
}

static void test_level_limit(void **state)
{
	struct profile *profile = judged_profile();

	(void)state;
	assert_int_equal(scorer_level_limit(profile), 0);
	profile->history[0].level_most = 5000; /* not judged */
	assert_int_equal(scorer_level_limit(profile), 0);
	profile->history[1].level_most = 1600;
	profile->history[2].level_most = 1000;
	assert_true(rules_margin(profile) == 1); /* so the margin is one half */
	assert_int_equal(scorer_level_limit(profile), 2400);
	profile->history[1].level_most = LEVEL_REACH / 2;
	assert_int_equal(scorer_level_limit(profile), LEVEL_REACH / 4 * 3);
	profile->history[1].level_most++;
	assert_int_equal(scorer_level_limit(profile), 0);
	profile_free(profile);
}

/* Judging: the level at its limit is told and starts anew, and nothing is learnt. */
static void test_judge(void **state)
{
	struct profile *profile = judged_profile();
	struct thread_score score;
	struct scorer *scorer;

	(void)state;
	profile->history[1].level_most = 190; /* and 95 */
	profile->history[1].scores[40] = 1;
	scorer = scorer_new(0, profile);
	assert_int_equal(scorer_limit(scorer), 285);
	assert_edge(scorer_thread_limit(scorer), 1);
	assert_int_equal(scorer_begin(scorer, 0, 0), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(scorer_call(scorer, 0, 1, 1), 0); /* 144 */
		assert_int_equal(scorer_call(scorer, 0, 1, 1), 286);
	}
	assert_int_equal(scorer_call(scorer, 0, 1, 0), 0);
	assert_int_equal(scorer_call(scorer, 0, 1, 0), 0); /* its program starts */
	for (int i = 0; i < 8; i++)
		scorer_call(scorer, 0, 1, 0);
	assert_int_equal(scorer_end(scorer, 0, &score), 1);
	assert_true(score.score == 9); /* above the limit */
	assert_int_equal(live(scorer, 0, 1, 1, 1, &score), 0);
	scorer_free(scorer);
	profile_free(profile);
}

/* Frames of 64 calls, in which a mismatch is counted once. */
static void test_frames(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(0, profile);
	struct scorer_peaks peaks;

	(void)state;
	assert_int_equal(scorer_begin(scorer, 0, 0), 0);
	for (uint32_t i = 0; i < 200; i++) {
		assert_int_equal(scorer_call(scorer, 0, 1, 1), 0);
		if (i % 10 == 0)
			scorer_mismatch(scorer, 0, i % 20 == 0, 1);
	}
	scorer_peaks(scorer, &peaks);
	assert_int_equal(peaks.frame, 7); /* 64 calls: 0, 10 … 60 */
	assert_int_equal(peaks.fresh, 4);
	scorer_mismatch(scorer, 0, 1, 0); /* while a program starts */
	scorer_peaks(scorer, &peaks);
	assert_int_equal(peaks.frame, 0);
	scorer_free(scorer);
	profile_free(profile);
}

static void test_empty(void **state)
{
	struct profile *profile = new_profile();
	struct scorer *scorer = scorer_new(1, profile);

	(void)state;
	scorer_restart(scorer);
	assert_int_equal(scorer_save(scorer, profile), 0);
	assert_int_equal(profile->gram_count, 0);
	assert_int_equal(profile_gram(profile, 1, 1), 0); /* the array can grow again */
	scorer_free(scorer);
	scorer_free(NULL);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_level),	    cmocka_unit_test(test_reach),
		cmocka_unit_test(test_score),	    cmocka_unit_test(test_late),
		cmocka_unit_test(test_parts),	    cmocka_unit_test(test_second_run),
		cmocka_unit_test(test_exec),	    cmocka_unit_test(test_score_limit),
		cmocka_unit_test(test_level_limit), cmocka_unit_test(test_judge),
		cmocka_unit_test(test_frames),	    cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
