/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random traces: processes and threads that run through habits of their own, with noise, and fork,
 * execute, exit, crash, appear from nowhere and use numbers again. The same seed makes the same
 * trace.
 */
#ifndef BOSC_TESTS_GENERATOR_H
#define BOSC_TESTS_GENERATOR_H

#include "../core/stage.h"

#define LIVING_MAX 200u

struct living {
	uint32_t tid, tgid;
	uint32_t habit, at; /* where it stands in which of the loops of calls */
	const char *comm;
};

struct generator {
	uint64_t seed;
	bool strange; /* not the work that is learnt, but that which is judged by it */
	uint64_t ns;
	uint32_t born; /* threads until now */
	struct living living[LIVING_MAX];
	uint32_t count;
};

static inline uint32_t pick(struct generator *g, uint32_t choices)
{
	return (uint32_t)(random_next(&g->seed) % choices);
}

static inline uint32_t fresh_tid(struct generator *g)
{
	return 1000 + g->born++;
}

static inline struct living *add_living(struct generator *g, uint32_t tid, uint32_t tgid,
					const char *comm)
{
	struct living *one = &g->living[g->count++];

	*one = (struct living){ .tid = tid, .tgid = tgid, .habit = pick(g, 12), .comm = comm };
	return one;
}

static inline void drop_living(struct generator *g, uint32_t tid)
{
	for (uint32_t i = 0; i < g->count; i++)
		if (g->living[i].tid == tid)
			g->living[i] = g->living[--g->count];
}

/* Few calls are frequent, many are rare, and some are of other ABIs or no calls at all. */
static inline uint32_t any_code(struct generator *g)
{
	uint32_t of = g->strange ? pick(g, 100) : 0;

	if (of < 90)
		return code_of(ABI_NATIVE, pick(g, 60));
	if (of < 96)
		return code_of(ABI_COMPAT, pick(g, 400));
	return code_of(pick(g, 4), pick(g, 100) ? pick(g, 1024) : UINT64_MAX - pick(g, 9));
}

static inline uint32_t next_code(struct generator *g, struct living *one)
{
	static const enum abi abis[] = { ABI_COMPAT, ABI_NATIVE, ABI_URING, ABI_NATIVE,
					 ABI_NATIVE };
	uint64_t seed = one->habit;
	uint32_t length = 3 + (uint32_t)(random_next(&seed) % 20);

	if (pick(g, 1000) < (g->strange ? 20 : 3))
		return any_code(g);
	if (!pick(g, 50))
		one->habit = pick(g, 12);
	one->at = (one->at + 1) % length;
	for (uint32_t i = 0; i < one->at; i++)
		random_next(&seed);
	return code_of(abis[one->habit % ARRAY_SIZE(abis)], random_next(&seed) % 40);
}

static inline void make_fork(struct generator *g, struct living *parent, struct feed *step)
{
	uint32_t known = pick(g, 30) ? 0 : g->living[pick(g, g->count)].tid;
	uint32_t tid = known && known != parent->tid ? known : fresh_tid(g);
	uint32_t tgid = pick(g, 2) ? tid : parent->tgid;

	step->kind = FEED_FORK;
	step->other = tid;
	step->other_tgid = tgid;
	if (known == tid)
		drop_living(g, tid); /* its exit was missed */
	if (g->count < LIVING_MAX)
		add_living(g, tid, tgid, step->comm[0] ? parent->comm : "");
}

static inline void make_exec(struct generator *g, struct living *one, struct feed *step)
{
	static const char *const paths[] = {
		"/bin/sh",
		"/usr/bin/redis-server",
		"run.sh",
		"/dev/fd/7",
		"",
		"/proc/self/exe",
		"./strange",
		"/usr/lib/a-very-long-path-that-does-not-fit-into-the-hundred-and-"
		"twelve-bytes-that-a-trace-or-an-event-has-for-it/bin/program",
	};
	const char *path = paths[pick(g, g->strange ? ARRAY_SIZE(paths) : 6)];
	uint32_t old_tid = one->tid;

	step->kind = FEED_EXEC;
	step->other = old_tid;
	step->tid = one->tgid;
	step->inode = 1 + pick(g, 3);
	memcpy(step->path, path, strnlen(path, PATH_SIZE - 1));
	one->comm = "program";
	one->habit = pick(g, 12);
	if (one->tgid == old_tid)
		return;
	one->tid = UINT32_MAX; /* found by no drop_living() */
	drop_living(g, step->tid);
	for (uint32_t i = 0; i < g->count; i++)
		if (g->living[i].tid == UINT32_MAX)
			g->living[i].tid = step->tid;
}

static inline void make_stranger(struct generator *g, struct feed *step)
{
	static const char *const comms[] = { "late", "runc:[2:INIT]", "memfd:crun_clon", "runcible",
					     "runc" };
	const char *comm = comms[pick(g, ARRAY_SIZE(comms))];
	uint32_t tid = fresh_tid(g);

	add_living(g, tid, pick(g, 2) ? tid : tid - 1, comm);
	memset(step->comm, 0, COMM_SIZE);
	strcpy(step->comm, comm);
	step->tid = tid;
	step->tgid = g->living[g->count - 1].tgid;
	step->kind = FEED_CALL;
	step->code = any_code(g);
}

static inline void make_event(struct generator *g, struct living *one, struct feed *step)
{
	uint32_t of = pick(g, 100);

	if (of < 40 && g->count < LIVING_MAX)
		return make_fork(g, one, step);
	if (of < 55)
		return make_exec(g, one, step);
	if (of < 85 && g->count > 20) {
		step->kind = FEED_EXIT;
		step->other = pick(g, g->strange ? 5 : 3);
		drop_living(g, one->tid);
		return;
	}
	if (of < 92 && g->count < LIVING_MAX)
		return make_stranger(g, step);
	if (!pick(g, 4))
		step->tid = fresh_tid(
			g); /* of whom nobody heard: an exit or a signal of a bystander */
	step->kind = pick(g, 3) || step->tid == one->tid ? FEED_SIGNAL : FEED_EXIT;
	step->other = g->strange ? pick(g, 65) : pick(g, 2) ? 11 : 9;
}

static inline struct feed generate(struct generator *g)
{
	struct feed step = { .kind = FEED_CALL, .target = 1 };
	struct living *one;

	if (!g->count)
		add_living(g, fresh_tid(g), 1000, "first");
	one = &g->living[pick(g, 3) ? pick(g, g->count) : 0];
	step.ns = g->ns += 1 + pick(g, 1 << 22);
	step.tid = one->tid;
	step.tgid = one->tgid;
	step.parent_tgid = 1 + one->tgid % 7;
	strcpy(step.comm, one->comm);
	if (pick(g, 100))
		step.code = next_code(g, one);
	else
		make_event(g, one, &step);
	return step;
}

#endif
