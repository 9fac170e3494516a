/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which bags are doubted: those that the end of a run met first, until another run, or the user,
 * confirms them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/novelty.h"
#include "../../core/profile_trust.h"

static long add(struct profile *profile, uint16_t code, uint32_t part, uint32_t run, uint64_t count)
{
	struct bag bag = { .code = { code, code } };
	long at = profile_bag(profile, &bag, part, NULL);

	assert_true(at >= 0);
	profile->bags[at].count = count;
	profile->bags[at].first_run = profile->bags[at].last_run = run;
	profile->calls[code] += 2 * count;
	return at;
}

static void add_part(struct profile *profile, uint64_t before)
{
	profile_part(profile)->windows_before = before;
}

/* A run of the parts 1 and 2 and one of 3 and 4; bag i is first seen in part i + 1. */
static struct profile *two_runs(void)
{
	struct profile *profile = profile_new("two", 2);
	const char *why;

	for (uint64_t part = 0; part < 4; part++) {
		if (part % 2 == 0)
			profile_run(profile)->state = PROFILE_PARTIAL;
		add_part(profile, 500 * part);
	}
	for (uint32_t part = 1; part <= 4; part++)
		assert_int_equal(add(profile, (uint16_t)(10 * part), part, (part - 1) / 2, 500),
				 part - 1);
	assert_int_equal(profile_check(profile, &why), 0);
	return profile;
}

static void assert_doubted(const struct profile *profile, const char *wanted)
{
	uint8_t unconfirmed[16] = { 0 };
	long count = 0;

	assert_true(profile->bag_count < 16);
	assert_true(profile_trust_mark(profile, unconfirmed) >= 0);
	for (size_t i = 0; i < profile->bag_count; i++) {
		assert_int_equal(unconfirmed[i], wanted[i] == '?');
		count += unconfirmed[i];
	}
	assert_int_equal(profile_trust_mark(profile, unconfirmed), count);
}

static void test_last_parts(void **state)
{
	struct profile *profile = two_runs();

	(void)state;
	assert_doubted(profile, ".?.?");
	profile->bags[1].last_run = 1; /* the second run saw it */
	assert_doubted(profile, "...?");
	profile_free(profile);
}

/* A part that met nothing new is the last one all the same. */
static void test_quiet_end(void **state)
{
	struct profile *profile = two_runs();

	(void)state;
	add_part(profile, 1800);
	assert_doubted(profile, ".?..");
	profile->history[4].windows_before = 1950; /* but this one had hardly begun */
	assert_doubted(profile, ".?.?");
	profile->history[4].windows_before = 2000; /* and this one not at all */
	assert_doubted(profile, ".?.?");
	profile_free(profile);
	profile = two_runs();
	profile->history[1].run = 1; /* the first run has one part, the second three */
	profile->bags[1].first_run = profile->bags[1].last_run = 1;
	assert_doubted(profile, "?..?");
	profile_free(profile);
}

/* Who vouches vouches for the runs that are there, and count. */
static void test_user(void **state)
{
	struct profile *profile = two_runs();
	const char *why;

	(void)state;
	profile->runs[1].withdrawn_s = 5;
	profile_trust_confirm(profile, "ann", 7);
	assert_string_equal(profile->runs[0].reviewer, "ann");
	assert_int_equal(profile->runs[0].reviewed_s, 7);
	assert_int_equal(profile->runs[1].reviewed_s, 0);
	assert_doubted(profile, "...?");
	profile->runs[1].withdrawn_s = 0;
	profile_trust_confirm(profile, "bob", 9);
	assert_string_equal(profile->runs[0].reviewer, "ann"); /* whoever did so first */
	assert_int_equal(profile->runs[0].reviewed_s, 7);
	assert_string_equal(profile->runs[1].reviewer, "bob");
	assert_doubted(profile, "....");
	assert_int_equal(profile_check(profile, &why), 0);
	profile_run(profile)->windows = 500;
	add_part(profile, 2000);
	add(profile, 50, 5, 2, 1); /* what comes later is doubted again */
	assert_doubted(profile, "....?");
	profile_free(profile);
}

/* Only a learnt profile becomes a reviewed one. */
static void test_reviewed(void **state)
{
	struct profile *profile = two_runs();

	(void)state;
	profile->runs[0].state = profile->runs[1].state = PROFILE_LEARNING;
	assert_int_equal(profile_trust_confirm(profile, "ann", 7), 2);
	assert_int_equal(profile->runs[0].reviewed_s, 0);
	assert_int_equal(profile->state, PROFILE_LEARNING);
	profile->runs[0].state = PROFILE_PARTIAL;
	profile->runs[1].state = PROFILE_LEARNT;
	strcpy(profile->runs[1].why, "enough");
	assert_int_equal(profile_trust_confirm(profile, "ann", 7), 0);
	assert_int_equal(profile->state, PROFILE_REVIEWED);
	assert_string_equal(profile->why, "by ann; enough");
	profile_free(profile);
}

