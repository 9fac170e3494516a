/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bags against a plain count of calls: whatever a window went through, its bag must hold the same
 * calls as counting them says, in ascending order, and weigh what the window's running sum says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../core/bag.h"

#define ROUNDS 2000

/* A generator of its own, so that a failure shows again on every machine. */
static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

static struct bag random_bag(uint64_t *state, uint32_t size, uint32_t calls)
{
	uint64_t weight[CODE_COUNT] = { 0 };
	struct window window;

	window_begin(&window);
	for (uint32_t i = 0; i < size; i++)
		window_push(&window, 1 + random_next(state) % calls, weight, size);
	return bag_of_window(&window, size);
}

static uint32_t times(const struct bag *bag, uint32_t size, uint32_t code)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++)
		count += bag->code[i] == code;
	return count;
}

static void assert_bag(const struct bag *bag, const uint16_t *codes)
{
	assert_memory_equal(bag->code, codes, sizeof(bag->code));
}

static void test_beginning(void **state)
{
	const uint64_t weight[CODE_COUNT] = { 0 };
	struct window window;
	struct bag bag;

	(void)state;
	window_begin(&window);
	window_push(&window, 300, weight, 4);
	window_push(&window, 7, weight, 4);
	bag = bag_of_window(&window, 4);
	assert_bag(&bag, (uint16_t[WINDOW_MAX]){ CODE_BEGIN, CODE_BEGIN, 7, 300 });
}

static void test_late_stands_last(void **state)
{
	uint64_t weight[CODE_COUNT] = { 0 };
	struct window window;
	struct bag bag;

	(void)state;
	window_late(&window, weight, 3);
	window_push(&window, 9, weight, 3);
	bag = bag_of_window(&window, 3);
	assert_bag(&bag, (uint16_t[WINDOW_MAX]){ 9, CODE_LATE, CODE_LATE });
}

/* The newest `size` calls and no other are in the bag, and places beyond the size stay empty. */
static void test_window_of_every_size(void **state)
{
	uint64_t weight[CODE_COUNT];
	uint64_t seed = 1;

	(void)state;
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		weight[code] = code ? random_next(&seed) << 32 | random_next(&seed) : 0;
	for (uint32_t size = 1; size <= WINDOW_MAX; size++) {
		uint16_t history[ROUNDS + WINDOW_MAX] = { 0 };
		struct window window;

		window_begin(&window);
		for (uint32_t i = WINDOW_MAX; i < ROUNDS + WINDOW_MAX; i++) {
			struct bag bag;

			history[i] = (uint16_t)(1 + random_next(&seed) % 4000);
			window_push(&window, history[i], weight, size);
			bag = bag_of_window(&window, size);
			for (uint32_t back = 0; back < size; back++) {
				uint32_t expected = 0;

				for (uint32_t j = 0; j < size; j++)
					expected += history[i - j] == history[i - back];
				assert_int_equal(times(&bag, size, history[i - back]), expected);
			}
			for (uint32_t j = 1; j < size; j++)
				assert_true(bag.code[j - 1] <= bag.code[j]);
			for (uint32_t j = size; j < WINDOW_MAX; j++)
				assert_int_equal(bag.code[j], 0);
			assert_true(bag_hash(&bag, size, weight) == window.hash);
		}
	}
}

static void test_order_does_not_matter(void **state)
{
	const uint64_t weight[CODE_COUNT] = { 0 };
	const uint16_t orders[][3] = { { 5, 6, 7 }, { 7, 6, 5 }, { 6, 7, 5 }, { 7, 5, 6 } };

	(void)state;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		struct window window;
		struct bag bag;

		window_begin(&window);
		for (size_t j = 0; j < 3; j++)
			window_push(&window, orders[i][j], weight, 3);
		bag = bag_of_window(&window, 3);
		assert_bag(&bag, (uint16_t[WINDOW_MAX]){ 5, 6, 7 });
	}
}

static void test_fold(void **state)
{
	const struct bag bag = { .code = { 0, 10, 20, 30 } };
	uint16_t fold[CODE_COUNT];
	struct bag folded;

	(void)state;
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		fold[code] = (uint16_t)code;
	folded = bag_fold(&bag, 4, fold);
	assert_bag(&folded, bag.code);
	fold[10] = 4094; /* moves from the front to the end */
	fold[30] = 20;
	folded = bag_fold(&bag, 4, fold);
	assert_bag(&folded, (uint16_t[WINDOW_MAX]){ 0, 20, 20, 4094 });
	folded = bag_fold(&bag, 4, NULL);
	assert_bag(&folded, bag.code);
}

/* A fold of "begin" must not reach into the places that the window does not have. */
static void test_fold_keeps_to_the_window(void **state)
{
	const struct bag bag = { .code = { 0, 10 } };
	uint16_t fold[CODE_COUNT] = { [0] = 99, [10] = 10 };
	struct bag folded = bag_fold(&bag, 2, fold);

	(void)state;
	assert_bag(&folded, (uint16_t[WINDOW_MAX]){ 10, 99 });
}

static void test_compare(void **state)
{
	struct bag bags[] = {
		{ .code = { 1, 2, 3 } }, { .code = { 0, 0, 9 } }, { .code = { 1, 2, 300 } },
		{ .code = { 1, 2, 3 } }, { .code = { 1, 1, 4 } },
	};

	(void)state;
	qsort(bags, 5, sizeof(bags[0]), bag_compare);
	assert_bag(&bags[0], (uint16_t[WINDOW_MAX]){ 0, 0, 9 });
	assert_bag(&bags[1], (uint16_t[WINDOW_MAX]){ 1, 1, 4 });
	assert_int_equal(bag_compare(&bags[2], &bags[3]), 0);
	assert_bag(&bags[4], (uint16_t[WINDOW_MAX]){ 1, 2, 300 });
	assert_true(bag_compare(&bags[0], &bags[1]) < 0);
	assert_true(bag_compare(&bags[1], &bags[0]) > 0);
}

static void test_distance(void **state)
{
	const struct bag a = { .code = { 1, 1, 2, 3 } };
	const struct bag b = { .code = { 1, 2, 2, 4 } };
	const struct bag c = { .code = { 5, 6, 7, 8 } };

	(void)state;
	assert_int_equal(bag_distance(&a, &a, 4), 0);
	assert_int_equal(bag_distance(&a, &b, 4), 2);
	assert_int_equal(bag_distance(&a, &c, 4), 4);
}

/* Against the count of the calls that two bags share. */
static void test_distance_of_any(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t size = 1 + round % WINDOW_MAX;
		struct bag a = random_bag(&seed, size, 6);
		struct bag b = random_bag(&seed, size, 6);
		uint32_t common = 0;

		for (uint32_t code = 1; code <= 6; code++) {
			uint32_t left = times(&a, size, code);
			uint32_t right = times(&b, size, code);

			common += left < right ? left : right;
		}
		assert_int_equal(bag_distance(&a, &b, size), size - common);
		assert_int_equal(bag_distance(&b, &a, size), size - common);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beginning),
		cmocka_unit_test(test_late_stands_last),
		cmocka_unit_test(test_window_of_every_size),
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_fold_keeps_to_the_window),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_distance_of_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
