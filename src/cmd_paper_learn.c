/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc learn --method paper. A run, which is one recording or one live session, ends when two
 * epochs in a row are similar; calls behind that are not learnt. That this only says that the load
 * of the moment is steady is the paper's weakness, and is kept.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/merge.h"
#include "../core/numbers.h"
#include "cmd_learn.h"
#include "cmd_paper.h"
#include "lesson.h"
#include "progress.h"
#include "util.h"

/* A run of learning one target. */
struct course {
	struct watch *watch;
	struct paper *paper;
	size_t known;	   /* bags before the run */
	double similarity; /* of the epochs that were compared last */
	bool whole;	   /* it does not end when two epochs are alike */
	bool done;
};

struct courses {
	const struct options *options;
	struct store *store;
	struct course of[TARGETS_MAX]; /* by index - 1 */
	struct lesson_saves saves;
	size_t open; /* how many are not learnt yet; more may come with --all */
};

static int course_begin(struct course *course, struct watch *watch, struct store *store,
			const struct options *options, const char *source, struct error *err)
{
	struct paper_params params = cmd_paper_params(options);
	struct options windowed = *options;
	char name[WATCH_NAME];
	int status;

	paper_free(course->paper); /* of a watch at this place that came to nothing */
	*course = (struct course){ .watch = watch, .whole = options->similar == 0 };
	windowed.window = options->window ? options->window : PAPER_WINDOW;
	watch_profile_name(options->profile ? options->profile : watch_name(watch), true, name);
	status = lesson_prepare(watch, store, &windowed, name, source, err);
	if (status < 0)
		return status;
	course->known = watch->profile->bag_count;
	course->paper = paper_new(watch->profile, &params);
	if (!course->paper)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch_name(watch));
	return 0;
}

static int course_call(struct course *course, const struct trace_head *call, struct error *err)
{
	if (paper_learn_call(course->paper, trace_code(call)) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory",
			    watch_name(course->watch));
	course->similarity = paper_similarity(course->paper);
	course->done = !course->whole && paper_is_learnt(course->paper);
	return 0;
}

static void settle_state(const struct course *course, uint64_t lost, const char *why)
{
	struct profile *profile = course->watch->profile;
	struct profile_run *run = &profile->runs[profile->run_count - 1];
	bool learnt = paper_is_learnt(course->paper);

	run->state = !lost && learnt ? PROFILE_LEARNT : PROFILE_PARTIAL;
	run->unseen_ppb = 1000000000; /* the paper asks for no share */
	if (lost)
		snprintf(run->why, sizeof(run->why), "at least %llu event%s lost",
			 (unsigned long long)lost, plural_were(lost));
	else if (learnt)
		snprintf(run->why, sizeof(run->why),
			 "two epochs in a row were alike; the last cosine is %.4f",
			 course->similarity);
	else
		snprintf(run->why, sizeof(run->why),
			 "%s before two epochs were alike; the last cosine is %.4f", why,
			 course->similarity);
}

/* What the run has counted until now. */
static void note_totals(const struct course *course, uint64_t lost)
{
	const struct paper_totals *totals = paper_totals(course->paper);
	struct profile *profile = course->watch->profile;
	struct profile_run *run = &profile->runs[profile->run_count - 1];

	run->calls = totals->calls;
	run->windows = totals->windows;
	run->new_bags = profile->bag_count - course->known;
	run->lost = lost;
}

/* Saves what is known now, as a profile that is being learnt. */
static int course_checkpoint(struct course *course, struct store *store, uint64_t lost,
			     struct error *err)
{
	if (!paper_totals(course->paper)->windows)
		return 0;
	note_totals(course, lost);
	return lesson_save_going(course->watch, store, err);
}

/* Ends the run and saves. `why` says why it ended before two epochs were similar. */
static int course_end(struct course *course, struct store *store, uint64_t lost, const char *why,
		      struct error *err)
{
	const struct paper_totals *totals = paper_totals(course->paper);

	if (!totals->windows)
		return fail(err, -ENODATA,
			    "nothing was learnt: '%s' made %llu calls, fewer than a window has",
			    watch_name(course->watch), (unsigned long long)totals->calls);
	note_totals(course, lost);
	settle_state(course, lost, why);
	lesson_note(course->watch);
	return lesson_save(course->watch, store, err);
}

/* Learns one recording and saves. 1: it is incomplete. */
static int learn_trace(struct course *course, struct paper_trace *trace, struct store *store,
		       struct error *err)
{
	const struct trace_summary *summary = trace_reader_summary(trace->reader);
	struct trace_head call;
	uint64_t lost = 0;
	int status = 1;

	while (!course->done &&
	       (status = cmd_paper_trace_call(trace, course->watch->profile, &call, err)) > 0) {
		status = course_call(course, &call, err);
		if (status < 0)
			return status;
	}
	if (status < 0)
		return status;
	/* One that is learnt was not read to its end. */
	if (!course->done && !summary->complete)
		lost = summary->lost ? summary->lost : 1;
	status = course_end(course, store, lost, "its recording ended", err);
	if (status < 0 || !lost)
		return status;
	progress_note("'%s' is incomplete: %s; what it has was learnt", trace->path, summary->why);
	return 1;
}

