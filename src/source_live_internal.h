/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live source's state, for the files that make it up: source_live.c loads the sensor and reads
 * from it, source_live_target.c tells it what to watch, source_live_swap.c by which other profile;
 * source_live_bags.c puts bags into the table.
 */
#ifndef BOSC_SOURCE_LIVE_INTERNAL_H
#define BOSC_SOURCE_LIVE_INTERNAL_H

#include "../bpf/sensor.h"
#include "source_live.h"

struct sensor_bpf;
struct ring_buffer;

struct mapping {
	void *memory;
	size_t size;
};

struct source_live {
	struct source source;
	struct sensor_bpf *sensor;
	struct ring_buffer *ring;
	source_sink *sink;
	void *context;
	struct error *err;
	int wake_fd;	     /* the caller's; -1: none */
	int status;	     /* of the sink, during a poll */
	bool draining;	     /* during a poll: it ends at events that are newer than … */
	uint64_t until_ns;   /* … this; else at this time */
	uint32_t taken;	     /* events, modulo 2^32 */
	bool left;	     /* the last poll ended before the ring was empty */
	uint32_t rules_size; /* of a target, in `rules` */
	const char *unseen;  /* what this kernel does not show */
	uint64_t *secret[TARGETS_MAX]; /* the weights of each target's calls; owned */
	uint64_t hot_counts[HOT_BAGS]; /* how often training saw each hot bag */
	struct mapping targets, rules, bags, counts, feeds;
};

static inline struct source_live *live_of(const struct source *source)
{
	return (struct source_live *)source;
}

static inline struct rules *rules_at(const struct source_live *live, uint32_t target)
{
	return (struct rules *)((char *)live->rules.memory + (size_t)target * live->rules_size);
}

/* What the kernels call the event that on_operation hangs on, the newer first; ended by NULL. */
extern const char *const live_operation_events[];

/* The key of an executable of the target's profile. */
struct exec_key live_exec_key(uint32_t target, const struct profile_exec *exec);

/* Makes the profile's executables known. */
int live_execs_put(struct source_live *live, uint32_t target, const struct profile *profile,
		   struct error *err);

/*
 * Puts in the bags of a profile by these rules. `places` (may be NULL) receives where each is
 * counted, BAG_NO_PLACE for one without room. How many found none.
 */
uint64_t live_bags_put(struct source_live *live, struct rules *rules, const struct profile *profile,
		       uint32_t *places);

/* Makes those of its bags hot that no target's bag at the same place was seen more often than. They
 * are not counted there. */
void live_bags_heat(struct source_live *live, const struct rules *rules,
		    const struct profile *profile);

/* Takes them out. */
void live_bags_take(struct source_live *live, const struct rules *rules,
		    const struct profile *profile);

/* Puts those that stand among the spare buckets also where every call looks. Whether all found room
 * there. */
bool live_bags_copy(struct source_live *live, const struct rules *rules,
		    const struct profile *profile);

/* Takes from the spare buckets what stands where every call looks, too. */
void live_bags_tidy(struct source_live *live, const struct rules *rules,
		    const struct profile *profile);

#endif
