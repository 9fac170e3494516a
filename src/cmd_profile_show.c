/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile show: what a profile holds, what it lets expect, and what of it may be doubted.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "../core/novelty.h"
#include "../core/paper.h"
#include "../core/profile_trust.h"
#include "../core/rules.h"
#include "../core/scorer.h"
#include "cmd_profile.h"
#include "cmd_profile_show.h"
#include "drift.h"
#include "sink.h"
#include "store_row.h"
#include "syscalls.h"
#include "terminal.h"
#include "util.h"

#define DOUBTFUL_SHOWN 5
#define BUDGET_DAYS    7 /* without a false alarm of a limit, if the training is long enough */

void cmd_profile_day(char *text, uint64_t seconds)
{
	sink_time(seconds * NS_PER_S, text);
	text[10] = ' ';
	text[16] = '\0';
}

static void show_limit(FILE *out, const char *rule, uint32_t limit)
{
	if (limit)
		fprintf(out, "%s %u", rule, limit);
	else
		fprintf(out, "%s never", rule);
}

/* For how long the limits are known to hold, against the budget. */
static void show_proof(FILE *out, struct rules_proof proof)
{
	if (!proof.parts) {
		fprintf(out,
			"expected   nothing: no part of the training tells normal novelty, so only "
			"whole frames alarm; bosc learn, once more\n");
		return;
	}
	fprintf(out, "expected   %s one false alarm of a limit in %llu window%s of this load",
		proof.reached ? "about" : "less than", (unsigned long long)proof.windows,
		plural(proof.windows));
	if (proof.seconds > 0)
		fprintf(out, ", %.1f hours; one in %d days takes %.0f times the training",
			proof.seconds / 3600, BUDGET_DAYS,
			fmax(1, BUDGET_DAYS * 86400 / proof.seconds));
	fprintf(out, "\n");
}

/* The parts that were judged, as "2-6, 8". */
static void show_judged(FILE *out, const struct profile *profile)
{
	bool any = false;
	size_t last;

	for (size_t i = 0; i < profile->history_count; i = last + 1) {
		last = i;
		if (!profile->history[i].logged)
			continue;
		while (last + 1 < profile->history_count && profile->history[last + 1].logged)
			last++;
		fprintf(out, "%s%zu", any ? ", " : "", i + 1);
		if (last > i)
			fprintf(out, "-%zu", last + 1);
		any = true;
	}
}

/* Where the limits come from: what normal work did in the parts of the training. */
static void show_origin(FILE *out, const struct profile *profile)
{
	double margin = rules_margin(profile);
	uint32_t frame, fresh;

	if (!novelty_worst(profile, &frame, &fresh))
		return;
	fprintf(out, "           from the parts ");
	show_judged(out, profile);
	fprintf(out,
		" of %zu, each held against all others: %sat most %u mismatches and %u first "
		"sights in a frame; half as many mismatches again, and margins of %.0f and %.0f\n",
		profile->history_count,
		rules_proof(profile).parts >= NOVELTY_ENOUGH ? "but for the worst, " : "", frame,
		fresh, margin * FRAME_MARGIN, margin * FRESH_MARGIN);
}

/* What the profile lets expect of what comes. */
static void show_expected(FILE *out, const struct profile *profile)
{
	double drift = DRIFT_FACTOR * drift_expected(profile);
	uint64_t none[CODE_COUNT] = { 0 };
	struct rules rules;

	rules_monitor(&rules, profile, none);
	fprintf(out, "unseen     %.1e of the windows to come, by the bags seen once; ",
		profile_unseen(profile));
	if (drift < 1)
		fprintf(out, "drift above %.1e\n", drift);
	else
		fprintf(out, "too many to tell drift\n");
	fprintf(out, "limits     ");
	show_limit(out, "frame", rules.frame_limit);
	fprintf(out, ", ");
	show_limit(out, "first sights", rules.fresh_limit);
	fprintf(out, " of %u windows\n", FRAME_SIZE);
	show_origin(out, profile);
	show_proof(out, rules_proof(profile));
}

