/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sensor's settings and tables. Settings are constants for the verifier: user space writes
 * them between open and load, and what they switch off is not even compiled. The tables are
 * arrays of whole cache lines; hash maps serve only what happens rarely.
 */
#ifndef BOSC_BPF_MAPS_H
#define BOSC_BPF_MAPS_H

#include "kernel.h"
#include "sensor.h"

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

const volatile uint32_t mode = MODE_MONITOR;
const volatile uint32_t window_size = 8;
const volatile uint32_t bag_buckets;   /* of known bags, close together */
const volatile uint32_t met_buckets;   /* behind them: of unknown ones that were met */
const volatile uint32_t spare_buckets; /* behind those: of known ones that find no room */
const volatile uint32_t all_buckets;   /* of these three */
const volatile uint32_t target_mask;   /* places for targets - 1; they are a power of two */
const volatile uint32_t rules_size;    /* of a target */
const volatile _Bool in_unified;       /* targets are cgroups of the v2 hierarchy */
const volatile _Bool in_pids;	       /* targets are cgroups of the v1 pids hierarchy */
const volatile _Bool by_task;	       /* targets are tasks, followed by fork and exec */
const volatile _Bool count_bags;       /* monitoring: count known and unknown bags, too */
const volatile _Bool announce_cgroups; /* tell user space of cgroups that come and go */
const volatile _Bool feeding;	       /* a test runs the sensor; nothing is attached */

/*
 * The tables of the fast path, whose places are computed from a thread, a cgroup, a target, a hash.
 * Those whose size is fixed are variables; the others are one value each, sized by user space
 * before loading, so that the index is no key that has to go through memory.
 */
struct thread_keys thread_keys[THREAD_SETS];
struct thread_set threads[THREAD_SETS];
struct cgroup_set cgroups[CGROUP_SETS];
uint64_t hot_bags[HOT_BAGS]; /* monitoring; of all targets, for hashes have their salt. 0: none */

#define BLOCK(name)                                \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(max_entries, 1);            \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(key_size, 4);               \
		__uint(value_size, 64);            \
	} name SEC(".maps")

BLOCK(rules);  /* struct rules, of rules_size, by target */
BLOCK(bags);   /* struct bag_bucket */
BLOCK(counts); /* struct bag_counts, as many as `bags` where bags are counted */

#define BLOCK_AT(name, index, size)                                        \
	({                                                                 \
		uint32_t zero_ = 0;                                        \
		char *all_ = bpf_map_lookup_elem(&(name), &zero_);         \
		all_ ? (void *)(all_ + (uint64_t)(index) * (size)) : NULL; \
	})

static __always_inline struct rules *rules_of(uint32_t target)
{
	return BLOCK_AT(rules, target & target_mask, rules_size);
}

/* The target that is being given the rules of a newer profile, which then stand at the place of
 * target 0, nobody's; 0: none. */
uint32_t changing;

/* The rules that hold, while others may be put into their place. */
static __always_inline struct rules *rules_now(uint32_t target)
{
	return rules_of(target == changing ? 0 : target);
}

/* An array that user space maps into its memory. */
#define TABLE(name, element, entries)              \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(max_entries, entries);      \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__type(key, uint32_t);             \
		__type(value, element);            \
	} name SEC(".maps")

TABLE(targets, struct target, 2); /* user space sets the real size before loading */
TABLE(feeds, struct feed, 1);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct exec_key);
	__type(value, uint64_t);
} execs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct repeat_key);
	__type(value, uint64_t);
} repeats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TARGETS_MAX);
	__type(key, char[TASK_NAME_SIZE]);
	__type(value, uint32_t);
} task_names SEC(".maps");

/* Cgroups that are awaited: by path ("/a/b"), or by name wherever they are ("ssh.service"). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * TARGETS_MAX);
	__type(key, char[CGROUP_NAME_SIZE]);
	__type(value, uint32_t);
} cgroup_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
} events SEC(".maps");

/* Nobody reads this. Who updates a map of maps is kept waiting by the kernel until every program
 * that runs has ended, and so knows that none still uses what it found before. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint32_t);
} awaited SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__array(values, typeof(awaited));
} awaiting SEC(".maps") = { .values = { &awaited } };

static __always_inline struct feed *feed_now(void)
{
	uint32_t zero = 0;

	return bpf_map_lookup_elem(&feeds, &zero);
}

static __always_inline uint64_t now_ns(void)
{
	if (feeding) {
		struct feed *feed = feed_now();

		return feed ? feed->ns : 0;
	}
	return bpf_ktime_get_ns();
}

static __always_inline struct target *target_of(uint32_t index)
{
	return bpf_map_lookup_elem(&targets, &index);
}

#define TARGET_ADD(index, counter, amount)                                \
	do {                                                              \
		struct target *counted_ = target_of(index);               \
		if (counted_)                                             \
			__sync_fetch_and_add(&counted_->counter, amount); \
	} while (0)

/* Reserves an event of the ring buffer and fills in its head; a failure is counted. */
static __always_inline void *event_new(uint32_t kind, uint32_t target, uint32_t tid, uint32_t size)
{
	struct event *event = bpf_ringbuf_reserve(&events, size, 0);

	if (!event) {
		TARGET_ADD(target, lost_events, 1);
		return NULL;
	}
	event->kind = kind;
	event->target = target;
	event->tid = tid;
	event->ns = now_ns();
	return event;
}

#endif
