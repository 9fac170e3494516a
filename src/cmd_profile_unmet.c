/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a training never met, and what will therefore be taken for an anomaly, or missed: each line
 * says one thing that more learning would cure. Only what the profile proves is said.
 */
#include <stdio.h>
#include <string.h>

#include "../bpf/sensor.h"
#include "cmd_profile_show.h"
#include "sink.h"
#include "terminal.h"

#define HOUR_S 3600ull
#define DAY_S  (24 * HOUR_S)

struct unmet {
	FILE *out;
	const struct profile *profile;
	bool any;
};

/* Begins a line. */
static FILE *begin(struct unmet *unmet)
{
	fprintf(unmet->out, "%-*s", (int)TERMINAL_LABEL, unmet->any ? "" : "not met");
	unmet->any = true;
	return unmet->out;
}

static void say_starts(struct unmet *unmet)
{
	const struct profile *profile = unmet->profile;
	size_t late = 0;

	for (size_t i = 0; i < profile->run_count; i++)
		late += profile->runs[i].joined_late > 0;
	if (!profile->exec_count)
		fprintf(begin(unmet), "the start of a program\n");
	else if (late && late == profile->run_count)
		fprintf(begin(unmet), "the start of the target: each run joined it late\n");
	else if (profile->programs && profile->programs <= profile->exec_count)
		fprintf(begin(unmet), "a second start of any program; no two are alike\n");
}

static bool all_alike(const struct profile *profile, size_t member)
{
	for (size_t i = 1; i < profile->run_count; i++)
		if (strcmp((const char *)&profile->runs[i] + member,
			   (const char *)&profile->runs[0] + member) != 0)
			return false;
	return true;
}

static void say_runs(struct unmet *unmet)
{
	const struct profile *profile = unmet->profile;
	const struct profile_run *run = profile->runs;

	if (profile->run_count == 1)
		fprintf(begin(unmet), "a second run of learning, which would confirm the first\n");
	if (!profile->run_count || !run->host[0] ||
	    !all_alike(profile, offsetof(struct profile_run, host)))
		return;
	fprintf(begin(unmet), "another machine than ");
	sink_text_safe(unmet->out, run->host, sizeof(run->host));
	if (all_alike(profile, offsetof(struct profile_run, kernel))) {
		fprintf(unmet->out, ", or kernel than ");
		sink_text_safe(unmet->out, run->kernel, sizeof(run->kernel));
	}
	fprintf(unmet->out, "\n");
}

/* Only a live run lasts as long as its target's work did. */
static void say_time(struct unmet *unmet)
{
	const struct profile *profile = unmet->profile;
	uint64_t seconds = 0;

	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		if (!strstr(run->source, "live"))
			return;
		seconds += run->ended_s > run->started_s ? run->ended_s - run->started_s : 0;
	}
	if (!profile->run_count)
		return;
	if (seconds < HOUR_S)
		fprintf(begin(unmet),
			"what happens hourly, or daily: it was learnt for %llu minutes\n",
			(unsigned long long)(seconds + 59) / 60);
	else if (seconds < DAY_S)
		fprintf(begin(unmet), "what happens daily: it was learnt for %llu hours\n",
			(unsigned long long)(seconds / HOUR_S));
	else if (seconds < 7 * DAY_S)
		fprintf(begin(unmet), "what happens weekly: it was learnt for %llu days\n",
			(unsigned long long)(seconds / DAY_S));
}

static void say_ends(struct unmet *unmet)
{
	const struct profile *profile = unmet->profile;

	if (profile->gram_count && !profile->repertoires.threads)
		fprintf(begin(unmet), "the end of a thread or program\n");
	if (!(profile->signals & ~MAIN_EXIT_BIT))
		fprintf(begin(unmet), "a fatal signal: the first is an alarm\n");
	if (profile->container[0] && !(profile->signals & MAIN_EXIT_BIT))
		fprintf(begin(unmet), "an end of the container by itself: the first is an alarm\n");
}

static void say_rare(struct unmet *unmet)
{
	uint32_t calls = profile_new_calls(unmet->profile);
	uint64_t lost = profile_lost(unmet->profile);

	if (calls && unmet->profile->history_count > 1)
		fprintf(begin(unmet),
			"all of the rare work: %u call%s came up only late in the training, so "
			"others may yet\n",
			calls, calls == 1 ? "" : "s");
	if (lost)
		fprintf(begin(unmet), "%llu events, threads and bags that were lost\n",
			(unsigned long long)lost);
}

void cmd_profile_show_unmet(FILE *out, const struct profile *profile)
{
	struct unmet unmet = { .out = out, .profile = profile };

	say_starts(&unmet);
	say_runs(&unmet);
	say_time(&unmet);
	say_ends(&unmet);
	say_rare(&unmet);
}
