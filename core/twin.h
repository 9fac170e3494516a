/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor's twin: the same judgement in plain C, for traces. It takes the steps that a trace's
 * records make (struct feed) and sends the events that the sensor would send, so that whoever
 * reads events need not know where they come from. A differential test holds the two together.
 */
#ifndef BOSC_CORE_TWIN_H
#define BOSC_CORE_TWIN_H

#include "../bpf/sensor.h"
#include "profile.h"
#include "record.h"
#include "scorer.h"

struct twin;

/* Takes an event, whose kind says how large it is (bpf/sensor.h); it is valid during the call. */
typedef void twin_sink(const struct event *event, void *context);

/*
 * A twin with one target, of index 1. `buckets` is the size of its table of bags, a power of two;
 * `count_bags` makes monitoring count known and unknown bags, too. The profile's bags and
 * executables are known from the start, and counted from zero; `places` (may be NULL) receives
 * where each of its bags is counted. NULL: no memory.
 */
struct twin *twin_new(enum sensor_mode mode, const struct profile *profile, const uint64_t *secret,
		      uint32_t buckets, int count_bags, uint32_t *places);
void twin_free(struct twin *twin);
void twin_listen(struct twin *twin, twin_sink *sink, void *context);

/* Shows all calls to the second view of threads, too, whose level is a rule. It stays the
 * caller's, and outlives the twin. */
void twin_score(struct twin *twin, struct scorer *scorer);

/* The recording ends, and with it the threads that still live. -ENOMEM, else 0. */
int twin_finish(struct twin *twin);

/* Another recording begins: threads, counters and what was met are forgotten. Learning: what was
 * learnt stays, and so do the counters. */
void twin_restart(struct twin *twin);

/* One step. -ENOMEM, else 0. */
int twin_step(struct twin *twin, const struct feed *feed);

/* A step for each of so many calls that the thread in `step` makes one after the other; the rest
 * of `step` holds for all of them, but for the time and the code, which are set here. Several times
 * as fast as single steps. -ENOMEM, else 0. */
int twin_run(struct twin *twin, struct feed *step, const struct trace_head *calls, size_t count);

/* The target's counters, those of living threads included. */
void twin_target(const struct twin *twin, struct target *ret_target);

/* Learning: the part of the training that begins now. */
void twin_part(struct twin *twin, uint32_t part);

const struct rules *twin_rules(const struct twin *twin);

/* How many windows had the bag at this place. */
uint64_t twin_count(const struct twin *twin, uint32_t place);

#endif
