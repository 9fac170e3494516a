/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cgroups that came or went without being heard of: the ring was full, or the path too long for an
 * event. Then all cgroups are looked at once more.
 */
#ifndef BOSC_LIVE_MISSED_H
#define BOSC_LIVE_MISSED_H

#include "live.h"

/* Something may have been missed. */
void live_missed(struct live *live);

/* When live_missed_again() has something to do (monotonic; UINT64_MAX: nothing). */
uint64_t live_missed_due(const struct live *live);

/* Binds what is there and has not been heard of, and forgets what is not, if news were lost and it
 * is time to. */
int live_missed_again(struct live *live, struct error *err);

#endif
