/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles for work.h: all that a window of so many kinds of calls can hold.
 */
#ifndef BOSC_BENCH_PROFILE_H
#define BOSC_BENCH_PROFILE_H

#include "core/profile.h"

/* All kinds of calls are known, and all bags of the first so many of them; those of WORK_CYCLE, if
 * they are among them, were seen most often. Ends the program where there is no memory. */
struct profile *bench_profile(uint32_t kinds);

#endif
