/* SPDX-License-Identifier: BSD-2-Clause */
#include "twin_internal.h"

#include <errno.h>
#include <stdlib.h>

#include "rules.h"

/* Puts in what the profile knows; what the table has no room for counts as lost. */
static int twin_load(struct twin *twin, const struct profile *profile, const uint64_t *secret,
		     uint32_t *places)
{
	if (twin->mode == MODE_LEARN)
		rules_learn(&twin->rules, profile, secret);
	else
		rules_monitor(&twin->rules, profile, secret);
	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = bag_hash(&profile->bags[i].bag, profile->window,
					 twin->rules.weight);

		uint32_t place = bagtable_insert(twin->buckets, twin->mask, hash);

		twin->target.lost_bags += place == BAG_NO_PLACE;
		if (places)
			places[i] = place;
	}
	for (size_t i = 0; i < profile->exec_count; i++)
		if (twin_exec_know(twin, profile->execs[i].path, profile->execs[i].inode) < 0)
			return -ENOMEM;
	return 0;
}

struct twin *twin_new(enum sensor_mode mode, const struct profile *profile, const uint64_t *secret,
		      uint32_t buckets, int count_bags, uint32_t *places)
{
	struct twin *twin = calloc(1, sizeof(*twin));

	if (!twin)
		return NULL;
	twin->mode = mode;
	twin->window_size = profile->window;
	twin->count_bags = count_bags || mode == MODE_LEARN;
	twin->mask = buckets - 1;
	twin->target.active = 1;
	twin->target.part = 1;
	twin->buckets = calloc(buckets, sizeof(*twin->buckets));
	twin->counts = calloc(twin->count_bags ? buckets : 1, sizeof(*twin->counts));
	if (!twin->buckets || !twin->counts || twin_load(twin, profile, secret, places) < 0) {
		twin_free(twin);
		return NULL;
	}
	return twin;
}

void twin_free(struct twin *twin)
{
	if (!twin)
		return;
	free(twin->buckets);
	free(twin->counts);
	free(twin->threads);
	free(twin->execs);
	table_free(&twin->by_tid);
	table_free(&twin->repeats);
	free(twin);
}

void twin_listen(struct twin *twin, twin_sink *sink, void *context)
{
	twin->sink = sink;
	twin->context = context;
}

static int twin_fork(struct twin *twin, const struct thread *parent, const struct feed *feed)
{
	/* A copy: the array may move when the child comes. */
	struct thread before = parent ? *parent : (struct thread){ 0 };
	struct thread *child;

	if (parent)
		child = twin_thread_new(twin, feed->other, feed->other_tgid, before.state);
	else
		child = twin_thread_join(twin, feed->other, feed->other_tgid, feed->comm);
	if (!child)
		return -ENOMEM;
	if (parent && before.tgid == feed->other_tgid)
		child->born = before.born;
	return 0;
}

static int twin_exec(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	struct thread *old = twin_thread_find(twin, feed->other);
	int setup = (!old || old->state == THREAD_SETUP || (old->flags & THREAD_JOINED)) &&
		    exec_is_runtime(feed->path);

	if (feed->other != feed->tid)
		twin_thread_free(twin, old);
	thread = twin_thread_new(twin, feed->tid, feed->tgid, setup ? THREAD_SETUP : THREAD_RUNS);
	if (!thread)
		return -ENOMEM;
	if (setup)
		return 0;
	thread->flags |= THREAD_PROGRAM;
	return twin_judge_exec(twin, thread, feed);
}

int twin_step(struct twin *twin, const struct feed *feed)
{
	struct thread *thread = twin_thread_find(twin, feed->tid);

	twin->ns = feed->ns;
	switch (feed->kind) {
	case FEED_CALL:
		if (!thread)
			thread = twin_thread_join(twin, feed->tid, feed->tgid, feed->comm);
		if (!thread)
			return -ENOMEM;
		twin_judge_call(twin, thread, feed);
		return 0;
	case FEED_FORK:
		return twin_fork(twin, thread, feed);
	case FEED_EXEC:
		return twin_exec(twin, thread, feed);
	case FEED_SIGNAL:
		if (thread && thread->state == THREAD_RUNS)
			twin_judge_signal(twin, thread, feed);
		return 0;
	case FEED_EXIT:
		twin_thread_free(twin, thread);
		return 0;
	}
	return 0;
}

void twin_target(const struct twin *twin, struct target *ret_target)
{
	*ret_target = twin->target;
	for (size_t i = 0; i < twin->thread_count; i++)
		ret_target->calls += twin->threads[i].calls;
}

void twin_part(struct twin *twin, uint32_t part)
{
	twin->target.part = part;
	twin->target.frame_most = 0;
	twin->target.fresh_most = 0;
}

const struct rules *twin_rules(const struct twin *twin)
{
	return &twin->rules;
}

uint64_t twin_count(const struct twin *twin, uint32_t place)
{
	return twin->counts[place / BUCKET_WAYS].count[place % BUCKET_WAYS] & COUNT_MASK;
}
