/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dearest work that can be watched: nothing but cheap system calls. Threads do it at the same
 * time, and say what CPU time a call took each of them.
 */
#ifndef BOSC_BENCH_WORK_H
#define BOSC_BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>

#define WORK_KINDS_MAX 24u

/* The numbers of calls; the first twelve are really made. */
extern const long work_kinds[WORK_KINDS_MAX];

enum work {
	WORK_CYCLE,  /* 24 calls of seven kinds, always the same: few bags, all of them hot */
	WORK_RANDOM, /* ten kinds at random: as many bags as there are of them */
};

#define WORK_CYCLE_KINDS  7u
#define WORK_CYCLE_STEPS  24u
#define WORK_RANDOM_KINDS 10u

/* Which kind each step of WORK_CYCLE is. */
extern const uint8_t work_cycle[WORK_CYCLE_STEPS];

/* Starts threads that wait for work. */
struct crew *crew_new(size_t threads);
void crew_free(struct crew *crew);

/* The tid of each, as many as there are threads. */
const int *crew_tids(const struct crew *crew);

/* Each thread makes so many calls. The CPU time of one, in ns. */
double crew_work(struct crew *crew, enum work work, size_t calls);

#endif
