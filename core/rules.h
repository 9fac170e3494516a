/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a profile to what a target's calls are judged by: the weights of its calls and the limits
 * of its frames (struct rules, bpf/sensor.h).
 */
#ifndef BOSC_CORE_RULES_H
#define BOSC_CORE_RULES_H

#include "../bpf/sensor.h"
#include "profile.h"

/* How many mismatches more than the training's worst frame make an alarm. */
#define FRAME_MARGIN 8u
#define FRESH_MARGIN 4u

/* By how much the margins grow for a profile whose learning ended before it was learnt, and after
 * fewer windows than this: more of what it will meet is new. */
#define PARTIAL_WINDOWS 1000000u
#define PARTIAL_FACTOR	2u

/*
 * Fills in the rules for monitoring: calls that are rare in the profile weigh the same ("other"),
 * calls that it never saw share an odd weight. `secret` is CODE_COUNT words from the system's
 * random generator, drawn anew for each start and each profile, so that nobody outside can make
 * a bag that collides with a known one.
 */
void rules_monitor(struct rules *rules, const struct profile *profile, const uint64_t *secret);

/* Fills in the rules for learning: every call has a weight of its own. */
void rules_learn(struct rules *rules, const struct profile *profile, const uint64_t *secret);

#endif
