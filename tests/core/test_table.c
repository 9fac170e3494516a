/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core's table against a plain array of all keys there are, through growth and graves: keys
 * that come, change, go and come again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../core/table.h"

#define SIDE	   60u
#define OPERATIONS 400000u

static uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

static void assert_all(const struct table *table, uint64_t (*plain)[SIDE])
{
	for (uint64_t a = 0; a < SIDE; a++)
		for (uint64_t b = 0; b < SIDE; b++)
			assert_true(table_get(table, a, b) == plain[a][b]);
}

static void test_empty(void **state)
{
	struct table table = { 0 };

	(void)state;
	assert_int_equal(table_get(&table, 0, 0), 0);
	assert_int_equal(table_get(&table, 7, 7), 0);
	assert_int_equal(*table_at(&table, 7, 7), 0);
	assert_int_equal(table_get(&table, 7, 7), 0);
	table_free(&table);
	table_free(&table);
	assert_int_equal(table_get(&table, 7, 7), 0);
}

/* Both words count, each in its place; 0 is a key like any other. */
static void test_pairs(void **state)
{
	struct table table = { 0 };

	(void)state;
	*table_at(&table, 0, 0) = 1;
	*table_at(&table, 0, 1) = 2;
	*table_at(&table, 1, 0) = 3;
	*table_at(&table, 0, UINT64_MAX) = 4;
	*table_at(&table, 0xffffffffull << 32, 1) = 5;
	assert_int_equal(table_get(&table, 0, 0), 1);
	assert_int_equal(table_get(&table, 0, 1), 2);
	assert_int_equal(table_get(&table, 1, 0), 3);
	assert_int_equal(table_get(&table, 0, UINT64_MAX), 4);
	assert_int_equal(table_get(&table, 0xffffffffull << 32, 1), 5);
	assert_int_equal(table_get(&table, 1, 1), 0);
	table_free(&table);
}

static void test_random(void **state)
{
	static uint64_t plain[SIDE][SIDE];
	struct table table = { 0 };
	uint64_t seed = 4;

	(void)state;
	for (uint32_t i = 0; i < OPERATIONS; i++) {
		uint64_t a = random_next(&seed) % SIDE, b = random_next(&seed) % SIDE;
		uint64_t value = random_next(&seed) % 3 ? random_next(&seed) : 0;

		if (i % 4 == 0) {
			assert_true(table_get(&table, a, b) == plain[a][b]);
			continue;
		}
		assert_true(*table_at(&table, a, b) == plain[a][b]);
		*table_at(&table, a, b) = plain[a][b] = value;
		if (i % 50000 == 1)
			assert_all(&table, plain);
	}
	assert_all(&table, plain);
	table_free(&table);
}

/* Keys that come and go for ever, as tids do, must not make the table grow for ever. */
static void test_graves(void **state)
{
	struct table table = { 0 };

	(void)state;
	*table_at(&table, UINT32_MAX, 5) = 5;
	for (uint64_t key = 1; key < 300000; key++) {
		*table_at(&table, key, 0) = key;
		assert_true(table_get(&table, key, 0) == key);
		if (key > 10)
			*table_at(&table, key - 10, 0) = 0;
		assert_true(table.used < table.room);
	}
	assert_true(table.room <= 256);
	assert_int_equal(table_get(&table, UINT32_MAX, 5), 5);
	assert_int_equal(table_get(&table, 299989, 0), 0);
	assert_int_equal(table_get(&table, 299990, 0), 299990);
	table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_graves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
