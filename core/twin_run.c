/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs: calls of one thread that stand one after the other, as most calls of a recording do.
 *
 * Nearly every call is quiet: it is known, and so is its window. All that a quiet call changes is
 * the window, the number of calls and the frames, which slide. So a run is judged by blocks: the
 * hashes of a block's windows, for which the calls alone suffice, then all look-ups, none of which
 * waits for another, and last the stretches of quiet calls, each in one go. Whatever else a call
 * may be, it is judged as if it came alone, by the same function: there is one judgement, and
 * here is what need not go through it.
 */
#include "twin_internal.h"

#include <errno.h>

#include "frame.h"

#define BLOCK	  64u /* calls; a bit each in a word */
#define BLOCK_MIN 8   /* fewer are as fast one by one */

struct block {
	const struct trace_head *calls;
	uint32_t count;
	uint16_t codes[WINDOW_MAX + BLOCK]; /* behind those of the thread's last calls */
	uint64_t hashes[1 + BLOCK];	    /* of the windows, behind that of the thread's last */
};

static void block_load(struct block *block, const struct thread *thread)
{
	for (uint32_t back = 0; back < WINDOW_MAX; back++)
		block->codes[WINDOW_MAX - 1 - back] = (uint16_t)window_code(&thread->window, back);
	for (uint32_t i = 0; i < block->count; i++)
		block->codes[WINDOW_MAX + i] = (uint16_t)trace_code(&block->calls[i]);
	block->hashes[0] = thread->window.hash;
}

/* A bit for each call whose weight is marked. */
static uint64_t block_marked(const struct block *block, const uint64_t *weight)
{
	uint64_t marked = 0;

	for (uint32_t i = 0; i < block->count; i++)
		marked |= (uint64_t)weight_is_marked(weight[block->codes[WINDOW_MAX + i]]) << i;
	return marked;
}

/* The hashes of all windows; a bit for each call that is marked, or whose window is not known. */
static uint64_t block_judge(struct block *block, const struct twin *twin)
{
	const uint64_t *weight = twin->rules.weight;
	const uint16_t *coming = block->codes + WINDOW_MAX;
	const uint16_t *leaving = coming - twin->window_size;
	uint64_t hash = block->hashes[0], weights = 0, odd;

	for (uint32_t i = 0; i < block->count; i++) {
		uint64_t weight_in = weight[coming[i]];

		weights |= weight_in;
		hash += weight_sum(weight_in) - weight_sum(weight[leaving[i]]);
		block->hashes[1 + i] = hash;
	}
	odd = bagtable_unknown(twin->buckets, twin->bucket_count, block->hashes + 1, block->count);
	return weight_is_marked(weights) ? odd | block_marked(block, weight) : odd;
}

/* The thread's window before the call. */
static void block_window(const struct block *block, uint32_t call, struct window *ret_window)
{
	const uint16_t *codes = block->codes + call;

	ret_window->older = ret_window->recent = 0;
	for (uint32_t i = 0; i < HALF_CODES; i++) {
		ret_window->older = ret_window->older << CODE_BITS | codes[i];
		ret_window->recent = ret_window->recent << CODE_BITS | codes[HALF_CODES + i];
	}
	ret_window->hash = block->hashes[call];
}

/* Takes in the quiet calls among the next so many; the first that is not so lies behind them. */
static uint32_t pass_quiet(struct twin *twin, struct thread *thread, const uint16_t *codes,
			   uint32_t count, int steady)
{
	if (twin->scorer)
		count = scorer_quiet(twin->scorer, (size_t)(thread - twin->threads), codes, count,
				     steady);
	thread->calls += count;
	thread->frame = frame_slide(thread->frame, count);
	thread->fresh = frame_slide(thread->fresh, count);
	return count;
}

static int judge_alone(struct twin *twin, struct feed *step, const struct trace_head *call)
{
	step->ns = call->ts;
	step->code = trace_code(call);
	return twin_step(twin, step);
}

/* Whether the thread's next call belongs to the start of its program. */
static int next_is_start(const struct thread *thread)
{
	return (thread->flags & THREAD_PROGRAM) && thread->calls + 1 < START_CALLS;
}

static int judge_block(struct twin *twin, struct thread *thread, struct feed *step,
		       struct block *block)
{
	int steady = !next_is_start(thread), status = 0;
	uint64_t odd;

	block_load(block, thread);
	odd = block_judge(block, twin);
	for (uint32_t call = 0; call < block->count && status == 0;) {
		uint64_t next = odd >> call;
		uint32_t quiet = next ? (uint32_t)__builtin_ctzll(next) : block->count - call;

		call += pass_quiet(twin, thread, block->codes + WINDOW_MAX + call, quiet, steady);
		block_window(block, call, &thread->window);
		if (call < block->count)
			status = judge_alone(twin, step, &block->calls[call++]);
	}
	return status;
}

/* How many of the thread's next calls make a block: its program starts during all of them, or
 * during none. 0: they are judged one by one. */
static uint32_t block_size(const struct twin *twin, const struct thread *thread, size_t calls)
{
	uint64_t size = calls < BLOCK ? calls : BLOCK;

	if (!thread || thread->state != THREAD_RUNS || twin->mode == MODE_LEARN || twin->count_bags)
		return 0;
	if (next_is_start(thread) && thread->calls + size >= START_CALLS)
		size = START_CALLS - 1 - thread->calls;
	return size < BLOCK_MIN ? 0 : (uint32_t)size;
}

/* Judges the first of the calls by a block; how many, 0: none, or -ENOMEM. */
static int judge_many(struct twin *twin, struct feed *step, const struct trace_head *calls,
		      size_t count)
{
	struct thread *thread = twin_thread_find(twin, step->tid);
	struct block block;
	int status;

	block.calls = calls;
	block.count = block_size(twin, thread, count);
	if (!block.count)
		return 0;
	status = judge_block(twin, thread, step, &block);
	return status < 0 ? status : (int)block.count;
}

int twin_run(struct twin *twin, struct feed *step, const struct trace_head *calls, size_t count)
{
	const struct trace_head *end = calls + count;
	int judged = 0;

	step->kind = FEED_CALL;
	for (; calls < end; calls += judged) {
		judged = end - calls < BLOCK_MIN
				 ? 0
				 : judge_many(twin, step, calls, (size_t)(end - calls));
		if (!judged)
			judged = judge_alone(twin, step, calls) < 0 ? -ENOMEM : 1;
		if (judged < 0)
			return judged;
		twin->ns = calls[judged - 1].ts;
	}
	return 0;
}
