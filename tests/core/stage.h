/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage on which threads play: a source, the steps that go into it, and a log of the events
 * that come out. The source is the twin (made here) or the sensor (tests/sensor/), so that one
 * scene tests both. Letters stand for calls: 'a' is the native call 0, and '.' a place before the
 * thread's beginning.
 */
#ifndef BOSC_TESTS_STAGE_H
#define BOSC_TESTS_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/rules.h"
#include "../../core/twin.h"
#include "../../src/source.h"
#include "../../src/util.h"

/* Last: its macro fail would change what error.h declares. */
#include <cmocka.h>

#define LETTER(letter) code_of(ABI_NATIVE, (uint64_t)((letter) - 'a'))

union any_event {
	struct event head;
	struct event_bag bag;
	struct event_exec exec;
	struct event_signal signal;
	struct event_alarm alarm;
};

struct stage {
	struct source *source;
	int (*feed)(struct source *source, const struct feed *step, struct error *err);
	struct profile *profile; /* judged by, or taught; owned */
	uint32_t *places;	 /* of the profile's bags */
	uint64_t ns;
	char comm[COMM_SIZE]; /* of the threads that play */
	union any_event *log;
	size_t count, room;
	size_t read; /* events that the test has looked at */
};

/* A generator of its own, so that a failure shows again on every machine. */
static inline uint64_t random_next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

static inline uint64_t random_word(uint64_t *seed)
{
	return random_next(seed) << 33 ^ random_next(seed) << 16 ^ random_next(seed);
}

static inline int stage_log(const struct event *event, size_t size, void *context,
			    struct error *err)
{
	struct stage *stage = context;

	(void)err;
	assert_true(size <= sizeof(*stage->log));
	if (stage->count == stage->room) {
		stage->room = stage->room ? stage->room * 2 : 256;
		stage->log = realloc(stage->log, stage->room * sizeof(*stage->log));
		assert_non_null(stage->log);
	}
	memset(&stage->log[stage->count], 0, sizeof(*stage->log));
	memcpy(&stage->log[stage->count++], event, size);
	return 0;
}

/* The twin as a source; its events go to the log as they come. */
struct twin_source {
	struct source source;
	struct twin *twin;
};

static inline struct twin *twin_of(const struct source *source)
{
	return ((const struct twin_source *)source)->twin;
}

static inline void twin_log(const struct event *event, void *context)
{
	static const size_t size[] = {
		[EVENT_BAG] = sizeof(struct event_bag),
		[EVENT_SIGHT] = sizeof(struct event_bag),
		[EVENT_EXEC] = sizeof(struct event_exec),
		[EVENT_SIGNAL] = sizeof(struct event_signal),
		[EVENT_ALARM] = sizeof(struct event_alarm),
	};

	stage_log(event, size[event->kind], context, NULL);
}

static inline int twin_source_feed(struct source *source, const struct feed *step,
				   struct error *err)
{
	(void)err;
	return twin_step(twin_of(source), step);
}

static inline int twin_source_drain(struct source *source, struct error *err)
{
	(void)source, (void)err;
	return 1;
}

static inline void twin_source_target(struct source *source, uint32_t target,
				      struct target *ret_target)
{
	(void)target;
	twin_target(twin_of(source), ret_target);
}

static inline uint64_t twin_source_count(void *source, uint32_t place)
{
	return twin_count(twin_of(source), place);
}

static inline const struct rules *twin_source_rules(struct source *source, uint32_t target)
{
	(void)target;
	return twin_rules(twin_of(source));
}

static inline void twin_source_part(struct source *source, uint32_t target, uint32_t part)
{
	(void)target;
	twin_part(twin_of(source), part);
}

static inline void twin_source_close(struct source *source)
{
	twin_free(twin_of(source));
	free(source);
}

static inline void stage_begin(struct stage *stage, struct profile *profile,
			       int (*feed)(struct source *, const struct feed *, struct error *))
{
	*stage = (struct stage){
		.profile = profile,
		.places = calloc(profile->bag_count + 1, sizeof(*stage->places)),
		.feed = feed,
		.ns = 1ull << 50, /* no machine runs for so long */
		.comm = "prog",
	};
	assert_non_null(stage->places);
}

static inline void stage_open_twin(struct stage *stage, enum sensor_mode mode,
				   struct profile *profile, uint32_t buckets, int count_bags)
{
	struct twin_source *twin = calloc(1, sizeof(*twin));
	uint64_t seed = 77, secret[CODE_COUNT];

