/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of the steps follows bpf/judge.h line by line; what differs is where things are kept.
 */
#include "twin_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

static void twin_send(struct twin *twin, struct event *event, enum event_kind kind, uint32_t tid)
{
	event->kind = kind;
	event->target = 1;
	event->tid = tid;
	event->ns = twin->ns;
	if (twin->sink)
		twin->sink(event, twin->context);
}

static uint64_t *bag_count(struct twin *twin, uint32_t place)
{
	return &twin->counts[place / BUCKET_WAYS].count[place % BUCKET_WAYS];
}

/* The rule fits above the subject, which is a code, a signal or an inode. */
static uint64_t repeat_count(struct twin *twin, const struct thread *thread, uint32_t rule,
			     uint64_t subject)
{
	uint64_t *count = table_at(&twin->repeats, (uint64_t)thread->tgid << 32 | thread->born,
				   (uint64_t)rule << 56 ^ subject);

	return count ? (*count)++ : 0;
}

static void alarm_raise(struct twin *twin, struct thread *thread, const struct feed *feed,
			struct event_alarm *alarm, uint64_t subject)
{
	alarm->repeats = repeat_count(twin, thread, alarm->rule, subject);
	twin->target.alarms++;
	if (alarm->repeats & (alarm->repeats + 1))
		return;
	alarm->window = thread->window;
	alarm->tgid = thread->tgid;
	alarm->thread_calls = thread->calls;
	alarm->parent_tgid = feed->parent_tgid;
	memcpy(alarm->comm, feed->comm, COMM_SIZE);
	twin_send(twin, &alarm->head, EVENT_ALARM, thread->tid);
}

static void send_bag(struct twin *twin, struct thread *thread, uint32_t place, uint32_t part)
{
	struct event_bag event = { .window = thread->window, .place = place, .part = part };

	twin_send(twin, &event.head, EVENT_BAG, thread->tid);
}

static void learn_bag(struct twin *twin, struct thread *thread)
{
	uint32_t place;

	if (window_is_late(&thread->window, twin->window_size)) {
		twin->target.unjudged++;
		return;
	}
	place = bagtable_insert(twin->buckets, twin->mask, thread->window.hash);
	if (place == BAG_NO_PLACE) {
		twin->target.lost_bags++;
		return;
	}
	twin->target.bags++;
	*bag_count(twin, place) = (uint64_t)twin->target.part << COUNT_PART_SHIFT | 1;
	send_bag(twin, thread, place, twin->target.part);
	frame_learn(thread, &twin->target, 0, 1);
}

static void learn_call(struct twin *twin, struct thread *thread, uint32_t code, uint32_t place)
{
	uint64_t before;

	twin->rules.count[code & CODE_MASK]++;
	if (place == BAG_NO_PLACE) {
		learn_bag(twin, thread);
		return;
	}
	before = (*bag_count(twin, place))++;
	frame_learn(thread, &twin->target, (before >> COUNT_PART_SHIFT) != twin->target.part, 0);
}

static int bag_is_fresh(struct twin *twin, struct thread *thread)
{
	uint64_t hash = bag_met_hash(thread->window.hash);
	uint32_t place = bagtable_find(twin->buckets, twin->mask, hash);
	int fresh = place == BAG_NO_PLACE;

	if (fresh) {
		twin->target.bags++;
		place = bagtable_insert(twin->buckets, twin->mask, hash);
		if (place == BAG_NO_PLACE)
			twin->target.lost_bags++;
	}
	if (!twin->count_bags || place == BAG_NO_PLACE)
		return fresh;
	(*bag_count(twin, place))++;
	if (fresh)
		send_bag(twin, thread, place, 0);
	return fresh;
}

static void mark_frame(struct twin *twin, struct thread *thread, const struct feed *feed,
		       enum rule rule, uint64_t *frame, uint32_t limit)
{
	struct event_alarm alarm = { .rule = rule, .code = feed->code };

