/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drift: the target is no longer what was learnt. Training predicts how many windows of normal work
 * are unknown: the Good-Turing share of the bags that it saw once. Where far more are, for long,
 * and in many processes, the software or its load has changed, and alarms of the soft rules say no
 * more than that. Then one sentence says it, and those alarms are folded, so that the ones that
 * still mean something can be seen.
 *
 * Whoever attacks may try to be taken for drift. So it takes several processes and lasting shares,
 * by when he was told of; decisive rules are never folded; and a process tree that reaches the same
 * limit more than twice is told of even then (docs/decisions/0011-drift.md).
 */
#ifndef BOSC_DRIFT_H
#define BOSC_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/profile.h"
#include "incident.h"

#define DRIFT_FACTOR	10     /* times the share that training predicts */
#define DRIFT_WINDOWS	25000u /* in a stretch, the least */
#define DRIFT_STRETCHES 4u     /* one after the other */
#define DRIFT_PROCESSES 5u     /* with soft alarms, during these */
#define DRIFT_TREE	2u     /* a tree that reached the same limit oftener is told */

struct drift {
	double expected;  /* share of unknown windows */
	uint64_t windows; /* of the target, when the current stretch began */
	uint64_t mismatches;
	uint64_t sum_windows; /* of the stretches that were too bad */
	uint64_t sum_mismatches;
	uint32_t stretches; /* that were too bad, one after the other */
	uint32_t processes; /* with soft alarms, since the first of these began */
	bool drifting;
	uint64_t incidents; /* that would have been told, since */
};

/* The share of unknown windows that the profile lets expect. Where no bag was seen just once, that
 * of three in all its windows: below this the training was too short to see anything. */
double drift_expected(const struct profile *profile);

void drift_begin(struct drift *drift, const struct profile *profile);

/* Looks anew, for the target is held against another profile from these counters of it on. */
void drift_renew(struct drift *drift, const struct profile *profile, uint64_t windows,
		 uint64_t mismatches);

/* The target's counters until now. True, once: it drifts. */
bool drift_sample(struct drift *drift, uint64_t windows, uint64_t mismatches);

/*
 * An alarm of this soft rule in an incident that may or may not have been told before. `repeats` is
 * that of the event, `first` says that its process had none before. Whether the alarm is to be
 * told: without drift always.
 */
bool drift_alarm(struct drift *drift, struct incident *incident, uint32_t rule, uint64_t repeats,
		 bool first);

#endif