/* What the second view of threads learnt, and from where on it is an alarm. */
static int show_view(FILE *out, const struct profile *profile, struct error *err)
{
	const struct repertoires *repertoires = &profile->repertoires;
	_cleanup_free_ uint8_t *unconfirmed = calloc(repertoires->count + 1, 1);
	long doubtful = unconfirmed ? profile_trust_repertoires(profile, unconfirmed) : -ENOMEM;
	double score = scorer_score_limit(profile, 0);
	uint32_t level = scorer_level_limit(profile);

	if (doubtful < 0)
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	if (!profile->gram_count) {
		fprintf(out,
			"view       no second one: surprise and whole threads raise no alarm\n");
		return 0;
	}
	fprintf(out,
		"view       %zu different runs of four calls; %llu threads ended, with %zu different "
		"sets of calls, %ld of them doubtful\n",
		profile->gram_count, (unsigned long long)repertoires->threads, repertoires->count,
		doubtful);
	fprintf(out, "limits     ");
	if (level)
		fprintf(out, "surprise %u bits in a thread's last calls", level / SURPRISE_UNIT);
	else
		fprintf(out, "surprise never");
	if (isfinite(score))
		fprintf(out, ", score of a whole thread above %.3f\n", score);
	else
		fprintf(out, ", score of a whole thread never\n");
	return 0;
}

static int compare_doubtful(const void *a, const void *b)
{
	const struct profile_bag *left = *(const struct profile_bag *const *)a;
	const struct profile_bag *right = *(const struct profile_bag *const *)b;

	return (left->count < right->count) - (left->count > right->count);
}

void cmd_profile_bag(FILE *out, const struct profile *profile, const struct profile_bag *known)
{
	char name[SYSCALL_NAME];

	fprintf(out, "  %10llu time%s", (unsigned long long)known->count,
		known->count == 1 ? ": " : "s:");
	for (uint32_t i = 0; i < profile->window; i++)
		fprintf(out, " %s", syscall_name(profile->arch, known->bag.code[i], name));
	fprintf(out, "\n");
}

static void show_doubtful(FILE *out, const struct profile *profile, const uint8_t *unconfirmed,
			  const struct profile_bag **bags)
{
	uint8_t doubted[CODE_COUNT];
	uint32_t calls = profile_trust_calls(profile, unconfirmed, doubted);
	char name[SYSCALL_NAME];
	uint64_t windows = 0;
	size_t count = 0;

	for (size_t i = 0; i < profile->bag_count; i++) {
		windows += unconfirmed[i] ? profile->bags[i].count : 0;
		if (unconfirmed[i])
			bags[count++] = &profile->bags[i];
	}
	fprintf(out, "doubtful   %zu bag%s in %llu window%s, first seen at the end of a run%s\n",
		count, plural(count), (unsigned long long)windows, plural(windows),
		count ? "; bosc profile review" : "");
	if (calls)
		fprintf(out, "doubtful   %u call%s:", calls, plural(calls));
	for (uint32_t code = 0; code < CODE_COUNT && calls; code++)
		if (doubted[code])
			fprintf(out, " %s", syscall_name(profile->arch, code, name));
	fprintf(out, calls ? "\n" : "");
	qsort(bags, count, sizeof(const struct profile_bag *), compare_doubtful);
	for (size_t i = 0; i < count && i < DOUBTFUL_SHOWN; i++)
		cmd_profile_bag(out, profile, bags[i]);
}

static int show_trust(FILE *out, const struct profile *profile, struct error *err)
{
	_cleanup_free_ uint8_t *unconfirmed = calloc(profile->bag_count + 1, 1);
	_cleanup_free_ const struct profile_bag **bags = calloc(profile->bag_count + 1,
								sizeof(*bags));

	if (!unconfirmed || !bags || profile_trust_mark(profile, unconfirmed) < 0)
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	show_doubtful(out, profile, unconfirmed, bags);
	return 0;
}

/* Each kernel that some run was learnt on. */
static void show_kernels(FILE *out, const struct profile *profile)
{
	bool any = false;

	for (size_t i = 0; i < profile->run_count; i++) {
		const char *kernel = profile->runs[i].kernel;
		bool known = !kernel[0];

		for (size_t before = 0; before < i; before++)
			known |= !strcmp(profile->runs[before].kernel, kernel);
		if (known)
			continue;
		fprintf(out, any ? ", " : "\nkernel     ");
		sink_text_safe(out, kernel, PROFILE_TEXT);
		any = true;
	}
}

static void show_sum(FILE *out, const struct profile *profile)
{
	uint64_t sum;

	if (store_row_sum_all(profile, &sum) == 0)
		fprintf(out, "\nsum        %016" PRIx64 " over all runs", sum);
}

