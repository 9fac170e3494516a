/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bag: the multiset of the calls in a window, in its canonical form, the codes in ascending
 * order. Places before the beginning of a thread hold CODE_BEGIN and so stand first.
 */
#ifndef BOSC_CORE_BAG_H
#define BOSC_CORE_BAG_H

#include <stdint.h>

#include "window.h"

struct bag {
	uint16_t code[WINDOW_MAX]; /* the first `size` count; the rest is 0 */
};

/* The bag of the newest `size` calls of a window. */
struct bag bag_of_window(const struct window *window, uint32_t size);

/* The same bag with every code replaced by fold[code]; fold may be NULL. */
struct bag bag_fold(const struct bag *bag, uint32_t size, const uint16_t *fold);

/* Orders bags; 0 when they are equal. Fits qsort. */
int bag_compare(const void *a, const void *b);

/* The number of calls in which two bags of `size` differ: how many would have to be replaced. */
uint32_t bag_distance(const struct bag *a, const struct bag *b, uint32_t size);

/* The hash of the window whose bag this is, by these weights. */
uint64_t bag_hash(const struct bag *bag, uint32_t size, const uint64_t *weight);

#endif