	alarm.threshold = frame_limit(thread, limit);
	alarm.count = frame_mark(frame, alarm.threshold);
	if (alarm.count)
		alarm_raise(twin, thread, feed, &alarm, 0);
}

static void judge_mismatch(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	if (window_is_late(&thread->window, twin->window_size)) {
		twin->target.unjudged++;
		return;
	}
	twin->target.mismatches++;
	mark_frame(twin, thread, feed, RULE_FRAME, &thread->frame, twin->rules.frame_limit);
	if (bag_is_fresh(twin, thread))
		mark_frame(twin, thread, feed, RULE_FIRST_SIGHT, &thread->fresh,
			   twin->rules.fresh_limit);
}

void twin_judge_call(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	uint32_t code = feed->code & CODE_MASK;
	uint32_t place;

	thread->calls++;
	if (thread->state != THREAD_RUNS) {
		twin->target.unjudged++;
		return;
	}
	window_push(&thread->window, code, twin->rules.weight, twin->window_size);
	place = bagtable_find(twin->buckets, twin->mask, thread->window.hash);
	if (twin->mode == MODE_LEARN) {
		learn_call(twin, thread, code, place);
		return;
	}
	thread->frame <<= 1;
	thread->fresh <<= 1;
	if (weight_is_new(twin->rules.weight[code])) {
		struct event_alarm alarm = { .rule = RULE_NEW_CALL, .code = code };

		alarm.count = alarm.threshold = 1;
		alarm_raise(twin, thread, feed, &alarm, code);
	}
	if (place == BAG_NO_PLACE)
		judge_mismatch(twin, thread, feed);
	else if (twin->count_bags)
		(*bag_count(twin, place))++;
}

static int exec_is_known(const struct twin *twin, const struct feed *feed)
{
	for (size_t i = 0; i < twin->exec_count; i++)
		if (!strncmp(twin->execs[i].path, feed->path, PATH_SIZE - 1) &&
		    (feed->path[0] == '/' || twin->execs[i].inode == feed->inode))
			return 1;
	return 0;
}

int twin_judge_exec(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	struct event_alarm alarm = { .rule = RULE_NEW_EXEC, .count = 1, .threshold = 1 };
	struct event_exec event = { .inode = feed->path[0] == '/' ? 0 : feed->inode };

	if (exec_is_known(twin, feed))
		return 0;
	if (twin->mode == MODE_MONITOR) {
		alarm.inode = feed->inode;
		memcpy(alarm.path, feed->path, PATH_SIZE - 1);
		alarm_raise(twin, thread, feed, &alarm, feed->inode);
		return 0;
	}
	memcpy(event.path, feed->path, PATH_SIZE - 1);
	twin_send(twin, &event.head, EVENT_EXEC, thread->tid);
	return twin_exec_know(twin, feed->path, feed->inode);
}

void twin_judge_signal(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	struct event_alarm alarm = { .rule = RULE_FATAL_SIGNAL, .count = 1, .threshold = 1 };
	struct event_signal event = { .signal = feed->other };
	uint64_t bit = 1ull << (feed->other & 63);

	if (!(bit & FATAL_SIGNALS) || (twin->rules.signals & bit))
		return;
	if (twin->mode == MODE_MONITOR) {
		alarm.signal = feed->other;
		alarm_raise(twin, thread, feed, &alarm, feed->other);
		return;
	}
	twin_send(twin, &event.head, EVENT_SIGNAL, thread->tid);
	twin->rules.signals |= bit;
}

int twin_exec_know(struct twin *twin, const char *path, uint64_t inode)
{
	struct exec_key *key;

	if (twin->exec_count == twin->exec_room) {
		size_t room = twin->exec_room ? twin->exec_room * 2 : 16;
		struct exec_key *grown = realloc(twin->execs, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		twin->execs = grown;
		twin->exec_room = room;
	}
	key = &twin->execs[twin->exec_count++];
	memset(key, 0, sizeof(*key));
	key->inode = path[0] == '/' ? 0 : inode;
	strncpy(key->path, path, PATH_SIZE - 1);
	return 0;
}
