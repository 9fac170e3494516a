/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

_Noreturn void bench_give_up(const char *what)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
	exit(1);
}

double bench_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return one < other ? -1 : one > other;
}

void bench_print_spread(const char *name, double *values, size_t count, const char *end)
{
	qsort(values, count, sizeof(*values), by_value);
	printf("\"%s\": [%.3f, %.3f, %.3f]%s", name, values[count / 4], values[count / 2],
	       values[count * 3 / 4], end);
}
