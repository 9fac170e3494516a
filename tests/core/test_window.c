/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arithmetic of the window against the plainest reference there is: a list of all codes, of
 * which the last W count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../core/profile.h"

#define ROUNDS 3000u

static uint64_t weight[CODE_COUNT];

static uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

static int setup(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (uint32_t code = 1; code < CODE_COUNT; code++)
		weight[code] = random_next(&seed) << 33 ^ random_next(&seed);
	weight[CODE_LATE] = weight_sum(weight[CODE_LATE]);
	return 0;
}

/* `codes` are all of a thread's, newest last; before the first there was only `before`. */
static void assert_window(const struct window *window, const uint16_t *codes, uint32_t count,
			  uint16_t before, uint32_t size)
{
	uint64_t hash = 0;

	for (uint32_t back = 0; back < WINDOW_MAX; back++) {
		uint32_t code = back < count ? codes[count - 1 - back] : before;

		assert_int_equal(window_code(window, back), code);
		hash += back < size ? weight_sum(weight[code]) : 0;
	}
	assert_true(window->hash == hash);
}

static void test_every_size(void **state)
{
	uint16_t codes[ROUNDS];

	(void)state;
	for (uint32_t size = 1; size <= WINDOW_MAX; size++) {
		uint64_t seed = size;
		struct window window;

		window_begin(&window);
		assert_window(&window, codes, 0, CODE_BEGIN, size);
		for (uint32_t i = 0; i < ROUNDS; i++) {
			/* Few different ones first, so that windows hold a code more than once. */
			codes[i] = (uint16_t)(1 + random_next(&seed) % (i < 500 ? 3 : CODE_NEW));
			window_push(&window, codes[i], weight, size);
			assert_window(&window, codes, i + 1, CODE_BEGIN, size);
			assert_false(window_is_late(&window, size));
		}
		window_begin(&window);
		assert_window(&window, codes, 0, CODE_BEGIN, size);
	}
}

/* A window met in mid-stream counts from its W-th call on, and not one call earlier. */
static void test_late(void **state)
{
	uint16_t codes[3 * WINDOW_MAX];

	(void)state;
	for (uint32_t size = 1; size <= WINDOW_MAX; size++) {
		uint64_t seed = size;
		struct window window;

		window_late(&window, weight, size);
		assert_window(&window, codes, 0, CODE_LATE, size);
		assert_true(window_is_late(&window, size));
		for (uint32_t i = 0; i < 3 * WINDOW_MAX; i++) {
			codes[i] = (uint16_t)(1 + random_next(&seed) % 400);
			window_push(&window, codes[i], weight, size);
			assert_window(&window, codes, i + 1, CODE_LATE, size);
			assert_int_equal(window_is_late(&window, size), i + 1 < size);
		}
	}
}

/* Calls that weigh the same make the same windows, whatever their marks. */
static void test_marks(void **state)
{
	uint64_t marked[CODE_COUNT] = { [1] = 40, [2] = 40 | WEIGHT_NEW, [3] = 40 | WEIGHT_START };
	struct window window;

	(void)state;
	window_begin(&window);
	for (uint16_t i = 0; i < 20; i++) {
		window_push(&window, 1 + i % 3, marked, 4);
		assert_true(window.hash == (i < 3 ? i + 1u : 4u) * 40);
		assert_true(window_sum(&window, marked, 4) == window.hash);
	}
	assert_false(weight_is_marked(marked[1]));
	assert_true(weight_is_marked(marked[2]) && weight_is_new(marked[2]));
	assert_true(weight_is_marked(marked[3]) && !weight_is_new(marked[3]));
}

static void test_order_does_not_matter(void **state)
{
	struct window one, other;

	(void)state;
	window_begin(&one);
	window_begin(&other);
	for (uint16_t code = 0; code < 4; code++) {
		window_push(&one, 10 + code, weight, 4);
		window_push(&other, 13 - code, weight, 4);
	}
	assert_true(one.hash == other.hash);
	window_push(&one, 10, weight, 4);   /* 10 leaves, 10 comes */
	window_push(&other, 10, weight, 4); /* 13 leaves */
	assert_true(one.hash != other.hash);
}

/* Every number of every ABI has a code that is a call's: neither a mark nor a class. */
static void test_codes(void **state)
{
	static const uint64_t beyond[] = { CALL_NR_MAX + 1, 1023,	1024,	    4096,
					   0xf0005,	    0xbfffffff, UINT32_MAX, UINT64_MAX };
	static uint8_t taken[CODE_COUNT];

	(void)state;
	for (uint32_t abi = ABI_NATIVE; abi <= ABI_URING; abi++) {
		for (uint32_t nr = 0; nr <= CALL_NR_MAX; nr++) {
			uint32_t code = code_of(abi, nr);

			assert_in_range(code, CODE_BEGIN + 1, CODE_NEW - 1);
			assert_int_equal(code_abi(code), abi);
			assert_int_equal(code_nr(code), nr);
			assert_int_equal(taken[code]++, 0);
		}
		for (size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++)
			assert_int_equal(code_of(abi, beyond[i]), code_of(abi, CALL_NR_MAX));
	}
}

/* Each call of a real kernel must keep a number of its own. */
static void test_room_for_calls(void **state)
{
	(void)state;
	assert_true(CALL_NR_MAX > 600);
}

static void test_frame_count(void **state)
{
	uint64_t seed = 9;

	(void)state;
	assert_int_equal(frame_count(0), 0);
	assert_int_equal(frame_count(UINT64_MAX), 64);
	for (uint32_t bit = 0; bit < 64; bit++) {
		assert_int_equal(frame_count(1ull << bit), 1);
		assert_int_equal(frame_count(UINT64_MAX << bit), 64 - bit);
	}
	for (uint32_t i = 0; i < 100000; i++) {
		uint64_t frame = random_next(&seed) << 33 ^ random_next(&seed) << 16 ^
				 random_next(&seed);

		assert_int_equal(frame_count(frame), __builtin_popcountll(frame));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size),  cmocka_unit_test(test_late),
		cmocka_unit_test(test_marks),	    cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_codes),	    cmocka_unit_test(test_room_for_calls),
		cmocka_unit_test(test_frame_count),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
