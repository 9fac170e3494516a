/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bags are short, ten codes at most, so everything here is a plain loop: an insertion sort brings
 * the codes into their canonical order, and the order makes a distance one walk along two arrays.
 */
#include "bag.h"

#include <stddef.h>

/* Keeps code[0..filled) in ascending order while one more code goes in. */
static void insert(uint16_t *code, uint32_t filled, uint16_t new_code)
{
	uint32_t at = filled;

	for (; at > 0 && code[at - 1] > new_code; at--)
		code[at] = code[at - 1];
	code[at] = new_code;
}

struct bag bag_of_window(const struct window *window, uint32_t size)
{
	struct bag bag = { 0 };

	for (uint32_t back = 0; back < size; back++)
		insert(bag.code, back, (uint16_t)window_code(window, back));
	return bag;
}

struct bag bag_fold(const struct bag *bag, uint32_t size, const uint16_t *fold)
{
	struct bag folded = { 0 };

	if (!fold)
		return *bag;
	for (uint32_t i = 0; i < size; i++)
		insert(folded.code, i, fold[bag->code[i] & CODE_MASK]);
	return folded;
}

int bag_compare(const void *a, const void *b)
{
	const struct bag *left = a;
	const struct bag *right = b;

	for (size_t i = 0; i < WINDOW_MAX; i++)
		if (left->code[i] != right->code[i])
			return left->code[i] < right->code[i] ? -1 : 1;
	return 0;
}

uint32_t bag_distance(const struct bag *a, const struct bag *b, uint32_t size)
{
	uint32_t common = 0;
	uint32_t i = 0;
	uint32_t j = 0;

	while (i < size && j < size) {
		uint16_t left = a->code[i];
		uint16_t right = b->code[j];

		common += left == right;
		i += left <= right;
		j += right <= left;
	}
	return size - common;
}

uint64_t bag_hash(const struct bag *bag, uint32_t size, const uint64_t *weight)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < size; i++)
		hash += weight_sum(weight[bag->code[i] & CODE_MASK]);
	return hash;
}
