/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The locality frame: the last 64 windows of a thread, a bit each, written once for the sensor and
 * its twin. Learning measures how much novelty normal work shows in one frame; monitoring holds
 * frames against that.
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

/* The limit of the thread's frames: while its program starts, only a whole frame is an alarm. */
static inline uint32_t frame_limit(const struct thread *thread, uint32_t limit)
{
	return limit && frame_is_start(thread) ? FRAME_SIZE : limit;
}

/*
 * Learning: shifts the window into the thread's frames, and keeps the most that one frame showed.
 * `known`: an earlier part of the training had its bag; `fresh`: nobody had. What was new to the
 * part before does not count again.
 */
static inline void frame_learn(struct thread *thread, struct target *target, int known, int fresh)
{
	int counts = !frame_is_start(thread);
	uint32_t count;

	if (thread->part != target->part) {
		thread->part = target->part;
		thread->frame = thread->fresh = 0;
	}
	thread->frame <<= 1;
	thread->fresh <<= 1;
	if (known)
		return;
	thread->frame |= 1;
	count = frame_count(thread->frame);
	if (counts && count > target->frame_most)
		target->frame_most = count;
	if (!fresh)
		return;
	thread->fresh |= 1;
	count = frame_count(thread->fresh);
	if (counts && count > target->fresh_most)
		target->fresh_most = count;
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
