/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where events come from: the sensor in the kernel (source_live), or a trace file through the
 * sensor's twin (source_trace). Both speak the events of bpf/sensor.h, so that learning and
 * monitoring are written once.
 */
#ifndef BOSC_SOURCE_H
#define BOSC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/sensor.h"
#include "../core/profile.h"
#include "error.h"

/* Takes an event, valid during the call. Negative errno stops the source with that error. */
typedef int source_sink(const struct event *event, size_t size, void *context, struct error *err);

struct source {
	/*
	 * Delivers what has come, waiting for the first event up to `timeout_ms` (-1: for ever).
	 * Returns after a moment even if more is there: who polls has other things to do. 1: more
	 * may come, 0: the input has ended, negative errno: failed.
	 */
	int (*poll)(struct source *source, int timeout_ms, struct error *err);

	/* Delivers all that was sent before this call, waiting for none. NULL: the source has no
	 * such moment. */
	int (*drain)(struct source *source, struct error *err);

	/* The target's counters, those of living threads included. */
	void (*target)(struct source *source, uint32_t target, struct target *ret_target);

	/* What could not be taken in of the target: events, threads, bags and cgroups; for target 0
	 * what no target owns, above all news of containers that start. Cheaper than the other
	 * counters. */
	uint64_t (*lost)(struct source *source, uint32_t target);

	/* How many windows had the bag at this place (struct event_bag). */
	uint64_t (*count)(void *source, uint32_t place);

	const struct rules *(*rules)(struct source *source, uint32_t target);

	/* Learning: the part of the training that begins now. */
	void (*part)(struct source *source, uint32_t target, uint32_t part);

	/* Learning: what the second view of threads made of the current part until now; and what it
	 * learnt, into the profile. NULL: the source has no such view. */
	void (*judged)(struct source *source, uint32_t target, struct profile_part *part);
	int (*view)(struct source *source, uint32_t target, struct profile *profile);

	/* The parent of a process that had an alarm, or of one above it; 0: it is not known. */
	uint32_t (*parent)(struct source *source, uint32_t tgid);

	/* The clock of the events: CLOCK_MONOTONIC, or the trace's. */
	uint64_t (*now_ns)(struct source *source);

	void (*close)(struct source *source);
};

static inline void source_close_p(struct source **source)
{
	if (*source)
		(*source)->close(*source);
}

/* The `parent` of a source whose processes are this machine's: what /proc says, while it lives. */
uint32_t source_proc_parent(struct source *source, uint32_t tgid);

/* The secret weights of one start: CODE_COUNT words of the system's random generator. */
int source_secret(uint64_t *ret_secret, struct error *err);

/* A word of it that sums of weights can be added to. */
int source_salt(uint64_t *ret_salt, struct error *err);

#endif
