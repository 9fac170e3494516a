/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads stand in an array whose slots are used again, and a table finds them by tid.
 */
#include "twin_internal.h"

#include <errno.h>
#include <stdlib.h>

struct thread *twin_thread_find(struct twin *twin, uint32_t tid)
{
	uint64_t index;

	if (twin->last && twin->last->tid == tid && twin->last->target)
		return twin->last;
	index = table_get(&twin->by_tid, tid, 0);
	if (!index)
		return NULL;
	twin->last = &twin->threads[index - 1];
	return twin->last;
}

static void thread_begin(struct thread *thread)
{
	window_begin(&thread->window);
	thread->frame = 0;
	thread->fresh = 0;
}

void twin_thread_free(struct twin *twin, struct thread *thread)
{
	struct thread_score score;
	uint64_t *index;

	if (!thread)
		return;
	twin->target.calls += thread->calls;
	if (twin->scorer)
		scorer_end(twin->scorer, (size_t)(thread - twin->threads), &score);
	index = table_at(&twin->by_tid, thread->tid, 0);
	if (index)
		*index = 0;
	*thread = (struct thread){ .tgid = (uint32_t)twin->free_thread };
	twin->free_thread = (size_t)(thread - twin->threads) + 1;
}

/* The index of a slot that no thread holds; -ENOMEM. */
static long free_slot(struct twin *twin)
{
	size_t index = twin->free_thread;

	if (index) {
		twin->free_thread = twin->threads[index - 1].tgid;
		return (long)index - 1;
	}
	if (twin->thread_count == twin->thread_room) {
		size_t room = twin->thread_room ? twin->thread_room * 2 : 64;
		struct thread *grown = realloc(twin->threads, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		twin->threads = grown;
		twin->thread_room = room;
		twin->last = NULL;
	}
	return (long)twin->thread_count++;
}

static struct thread *thread_claim(struct twin *twin, uint32_t tid)
{
	long slot = free_slot(twin);
	uint64_t *index = table_at(&twin->by_tid, tid, 0);

	if (slot < 0 || !index)
		return NULL;
	*index = (uint64_t)slot + 1;
	twin->threads[slot] = (struct thread){ .tid = tid };
	return &twin->threads[slot];
}

static int thread_score(struct twin *twin, const struct thread *thread, int late)
{
	size_t slot = (size_t)(thread - twin->threads);

	return twin->scorer ? scorer_begin(twin->scorer, slot, late) : 0;
}

struct thread *twin_thread_new(struct twin *twin, uint32_t tid, uint32_t tgid, uint8_t state)
{
	struct thread *thread = twin_thread_find(twin, tid);

	if (thread)
		twin->target.calls += thread->calls;
	else
		thread = thread_claim(twin, tid);
	if (!thread)
		return NULL;
	if (!thread->born || thread->tgid != tgid)
		thread->born = (uint32_t)(twin->ns >> BORN_SHIFT);
	thread->target = 1;
	thread->tgid = tgid;
	thread->flags = 0;
	thread->state = state;
	thread->calls = 0;
	thread_begin(thread);
	return thread_score(twin, thread, 0) < 0 ? NULL : thread;
}

struct thread *twin_thread_join(struct twin *twin, uint32_t tid, uint32_t tgid, const char *comm)
{
	struct thread *thread = twin_thread_new(twin, tid, tgid,
						comm_is_runtime(comm) ? THREAD_SETUP : THREAD_RUNS);

	if (thread)
		thread->flags = THREAD_JOINED;
	if (!thread || thread->state != THREAD_RUNS)
		return thread;
	window_late(&thread->window, twin->rules.weight, twin->window_size);
	return thread_score(twin, thread, 1) < 0 ? NULL : thread;
}

void twin_threads_end(struct twin *twin)
{
	for (size_t i = 0; i < twin->thread_count; i++)
		if (twin->threads[i].target)
			twin_thread_free(twin, &twin->threads[i]);
	table_free(&twin->by_tid);
	twin->thread_count = 0;
	twin->free_thread = 0;
	twin->last = NULL;
}
