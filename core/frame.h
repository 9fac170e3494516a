/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The locality frame: the last 64 windows of a thread, a bit each, written once for the sensor and
 * its twin. Learning tells user space of what may be novelty in normal work (core/novelty.h), so
 * that it knows how much of it one frame shows; monitoring holds frames against that.
 */
#ifndef BOSC_CORE_FRAME_H
#define BOSC_CORE_FRAME_H

#include "../bpf/sensor.h"

/* How many calls the start of a program takes at most. */
#define START_CALLS 4096u

/*
 * Whether a program starts in this thread. No two starts are alike, and training sees few of them:
 * what they show must neither raise the limits of steady work nor be held against them.
 */
static inline int frame_is_start(const struct thread *thread)
{
	return (thread->flags & THREAD_PROGRAM) && thread->calls < START_CALLS;
}

/* Until a process is so old, its program may still be starting, however many calls that takes: one
 * that loads its data makes as many as there are data. */
#define START_NS 30000000000ull

/*
 * Whether a call that belongs to the start of programs is late in this thread. Learning says of a
 * call that it belongs there when it came among the first few; so there is room between what is
 * a start to the one and to the other.
 */
static inline int frame_is_settled(const struct thread *thread, uint64_t now_ns)
{
	uint32_t age = (uint32_t)(now_ns >> BORN_SHIFT) - thread->born;

	/* One that was met in mid-stream may have made few calls before, in all its life. */
	if (thread->flags & THREAD_JOINED)
		return thread->calls >= START_CALLS;
	if (!(thread->flags & THREAD_PROGRAM))
		return 1;
	return !frame_is_start(thread) && age >= START_NS >> BORN_SHIFT;
}

/* The limit of the thread's frames: while its program starts, only a whole frame is an alarm. */
static inline uint32_t frame_limit(const struct thread *thread, uint32_t limit)
{
	return limit && frame_is_start(thread) ? FRAME_SIZE : limit;
}

/* What a bag's first so many windows in a part do not show of it, more will not show either. */
#define SIGHTS_A_BAG 256u

/*
 * Learning: whether the window is worth a report, by its bag's count before. Nobody but the current
 * part had the bag, which is not the first one, to which everything is new; and no program starts
 * in the thread.
 */
static inline int frame_is_sight(const struct thread *thread, uint64_t before, uint32_t part)
{
	return count_part(before) == part && !(before & COUNT_AGAIN) && part > 1 &&
	       (before & COUNT_MASK) < SIGHTS_A_BAG && !frame_is_start(thread);
}

/* So many windows that are no mismatches. */
static inline uint64_t frame_slide(uint64_t frame, uint32_t windows)
{
	return windows < FRAME_SIZE ? frame << windows : 0;
}

/*
 * Monitoring: marks the newest window. The number of marks when it reaches the limit (0: there is
 * none), else 0. A frame that reached it starts anew, so that its next alarm needs as many again.
 */
static inline uint32_t frame_mark(uint64_t *frame, uint32_t limit)
{
	uint32_t count;

	*frame |= 1;
	count = frame_count(*frame);
	if (!limit || count < limit)
		return 0;
	*frame = 0;
	return count;
}

#endif
