/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is normal: each call slides its thread's window, and the window's bag is looked up among
 * the known ones. Learning adds what is missing; monitoring holds it against the rules.
 *
 * core/twin.c says the same in plain C, for traces; the differential test compares the two.
 */
#ifndef BOSC_BPF_JUDGE_H
#define BOSC_BPF_JUDGE_H

#include "../core/frame.h"
#include "alarm.h"
#include "bags.h"

static __always_inline void bag_send(struct event_bag *event, const struct thread *thread,
				     uint32_t place, uint32_t part)
{
	event->window = thread->window;
	event->place = place;
	event->part = part;
	event->at = (uint32_t)thread->calls;
	event->start = frame_is_start(thread);
	bpf_ringbuf_submit(event, 0);
}

/* A bag is stored only when its event is on its way, so that none is known without user space
 * having it. */
static __noinline void learn_bag(struct thread *thread, struct target *target)
{
	struct event_bag *event;
	uint64_t *count;
	uint32_t place;

	if (window_is_late(&thread->window, window_size)) {
		__sync_fetch_and_add(&target->unjudged, 1);
		return;
	}
	event = event_new(EVENT_BAG, thread->target, thread_tid(thread), sizeof(*event));
	if (!event)
		return;
	place = hash_insert(thread->window.hash, 0, bag_buckets);
	count = place == BAG_NO_PLACE ? NULL : bag_count(place);
	if (!count) {
		__sync_fetch_and_add(&target->lost_bags, 1);
		bpf_ringbuf_discard(event, 0);
		return;
	}
	__sync_fetch_and_add(&target->bags, 1);
	/* Another processor may have stored the same bag a moment ago. */
	__sync_val_compare_and_swap(count, 0, (uint64_t)target->part << COUNT_PART_SHIFT);
	__sync_fetch_and_add(count, 1);
	bag_send(event, thread, place, target->part);
}

/* Another window of a bag that only this part has. */
static __noinline void learn_sight(struct thread *thread, struct target *target, uint32_t place)
{
	struct event_bag *event = event_new(EVENT_SIGHT, thread->target, thread_tid(thread),
					    sizeof(*event));

	if (event)
		bag_send(event, thread, place, target->part);
}

static __always_inline void learn_call(struct thread *thread, struct rules *judged, uint32_t code,
				       uint32_t place)
{
	struct target *target = target_of(thread->target);
	uint64_t *count;
	uint64_t before;

	if (!target)
		return;
	__sync_fetch_and_add(&judged->count[frame_is_start(thread)][code & CODE_MASK], 1);
	if (place == BAG_NO_PLACE)
		return learn_bag(thread, target);
	count = bag_count(place);
	if (!count)
		return;
	before = __sync_fetch_and_add(count, 1);
	if (count_part(before) != target->part && !(before & COUNT_AGAIN))
		__sync_fetch_and_or(count, COUNT_AGAIN);
	if (frame_is_sight(thread, before, target->part))
		learn_sight(thread, target, place);
}

static __always_inline void count_known(uint32_t place)
{
	uint64_t *count = count_bags ? bag_count(place) : NULL;

	if (count)
		__sync_fetch_and_add(count, 1);
}

/*
 * Looks once more for a bag that was not found, slowly. Its hash may be that of a profile which a
 * newer one has replaced since: so it is computed anew from the calls, and kept. Not while the
 * rules are just being put into their place, so that the next call looks here again, whatever it
 * finds there.
 */
static __noinline _Bool bag_is_known(struct thread *thread, const struct rules *judged,
				     uint64_t sum)
{
	uint64_t hash = sum + judged->salt;
	uint32_t place = bag_place(hash);

	if (thread->target != changing)
		thread->window.hash = hash;
	if (place == BAG_NO_PLACE && judged->spared)
		place = hash_place(hash, bag_buckets + met_buckets, spare_buckets);
	if (place == BAG_NO_PLACE)
		return 0;
	count_known(place);
	return 1;
}

/* Whether the unknown bag is met for the first time; remembers and, when asked for, counts it. By
 * its sum without salt, so that a newer profile does not make it one that nobody met. */
static __always_inline _Bool bag_is_fresh(struct thread *thread, uint64_t sum)
{
	uint64_t hash = bag_met_hash(sum);
	uint32_t place = hash_place(hash, bag_buckets, met_buckets);
	_Bool fresh = place == BAG_NO_PLACE;
	uint64_t *count;

	if (fresh) {
		TARGET_ADD(thread->target, bags, 1);
		place = hash_insert(hash, bag_buckets, met_buckets);
		if (place == BAG_NO_PLACE)
			TARGET_ADD(thread->target, lost_bags, 1);
	}
	if (!count_bags || place == BAG_NO_PLACE)
		return fresh;
	count = bag_count(place);
	if (count)
		__sync_fetch_and_add(count, 1);
	if (fresh) {
		struct event_bag *event = event_new(EVENT_BAG, thread->target, thread_tid(thread),
						    sizeof(*event));

		if (event)
			bag_send(event, thread, place, 0);
	}
	return fresh;
}