static int learn_file(const struct options *options, struct store *store, const char *path,
		      bool is_last, struct error *err)
{
	_cleanup_(watch_free_p) struct watch *watch = watch_new(TARGET_COMMAND, options->profile);
	struct paper_trace trace = { 0 };
	struct course course = { 0 };
	int status, incomplete = 0;

	if (!watch)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", path);
	status = cmd_paper_trace_open(&trace, path, options->abi, err);
	if (status >= 0)
		status = course_begin(&course, watch, store, options, PAPER_SOURCE "trace", err);
	if (status >= 0)
		status = incomplete = learn_trace(&course, &trace, store, err);
	if (status >= 0 && is_last)
		status = cmd_learn_report(watch, options, err);
	paper_free(course.paper);
	cmd_paper_trace_close(&trace);
	return status < 0 ? status : incomplete;
}

static int learn_traces(const struct options *options, struct store *store, struct error *err)
{
	const char *incomplete = NULL;

	for (size_t i = 0; i <= options->word_count; i++) {
		const char *path = i ? options->words[i - 1] : options->trace_first;
		int status = learn_file(options, store, path, i == options->word_count, err);

		if (status < 0)
			return status;
		if (status > 0)
			incomplete = path;
	}
	if (incomplete)
		return fail(err, -ENODATA, "the profile '%s' is partial: '%s' is incomplete",
			    options->profile, incomplete);
	return 0;
}

static int live_prepare(struct live *live, struct watch *watch, struct error *err)
{
	struct courses *courses = live->context;

	/* A watch gets its index when it is added; an --all one just behind this. */
	size_t at = watch->index ? watch->index - 1 : live->count;

	courses->open++;
	return course_begin(&courses->of[at], watch, courses->store, courses->options,
			    PAPER_SOURCE "live", err);
}

static uint64_t lost(const struct live *live, const struct course *course)
{
	return live->source->lost(live->source, course->watch->index) +
	       live->source->lost(live->source, 0);
}

static int finish(struct live *live, struct course *course, const char *why, struct error *err)
{
	struct courses *courses = live->context;
	int status = course_end(course, courses->store, lost(live, course), why, err);

	progress_clear();
	return status < 0 ? status : cmd_learn_report(course->watch, courses->options, err);
}

static int live_event(struct live *live, struct watch *watch, const struct event *event,
		      size_t size, struct error *err)
{
	struct courses *courses = live->context;
	struct course *course = &courses->of[watch->index - 1];
	int status;

	(void)size;
	if (course->done || !trace_is_call(cmd_paper_record(event)))
		return 0;
	status = course_call(course, cmd_paper_record(event), err);
	if (status < 0 || !course->done)
		return status;
	live->over = !--courses->open;
	return finish(live, course, "", err);
}

static void live_met(struct live *live, struct watch *watch)
{
	(void)live;
	progress_note("learning '%s' by the paper's method", watch_name(watch));
}

static const struct live_user learn_user = {
	.prepare = live_prepare,
	.begin = cmd_paper_begin,
	.event = live_event,
	.met = live_met,
};

static void show(const struct course *course)
{
	progress_show("learning '%s': %llu calls, %zu bags, cosine %.4f", watch_name(course->watch),
		      (unsigned long long)paper_totals(course->paper)->calls,
		      course->watch->profile->bag_count, course->similarity);
}

/* One second's work. */
static int tick(struct live *live, struct error *err)
{
	struct courses *courses = live->context;
	bool save = lesson_save_is_due(&courses->saves);

	(void)err;
	store_tick(courses->store);
	for (size_t i = 0; i < live->count; i++) {
		struct course *course = &courses->of[i];
		struct error why;

		if (course->done)
			continue;
		show(course);
		if (save) {
			int status = course_checkpoint(course, courses->store, lost(live, course),
						       &why);

			lesson_saved(&courses->saves, status, &why);
		}
	}
	return 0;
}

/* Ends what is not learnt yet. Where one target of several made no call, the others count. */
static int finish_all(struct live *live, struct error *err)
{
	struct courses *courses = live->context;
	int status = 0, saved = 0;

	for (size_t i = 0; i < live->count; i++) {
		struct course *course = &courses->of[i];
		struct error failed;
		int ended = course->done ? 0 : finish(live, course, "it was ended", &failed);

		saved += ended >= 0;
		if (ended >= 0 || (ended == -ENODATA && status < 0))
			continue;
		status = ended;
		*err = failed;
	}
	if (!live->count)
		return fail(err, -ENODATA, "nothing was learnt: no container ran");
	return status == -ENODATA && saved ? 0 : status;
}

static int learn_live(struct courses *courses, struct error *err)
{
	struct live live;
	int status = live_open(&live, courses->options, MODE_RECORD, false, &learn_user, courses,
			       err);

	if (status >= 0 && live.all)
		courses->open++;
	if (status >= 0)
		status = live_start(&live, err);
	courses->saves.at_ns = clock_ns(CLOCK_MONOTONIC);
	store_hurry(courses->store);
	if (status >= 0)
		status = live_run(&live, NS_PER_S, tick, err);
	if (status >= 0)
		status = finish_all(&live, err);
	for (size_t i = 0; i < TARGETS_MAX; i++)
		paper_free(courses->of[i].paper);
	live_close(&live);
	return status;
}

int cmd_paper_learn(const struct options *options, struct store *store, struct error *err)
{
	_cleanup_free_ struct courses *courses = NULL;

	if (options->trace)
		return learn_traces(options, store, err);
	courses = calloc(1, sizeof(*courses));
	if (!courses)
		return fail(err, -ENOMEM, "cannot learn: no memory");
	courses->options = options;
	courses->store = store;
	return learn_live(courses, err);
}
