/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile diff: what does the new one do that the old one did not? The answer comes first,
 * then what decides it, the gravest first; what only the old one did stands behind, in short.
 *
 * No two trainings of one program have quite the same bags, so unknown ones are news only where
 * monitoring by the other profile would call them drift.
 */
#include "cmd_profile_diff.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../core/numbers.h"
#include "cmd_profile.h"
#include "commands.h"
#include "drift.h"
#include "profile_json.h"
#include "profile_json_fields.h"
#include "sink.h"
#include "store.h"
#include "syscalls.h"
#include "terminal.h"
#include "util.h"

#define BAGS_SHOWN   3
#define SHIFTS_SHOWN 5

/* What stands before a line on a side, as "new calls". */
static void put_label(FILE *out, enum diff_side side, const char *what)
{
	fprintf(out, "%s %-*s", side == DIFF_NEW ? "new" : "old", (int)TERMINAL_LABEL - 4, what);
}

bool cmd_profile_diff_has(const struct diff_view *view, enum diff_side side)
{
	const struct diff_only *only = &view->diff->only[side];

	return only->call_count || only->exec_count || only->signals ||
	       profile_diff_unknown(view->diff, side) > view->expected[!side];
}

double cmd_profile_diff_share(const struct diff_view *view, enum diff_side side, uint64_t count)
{
	uint64_t windows = profile_windows(view->diff->profile[side]);

	return windows ? (double)count / (double)windows : 0;
}

/* "2 calls", "1 call". */
static void put_number(FILE *out, size_t count, const char *what, bool *any)
{
	if (!count)
		return;
	fprintf(out, "%s%zu %s%s", *any ? ", " : "", count, what, plural(count));
	*any = true;
}

static void put_name(FILE *out, const struct diff_view *view, enum diff_side side)
{
	fputc('\'', out);
	sink_text_safe(out, view->name[side], PROFILE_TEXT);
	fputc('\'', out);
}

/* The verdict on one side. */
static void put_verdict(FILE *out, const struct diff_view *view, enum diff_side side)
{
	const struct diff_only *only = &view->diff->only[side];
	bool behaves = profile_diff_unknown(view->diff, side) > view->expected[!side];
	bool any = false;

	put_label(out, side, "");
	put_name(out, view, side);
	if (!cmd_profile_diff_has(view, side)) {
		fprintf(out, " does nothing that is news to ");
		put_name(out, view, !side);
		fprintf(out, "\n");
		return;
	}
	fprintf(out, " does what ");
	put_name(out, view, !side);
	fprintf(out, " did not: ");
	put_number(out, only->call_count, "call", &any);
	put_number(out, only->exec_count, "executable", &any);
	put_number(out, (size_t)__builtin_popcountll(only->signals), "signal", &any);
	if (behaves)
		fprintf(out, "%sother behaviour", any ? ", " : "");
	fprintf(out, "\n");
}

/* What was learnt from: which of two images is which. */
static void put_image(FILE *out, const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];

	if (!profile->image[0] && !profile->digest[0])
		return;
	put_label(out, side, "image");
	sink_text_safe(out, profile->image, PROFILE_TEXT);
	fprintf(out, " ");
	if (profile->digest[0])
		sink_text_safe(out, profile->digest, PROFILE_TEXT);
	else
		fprintf(out, "without a digest");
	fprintf(out, "\n");
}

static void put_calls(FILE *out, const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];
	const struct diff_only *only = &view->diff->only[side];
	char name[SYSCALL_NAME];

	for (size_t i = 0; i < only->call_count; i++) {
		uint16_t code = only->calls[i];

		put_label(out, side, "calls");
		fprintf(out, "%s, %llu time%s, %.3g %% of its calls\n",
			syscall_name(profile->arch, code, name),
			(unsigned long long)profile->calls[code], plural(profile->calls[code]),
			100 * profile_diff_call_share(view->diff, side, code));
	}
}

static void put_execs(FILE *out, const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];
	const struct diff_only *only = &view->diff->only[side];

	for (size_t i = 0; i < only->exec_count; i++) {
		put_label(out, side, "execs");
		sink_text_safe(out, profile->execs[only->execs[i]].path, PROFILE_PATH);
		fprintf(out, "\n");
	}
}

static void put_signals(FILE *out, const struct diff_view *view, enum diff_side side)
{
	uint64_t signals = view->diff->only[side].signals;
	char name[PROFILE_JSON_SIGNAL];
	bool any = false;

	if (!signals)
		return;
	put_label(out, side, "signal");
	for (unsigned int number = 0; number < 64; number++) {
		if (!(signals >> number & 1))
			continue;
		fprintf(out, "%s%s", any ? ", " : "",
			number ? profile_json_signal(number, name) : "end of the first process");
		any = true;
	}
	fprintf(out, "\n");
}

/* Of a bag, what it has more (sign 1) or less (-1) than the nearest. */
static void put_deltas(FILE *out, const struct profile *profile, const struct diff_nearest *nearest,
		       int sign)
{
	struct diff_delta deltas[2 * WINDOW_MAX];
	size_t count = profile_diff_deltas(nearest, profile->window, deltas);
	char name[SYSCALL_NAME];

	for (size_t i = 0; i < count; i++)
		if (deltas[i].count * sign > 0)
			fprintf(out, " %+d %s", deltas[i].count,
				syscall_name(profile->arch, deltas[i].code, name));
}

