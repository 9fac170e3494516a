/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the three files of the twin share: twin.c (its life and its steps), twin_threads.c (bpf/
 * threads.h in plain C) and twin_judge.c (bpf/judge.h).
 */
#ifndef BOSC_CORE_TWIN_INTERNAL_H
#define BOSC_CORE_TWIN_INTERNAL_H

#include "table.h"
#include "twin.h"

struct twin {
	enum sensor_mode mode;
	uint32_t window_size;
	int count_bags;
	twin_sink *sink;
	void *context;
	uint64_t ns;
	struct scorer *scorer; /* NULL: none */

	struct target target;
	struct rules rules;
	struct bag_bucket *buckets;
	struct bag_counts *counts;
	uint32_t bucket_count;

	struct thread *threads;
	size_t thread_count, thread_room;
	size_t free_thread;  /* index + 1 of a free slot; its tgid is the next one's */
	struct table by_tid; /* index of the thread + 1 */
	struct thread *last; /* most calls come from the thread of the call before */

	struct table repeats;
	uint32_t *met; /* monitoring: places of unknown bags */
	size_t met_count, met_room;
	uint64_t unloaded; /* bags of the profile that found no room */
	struct exec_key *execs;
	size_t exec_count, exec_room;
};

/* The slot of a tid, or NULL. Valid until the next thread comes. */
struct thread *twin_thread_find(struct twin *twin, uint32_t tid);
void twin_thread_free(struct twin *twin, struct thread *thread);

/* All threads end. */
void twin_threads_end(struct twin *twin);

/* A slot for a thread at its beginning; NULL: no memory. */
struct thread *twin_thread_new(struct twin *twin, uint32_t tid, uint32_t tgid, uint8_t state);

/* The same for a thread whose fork nobody saw. */
struct thread *twin_thread_join(struct twin *twin, uint32_t tid, uint32_t tgid, const char *comm);

int twin_judge_call(struct twin *twin, struct thread *thread, const struct feed *feed);
int twin_judge_exec(struct twin *twin, struct thread *thread, const struct feed *feed);
void twin_judge_signal(struct twin *twin, struct thread *thread, const struct feed *feed);
void twin_judge_exit(struct twin *twin, struct thread *thread, const struct feed *feed);

/* The program that the thread runs ends: what it came to as a whole. `thread` may be NULL. */
int twin_judge_end(struct twin *twin, struct thread *thread, const struct feed *feed);

/* Adds an executable to the known ones. */
int twin_exec_know(struct twin *twin, const char *path, uint64_t inode);

#endif
