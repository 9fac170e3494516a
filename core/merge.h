/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile as the sum of its runs. Each run is kept with what it alone learnt, so profiles that
 * were learnt on several machines, or hold the same run, can be put together: the runs are a set,
 * and their sum does not hang on who met whom first. So merging is associative and commutative, and
 * a run counts once however often it is merged (a state-based CRDT: Shapiro and others, "A
 * comprehensive study of Convergent and Commutative Replicated Data Types", INRIA RR-7506, 2011).
 *
 * The order of the runs is that of their `order`, which puts each behind all that it was learnt on
 * top of, then of when they started, then of their ids.
 */
#ifndef BOSC_CORE_MERGE_H
#define BOSC_CORE_MERGE_H

#include "profile.h"

/*
 * Gives each run without content its own: what the profile is more than the runs that have one. A
 * learner's profile has one such run; where there are several, as in what an older bosc wrote, a
 * bag goes to the first and the last run that saw it, a repertoire to the first, and what names no
 * run to the last. A run without an id gets that of its content. -ENOMEM, else 0; else as
 * profile_rebuild().
 */
int profile_seal(struct profile *profile, const char **ret_why);

/* The run's content is no longer what it learnt: it goes on learning. */
void profile_unseal(struct profile_run *run);

/*
 * Puts the runs in their order and makes all else in the profile the sum of those that count, which
 * passes profile_check(). All runs have their content. -EBADMSG: a content is none, or not of this
 * profile, or a run is there twice, or they are too much together; `*ret_why` says so. -ENOMEM.
 * Then the profile is as it was.
 */
int profile_rebuild(struct profile *profile, const char **ret_why);

/*
 * Adds the runs of `from`, which have their content like those of `into`. Of a run that both have,
 * the state that went further counts, with who vouched for that state, and who withdrew the run
 * in either. -EINVAL: the two do not go together. Else as profile_rebuild().
 */
int profile_merge(struct profile *into, const struct profile *from, const char **ret_why);

/* The run of that id. NULL: there is none. */
struct profile_run *profile_run_find(const struct profile *profile, const char *id);

/* Makes `known` what both states of the same run say together. -ENOMEM, else 0. */
int profile_run_join(struct profile_run *known, const struct profile_run *other);

/* Appends a copy of a run, which may have no content; order is left to profile_rebuild(). NULL: no
 * memory. */
struct profile_run *profile_run_copy(struct profile *into, const struct profile_run *run);

#endif