/* What came from elsewhere knows no parts. */
static void test_imported(void **state)
{
	struct profile *profile = profile_new("imported", 2);

	(void)state;
	assert_doubted(profile, "");
	profile_run(profile);
	add(profile, 10, 0, 0, 5);
	assert_doubted(profile, ".");
	profile_free(profile);
}

static void test_strict(void **state)
{
	struct profile *profile = two_runs();
	struct bag kept = { .code = { 30, 30 } }, gone = { .code = { 20, 20 } };
	struct bag mixed = { .code = { 10, 40 } };
	uint8_t unconfirmed[16], doubted[CODE_COUNT];
	const char *why;

	(void)state;
	assert_int_equal(profile_bag(profile, &mixed, 1, NULL), 4); /* vouches for 40 */
	profile->bags[4].count = 3;
	profile->bags[4].first_run = 0;
	profile_trust_mark(profile, unconfirmed);
	assert_int_equal(profile_trust_calls(profile, unconfirmed, doubted), 1);
	assert_true(doubted[20] && !doubted[40] && !doubted[10]);
	assert_int_equal(profile_trust_strict(profile), 2);
	assert_int_equal(profile->bag_count, 3);
	assert_int_equal(profile_find(profile, &kept), 1);
	assert_true(profile_find(profile, &gone) < 0);
	assert_int_equal(profile->calls[20], 0);
	assert_true(profile->calls[40] > 0 && profile->calls[30] > 0);
	assert_int_equal(profile->bags[1].first_run, 1);
	assert_int_equal(profile_check(profile, &why), 0);
	profile_free(profile);
	profile = two_runs();
	profile_trust_confirm(profile, "ann", 7);
	assert_int_equal(profile_trust_strict(profile), 0);
	assert_int_equal(profile->bag_count, 4);
	profile_free(profile);
}

/* The sights of doubted bags go, and the others name their bags by the places these have then. */
static void test_strict_sights(void **state)
{
	struct profile *profile = two_runs();
	const char *why;

	(void)state;
	profile->threads = 1;
	for (uint32_t i = 1; i < 4; i++) {
		struct sight sight = { .bag = i, .thread = 1, .at = i, .part = i + 1 };

		profile->history[i].logged = 1;
		assert_int_equal(novelty_log(profile, &sight), 0);
	}
	assert_int_equal(profile_trust_strict(profile), 2); /* the bags 1 and 3 */
	assert_int_equal(profile->sight_count, 1);
	assert_int_equal(profile->sights[0].at, 2);
	assert_int_equal(profile->sights[0].bag, 1);
	assert_int_equal(profile_check(profile, &why), 0);
	profile_free(profile);
}

static void add_repertoire(struct profile *profile, uint32_t code, uint32_t part)
{
	struct callset set = { 0 };

	callset_add(&set, code);
	callset_add(&set, 10);
	assert_int_equal(repertoires_add(&profile->repertoires, &set, 2, part), 1);
}

/* The second view loses the repertoires of the runs' ends, and the grams with a doubted call. */
static void test_strict_view(void **state)
{
	struct profile *profile = two_runs();
	uint8_t unconfirmed[4];
	const char *why;

	(void)state;
	for (uint32_t part = 1; part <= 4; part++)
		add_repertoire(profile, 10 * part + 1, part);
	profile_gram(profile, 10, 4);
	profile_gram(profile, 10 << CODE_BITS | 20, 3); /* the call of the doubted part 2 */
	profile_gram(profile, 10 << CODE_BITS | 30, 2);
	profile_gram(profile, 20 << CODE_BITS | 10, 1);
	assert_int_equal(profile_check(profile, &why), 0);
	assert_int_equal(profile_trust_repertoires(profile, unconfirmed), 2);
	assert_true(!unconfirmed[0] && unconfirmed[1] && !unconfirmed[2] && unconfirmed[3]);
	assert_int_equal(profile_trust_strict(profile), 2);
	assert_int_equal(profile->gram_count, 2);
	assert_int_equal(profile->grams[0].calls, 10);
	assert_int_equal(profile->grams[1].calls, 10 << CODE_BITS | 30);
	assert_int_equal(profile->repertoires.count, 2);
	assert_int_equal(profile->repertoires.all[1].part, 3);
	assert_int_equal(profile->repertoires.threads, 4);
	assert_int_equal(profile->repertoires.users[10], 4);
	assert_int_equal(profile->repertoires.users[21], 0);
	assert_int_equal(profile_check(profile, &why), 0);
	profile_free(profile);
	profile = two_runs();
	add_repertoire(profile, 41, 4);
	add_repertoire(profile, 51, 0); /* of nobody knows which part */
	profile_trust_confirm(profile, "ann", 7);
	assert_int_equal(profile_trust_strict(profile), 0);
	assert_int_equal(profile->repertoires.count, 2);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_parts),  cmocka_unit_test(test_quiet_end),
		cmocka_unit_test(test_user),	    cmocka_unit_test(test_reviewed),
		cmocka_unit_test(test_imported),    cmocka_unit_test(test_strict),
		cmocka_unit_test(test_strict_view), cmocka_unit_test(test_strict_sights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