static void show_head(FILE *out, const struct profile *profile)
{
	fprintf(out, "profile    ");
	sink_text_safe(out, profile->name, PROFILE_TEXT);
	fprintf(out, "\nstate      %s: ", profile_state_name(profile->state));
	sink_text_safe(out, profile->why, PROFILE_TEXT);
	if (profile->image[0]) {
		fprintf(out, "\nimage      ");
		sink_text_safe(out, profile->image, PROFILE_TEXT);
		fprintf(out, " ");
		sink_text_safe(out, profile->digest, PROFILE_TEXT);
	}
	if (profile->command[0]) {
		fprintf(out, "\ncommand    ");
		sink_text_safe(out, profile->command, PROFILE_TEXT);
	}
	show_kernels(out, profile);
	show_sum(out, profile);
	fprintf(out, "\ncalls      %llu of %u kinds, %s\n",
		(unsigned long long)profile_calls(profile), profile_distinct(profile),
		profile->arch);
	fprintf(out, "windows    %llu of %u calls, %zu bag%s\n",
		(unsigned long long)profile_windows(profile), profile->window, profile->bag_count,
		plural(profile->bag_count));
	fprintf(out, "lost       %llu\n", (unsigned long long)profile_lost(profile));
}

/* What people said of a run: "          reviewed by ann, 2026-01-31 12:00". */
static void show_word(FILE *out, const char *what, const char *who, uint64_t when_s)
{
	char moment[32];

	if (!when_s)
		return;
	cmd_profile_day(moment, when_s);
	fprintf(out, "           %s by ", what);
	sink_text_safe(out, who, PROFILE_TEXT);
	fprintf(out, ", %s UTC\n", moment);
}

static void show_run(FILE *out, size_t number, const struct profile_run *run)
{
	bool accepted = !strcmp(run->source, RUN_ACCEPT);
	char moment[32];

	cmd_profile_day(moment, run->started_s);
	fprintf(out, "run %-6zu %s UTC, ", number, moment);
	if (accepted)
		fprintf(out, "alarms accepted on %s: %llu new bag%s\n", run->host,
			(unsigned long long)run->new_bags, plural(run->new_bags));
	else
		fprintf(out, "%llu s, %s on %s: %llu call%s, %llu new bag%s, lost %llu%s\n",
			(unsigned long long)(run->ended_s - run->started_s), run->source, run->host,
			(unsigned long long)run->windows, plural(run->windows),
			(unsigned long long)run->new_bags, plural(run->new_bags),
			(unsigned long long)run->lost, run->joined_late ? ", joined late" : "");
	if (run->note[0]) {
		fprintf(out, "           ");
		sink_text_safe(out, run->note, PROFILE_TEXT);
		fprintf(out, "\n");
	}
	show_word(out, accepted ? "accepted" : "reviewed", run->reviewer, run->reviewed_s);
	show_word(out, "withdrawn, so that it counts no more,", run->withdrawer, run->withdrawn_s);
}

static void show_runs(FILE *out, const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		show_run(out, i + 1, &profile->runs[i]);
	for (size_t i = 0; i < profile->exec_count; i++) {
		fprintf(out, "executes   ");
		sink_text_safe(out, profile->execs[i].path, PROFILE_PATH);
		fprintf(out, "\n");
	}
}

static int show(FILE *out, const struct profile *profile, uint32_t columns, struct error *err)
{
	int status = 0;

	show_head(out, profile);
	if (paper_owns(profile)) {
		fprintf(out, "method     the paper's: bosc monitor --method paper\n");
	} else {
		show_expected(out, profile);
		status = show_view(out, profile, err);
	}
	if (status >= 0)
		status = show_trust(out, profile, err);
	if (status >= 0)
		status = cmd_profile_show_convergence(out, profile, columns, terminal_is_utf8(),
						      err);
	cmd_profile_show_unmet(out, profile);
	show_runs(out, profile);
	cmd_profile_show_calls(out, profile, !columns);
	return status < 0 ? status : cmd_profile_show_bags(out, profile, err);
}

int cmd_profile_show(const struct profile *profile, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	uint32_t columns = terminal_columns(stdout);
	int status = out ? show(out, profile, columns, err) : 0;

	if (!out || fclose(out))
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	if (status >= 0)
		terminal_write(stdout, text, columns);
	return status;
}
