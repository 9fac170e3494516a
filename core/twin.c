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
	twin->unloaded = rules_load_bags(&twin->rules, profile, twin->buckets, twin->bucket_count,
					 places);
	for (size_t i = 0; i < profile->exec_count; i++)
		if (twin_exec_know(twin, profile->execs[i].path, profile->execs[i].inode) < 0)
			return -ENOMEM;
	twin->target.lost_bags = twin->unloaded;
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
	twin->bucket_count = buckets;
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
	free(twin->met);
	table_free(&twin->by_tid);
	table_free(&twin->repeats);
	free(twin);
}

void twin_listen(struct twin *twin, twin_sink *sink, void *context)
{
	twin->sink = sink;
	twin->context = context;
}

void twin_score(struct twin *twin, struct scorer *scorer)
{
	twin->scorer = scorer;
}

int twin_finish(struct twin *twin)
{
	for (size_t i = 0; i < twin->thread_count; i++) {
		struct thread *thread = &twin->threads[i];
		struct feed feed = { .ns = twin->ns, .tid = thread->tid, .tgid = thread->tgid };

		if (thread->target && twin_judge_end(twin, thread, &feed) < 0)
			return -ENOMEM;
	}
	return 0;
}

void twin_restart(struct twin *twin)
{
	twin_threads_end(twin);
	if (twin->mode == MODE_LEARN)
		return;
	for (size_t i = 0; i < twin->met_count; i++)
		twin->buckets[twin->met[i] / BUCKET_WAYS].hash[twin->met[i] % BUCKET_WAYS] = 0;
	twin->met_count = 0;
	table_free(&twin->repeats);
	twin->target = (struct target){ .part = 1, .lost_bags = twin->unloaded };
	if (twin->scorer)
		scorer_restart(twin->scorer);
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

	if (twin_judge_end(twin, old, feed) < 0)
		return -ENOMEM;
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
	int status;

	twin->ns = feed->ns;
	switch (feed->kind) {
	case FEED_CALL:
		if (!thread)
			thread = twin_thread_join(twin, feed->tid, feed->tgid, feed->comm);
		if (!thread)
			return -ENOMEM;
		return twin_judge_call(twin, thread, feed);
	case FEED_FORK:
		return twin_fork(twin, thread, feed);
	case FEED_EXEC:
		return twin_exec(twin, thread, feed);
	case FEED_SIGNAL:
		if (thread && thread->state == THREAD_RUNS)
			twin_judge_signal(twin, thread, feed);
		return 0;
	case FEED_EXIT:
		if (thread)
			twin_judge_exit(twin, thread, feed);
		status = twin_judge_end(twin, thread, feed);
		twin_thread_free(twin, thread);
		return status;
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
}

const struct rules *twin_rules(const struct twin *twin)
{
	return &twin->rules;
}

uint64_t twin_count(const struct twin *twin, uint32_t place)
{
	return twin->counts[place / BUCKET_WAYS].count[place % BUCKET_WAYS];
}
