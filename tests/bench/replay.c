/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast recordings are judged: ns of one core for a call, by the core alone (core/twin.h).
 *
 *     replay judge KINDS HOT ROUNDS    calls at random, of the first HOT of so many kinds, all of
 *                                      whose bags are known; the rounds' quartiles as JSON
 *     replay write FILE KINDS CALLS    such calls as a trace
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

#define CALLS (1u << 22) /* of a round */
#define STEPS (1u << 16) /* before the same come again */
#define SEED  88172645463325252ull

static uint16_t draw(uint64_t *state, uint32_t kinds)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint16_t)work_kinds[(*state >> 32) * kinds >> 32];
}

static void judge(uint32_t kinds, uint32_t hot, size_t rounds)
{
	static uint16_t nr[STEPS];
	struct profile *profile = bench_profile(kinds);
	uint64_t secret[CODE_COUNT], state = SEED;
	struct error err = { 0 };
	struct target target;
	struct twin *twin;
	struct feed feed = { .kind = FEED_CALL, .tid = 1, .tgid = 1, .target = 1 };
	double *ns = calloc(rounds, sizeof(*ns));

	if (source_secret(secret, &err) < 0 || !ns)
		bench_give_up("no memory");
	twin = twin_new(MODE_MONITOR, profile, secret,
			bagtable_buckets(profile->bag_count + MET_ROOM), 0, NULL);
	if (!twin)
		bench_give_up("no memory");
	for (size_t i = 0; i < STEPS; i++)
		nr[i] = draw(&state, hot);
	for (size_t round = 0; round < rounds; round++) {
		double started = bench_cpu_ns();

		for (size_t i = 0; i < CALLS; i++) {
			feed.ns++;
			feed.code = code_of(ABI_NATIVE, nr[i % STEPS]);
			twin_step(twin, &feed);
		}
		ns[round] = (bench_cpu_ns() - started) / CALLS;
	}
	twin_target(twin, &target);
	printf("{\"bags\": %zu, \"calls\": %llu, \"mismatches\": %llu, ", profile->bag_count,
	       (unsigned long long)target.calls, (unsigned long long)target.mismatches);
	bench_print_spread("ns", ns, rounds, "}\n");
	twin_free(twin);
	profile_free(profile);
	free(ns);
}

/* The same calls of one thread as a trace, a microsecond apart. */
static void write_trace(const char *path, uint32_t kinds, size_t calls)
{
	struct trace_writer *writer;
	struct error err = { 0 };
	uint64_t state = SEED;

	if (trace_writer_create(path, 0, &writer, &err) < 0)
		bench_give_up(err.text);
	for (size_t i = 0; i < calls; i++) {
		struct trace_head head = {
			.ts = (i + 1) * 1000,
			.tid = 1,
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
	if (argc == 5 && !strcmp(argv[1], "judge"))
		judge((uint32_t)atol(argv[2]), (uint32_t)atol(argv[3]), (size_t)atol(argv[4]));
	else if (argc == 5 && !strcmp(argv[1], "write"))
		write_trace(argv[2], (uint32_t)atol(argv[3]), (size_t)atol(argv[4]));
	else
		bench_give_up("replay judge KINDS HOT ROUNDS, or write FILE KINDS CALLS");
	return 0;
}
