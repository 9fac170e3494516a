/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second view of a thread, next to its bags: how surprising its calls are (core/surprise.h) and
 * how unusual their selection is (core/repertoire.h). Two figures come from it:
 *
 * The level, a decaying sum of the surprise of a thread's calls, rises with a run of unlikely
 * calls, known windows or not; it is judged at each call.
 *
 * The score of a thread, when it ends: mean surprise in bits * (distance to the nearest
 * repertoire)^2. Both factors must be out of the ordinary: a thread that does what many did
 * scores 0, however seldom each step is, and so does one with an odd call among likely ones.
 *
 * While training runs, a part of it is judged by what the parts before it taught, as fresh
 * behaviour will be judged by the profile; this gives the limits.
 */
#ifndef BOSC_CORE_SCORER_H
#define BOSC_CORE_SCORER_H

#include "profile.h"
#include "repertoire.h"
#include "surprise.h"

/* The level forgets a 64th with each call: as long a memory as a locality frame. */
#define LEVEL_SHIFT 6u

/* No level lies above this: only impossible calls. */
#define LEVEL_REACH ((SURPRISE_MOST << LEVEL_SHIFT))

/* How an alarm writes a score as a whole number. */
#define SCORE_UNIT 1000u

/* Where training scored next to nothing, the limit is this: a few odd calls among many. */
#define SCORE_LEAST (1.0 / 64)

/* A thread with fewer calls says nothing. */
#define SCORE_CALLS 16u

struct thread_score {
	uint64_t calls;
	double surprise; /* bits a call, the mean */
	double distance; /* to the nearest repertoire */
	double score;
	long nearest; /* its index in the profile's repertoires; -1: none */
};

/* The most that any thread came to. */
struct scorer_peaks {
	uint32_t frame; /* mismatches in a frame, but of programs that start */
	uint32_t fresh; /* first sights in one */
	uint32_t level; /* of surprise */
	struct thread_score ended;
};

struct scorer;

/* `learn`: adds to what the profile holds; else it judges by that. NULL: no memory. */
struct scorer *scorer_new(int learn, const struct profile *profile);
void scorer_free(struct scorer *scorer);

/* A thread, or another program in it, begins in the slot; `late`: in mid-stream. What was there
 * ends first. -ENOMEM, else 0. */
int scorer_begin(struct scorer *scorer, size_t slot, int late);

/*
 * A call of the thread in the slot; `steady`: its program does not start any more. The level
 * when it is at the limit or above (the level then starts anew), else 0. -ENOMEM.
 */
int scorer_call(struct scorer *scorer, size_t slot, uint32_t code, int steady);

/*
 * Takes in the thread's next calls, of at most 64, before the first whose level is at the limit;
 * how many. The rest goes through scorer_call(), and so do a thread's first calls and learning.
 */
uint32_t scorer_quiet(struct scorer *scorer, size_t slot, const uint16_t *codes, uint32_t count,
		      int steady);

/* The window of the thread's last call is a mismatch; `fresh`: at first sight. For the peaks only:
 * the rules have frames of their own, which start anew after an alarm. */
void scorer_mismatch(struct scorer *scorer, size_t slot, int fresh, int steady);

/* The limits of the level (0: none) and of a thread's score (INFINITY: none). */
uint32_t scorer_limit(const struct scorer *scorer);
double scorer_thread_limit(const struct scorer *scorer);

/* The thread in the slot ends. 1 with its score, 0 when it has none, -ENOMEM. */
int scorer_end(struct scorer *scorer, size_t slot, struct thread_score *ret_score);

/* The peaks since they were asked for last. */
void scorer_peaks(struct scorer *scorer, struct scorer_peaks *ret_peaks);

/* Forgets all threads and what they came to. */
void scorer_restart(struct scorer *scorer);

/* Learning: a part of the training begins, and is judged by what was learnt until now. -ENOMEM. */
int scorer_part(struct scorer *scorer, uint32_t part);

/* Learning: what the current part came to until now. */
void scorer_judged(const struct scorer *scorer, struct profile_part *part);

/* Learning: puts what was learnt of threads that ended into the profile, and what the current part,
 * the profile's last, came to. -ENOMEM. */
int scorer_save(const struct scorer *scorer, struct profile *profile);

/* Where the level is an alarm: above the training's highest by a margin. 0: the profile cannot
 * say, or normal work itself comes to half of what can be reached. Judged are the parts that
 * profile_part_is_judged() names. */
uint32_t scorer_level_limit(const struct profile *profile);

/* The score above which no more than this share of the training's threads lay. INFINITY: the
 * profile cannot say. */
double scorer_score_limit(const struct profile *profile, double share);

#endif
