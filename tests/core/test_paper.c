/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paper's method against streams worked by hand (windows of 3 calls, epochs of 6), and against
 * a plain search through sorted windows.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/paper.h"

static const struct paper_params small = {
	.epoch = 6, .similar = 0.99, .anomalous = 0.4, .adapts = true
};

/* A letter is a call: 'A' has the code 1. */
static int learn(struct paper *paper, const char *letters)
{
	int epochs = 0;

	for (; *letters; letters++) {
		int status = paper_learn_call(paper, (uint32_t)(*letters - 'A' + 1));

		assert_true(status >= 0);
		epochs += status;
	}
	return epochs;
}

/* Judges the letters; the last epoch that ended is in `*epoch`. How many ended. */
static int judge(struct paper *paper, const char *letters, struct paper_epoch *epoch)
{
	int epochs = 0;

	for (; *letters; letters++) {
		int status = paper_judge_call(paper, (uint32_t)(*letters - 'A' + 1), epoch);

		assert_true(status >= 0);
		epochs += status;
	}
	return epochs;
}

static uint64_t times(const struct profile *profile, const char *letters)
{
	struct bag bag = { 0 };
	long at;

	for (size_t i = 0; letters[i]; i++)
		bag.code[i] = (uint16_t)(letters[i] - 'A' + 1);
	at = profile_find(profile, &bag);
	return at < 0 ? 0 : profile->bags[at].count;
}

/*
 * Twelve calls, two epochs: A B A B A B, A B A B A C. The first two calls complete no window.
 *
 *	epoch 1: ABA BAB ABA BAB		AAB 2, ABB 2
 *	epoch 2: ABA BAB ABA BAB ABA BAC	AAB 3, ABB 2, ABC 1
 *
 * Calls: A 6, B 5, C 1. There are three different ones, so C, seen once, is other.
 */
#define TRAINING "ABABABABABAC"

static void test_bags_and_cosine(void **state)
{
	struct profile *normal = profile_new("n", 3);
	struct paper *paper = paper_new(normal, &small);

	(void)state;
	assert_int_equal(learn(paper, "ABABAB"), 1);
	assert_true(paper_similarity(paper) == 0);
	assert_int_equal(learn(paper, "ABABAC"), 1);
	assert_int_equal(normal->calls[1], 6);
	assert_int_equal(normal->calls[2], 5);
	assert_int_equal(normal->calls[3], 1);
	assert_int_equal(normal->bag_count, 3);
	assert_int_equal(times(normal, "AAB"), 5);
	assert_int_equal(times(normal, "ABB"), 4);
	assert_int_equal(times(normal, "ABC"), 1);
	assert_int_equal(paper_totals(paper)->calls, 12);
	assert_int_equal(paper_totals(paper)->windows, 10);
	assert_int_equal(paper_totals(paper)->epochs, 2);
	/* (2 * 3 + 2 * 2) / (sqrt(4 + 4) * sqrt(9 + 4 + 1)) */
	assert_true(fabs(paper_similarity(paper) - 10 / sqrt(8 * 14)) < 1e-12);
	assert_false(paper_is_learnt(paper));
	paper_free(paper);
	profile_free(normal);
}

