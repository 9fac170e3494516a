/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a training never met, and what will therefore be taken for an anomaly, or missed: each line
 * says one thing that more learning would cure. Only what the profile proves is said.
 */
#include <stdio.h>
#include <string.h>

#include "../bpf/sensor.h"
#include "../core/numbers.h"
#include "cmd_profile.h"
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

bool cmd_profile_is_training(const struct profile_run *run)
{
	return profile_run_counts(run) && strcmp(run->source, RUN_ACCEPT) != 0 &&
	       strcmp(run->source, RUN_IMPORT) != 0;
}

static void say_starts(struct unmet *unmet)
{
	const struct profile *profile = unmet->profile;
	size_t runs = 0, late = 0;

	for (size_t i = 0; i < profile->run_count; i++) {
		runs += cmd_profile_is_training(&profile->runs[i]);
		late += cmd_profile_is_training(&profile->runs[i]) && profile->runs[i].joined_late;
	}
	if (!profile->exec_count)
		fprintf(begin(unmet), "the start of a program\n");
	else if (late && late == runs)
		fprintf(begin(unmet), "the start of the target: each run joined it late\n");
	else if (profile->programs && profile->programs <= profile->exec_count)
		fprintf(begin(unmet), "a second start of any program; no two are alike\n");
}

/* The runs of the training: how many, and what they have in common. */
struct training {
	size_t runs;
	const char *host, *kernel; /* of all of them; NULL: of none, or they differ */
	bool live;
	uint64_t seconds;
};

static void keep_common(const char **common, const char *text, size_t runs)
{
	if (runs == 1)
		*common = text[0] ? text : NULL;
	else if (*common && strcmp(*common, text) != 0)
		*common = NULL;
}

static struct training training_of(const struct profile *profile)
{
	struct training training = { .live = true };

	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		if (!cmd_profile_is_training(run))
			continue;
		training.runs++;
		keep_common(&training.host, run->host, training.runs);
		keep_common(&training.kernel, run->kernel, training.runs);
		/* Only a live run lasts as long as its target's work did. */
		training.live &= strstr(run->source, RUN_LIVE) != NULL;
		training.seconds += number_subtract(run->ended_s, run->started_s);
	}
	return training;
}

static void say_runs(struct unmet *unmet, const struct training *training)
{
	if (training->runs == 1)
		fprintf(begin(unmet), "a second run of learning, which would confirm the first\n");
	if (!training->host)
		return;
	fprintf(begin(unmet), "another machine than ");
	sink_text_safe(unmet->out, training->host, PROFILE_TEXT);
	if (training->kernel) {
		fprintf(unmet->out, ", or kernel than ");
		sink_text_safe(unmet->out, training->kernel, PROFILE_TEXT);
	}
	fprintf(unmet->out, "\n");
}

static void say_time(struct unmet *unmet, const struct training *training)
{
	uint64_t seconds = training->seconds;

	if (!training->runs || !training->live)
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
			calls, plural(calls));
	if (lost)
		fprintf(begin(unmet), "%llu events, threads, bags and cgroups that were lost\n",
			(unsigned long long)lost);
}

void cmd_profile_show_unmet(FILE *out, const struct profile *profile)
{
	struct unmet unmet = { .out = out, .profile = profile };
	struct training training = training_of(profile);

	say_starts(&unmet);
	say_runs(&unmet, &training);
	say_time(&unmet, &training);
	say_ends(&unmet);
	say_rare(&unmet);
}
