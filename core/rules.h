/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a profile to what a target's calls are judged by: the weights of its calls and the limits
 * of its frames (struct rules, bpf/sensor.h).
 */
#ifndef BOSC_CORE_RULES_H
#define BOSC_CORE_RULES_H

#include "../bpf/sensor.h"
#include "bagtable.h"
#include "profile.h"

/*
 * How many more mismatches than in the training's worst frame make an alarm. One unknown bag that
 * comes again and again fills frames without being much of a novelty, so the worst frame counts
 * one and a half times; an unknown bag at first sight counts once.
 */
#define FRAME_MARGIN 8u
#define FRESH_MARGIN 6u

/* A profile with this share of unseen behaviour is finished, and has these margins. */
#define UNSEEN_LEARNT 1e-4

/* By how much a profile's margins are wider: once more for each tenfold of unseen behaviour, for
 * what it will meet is the newer the less it has seen. 1 for a finished one. */
double rules_margin(const struct profile *profile);

/* When a call is one of those that belong to the start of a program (rules_start_only()). */
#define STEADY_CALLS  100000u
#define CALLS_A_START 16u

/*
 * Says of each code whether the training shows that it is called while programs start, and not
 * later (START_CALLS, core/frame.h); returns how many are. The evidence must be good:
 *
 * - The call was seen, and each time while a program started. Profiles that were learnt before
 *   bosc kept this count none.
 * - Programs made STEADY_CALLS other calls after their start: so much steady work did without it.
 * - It was made at most CALLS_A_START times for each program that started. What is called oftener
 *   is everyday work of a program that never ran for long in training: `cat` reads, and would read
 *   late once it is given a long file.
 */
uint32_t rules_start_only(const struct profile *profile, uint8_t start_only[CODE_COUNT]);

/*
 * How much of the training the limits come from: the windows, and the seconds of the runs that they
 * are of (0 where that is not known), of the parts that were judged by all others. In most
 * trainings none of them reached a limit; so less than one false alarm of a limit is to be expected
 * in as much of the same load. But the worst part has no say in the limits, and may have reached
 * one. That is what is known, no more: a training of an hour proves nothing for a week.
 */
struct rules_proof {
	uint32_t parts;	  /* that were judged */
	uint32_t reached; /* of these: a limit */
	uint64_t windows;
	double seconds;
};

struct rules_proof rules_proof(const struct profile *profile);

/*
 * Fills in the rules for monitoring: calls that are rare in the profile weigh the same ("other"),
 * calls that it never saw share a weight, which is marked; so are the weights of the calls that it
 * saw only while programs started. `secret` is CODE_COUNT words from the system's random generator,
 * drawn anew for each start and each profile, so that nobody outside can make a bag that collides
 * with a known one. `count` is left alone: where the sensor monitors, there is no room for it.
 */
void rules_monitor(struct rules *rules, const struct profile *profile, const uint64_t *secret);

/* Fills in the rules for learning: every call has a weight of its own. */
void rules_learn(struct rules *rules, const struct profile *profile, const uint64_t *secret);

/* The hash of a bag, of windows of `size` calls, by these rules. */
uint64_t rules_hash(const struct rules *rules, const struct bag *bag, uint32_t size);

/* Puts the profile's bags, by these rules, into a table of so many buckets. `places` (may be NULL)
 * receives where each stands, BAG_NO_PLACE for one without room. How many found no room. */
uint64_t rules_load_bags(const struct rules *rules, const struct profile *profile,
			 struct bag_bucket *buckets, uint32_t count, uint32_t *places);

#endif
