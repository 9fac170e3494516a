/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learning: when it is over, and what normal novelty looks like.
 *
 * The end. That the current load is steady says little (the paper's cosine between epochs), so
 * learning ends when all of these hold: no new bag for so many windows and so much time, the
 * Good-Turing estimate of unseen behaviour is below a limit, and nothing was lost. Windows are
 * counted, so that an idle hour teaches nothing and ends nothing. On a busy target bags that hang
 * on timing never stop coming: there an estimate ten times smaller, after ten times the windows and
 * twice the time, ends learning as well.
 *
 * The limits. Training is cut into parts, each a quarter as long as all before it, and each is
 * judged by the others (core/novelty.h) as fresh behaviour will be judged by the profile.
 */
#ifndef BOSC_CORE_LEARNER_H
#define BOSC_CORE_LEARNER_H

#include "../bpf/sensor.h"
#include "profile.h"
#include "table.h"

struct learner_limits {
	uint64_t quiet_windows; /* no new bag for so many windows … */
	uint64_t quiet_ns;	/* … and so long */
	double unseen;		/* the largest estimate of unseen behaviour */
};

struct learner {
	struct profile *profile;
	struct learner_limits limits;
	uint64_t started_ns;
	uint64_t base_windows; /* of the profile before this run */
	uint64_t windows;      /* of this run */
	uint64_t part_windows; /* of this run, when the current part began */
	uint64_t bags;	       /* new ones in this run */
	uint64_t new_windows;  /* of this run, and the time, when the last new bag came */
	uint64_t new_ns;
	uint64_t missed; /* lost by the source before it came to the learner; the caller's to set */
	uint64_t lost;	 /* in all */
	uint64_t base_calls[CODE_COUNT];
	uint64_t base_starts[CODE_COUNT];
	uint64_t base_programs;
	struct table threads; /* tid → number << 32 | its windows at its last sight */
	uint32_t *places;     /* by bag: where the source counts it; BAG_NO_PLACE: nowhere */
	uint64_t *base;	      /* by bag: its count before this run */
	size_t room;
};

/* Says how often the source saw the bag at a place in this run. */
typedef uint64_t learner_count(void *source, uint32_t place);

/*
 * Begins a run, which the caller has appended to the profile. `places` has one entry for each
 * bag that the profile holds already. -ENOMEM, else 0.
 */
int learner_begin(struct learner *learner, struct profile *profile,
		  const struct learner_limits *limits, const uint32_t *places, uint64_t now_ns);
void learner_end(struct learner *learner);

/* A new bag, an executable, a signal left the source. -ENOMEM, else 0. */
int learner_event(struct learner *learner, const struct event *event);

/* Takes over what the source counted. The count of a place carries COUNT_AGAIN. */
void learner_sync(struct learner *learner, const struct target *target, const struct rules *rules,
		  learner_count *count, void *source, uint64_t now_ns);

/* The number of the part that begins now, if the current one is long enough; else 0. To be asked
 * after learner_sync(), and passed on to the source. */
uint32_t learner_next_part(struct learner *learner);

/* Whether the rules for the end hold; the reason, for people, goes to `why`. */
int learner_is_done(const struct learner *learner, uint64_t now_ns, char *why, size_t size);

#endif
