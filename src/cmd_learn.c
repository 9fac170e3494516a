/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc learn: until each target is learnt, or the user ends it. What is known is saved at least
 * every ten seconds, so that a kill loses little, and is found marked as unfinished.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd_learn.h"
#include "cmd_paper.h"
#include "commands.h"
#include "lesson.h"
#include "live.h"
#include "original.h"
#include "progress.h"
#include "sink.h"
#include "util.h"

struct lessons {
	const struct options *options;
	struct store *store;
	struct lesson_saves saves;
};

static const char *profile_name(const struct options *options, const struct watch *watch)
{
	return options->profile ? options->profile : watch_name(watch);
}

static int learn_prepare(struct live *live, struct watch *watch, struct error *err)
{
	struct lessons *lessons = live->context;

	return lesson_prepare(watch, lessons->store, lessons->options,
			      profile_name(lessons->options, watch), "live", err);
}

static int learn_begin(struct live *live, struct watch *watch, struct error *err)
{
	struct lessons *lessons = live->context;
	_cleanup_free_ uint32_t *places = calloc(watch->profile->bag_count + 1, sizeof(*places));
	int status;

	if (!places)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch_name(watch));
	status = source_live_target(live->source, watch->index, watch->profile, places, err);
	if (status < 0)
		return status;
	return lesson_begin(watch, live->source, lessons->options, places, err);
}

static int learn_event(struct live *live, struct watch *watch, const struct event *event,
		       size_t size, struct error *err)
{
	(void)live;
	(void)size;
	if (watch->done || learner_event(&watch->learner, event) >= 0)
		return 0;
	return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch_name(watch));
}

static void learn_met(struct live *live, struct watch *watch)
{
	(void)live;
	progress_note("learning '%s'%s", watch_name(watch),
		      watch->late ? ", which runs already: its start-up is not seen" : "");
}

static const struct live_user learn_user = {
	.prepare = learn_prepare,
	.begin = learn_begin,
	.event = learn_event,
	.met = learn_met,
};

static void show(const struct watch *watch)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	const struct learner *learner = &watch->learner;

	progress_show("learning %s: %llu calls, %zu bags, %llu new; unseen share %.1e; no new bag "
		      "for %llu calls and %.0f s",
		      watch_name(watch),
		      (unsigned long long)watch->profile->runs[watch->profile->run_count - 1].calls,
		      watch->profile->bag_count, (unsigned long long)learner->bags,
		      profile_unseen(watch->profile),
		      (unsigned long long)(learner->windows - learner->new_windows),
		      learner->windows ? (double)(now_ns - learner->new_ns) / 1e9 : 0.0);
}

/* Ends the run of one watch. */
static int finish(struct watch *watch, struct source *source, struct lessons *lessons,
		  const char *why, struct error *err)
{
	int status = lesson_end(watch, source, lessons->store, why, err);

	progress_clear();
	if (status < 0)
		return status;
	return cmd_learn_report(watch, lessons->options, err);
}

/* One second's work. */
static int tick(struct live *live, struct error *err)
{
	struct lessons *lessons = live->context;
	bool save = lesson_save_is_due(&lessons->saves);
	bool open = live->all;
	int status = 0;

	store_tick(lessons->store);
	for (size_t i = 0; i < live->count && status >= 0; i++) {
		struct watch *watch = live->watches[i];
		struct error why;

		if (watch->done)
			continue;
		lesson_tick(watch, live->source);
		if (watch->done) {
			status = finish(watch, live->source, lessons, "", err);
			continue;
		}
		open = true;
		show(watch);
		if (save)
			lesson_saved(&lessons->saves,
				     lesson_checkpoint(watch, lessons->store, &why), &why);
	}
	live->over = !open;
	return status;
}

/* Ends what is not learnt yet. Where one target of several made no call, the others count. */
static int finish_all(struct live *live, struct lessons *lessons, const char *why,
		      struct error *err)
{
	int status = 0, saved = 0;

	for (size_t i = 0; i < live->count; i++) {
		struct error failed;
		int ended = live->watches[i]->done
				    ? 0
				    : finish(live->watches[i], live->source, lessons, why, &failed);

		saved += ended >= 0;
		if (ended == 0 || (ended == -ENODATA && status < 0))
			continue;
		status = ended;
		*err = failed;
	}
	if (!live->count)
		return fail(err, -ENODATA, "nothing was learnt: no container ran");
	return status == -ENODATA && saved ? 0 : status;
}

static const char *why_ended(const struct live *live)
{
	const struct options *options = live->options;
	size_t last = options->spec_count - 1;

	if (options->specs[last].kind == TARGET_COMMAND && !live->signals.child)
		return "its command ended before it was learnt";
	return live->signals.stop ? "interrupted before it was learnt"
				  : "its time was over before it was learnt";
}

static int learn_live(struct lessons *lessons, struct error *err)
{
	struct live live;
	int status = live_open(&live, lessons->options, MODE_LEARN, false, &learn_user, lessons,
			       err);

	if (status >= 0)
		status = live_start(&live, err);
	lessons->saves.at_ns = clock_ns(CLOCK_MONOTONIC);
	store_hurry(lessons->store);
	if (status >= 0)
		status = live_run(&live, NS_PER_S, tick, err);
	if (status >= 0)
		status = finish_all(&live, lessons, why_ended(&live), err);
	live_close(&live);
	return status;
}

int cmd_learn(const struct options *options, struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	struct lessons lessons = { .options = options };
	int status = store_open(options->store, true, &store, err);

	if (status < 0)
		return status;
	lessons.store = store;
	if (options->paper)
		return cmd_paper_learn(options, store, err);
	return options->trace ? cmd_learn_trace(options, store, err) : learn_live(&lessons, err);
}
