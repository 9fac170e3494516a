/* SPDX-License-Identifier: BSD-2-Clause */
#include "drift.h"

/* With so few, a share below is not known to differ from it (the rule of three). */
#define WINDOWS_LEAST 3.0

double drift_expected(const struct profile *profile)
{
	double unseen = profile_unseen(profile);
	double least = WINDOWS_LEAST / ((double)profile_windows(profile) + WINDOWS_LEAST);

	return unseen > least ? unseen : least;
}

void drift_begin(struct drift *drift, const struct profile *profile)
{
	*drift = (struct drift){ .expected = drift_expected(profile) };
}

void drift_renew(struct drift *drift, const struct profile *profile, uint64_t windows,
		 uint64_t mismatches)
{
	drift_begin(drift, profile);
	drift->windows = windows;
	drift->mismatches = mismatches;
}

/* Normal again: what was bad before counts no more. */
static void forget(struct drift *drift)
{
	drift->stretches = drift->processes = 0;
	drift->sum_windows = drift->sum_mismatches = 0;
}

bool drift_sample(struct drift *drift, uint64_t windows, uint64_t mismatches)
{
	uint64_t passed = windows - drift->windows;
	uint64_t unknown = mismatches - drift->mismatches;

	if (drift->drifting || windows < drift->windows || passed < DRIFT_WINDOWS)
		return false;
	drift->windows = windows;
	drift->mismatches = mismatches;
	if ((double)unknown <= DRIFT_FACTOR * drift->expected * (double)passed) {
		forget(drift);
		return false;
	}
	drift->sum_windows += passed;
	drift->sum_mismatches += unknown;
	drift->stretches++;
	drift->drifting = drift->stretches >= DRIFT_STRETCHES &&
			  drift->processes >= DRIFT_PROCESSES;
	return drift->drifting;
}

static bool is_power_of_two(uint64_t number)
{
	return number && !(number & (number - 1));
}

bool drift_alarm(struct drift *drift, struct incident *incident, uint32_t rule, uint64_t repeats,
		 bool first)
{
	drift->processes += first;
	incident->soft++;
	/* The kernel tells the first, second, fourth … time: so many more than at the last one. */
	incident->reached[rule] += repeats / 2 + 1;
	if (!drift->drifting)
		return true;
	if (incident->number)
		return is_power_of_two(incident->soft);
	if (incident->reached[rule] > DRIFT_TREE)
		return true;
	return incident->soft == 1 && is_power_of_two(++drift->incidents);
}
