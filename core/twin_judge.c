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

static size_t thread_slot(const struct twin *twin, const struct thread *thread)
{
	return (size_t)(thread - twin->threads);
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

static void send_bag(struct twin *twin, struct thread *thread, enum event_kind kind, uint32_t place,
		     uint32_t part)
{
	struct event_bag event = { .window = thread->window, .place = place, .part = part };

	event.at = (uint32_t)thread->calls;
	event.start = (uint32_t)frame_is_start(thread);
	twin_send(twin, &event.head, kind, thread->tid);
}

static void learn_bag(struct twin *twin, struct thread *thread)
{
	uint32_t place;

	if (window_is_late(&thread->window, twin->window_size)) {
		twin->target.unjudged++;
		return;
	}
	place = bagtable_insert(twin->buckets, twin->bucket_count, thread->window.hash);
	if (place == BAG_NO_PLACE) {
		twin->target.lost_bags++;
		return;
	}
	twin->target.bags++;
	*bag_count(twin, place) = (uint64_t)twin->target.part << COUNT_PART_SHIFT | 1;
	send_bag(twin, thread, EVENT_BAG, place, twin->target.part);
}

static void learn_call(struct twin *twin, struct thread *thread, uint32_t code)
{
	uint32_t place = bagtable_find(twin->buckets, twin->bucket_count, thread->window.hash);
	uint64_t before;

	twin->rules.count[frame_is_start(thread)][code & CODE_MASK]++;
	if (place == BAG_NO_PLACE) {
		learn_bag(twin, thread);
		return;
	}
	before = (*bag_count(twin, place))++;
	if (count_part(before) != twin->target.part)
		*bag_count(twin, place) |= COUNT_AGAIN;
	if (frame_is_sight(thread, before, twin->target.part))
		send_bag(twin, thread, EVENT_SIGHT, place, twin->target.part);
}

/* Remembers where an unknown bag stands, so that a restart can forget it. */
static int twin_meet(struct twin *twin, uint32_t place)
{
	if (twin->met_count == twin->met_room) {
		size_t room = twin->met_room ? twin->met_room * 2 : 256;
		uint32_t *grown = realloc(twin->met, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		twin->met = grown;
		twin->met_room = room;
	}
	twin->met[twin->met_count++] = place;
	return 0;
}

static int bag_is_fresh(struct twin *twin, struct thread *thread)
{
	uint64_t hash = bag_met_hash(thread->window.hash);
	uint32_t place = bagtable_find(twin->buckets, twin->bucket_count, hash);
	int fresh = place == BAG_NO_PLACE;

	if (fresh) {
		twin->target.bags++;
		place = bagtable_insert(twin->buckets, twin->bucket_count, hash);
		if (place == BAG_NO_PLACE || twin_meet(twin, place) < 0)
			twin->target.lost_bags++;
	}
	if (!twin->count_bags || place == BAG_NO_PLACE)
		return fresh;
	(*bag_count(twin, place))++;
	if (fresh)
		send_bag(twin, thread, EVENT_BAG, place, 0);
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
	int fresh;

	if (window_is_late(&thread->window, twin->window_size)) {
		twin->target.unjudged++;
		return;
	}
	twin->target.mismatches++;
	mark_frame(twin, thread, feed, RULE_FRAME, &thread->frame, twin->rules.frame_limit);
	fresh = bag_is_fresh(twin, thread);
	if (fresh)
		mark_frame(twin, thread, feed, RULE_FIRST_SIGHT, &thread->fresh,
			   twin->rules.fresh_limit);
	if (twin->scorer)
		scorer_mismatch(twin->scorer, thread_slot(twin, thread), fresh,
				!frame_is_start(thread));
}

static void raise_surprise(struct twin *twin, struct thread *thread, const struct feed *feed,
			   uint32_t level)
{
	struct event_alarm alarm = { .rule = RULE_SURPRISE, .code = feed->code };

	alarm.count = level / SURPRISE_UNIT;
	alarm.threshold = scorer_limit(twin->scorer) / SURPRISE_UNIT;
	alarm_raise(twin, thread, feed, &alarm, 0);
}

/* Counts it, too, where that is asked for. */
static int bag_is_known(struct twin *twin, uint64_t hash)
{
	uint32_t place;

	if (!twin->count_bags)
		return bagtable_has(twin->buckets, twin->bucket_count, hash);
	place = bagtable_find(twin->buckets, twin->bucket_count, hash);
	if (place == BAG_NO_PLACE)
		return 0;
	(*bag_count(twin, place))++;
	return 1;
}

/* The second view of the thread. */
static int judge_surprise(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	int level = scorer_call(twin->scorer, thread_slot(twin, thread), feed->code & CODE_MASK,
				!frame_is_start(thread));

	if (level > 0)
		raise_surprise(twin, thread, feed, (uint32_t)level);
	return level < 0 ? level : 0;
}

static void judge_marked(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	uint32_t code = feed->code & CODE_MASK;
	struct event_alarm alarm = { .rule = RULE_NEW_CALL, .code = code };

	if (!weight_is_new(twin->rules.weight[code])) {
		if (!frame_is_settled(thread, twin->ns))
			return;
		alarm.rule = RULE_LATE_CALL;
	}
	alarm.count = alarm.threshold = 1;
	alarm_raise(twin, thread, feed, &alarm, code);
}

int twin_judge_call(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	uint32_t code = feed->code & CODE_MASK;
	int status = 0;

	thread->calls++;
	if (thread->state != THREAD_RUNS) {
		twin->target.unjudged++;
		return 0;
	}
	if (twin->scorer)
		status = judge_surprise(twin, thread, feed);
	window_push(&thread->window, code, twin->rules.weight, twin->window_size);
	if (twin->mode == MODE_LEARN) {
		learn_call(twin, thread, code);
		return status;
	}
	thread->frame <<= 1;
	thread->fresh <<= 1;
	if (weight_is_marked(twin->rules.weight[code]))
		judge_marked(twin, thread, feed);
	if (!bag_is_known(twin, thread->window.hash))
		judge_mismatch(twin, thread, feed);
	return status;
}

int twin_judge_end(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	struct event_alarm alarm = { .rule = RULE_THREAD };
	struct thread_score score;
	double limit;
	int status;

	if (!twin->scorer || !thread)
		return 0;
	status = scorer_end(twin->scorer, thread_slot(twin, thread), &score);
	limit = scorer_thread_limit(twin->scorer);
	if (status <= 0 || score.score <= limit)
		return status < 0 ? status : 0;
	alarm.count = (uint32_t)(score.score * SCORE_UNIT);
	alarm.threshold = (uint32_t)(limit * SCORE_UNIT);
	alarm_raise(twin, thread, feed, &alarm, 0);
	return 0;
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

	twin->target.programs++;
	if (exec_is_known(twin, feed))
		return 0;
	if (twin->mode == MODE_MONITOR) {
		if (twin->rules.any_exec)
			return 0;
		alarm.inode = feed->inode;
		memcpy(alarm.path, feed->path, PATH_SIZE - 1);
		alarm_raise(twin, thread, feed, &alarm, feed->inode);
		return 0;
	}
	memcpy(event.path, feed->path, PATH_SIZE - 1);
	twin_send(twin, &event.head, EVENT_EXEC, thread->tid);
	return twin_exec_know(twin, feed->path, feed->inode);
}

static void judge_end(struct twin *twin, struct thread *thread, const struct feed *feed,
		      uint32_t number)
{
	struct event_alarm alarm = { .rule = RULE_FATAL_SIGNAL, .count = 1, .threshold = 1 };
	struct event_signal event = { .signal = number };
	uint64_t bit = 1ull << number;

	if (twin->rules.signals & bit)
		return;
	if (twin->mode == MODE_MONITOR) {
		if (!number)
			alarm.rule = RULE_MAIN_EXIT;
		alarm.signal = number;
		alarm_raise(twin, thread, feed, &alarm, number);
		return;
	}
	twin_send(twin, &event.head, EVENT_SIGNAL, thread->tid);
	twin->rules.signals |= bit;
}

void twin_judge_signal(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	if (feed->other < 64 && (FATAL_SIGNALS >> feed->other & 1))
		judge_end(twin, thread, feed, feed->other);
}

void twin_judge_exit(struct twin *twin, struct thread *thread, const struct feed *feed)
{
	if (thread->state == THREAD_RUNS && feed->other == (EXIT_MAIN | EXIT_UNASKED))
		judge_end(twin, thread, feed, 0);
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
