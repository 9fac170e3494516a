/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOSC_CORE_NUMBERS_H
#define BOSC_CORE_NUMBERS_H

#include <stdint.h>

/* The sum, or the largest number where that is larger still. */
static inline uint64_t number_add(uint64_t a, uint64_t b)
{
	return __builtin_add_overflow(a, b, &a) ? UINT64_MAX : a;
}

/* The difference, or 0 where that is less still. */
static inline uint64_t number_subtract(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Below, at or above 0, as qsort() wants it. */
static inline int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Behind the noun that is counted: "1 call", "2 calls". */
static inline const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* The same with a verb: "1 event was lost", "2 events were lost". */
static inline const char *plural_were(uint64_t count)
{
	return count == 1 ? " was" : "s were";
}

#endif
