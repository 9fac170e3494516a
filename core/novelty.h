/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What novelty looks like in normal work, from the training itself. Training is cut into parts; a
 * part is judged by what all the others saw, as fresh behaviour will be judged by the profile
 * (leave-one-part-out). A window is a mismatch of its part when no other part had its bag. The most
 * mismatches, and first sights, that one locality frame of a thread shows are the part's result.
 *
 * For that, windows whose bag only the current part had until then are logged as "sights": few
 * after the first part, to which everything is new and which is not judged. A bag that another
 * part sees, in this run or in a later one, is no novelty any more, and its sights are forgotten.
 */
#ifndef BOSC_CORE_NOVELTY_H
#define BOSC_CORE_NOVELTY_H

#include "profile.h"

/* More are not kept; they would fill every frame many times. */
#define SIGHTS_MAX (1u << 20)

/* So many judged parts are enough to leave the worst aside. */
#define NOVELTY_ENOUGH 4

/* Keeps a sight of one of the profile's bags, in one of its parts. -ENOMEM, else 0. */
int novelty_log(struct profile *profile, const struct sight *sight);

/* Judges the parts that were logged anew, by all that the profile knows now: fills in their
 * results, and forgets the sights that are none any more. -ENOMEM, else 0. */
int novelty_judge(struct profile *profile);

/*
 * The worst of the judged parts but one: mismatches and first sights in one frame. The worst of all
 * is left aside, for it holds the one event of the training that nothing else was like, such as a
 * restart, and the profile knows it from then on. 1; 0 where too few parts were judged to leave
 * one aside, and then it is the worst of them, or FRAME_SIZE.
 */
int novelty_worst(const struct profile *profile, uint32_t *ret_frame, uint32_t *ret_fresh);

#endif