/* The cosine of the training above is .9449. */
static void test_learning_ends_at_the_threshold(void **state)
{
	static const struct {
		double similar;
		bool learnt;
	} cases[] = { { 0.944, true }, { 0.945, false }, { 0, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct profile *normal = profile_new("n", 3);
		struct paper_params params = small;
		struct paper *paper;

		params.similar = cases[i].similar;
		paper = paper_new(normal, &params);
		learn(paper, TRAINING);
		assert_int_equal(paper_is_learnt(paper), cases[i].learnt);
		paper_restart(paper);
		assert_false(paper_is_learnt(paper));
		paper_free(paper);
		profile_free(normal);
	}
}

/*
 * Epochs that differ in rare calls only are the same. C is made twice and D once, of four
 * different calls, so both are other ("o").
 *
 *	epoch 2: ACA CAB ABA BAB ABA BAD	AAo ABo AAB ABB AAB ABo
 *	epoch 3: ADA DAB ABA BAB ABA BAC	AAo ABo AAB ABB AAB ABo
 */
static void test_cosine_is_folded(void **state)
{
	struct profile *normal = profile_new("n", 3);
	struct paper_params params = small;
	struct paper *paper;

	(void)state;
	params.similar = 1;
	paper = paper_new(normal, &params);
	learn(paper, "ABABAC"
		     "ABABAD"
		     "ABABAC");
	assert_true(fabs(paper_similarity(paper) - 1) < 1e-12);
	assert_true(paper_is_learnt(paper));
	assert_int_equal(times(normal, "AAC"), 1);
	assert_int_equal(times(normal, "AAD"), 1);
	paper_free(paper);
	profile_free(normal);
}

/*
 * Judged by the training above, "o" for other; X and Y were never seen.
 *
 *	A B X A B Y	ABo BoA oAB ABo: all known, for C was other too
 *	C A B A B B	Boo* ooA* oAB ABA BAB ABB: 2 of 6, and .4 of 6 is 3
 *	X X X A A A	BBo* Boo ooo* ooA oAA* AAA*: 4, an anomaly; without
 *			adapting to epoch 2 also Boo and ooA
 *	A		AAA*: 1 of 1, for the anomaly was not adapted to
 */
static void check_judgement(struct paper *paper, uint32_t third)
{
	struct paper_epoch epoch;

	assert_int_equal(judge(paper, "ABXABY", &epoch), 1);
	assert_int_equal(epoch.number, 1);
	assert_int_equal(epoch.mismatches, 0);
	assert_false(epoch.anomalous);
	assert_int_equal(judge(paper, "CABAB", &epoch), 0);
	assert_int_equal(judge(paper, "B", &epoch), 1);
	assert_int_equal(epoch.number, 2);
	assert_int_equal(epoch.calls, 6);
	assert_int_equal(epoch.mismatches, 2);
	assert_int_equal(epoch.limit, 3);
	assert_false(epoch.anomalous);
	assert_true(fabs(paper_totals(paper)->score - 2 / 6.0) < 1e-12);
	assert_int_equal(judge(paper, "XXXAAA", &epoch), 1);
	assert_int_equal(epoch.mismatches, third);
	assert_true(epoch.anomalous);
	assert_true(fabs(paper_totals(paper)->score - third / 6.0) < 1e-12);
	assert_int_equal(judge(paper, "A", &epoch), 0);
	assert_int_equal(paper_judge_end(paper, &epoch), 1);
	assert_int_equal(epoch.number, 4);
	assert_int_equal(epoch.calls, 1);
	assert_int_equal(epoch.mismatches, 1);
	assert_true(epoch.anomalous);
	assert_int_equal(paper_totals(paper)->mismatches, 3 + third);
	assert_int_equal(paper_totals(paper)->windows, 17);
	assert_int_equal(paper_totals(paper)->epochs, 4);
	assert_int_equal(paper_totals(paper)->anomalies, 2);
	assert_true(paper_totals(paper)->score == 1);
}

/* A restart forgets what was adapted to: the same stream is judged alike again. */
static void test_mismatches(void **state)
{
	struct profile *normal = profile_new("n", 3);
	struct paper_params params = small;

	(void)state;
	for (int adapts = 1; adapts >= 0; adapts--) {
		struct paper *paper;

		params.adapts = adapts;
		paper = paper_new(normal, &params);
		if (adapts)
			learn(paper, TRAINING);
		assert_int_equal(paper_learn_end(paper), 0);
		check_judgement(paper, adapts ? 4 : 6);
		paper_restart(paper);
		check_judgement(paper, adapts ? 4 : 6);
		paper_free(paper);
	}
	assert_int_equal(times(normal, "AAB"), 5);
	assert_int_equal(normal->bag_count, 3);
	profile_free(normal);
}

/* Two calls of each kind are needed for a kind to be frequent among one: A alone, 1 of 1, is other
 * as well, and so everything is known. */
static void test_the_bound_of_other(void **state)
{
	struct profile *normal = profile_new("n", 1);
	struct paper *paper = paper_new(normal, &small);
	struct paper_epoch epoch;

	(void)state;
	learn(paper, "A");
	paper_learn_end(paper);
	judge(paper, "XYZ", &epoch);
	assert_int_equal(paper_totals(paper)->mismatches, 0);
	paper_restart(paper);
	learn(paper, "A");
	paper_learn_end(paper);
	judge(paper, "XAZ", &epoch);
	assert_int_equal(paper_totals(paper)->mismatches, 2);
	paper_free(paper);
	profile_free(normal);
}

/* The end of a recording counts from a tenth of an epoch on, and where there is nothing else. */
static void test_the_last_epoch(void **state)
{
	static const struct {
		uint32_t calls, counted;
	} cases[] = { { 0, 0 },	 { 2, 1 },  { 9, 1 },  { 29, 1 },
		      { 30, 1 }, { 32, 1 }, { 33, 2 }, { 63, 3 } };
	struct profile *normal = profile_new("n", 3);
	struct paper_params params = small;
	struct paper_epoch epoch;
	struct paper *paper;

	(void)state;
	params.epoch = 30;
	paper = paper_new(normal, &params);
	learn(paper, TRAINING);
	paper_learn_end(paper);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t ended = 0;

		for (uint32_t call = 0; call < cases[i].calls; call++)
			ended += (uint32_t)paper_judge_call(paper, 24, &epoch);
		ended += (uint32_t)paper_judge_end(paper, &epoch);
		assert_int_equal(ended, cases[i].counted);
		assert_int_equal(paper_totals(paper)->epochs, cases[i].counted);
		assert_true(paper_totals(paper)->anomalies == (cases[i].calls > 2 ? ended : 0));
		paper_restart(paper);
	}
	paper_free(paper);
	profile_free(normal);
}

