/* SPDX-License-Identifier: BSD-2-Clause */
#include "numbers.h"
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BILLION 1e9

static const char *const state_names[PROFILE_STATES] = {
	[PROFILE_LEARNING] = "learning",
	[PROFILE_PARTIAL] = "partial",
	[PROFILE_LEARNT] = "learnt",
	[PROFILE_REVIEWED] = "reviewed",
};

const char *profile_state_name(enum profile_state state)
{
	return (unsigned int)state < PROFILE_STATES ? state_names[state] : "unknown";
}

int profile_state_parse(const char *name)
{
	for (int state = 0; state < PROFILE_STATES; state++)
		if (strcmp(name, state_names[state]) == 0)
			return state;
	return -EINVAL;
}

void profile_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	memset(to + length, 0, size - length);
}

static void take_text(char *to, size_t size, const char *from)
{
	if (from[0])
		profile_text(to, size, from);
}

static void settle_container(struct profile *profile, const struct profile_run *run)
{
	take_text(profile->image, sizeof(profile->image), run->image);
	take_text(profile->digest, sizeof(profile->digest), run->digest);
	take_text(profile->command, sizeof(profile->command), run->command);
	take_text(profile->container, sizeof(profile->container), run->container);
}

/* What the runs that count come to. Alarms that were accepted are no training. */
struct outcome {
	const struct profile_run *last;
	const struct profile_run *learnt;   /* the last that found the profile so */
	const struct profile_run *lossy;    /* a later one */
	const struct profile_run *reviewed; /* the one reviewed last; NULL: not all are */
	int unreviewed;
	int started; /* some run saw the target from its first call on */
};

static struct outcome look_at(const struct profile *profile)
{
	struct outcome outcome = { 0 };

	for (size_t i = 0; i < profile->run_count; i++) {
		const struct profile_run *run = &profile->runs[i];

		if (!profile_run_counts(run))
			continue;
		outcome.unreviewed += !run->reviewed_s;
		if (!outcome.reviewed || run->reviewed_s > outcome.reviewed->reviewed_s)
			outcome.reviewed = run;
		if (!strcmp(run->source, RUN_ACCEPT))
			continue;
		outcome.last = run;
		outcome.started |= !run->joined_late;
		if (run->lost) {
			outcome.lossy = run;
		} else if (run->state == PROFILE_LEARNT) {
			outcome.learnt = run;
			outcome.lossy = NULL;
		}
	}
	return outcome;
}

/* Some run found it learnt, and none has spoilt that. */
static void settle_learnt(struct profile *profile, const struct outcome *outcome, double unseen)
{
	char why[PROFILE_TEXT];

	profile->state = PROFILE_LEARNT;
	if (outcome->learnt == outcome->last)
		snprintf(why, sizeof(why), "%s", outcome->learnt->why);
	else
		snprintf(why, sizeof(why), "learnt in an earlier run, unseen share %.1e", unseen);
	profile_text(profile->why, sizeof(profile->why), why);
	if (outcome->unreviewed)
		return;
	profile->state = PROFILE_REVIEWED;
	snprintf(profile->why, sizeof(profile->why), "by %.100s; %.140s",
		 outcome->reviewed->reviewer, why);
}

/* It knows what the target does, but not how it starts. */
static void settle_late(struct profile *profile)
{
	char why[PROFILE_TEXT];

	profile->state = PROFILE_PARTIAL;
	snprintf(why, sizeof(why),
		 "joined late: no run saw the target start; start or restart it while 'bosc learn' "
		 "waits or learns; else %.130s",
		 profile->why);
	profile_text(profile->why, sizeof(profile->why), why);
}

void profile_settle(struct profile *profile)
{
	struct outcome outcome = look_at(profile);
	double unseen = profile_unseen(profile);
	const struct profile_run *left = outcome.lossy ? outcome.lossy : outcome.last;

	profile->image[0] = profile->digest[0] = profile->command[0] = profile->container[0] = '\0';
	for (size_t i = 0; i < profile->run_count; i++)
		if (profile_run_counts(&profile->runs[i]))
			settle_container(profile, &profile->runs[i]);
	if (!left) {
		profile->state = PROFILE_PARTIAL;
		profile_text(profile->why, sizeof(profile->why), "no run of it counts");
	} else if (outcome.learnt && !outcome.lossy &&
		   unseen * BILLION <= (double)outcome.learnt->unseen_ppb) {
		settle_learnt(profile, &outcome, unseen);
		if (!outcome.started)
			settle_late(profile);
	} else if (left->state == PROFILE_LEARNT && left->lost) {
		profile->state = PROFILE_PARTIAL;
		snprintf(profile->why, sizeof(profile->why),
			 "a run that calls it learnt lost at least %llu event%s",
			 (unsigned long long)left->lost, plural(left->lost));
	} else if (left->state == PROFILE_LEARNT) {
		profile->state = PROFILE_PARTIAL;
		snprintf(profile->why, sizeof(profile->why),
			 "learnt once, but the runs together leave an unseen share of %.1e",
			 unseen);
	} else {
		profile->state = left->state;
		profile_text(profile->why, sizeof(profile->why), left->why);
	}
}