/* The bag, and how it differs from the nearest that the other side knows. */
static void put_bag(FILE *out, const struct diff_view *view, enum diff_side side, uint32_t bag)
{
	const struct profile *profile = view->diff->profile[side];
	struct diff_nearest nearest = profile_diff_nearest(view->diff, side, bag);

	cmd_profile_bag(out, profile, &profile->bags[bag]);
	fprintf(out, "           %.3g %% of its windows; nearest:",
		100 * cmd_profile_diff_share(view, side, profile->bags[bag].count));
	put_deltas(out, profile, &nearest, 1);
	put_deltas(out, profile, &nearest, -1);
	fprintf(out, ", known from %llu window%s, %.3g %%\n", (unsigned long long)nearest.count,
		plural(nearest.count), 100 * cmd_profile_diff_share(view, !side, nearest.count));
}

static void put_bags(FILE *out, const struct diff_view *view, enum diff_side side)
{
	const struct diff_only *only = &view->diff->only[side];

	if (!view->diff->has_bags && side == DIFF_NEW)
		fprintf(out, "bags       not compared: one of the two profiles holds none\n");
	if (!view->diff->has_bags)
		return;
	put_label(out, side, "bags");
	fprintf(out, "%zu of %zu, in %.3g %% of its windows; ", only->bag_count,
		view->diff->profile[side]->bag_count, 100 * profile_diff_unknown(view->diff, side));
	if (view->expected[!side] < 1)
		fprintf(out, "up to %.3g %% is to be expected\n", 100 * view->expected[!side]);
	else
		fprintf(out, "as many as that are to be expected, so little was learnt\n");
	for (size_t i = 0; i < only->bag_count && i < BAGS_SHOWN; i++)
		put_bag(out, view, side, only->bags[i]);
}

static void put_shifts(FILE *out, const struct diff_view *view)
{
	const struct profile_diff *diff = view->diff;
	char name[SYSCALL_NAME];

	for (size_t i = 0; i < diff->shifted_count && i < SHIFTS_SHOWN; i++)
		fprintf(out, "%-*s%s, from %.3g %% to %.3g %% of the calls\n", (int)TERMINAL_LABEL,
			i ? "" : "shares",
			syscall_name(diff->profile[DIFF_OLD]->arch, diff->shifted[i], name),
			100 * profile_diff_call_share(diff, DIFF_OLD, diff->shifted[i]),
			100 * profile_diff_call_share(diff, DIFF_NEW, diff->shifted[i]));
}

static int put_text(const struct diff_view *view, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return fail(err, -ENOMEM, "cannot compare '%s' with '%s': no memory", view->name[0],
			    view->name[1]);
	for (int side = DIFF_NEW; side >= DIFF_OLD; side--) {
		put_verdict(out, view, side);
		put_image(out, view, side);
		put_calls(out, view, side);
		put_execs(out, view, side);
		put_signals(out, view, side);
		put_bags(out, view, side);
		if (side == DIFF_NEW)
			put_shifts(out, view);
	}
	if (fclose(out))
		return fail(err, -ENOMEM, "cannot compare '%s' with '%s': no memory", view->name[0],
			    view->name[1]);
	terminal_write(stdout, text, terminal_columns(stdout));
	return 0;
}

/* A profile of the store by its name, else one that was exported into a file. */
static int load(const char *name, const struct options *options, struct profile **ret_profile,
		struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	int status = store_open(options->store, false, &store, err);
	/* Files are compared where there is no store, or none that can be read, as on another
	 * machine. */
	bool no_store = status < 0;

	if (status >= 0)
		status = store_load(store, name, ret_profile, err);
	if ((no_store || status == -ENOENT) && access(name, R_OK) == 0)
		return profile_json_read(name, NULL, ret_profile, err);
	return status;
}

static int compare(struct diff_view *view, const struct profile *old, const struct profile *new,
		   const struct options *options, struct error *err)
{
	struct profile_diff *diff;
	const char *why;
	int status;

	if (profile_diff_check(old, new, &why) < 0)
		return fail(err, -EINVAL, "cannot compare '%s' with '%s': %s", view->name[0],
			    view->name[1], why);
	diff = profile_diff(old, new);
	if (!diff)
		return fail(err, -ENOMEM, "cannot compare '%s' with '%s': no memory", view->name[0],
			    view->name[1]);
	view->diff = diff;
	for (int side = 0; side < DIFF_SIDES; side++)
		view->expected[side] = DRIFT_FACTOR * drift_expected(diff->profile[side]);
	status = options->json ? cmd_profile_diff_json(view, err) : put_text(view, err);
	if (status >= 0)
		status = cmd_profile_diff_has(view, DIFF_NEW) ? STATUS_FOUND : 0;
	profile_diff_free(diff);
	return status;
}

int cmd_profile_diff(const struct options *options, struct error *err)
{
	_cleanup_profile_ struct profile *old = NULL;
	_cleanup_profile_ struct profile *new = NULL;
	struct diff_view view = { .name = { options->words[1], options->words[2] } };
	int status = load(view.name[DIFF_OLD], options, &old, err);

	if (status >= 0)
		status = load(view.name[DIFF_NEW], options, &new, err);
	return status < 0 ? status : compare(&view, old, new, options, err);
}