	assert_non_null(twin);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		secret[code] = random_word(&seed);
	stage_begin(stage, profile, twin_source_feed);
	twin->source = (struct source){
		.drain = twin_source_drain,
		.target = twin_source_target,
		.count = twin_source_count,
		.rules = twin_source_rules,
		.part = twin_source_part,
		.close = twin_source_close,
	};
	twin->twin = twin_new(mode, profile, secret, buckets, count_bags, stage->places);
	assert_non_null(twin->twin);
	twin_listen(twin->twin, twin_log, stage);
	stage->source = &twin->source;
}

static inline void stage_close(struct stage *stage)
{
	if (stage->source)
		stage->source->close(stage->source);
	profile_free(stage->profile);
	free(stage->places);
	free(stage->log);
	*stage = (struct stage){ 0 };
}

static inline void stage_flush(struct stage *stage)
{
	struct error err = { 0 };

	if (stage->source->drain(stage->source, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void stage_feed(struct stage *stage, const struct feed *step)
{
	struct error err = { 0 };

	if (stage->feed(stage->source, step, &err) < 0)
		fail_msg("%s", err.text);
}

static inline struct target stage_target(struct stage *stage)
{
	struct target target;

	stage->source->target(stage->source, 1, &target);
	return target;
}

/* Plays one step by thread `tid`, of the process whose number is the next lower multiple of ten. */
static inline void play_step(struct stage *stage, uint32_t tid, struct feed step)
{
	step.ns = ++stage->ns;
	step.tid = tid;
	step.tgid = tid / 10 * 10;
	step.parent_tgid = 1;
	step.target = 1;
	memcpy(step.comm, stage->comm, COMM_SIZE);
	stage_feed(stage, &step);
	stage_flush(stage);
}

static inline void play_code(struct stage *stage, uint32_t tid, uint32_t code)
{
	play_step(stage, tid, (struct feed){ .kind = FEED_CALL, .code = code });
}

/* Plays the whole text so many times. */
static inline void play(struct stage *stage, uint32_t tid, const char *letters, uint32_t times)
{
	for (uint32_t i = 0; i < times; i++)
		for (const char *letter = letters; *letter; letter++)
			play_code(stage, tid, LETTER(*letter));
}

static inline void play_fork(struct stage *stage, uint32_t tid, uint32_t child)
{
	play_step(
		stage, tid,
		(struct feed){ .kind = FEED_FORK, .other = child, .other_tgid = child / 10 * 10 });
}

/* `old_tid` is the thread that calls execve(); the process goes on as `tid`. */
static inline void play_exec(struct stage *stage, uint32_t tid, uint32_t old_tid, const char *path,
			     uint64_t inode)
{
	struct feed step = { .kind = FEED_EXEC, .other = old_tid, .inode = inode };

	memcpy(step.path, path, strnlen(path, PATH_SIZE));
	play_step(stage, tid, step);
}

static inline void play_exit(struct stage *stage, uint32_t tid)
{
	play_step(stage, tid, (struct feed){ .kind = FEED_EXIT });
}

/* The end of a process, of which `flags` say what else ended with it. */
static inline void play_end(struct stage *stage, uint32_t tid, uint32_t flags)
{
	play_step(stage, tid, (struct feed){ .kind = FEED_EXIT, .other = flags });
}

static inline void play_signal(struct stage *stage, uint32_t tid, uint32_t number)
{
	play_step(stage, tid, (struct feed){ .kind = FEED_SIGNAL, .other = number });
}

/* The bag of these letters, as many as a window has. */
static inline struct bag letters_bag(const char *letters, uint32_t size)
{
	static const uint64_t weightless[CODE_COUNT];
	struct window window;

	window_begin(&window);
	for (; *letters; letters++)
		if (*letters != '.')
			window_push(&window, LETTER(*letters), weightless, size);
	return bag_of_window(&window, size);
}

/* Makes a profile know these calls, often enough that none of them is rare; but no bag. */
static inline void know_calls(struct profile *profile, const char *letters)
{
	for (; *letters; letters++)
		if (*letters != '.')
			profile->calls[LETTER(*letters)] += 1000;
}

/* Makes a profile know these calls as ones of starting programs, of which there was one. */
static inline void know_start(struct profile *profile, const char *letters)
{
	profile->programs++;
	for (; *letters; letters++) {
		profile->calls[LETTER(*letters)] += 2;
		profile->start_calls[LETTER(*letters)] += 2;
	}
}

/* Makes a profile know the bag of these letters, and its calls. */
static inline void know_bag(struct profile *profile, const char *letters)
{
	struct bag bag = letters_bag(letters, profile->window);
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += 1000;
	know_calls(profile, letters);
}

/* Makes a part of the profile's training have shown so much novelty. */
static inline void know_novelty(struct profile *profile, uint32_t frame, uint32_t fresh)
{
	struct profile_part *part = profile_part(profile);

	assert_non_null(part);
	part->frame_most = frame;
	part->fresh_most = fresh;
	part->logged = 1;
}

#endif
