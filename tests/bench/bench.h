/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs that measure share.
 */
#ifndef BOSC_BENCH_H
#define BOSC_BENCH_H

#include <stddef.h>

/* Ends the program with this sentence. */
_Noreturn void bench_give_up(const char *what);

/* The CPU time of this thread until now. */
double bench_cpu_ns(void);

/* Sorts the values and prints their quartiles as "NAME": [25 %, median, 75 %], and `end`. */
void bench_print_spread(const char *name, double *values, size_t count, const char *end);

#endif
