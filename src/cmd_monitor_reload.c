/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc monitor takes up a newer version of a profile while it watches by the one before. Whatever
 * goes wrong, what is watched goes on being watched, by what it was.
 */
#include "cmd_monitor_reload.h"
#include "cmd_monitor.h"

#include <errno.h>
#include <string.h>

#include "sink.h"
#include "source_live.h"
#include "util.h"
#include "verdict.h"

static void norm_free(struct norm *norm)
{
	profile_free(norm->profile);
	free(norm->fold);
	free(norm->places);
}

static bool same_bags(const struct profile *a, const struct profile *b)
{
	if (a->bag_count != b->bag_count)
		return false;
	for (size_t i = 0; i < a->bag_count; i++)
		if (bag_compare(&a->bags[i].bag, &b->bags[i].bag) != 0 ||
		    a->bags[i].count != b->bags[i].count)
			return false;
	return true;
}

static bool same_execs(const struct profile *a, const struct profile *b)
{
	if (a->exec_count != b->exec_count)
		return false;
	for (size_t i = 0; i < a->exec_count; i++)
		if (strcmp(a->execs[i].path, b->execs[i].path) != 0 ||
		    a->execs[i].inode != b->execs[i].inode)
			return false;
	return true;
}

static bool same_runs(const struct profile *a, const struct profile *b)
{
	if (a->run_count != b->run_count)
		return false;
	for (size_t i = 0; i < a->run_count; i++)
		if (strcmp(a->runs[i].id, b->runs[i].id) != 0 ||
		    a->runs[i].windows != b->runs[i].windows)
			return false;
	return true;
}

/* Whether two versions say the same of what is normal, and were learnt in the same runs. */
static bool same_profile(const struct profile *a, const struct profile *b)
{
	return same_bags(a, b) && same_execs(a, b) && same_runs(a, b) && a->state == b->state &&
	       !strcmp(a->why, b->why) && !strcmp(a->digest, b->digest) &&
	       a->signals == b->signals && a->programs == b->programs &&
	       a->history_count == b->history_count && a->sight_count == b->sight_count &&
	       !memcmp(a->calls, b->calls, sizeof(a->calls)) &&
	       !memcmp(a->start_calls, b->start_calls, sizeof(a->start_calls));
}

/* -v: what was counted of the former profile's bags goes on at their new places. */
static int move_counts(struct live *live, const struct watch *watch, const struct norm *norm,
		       struct error *err)
{
	const struct profile *former = watch->profile;
	int status = 0;

	for (size_t i = 0; watch->places && i < former->bag_count && status >= 0; i++) {
		long at = profile_find(norm->profile, &former->bags[i].bag);
		uint32_t to = at < 0 ? BAG_NO_PLACE : norm->places[at];
		uint64_t count;

		if (watch->places[i] == BAG_NO_PLACE)
			continue;
		count = source_live_move_count(live->source, watch->places[i], to);
		if (to == BAG_NO_PLACE && count)
			status = verdict_dropped(live->context, watch, &former->bags[i].bag, count,
						 err);
	}
	return status;
}

/* The sensor judges by the norm already; so does all that is told from here on, but for the alarms
 * that are on their way. */
static int take_up(struct live *live, struct watch *watch, struct norm *norm, struct error *err)
{
	int status = move_counts(live, watch, norm, err);
	struct target target;

	watch_renew(watch, norm->profile, norm->fold, norm->places);
	*norm = (struct norm){ 0 };
	live->source->target(live->source, watch->index, &target);
	drift_renew(&watch->drift, watch->profile, target.calls - target.unjudged,
		    target.mismatches);
	if (status >= 0)
		status = live->source->drain(live->source, err);
	watch_forget_former(watch);
	return status;
}

static int reload(struct live *live, struct watch *watch, struct error *err)
{
	_cleanup_(norm_free) struct norm norm = { 0 };
	struct error why = { 0 };
	struct reload_news news = {
		.watch = watch,
		.bags_before = watch->profile->bag_count,
	};
	int status = verdict_fetch(live->context, watch, &norm, &why);
	bool again = watch->failed;

	watch->changed = watch->failed = store_may_yet(status);
	if (again && watch->failed)
		return 0;
	if (status >= 0) {
		news.same = same_profile(watch->profile, norm.profile);
		watch->version = norm.version;
	}
	if (status >= 0 && !news.same)
		status = source_live_swap(live->source, watch->index, watch->profile, norm.profile,
					  norm.places, &why);
	news.kept = status < 0 ? &why : NULL;
	if (status >= 0 && !news.same) {
		status = take_up(live, watch, &norm, err);
		if (status < 0)
			return status;
	}
	news.unix_ns = clock_ns(CLOCK_REALTIME);
	return verdict_tell_reload(live->context, &news, err);
}

/* Opens the store anew, for another file may be in its place; a server has but one. Where the
 * privileges that were given up are missing to do so, the connection that is open still reads
 * it. */
static int reopen(struct verdict *verdict, struct error *why)
{
	struct store *store;
	int status;

	if (store_is_shared(verdict->store))
		return 0;
	status = cmd_monitor_open_store(verdict->options, &store, why);
	if (status == -EACCES)
		return 0;
	if (status < 0)
		return status;
	store_close(verdict->store);
	verdict->store = store;
	return 0;
}

static int keep(struct live *live, const struct watch *watch, const struct error *why,
		struct error *err)
{
	const struct reload_news news = {
		.watch = watch,
		.unix_ns = clock_ns(CLOCK_REALTIME),
		.bags_before = watch->profile->bag_count,
		.kept = why,
	};

	return verdict_tell_reload(live->context, &news, err);
}

int cmd_monitor_reload_all(struct live *live, struct error *err)
{
	struct error why = { 0 };
	int opened = reopen(live->context, &why);
	int status = 0;

	for (size_t i = 0; i < live->count && status >= 0; i++) {
		live->watches[i]->failed = false; /* who asks is answered */
		status = opened < 0 ? keep(live, live->watches[i], &why, err)
				    : reload(live, live->watches[i], err);
	}
	return status;
}

/* While a profile is learnt it changes again and again. */
#define LOOK_NS (5 * NS_PER_S)

/* Whether the store has the version of the profile that the watch has. That it has no profile any
 * more, or cannot be asked, is told by who takes it up. */
static bool is_current(struct store *store, const struct watch *watch)
{
	struct store_entry entry;
	struct error ignored;
	int status = store_entry(store, watch->profile->name, &entry, &ignored);

	return status >= 0 && (!entry.version || entry.version == watch->version);
}

int cmd_monitor_hear(struct live *live, struct error *err)
{
	struct store *store = ((struct verdict *)live->context)->store;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	char name[PROFILE_TEXT];
	int status = 0;

	while (store_heard(store, name))
		for (size_t i = 0; i < live->count; i++)
			live->watches[i]->changed |= !name[0] ||
						     !strcmp(name, live->watches[i]->profile->name);
	for (size_t i = 0; i < live->count && status >= 0; i++) {
		struct watch *watch = live->watches[i];

		if (!watch->changed || now_ns - watch->looked_ns < LOOK_NS)
			continue;
		watch->looked_ns = now_ns;
		if (is_current(store, watch))
			watch->changed = watch->failed = false;
		else if (!store_away(store))
			status = reload(live, watch, err);
	}
	return status;
}
