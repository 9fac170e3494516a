/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The surprise of a call, worked by hand from the formula in core/surprise.h:
 *
 *     p = (n + D * p_shorter) / (N + D), at first p_shorter = 1/512
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../core/surprise.h"

enum {
	A = 1,
	B,
	C,
	D,
	X
};

static uint64_t run(uint64_t oldest, uint64_t older, uint64_t old, uint64_t newest)
{
	return ((oldest << CODE_BITS | older) << CODE_BITS | old) << CODE_BITS | newest;
}

/* Nothing is known: 1/512 is 9 bits. */
static void test_nothing(void **state)
{
	struct surprise *surprise = surprise_new(NULL, 0);

	(void)state;
	assert_non_null(surprise);
	assert_int_equal(surprise_of(surprise, run(0, 0, 0, A)), 9 * SURPRISE_UNIT);
	assert_int_equal(surprise_of(surprise, run(A, B, C, D)), 9 * SURPRISE_UNIT);
	surprise_free(surprise);
	surprise_free(NULL);
}

/*
 * A thread that called A and B once. Without a context N = 2 and D = 2; each context in front of A,
 * and each in front of B, was seen once with one follower.
 */
static void test_two_calls(void **state)
{
	const struct gram grams[] = { { run(0, 0, 0, A), 1 }, { run(0, 0, A, B), 1 } };
	struct surprise *surprise = surprise_new(grams, 2);

	(void)state;
	assert_non_null(surprise);
	/* B behind A: (1 + 2/512) / 4 = 0.25098; then (1 + p) / 2 three times: 0.62549, 0.81274,
	 * 0.90637, which is 0.1418 bits or 2.27 sixteenths. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, B)), 2);
	/* The same for the beginning. */
	assert_int_equal(surprise_of(surprise, run(0, 0, 0, A)), 2);
	/* Only A in front of B is known: it ends with 0.62549, 0.6769 bits, 10.83 sixteenths. */
	assert_int_equal(surprise_of(surprise, run(X, X, A, B)), 11);
	/* A known call behind what is not: 0.25098, 1.9944 bits, 31.91 sixteenths. */
	assert_int_equal(surprise_of(surprise, run(X, X, X, B)), 32);
	/* A call that nobody knows, behind what nobody knows: (0 + 2/512) / 4 = 2^-10. */
	assert_int_equal(surprise_of(surprise, run(X, X, X, C)), 10 * SURPRISE_UNIT);
	/* Behind A it is half as likely, */
	assert_int_equal(surprise_of(surprise, run(X, X, A, C)), 11 * SURPRISE_UNIT);
	/* and behind all that is known 2^-13, but no surprise is above 12 bits. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, C)), SURPRISE_MOST);
	assert_int_equal(SURPRISE_MOST, 12 * SURPRISE_UNIT);
	surprise_free(surprise);
}

/*
 * Two threads called A and B, one A and C. Without a context N = 6 and D = 3 (A 3 times, B twice, C
 * once); each context that ends with A: N = 3, D = 2.
 */
static void test_shares(void **state)
{
	const struct gram grams[] = { { run(0, 0, 0, A), 3 },
				      { run(0, 0, A, B), 2 },
				      { run(0, 0, A, C), 1 } };
	struct surprise *surprise = surprise_new(grams, 3);

	(void)state;
	assert_non_null(surprise);
	/* C: (1 + 3/512) / 9 = 0.11176; (1 + 2p) / 5: 0.24470, 0.29788, 0.31915; 1.6477 bits. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, C)), 26);
	/* B: (2 + 3/512) / 9 = 0.22287; (2 + 2p) / 5: 0.48915, 0.59566, 0.63826; 0.6478 bits. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, B)), 10);
	/* A again: (3 + 3/512) / 9 = 0.33398; 2p / 5: 0.13359, 0.05344, 0.02138; 5.5479 bits. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, A)), 89);
	surprise_free(surprise);
}

/* The order of the grams does not matter, and a count is as good as so many grams. */
static void test_order(void **state)
{
	const struct gram grams[] = { { run(A, B, C, D), 5 }, { run(B, C, D, A), 2 } };
	const struct gram turned[] = { { run(B, C, D, A), 2 }, { run(A, B, C, D), 5 } };
	struct surprise *one = surprise_new(grams, 2), *other = surprise_new(turned, 2);

	(void)state;
	assert_true(one && other);
	for (uint64_t newest = A; newest <= X; newest++)
		for (uint64_t old = A; old <= X; old++)
			assert_int_equal(surprise_of(one, run(A, B, old, newest)),
					 surprise_of(other, run(A, B, old, newest)));
	surprise_free(one);
	surprise_free(other);
}

/* The largest counts that profile_check() lets pass do not run into the number of followers. */
static void test_large(void **state)
{
	const struct gram grams[] = { { run(0, 0, 0, A), GRAM_TOTAL - 2 }, { run(0, 0, A, B), 1 } };
	struct surprise *surprise = surprise_new(grams, 2);

	(void)state;
	assert_non_null(surprise);
	assert_int_equal(surprise_of(surprise, run(0, 0, 0, A)), 0);
	/* B is never seen but behind A, and there always: (~0 + 1) / 2 three times, 0.875. */
	assert_int_equal(surprise_of(surprise, run(0, 0, A, B)), 3);
	surprise_free(surprise);
}

/* Calls that nobody saw leave the run at its old end. */
static void test_late(void **state)
{
	uint64_t calls = GRAM_MASK;

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_true(gram_is_late(calls));
		calls = (calls << CODE_BITS | A) & GRAM_MASK;
	}
	assert_false(gram_is_late(calls));
	assert_int_equal(calls, run(A, A, A, A));
	assert_false(gram_is_late(run(0, 0, 0, A)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_two_calls),
		cmocka_unit_test(test_shares),	cmocka_unit_test(test_order),
		cmocka_unit_test(test_large),	cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
