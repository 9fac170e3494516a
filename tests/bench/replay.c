/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast recordings are judged: ns of one core for a call, by the core alone (core/twin.h).
 *
 *     replay judge KINDS HOT RUN ROUNDS      calls at random, of the first HOT of so many kinds,
 *                                            all of whose bags are known; the rounds' quartiles as
 *                                            JSON
 *     replay write FILE KINDS RUN CALLS      such calls as a trace
 *
 * They are made by THREADS threads in turns of RUN calls, which reach the core by the run, as the
 * program has them from a trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bagtable.h"
#include "core/twin.h"
#include "src/source.h"
#include "src/trace.h"
#include "src/util.h"
#include "bench.h"
#include "profile.h"
#include "work.h"

#define CALLS	(1u << 22) /* of a round, at least */
#define STEPS	(1u << 16) /* before the same come again */
#define THREADS 4u
#define RUN_MAX 2048u
#define SEED	88172645463325252ull

static uint16_t draw(uint64_t *state, uint32_t kinds)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint16_t)work_kinds[(*state >> 32) * kinds >> 32];
}

static const uint16_t *random_numbers(uint32_t kinds)
{
	static uint16_t nr[STEPS];
	uint64_t state = SEED;

	for (size_t i = 0; i < STEPS; i++)
		nr[i] = draw(&state, kinds);
	return nr;
}

static struct twin *open_twin(const struct profile *profile)
{
	uint64_t secret[CODE_COUNT];
	struct error err = { 0 };
	struct twin *twin;

	if (source_secret(secret, &err) < 0)
		bench_give_up(err.text);
	twin = twin_new(MODE_MONITOR, profile, secret,
			bagtable_buckets(profile->bag_count + MET_ROOM), 0, NULL);
	if (!twin)
		bench_give_up("no memory");
	return twin;
}

/* All threads in turns, until there were so many calls; the CPU time of one. */
static double judge_round(struct twin *twin, const uint16_t *nr, size_t run)
{
	struct feed feed = { .kind = FEED_CALL, .target = 1 };
	struct trace_head calls[RUN_MAX];
	double started = bench_cpu_ns();
	size_t count = 0;

	for (uint32_t turn = 0; count < CALLS; turn++) {
		feed.tid = feed.tgid = 1 + turn % THREADS;
		for (size_t i = 0; i < run; i++, count++)
			calls[i] = (struct trace_head){ .ts = count,
							.tid = feed.tid,
							.nr = nr[count % STEPS] };
		if (twin_run(twin, &feed, calls, run) < 0)
			bench_give_up("no memory");
	}
	return (bench_cpu_ns() - started) / (double)count;
}

static void judge(uint32_t kinds, uint32_t hot, size_t run, size_t rounds)
{
	struct profile *profile = bench_profile(kinds);
	struct twin *twin = open_twin(profile);
	const uint16_t *nr = random_numbers(hot);
	double *ns = calloc(rounds, sizeof(*ns));
	struct target target;

	if (!ns || run > RUN_MAX)
		bench_give_up("too many rounds, or calls in a turn");
	for (size_t round = 0; round < rounds; round++)
		ns[round] = judge_round(twin, nr, run);
	twin_target(twin, &target);
	printf("{\"bags\": %zu, \"calls\": %llu, \"mismatches\": %llu, ", profile->bag_count,
	       (unsigned long long)target.calls, (unsigned long long)target.mismatches);
	bench_print_spread("ns", ns, rounds, "}\n");
	twin_free(twin);
	profile_free(profile);
	free(ns);
}

/* The calls a microsecond apart. */
static void write_trace(const char *path, uint32_t kinds, size_t run, size_t calls)
{
	struct trace_writer *writer;
	struct error err = { 0 };
	uint64_t state = SEED;

	if (trace_writer_create(path, 0, &writer, &err) < 0)
		bench_give_up(err.text);
	for (size_t i = 0; i < calls; i++) {
		struct trace_head head = {
			.ts = (i + 1) * 1000,
			.tid = 1 + (uint32_t)(i / run % THREADS),
			.nr = draw(&state, kinds),
			.type = TRACE_SYS,
		};

		if (trace_writer_append(writer, &head, sizeof(head), &err) < 0)
			bench_give_up(err.text);
	}
	if (trace_writer_finish(writer, 0, &err) < 0)
		bench_give_up(err.text);
}

int main(int argc, char **argv)
{
	size_t run = argc == 6 ? (size_t)atol(argv[4]) : 0;

	if (run && !strcmp(argv[1], "judge"))
		judge((uint32_t)atol(argv[2]), (uint32_t)atol(argv[3]), run, (size_t)atol(argv[5]));
	else if (run && !strcmp(argv[1], "write"))
		write_trace(argv[2], (uint32_t)atol(argv[3]), run, (size_t)atol(argv[5]));
	else
		bench_give_up("replay judge KINDS HOT RUN ROUNDS, or write FILE KINDS RUN CALLS");
	return 0;
}