/* The window's bag was not found. */
static __noinline void judge_mismatch(struct thread *thread, uint32_t code)
{
	const struct rules *judged = rules_now(thread->target);
	struct finding found = { .code = code };
	uint64_t sum;

	if (!judged)
		return;
	if (window_is_late(&thread->window, window_size)) {
		TARGET_ADD(thread->target, unjudged, 1);
		return;
	}
	sum = window_sum(&thread->window, judged->weight, window_size);
	if (bag_is_known(thread, judged, sum))
		return;
	TARGET_ADD(thread->target, mismatches, 1);
	found.generation = judged->generation;
	found.rule = RULE_FRAME;
	found.threshold = frame_limit(thread, judged->frame_limit);
	found.count = frame_mark(&thread->frame, found.threshold);
	if (found.count)
		alarm_raise(thread, &found);
	if (!bag_is_fresh(thread, sum))
		return;
	found.rule = RULE_FIRST_SIGHT;
	found.threshold = frame_limit(thread, judged->fresh_limit);
	found.count = frame_mark(&thread->fresh, found.threshold);
	if (found.count)
		alarm_raise(thread, &found);
}

/* Whether a program may just be starting in the thread, unseen: it was met in mid-stream, and its
 * process is young. */
static __always_inline _Bool thread_may_start(const struct thread *thread)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return !feeding && (thread->flags & THREAD_LATE) &&
	       bpf_ktime_get_boot_ns() - BPF_CORE_READ(task, group_leader, start_boottime) <
		       START_NS;
}

/* The call is new, or one of those that training saw only while programs started; unless it is
 * not to the newer profile that takes over just now. */
static __noinline void judge_marked(struct thread *thread, uint32_t code)
{
	struct finding found = { .rule = RULE_NEW_CALL, .subject = code, .code = code };
	const struct rules *judged = rules_now(thread->target);
	uint64_t weight = judged ? judged->weight[code & CODE_MASK] : 0;

	if (!judged || !weight_is_marked(weight))
		return;
	if (!weight_is_new(weight)) {
		if (!frame_is_settled(thread, now_ns()) || thread_may_start(thread))
			return;
		found.rule = RULE_LATE_CALL;
	}
	found.generation = judged->generation;
	found.count = found.threshold = 1;
	alarm_raise(thread, &found);
}

/* One call of a watched thread: the fast path. */
static __always_inline void judge_call(struct thread *thread, uint32_t code)
{
	uint32_t target = thread->target;
	struct rules *judged = rules_of(target);
	uint32_t place;

	if (!judged)
		return;
	thread->calls++;
	if (thread->state != THREAD_RUNS) {
		TARGET_ADD(target, unjudged, 1);
		return;
	}
	window_push(&thread->window, code, judged->weight, window_size);
	if (mode == MODE_LEARN)
		return learn_call(thread, judged, code, bag_place(thread->window.hash));

	thread->frame <<= 1;
	thread->fresh <<= 1;
	if (weight_is_marked(judged->weight[code & CODE_MASK]))
		judge_marked(thread, code);
	if (bag_is_hot(thread->window.hash))
		return;
	place = bag_place(thread->window.hash);
	if (place == BAG_NO_PLACE)
		return judge_mismatch(thread, code);
	count_known(place);
}

/* A program begins in a watched thread. The key has the path as it was given; where that does
 * not start at the root, the inode says which file is meant. */
static __noinline void judge_exec(struct thread *thread, const char *path, uint64_t inode)
{
	struct exec_key key = { .rules = thread->target };
	struct event_exec *event;
	uint64_t *count;
	uint64_t one = 1;

	TARGET_ADD(thread->target, programs, 1);
	bpf_probe_read_kernel_str(key.path, PATH_SIZE, path);
	if (key.path[0] != '/')
		key.inode = inode;
	count = bpf_map_lookup_elem(&execs, &key);
	if (count) {
		__sync_fetch_and_add(count, 1);
		return;
	}
	if (mode == MODE_MONITOR) {
		struct finding found = { .rule = RULE_NEW_EXEC, .count = 1, .threshold = 1 };
		const struct rules *judged = rules_now(thread->target);

		if (!judged || judged->any_exec)
			return;
		found.generation = judged->generation;
		found.subject = inode;
		found.path = path;
		return alarm_raise(thread, &found);
	}
	event = event_new(EVENT_EXEC, thread->target, thread_tid(thread), sizeof(*event));
	if (!event)
		return;
	event->inode = key.inode;
	__builtin_memcpy(event->path, key.path, PATH_SIZE);
	bpf_ringbuf_submit(event, 0);
	if (bpf_map_update_elem(&execs, &key, &one, BPF_ANY))
		TARGET_ADD(thread->target, lost_events, 1);
}

/* A fatal signal, or, as the number 0, the end of the container's first process. */
static __noinline void judge_end(struct thread *thread, uint32_t number)
{
	struct rules *judged = rules_now(thread->target);
	uint64_t bit = 1ull << (number & 63);
	struct event_signal *event;

	if (!judged || (judged->signals & bit))
		return;
	if (mode == MODE_MONITOR) {
		struct finding found = { .rule = RULE_FATAL_SIGNAL, .count = 1, .threshold = 1 };

		if (!number)
			found.rule = RULE_MAIN_EXIT;
		found.generation = judged->generation;
		found.subject = found.signal = number;
		return alarm_raise(thread, &found);
	}
	event = event_new(EVENT_SIGNAL, thread->target, thread_tid(thread), sizeof(*event));
	if (!event)
		return;
	event->signal = number;
	event->unused = 0;
	bpf_ringbuf_submit(event, 0);
	judged->signals |= bit;
}

static __always_inline void judge_signal(struct thread *thread, uint32_t number)
{
	if (number < 64 && (FATAL_SIGNALS >> number & 1))
		judge_end(thread, number);
}

static __always_inline void judge_exit(struct thread *thread, uint32_t flags)
{
	if (thread->state == THREAD_RUNS && flags == (EXIT_MAIN | EXIT_UNASKED))
		judge_end(thread, 0);
}

#endif