/* A second run adds to what the first one left in the profile. */
static void test_runs_add_up(void **state)
{
	struct profile *normal = profile_new("n", 3);

	(void)state;
	for (uint32_t run = 0; run < 2; run++) {
		struct profile_run *session = profile_run(normal);
		struct paper *paper = paper_new(normal, &small);
		const char *why;

		assert_false(run == 0 && paper_owns(normal));
		strcpy(session->source, run ? PAPER_SOURCE "trace" : PAPER_SOURCE "live");
		assert_true(paper_owns(normal));
		learn(paper, TRAINING);
		assert_int_equal(profile_check(normal, &why), 0);
		paper_free(paper);
	}
	assert_int_equal(times(normal, "AAB"), 10);
	assert_int_equal(normal->calls[3], 2);
	assert_int_equal(normal->bags[0].first_run, 0);
	assert_int_equal(normal->bags[0].last_run, 1);
	profile_free(normal);
}

#define CALLS 3000
#define KINDS 9

static int compare_codes(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b
		       ? -1
		       : *(const uint32_t *)a > *(const uint32_t *)b;
}

/* The window that ends at a call, its calls folded and sorted. */
static void sorted_window(const uint32_t *calls, size_t end, const uint32_t *seen, uint32_t *window)
{
	uint32_t distinct = 0;

	for (uint32_t code = 1; code <= KINDS; code++)
		distinct += seen[code] > 0;
	for (size_t i = 0; i < PAPER_WINDOW; i++) {
		uint32_t code = calls[end - i];

		window[i] = seen[code] > distinct ? code : 0;
	}
	qsort(window, PAPER_WINDOW, sizeof(*window), compare_codes);
}

static uint64_t search_mismatches(const uint32_t *training, const uint32_t *judged)
{
	static uint32_t known[CALLS][PAPER_WINDOW];
	uint32_t seen[KINDS + 1] = { 0 };
	uint64_t mismatches = 0;

	for (size_t i = 0; i < CALLS; i++)
		seen[training[i]]++;
	for (size_t i = PAPER_WINDOW - 1; i < CALLS; i++)
		sorted_window(training, i, seen, known[i]);
	for (size_t i = PAPER_WINDOW - 1; i < CALLS; i++) {
		uint32_t window[PAPER_WINDOW];
		size_t at = PAPER_WINDOW - 1;

		sorted_window(judged, i, seen, window);
		while (at < CALLS && memcmp(known[at], window, sizeof(window)) != 0)
			at++;
		mismatches += at == CALLS;
	}
	return mismatches;
}

/* Calls whose frequencies fall steeply, so that some are rare; a generator of its own, so that a
 * failure shows again everywhere. */
static void fill(uint32_t *calls, uint64_t seed, uint32_t least)
{
	for (size_t i = 0; i < CALLS; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		calls[i] = least;
		for (uint64_t bits = seed >> 40; calls[i] < KINDS && (bits & 3) == 0; bits >>= 2)
			calls[i]++;
	}
}

static void test_against_a_search(void **state)
{
	static uint32_t training[CALLS], judged[CALLS];

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct paper_params params = paper_params();
		struct profile *normal = profile_new("n", PAPER_WINDOW);
		struct paper *paper;
		struct paper_epoch epoch;

		params.adapts = false;
		paper = paper_new(normal, &params);
		fill(training, seed, 1);
		fill(judged, seed + 100, seed % 2 ? 1 : 2);
		for (size_t i = 0; i < CALLS; i++)
			assert_int_equal(paper_learn_call(paper, training[i]), (i + 1) % 1000 == 0);
		assert_int_equal(paper_learn_end(paper), 0);
		for (size_t i = 0; i < CALLS; i++)
			assert_int_equal(paper_judge_call(paper, judged[i], &epoch),
					 (i + 1) % 1000 == 0);
		assert_true(paper_totals(paper)->mismatches > 0);
		assert_int_equal(paper_totals(paper)->mismatches,
				 search_mismatches(training, judged));
		paper_free(paper);
		profile_free(normal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bags_and_cosine),
		cmocka_unit_test(test_learning_ends_at_the_threshold),
		cmocka_unit_test(test_cosine_is_folded),
		cmocka_unit_test(test_mismatches),
		cmocka_unit_test(test_the_bound_of_other),
		cmocka_unit_test(test_the_last_epoch),
		cmocka_unit_test(test_runs_add_up),
		cmocka_unit_test(test_against_a_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
