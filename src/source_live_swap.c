/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A newer profile takes the place of the one that a target is judged by, while it is judged.
 *
 * Both profiles stand in the sensor's tables for a while, their bags told apart by a salt in the
 * hashes. What the older one knows passes until it is taken out; what it does not know is judged
 * by the newer one from the moment on at which the sensor is told. So each window is held against
 * one whole profile or the other. No thread is touched: its hash is the older one's until it finds
 * nothing, and is then computed anew (bpf/judge.h).
 *
 * Between two steps the kernel has every program end that may have seen what was before.
 */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../core/rules.h"
#include "sensor.skel.h"
#include "source_live_internal.h"
#include "util.h"

struct swap {
	struct source_live *live;
	uint32_t target;
	const struct profile *from, *to;
	struct rules *now;  /* of the target, which the fast path looks at */
	struct rules *next; /* at the place of target 0 */
	struct exec_key *from_execs, *to_execs;
	uint32_t *places;
};

/* Until every program of the sensor that runs now has ended. False: this kernel does not say. */
static bool await_programs(const struct source_live *live)
{
	int awaited = bpf_map__fd(live->sensor->maps.awaited);
	uint32_t zero = 0;

	return bpf_map__update_elem(live->sensor->maps.awaiting, &zero, sizeof(zero), &awaited,
				    sizeof(awaited), BPF_ANY) >= 0;
}

static void announce(const struct swap *swap, uint32_t changing)
{
	__atomic_store_n(&swap->live->sensor->bss->changing, changing, __ATOMIC_SEQ_CST);
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct exec_key));
}

/* The keys of a profile's executables, sorted. */
static int exec_keys(uint32_t target, const struct profile *profile, struct exec_key **ret_keys,
		     struct error *err)
{
	struct exec_key *keys = calloc(profile->exec_count + 1, sizeof(*keys));

	if (!keys)
		return fail(err, -ENOMEM, "cannot hand the profile '%s' to the sensor: no memory",
			    profile->name);
	for (size_t i = 0; i < profile->exec_count; i++)
		keys[i] = live_exec_key(target, &profile->execs[i]);
	qsort(keys, profile->exec_count, sizeof(*keys), compare_keys);
	*ret_keys = keys;
	return 0;
}

/* Takes out those of `count` executables that are not among the `kept_count` others. */
static void forget_execs(const struct swap *swap, const struct exec_key *keys, size_t count,
			 const struct exec_key *kept, size_t kept_count)
{
	for (size_t i = 0; i < count; i++)
		if (!bsearch(&keys[i], kept, kept_count, sizeof(*kept), compare_keys))
			bpf_map__delete_elem(swap->live->sensor->maps.execs, &keys[i],
					     sizeof(keys[i]), 0);
}

/* Puts the newer profile beside the older one. On failure all is as it was. */
static int put_beside(const struct swap *swap, struct error *err)
{
	uint64_t salt;
	int status = source_salt(&salt, err);

	if (status < 0)
		return status;
	rules_monitor(swap->next, swap->to, swap->live->secret[swap->target]);
	swap->next->salt = salt;
	swap->next->generation = swap->now->generation + 1;
	if (live_bags_put(swap->live, swap->next, swap->to, swap->places))
		status = fail(err, -ENOSPC,
			      "there is no room in the sensor for its %zu bags beside the %zu that "
			      "are watched by",
			      swap->to->bag_count, swap->from->bag_count);
	if (status >= 0)
		status = live_execs_put(swap->live, swap->target, swap->to, err);
	if (status >= 0)
		return 0;
	live_bags_take(swap->live, swap->next, swap->to);
	forget_execs(swap, swap->to_execs, swap->to->exec_count, swap->from_execs,
		     swap->from->exec_count);
	return fail_hint(err, status, "bosc monitor, started anew");
}

/* Word by word, for the fast path reads on. */
static void put_in_place(const struct swap *swap)
{
	const struct rules *next = swap->next;
	struct rules *now = swap->now;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		__atomic_store_n(&now->weight[code], next->weight[code], __ATOMIC_RELAXED);
	__atomic_store_n(&now->signals, next->signals, __ATOMIC_RELAXED);
	__atomic_store_n(&now->any_exec, next->any_exec, __ATOMIC_RELAXED);
	__atomic_store_n(&now->frame_limit, next->frame_limit, __ATOMIC_RELAXED);
	__atomic_store_n(&now->fresh_limit, next->fresh_limit, __ATOMIC_RELAXED);
	__atomic_store_n(&now->salt, next->salt, __ATOMIC_RELAXED);
	__atomic_store_n(&now->generation, next->generation, __ATOMIC_RELAXED);
	__atomic_store_n(&now->spared, next->spared, __ATOMIC_RELAXED);
}

/* What found no room beside the older profile may find it now. What is counted stays. */
static void move_spared(const struct swap *swap)
{
	bool all;

	if (!swap->now->spared || swap->places)
		return;
	all = live_bags_copy(swap->live, swap->now, swap->to);
	await_programs(swap->live);
	live_bags_tidy(swap->live, swap->now, swap->to);
	__atomic_store_n(&swap->now->spared, !all, __ATOMIC_RELAXED);
}

static void swap_over(const struct swap *swap)
{
	announce(swap, swap->target);
	await_programs(swap->live);
	live_bags_take(swap->live, swap->now, swap->from);
	put_in_place(swap);
	live_bags_heat(swap->live, swap->now, swap->to);
	await_programs(swap->live);
	announce(swap, 0);
	forget_execs(swap, swap->from_execs, swap->from->exec_count, swap->to_execs,
		     swap->to->exec_count);
	move_spared(swap);
}

int source_live_swap(struct source *source, uint32_t target, const struct profile *from,
		     const struct profile *to, uint32_t *places, struct error *err)
{
	_cleanup_free_ struct exec_key *from_execs = NULL, *to_execs = NULL;
	struct source_live *live = live_of(source);
	struct swap swap = { live, target, from, to, rules_at(live, target), rules_at(live, 0) };
	int status;

	/* A swap before may still be seen at the place of target 0. */
	if (!await_programs(live))
		return fail(err, -errno, "cannot wait for the sensor's programs to end: %s",
			    strerror(errno));
	status = exec_keys(target, from, &from_execs, err);
	if (status >= 0)
		status = exec_keys(target, to, &to_execs, err);
	if (status < 0)
		return status;
	swap.from_execs = from_execs;
	swap.to_execs = to_execs;
	swap.places = places;
	status = put_beside(&swap, err);
	if (status >= 0)
		swap_over(&swap);
	return status;
}

uint64_t source_live_move_count(struct source *source, uint32_t from, uint32_t to)
{
	struct bag_counts *counts = live_of(source)->counts.memory;
	uint64_t count = __atomic_exchange_n(&counts[from / BUCKET_WAYS].count[from % BUCKET_WAYS],
					     0, __ATOMIC_RELAXED);

	if (to != BAG_NO_PLACE)
		__atomic_fetch_add(&counts[to / BUCKET_WAYS].count[to % BUCKET_WAYS], count,
				   __ATOMIC_RELAXED);
	return count;
}
