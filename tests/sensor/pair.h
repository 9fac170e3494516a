/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor and its twin side by side: both take the same steps, and what they say of them is
 * compared, event for event, counter for counter, bag for bag.
 */
#ifndef BOSC_TESTS_PAIR_H
#define BOSC_TESTS_PAIR_H

#include "stage_sensor.h"

#include "../../core/learner.h"
#include "../../core/novelty.h"
#include "../core/sample_profile.h"

#define STEPS_SYNC 512u /* steps between two comparisons; their events fit the ring buffer */
#define BAG_ROOM   50000u

struct side {
	struct stage stage;
	struct learner learner;
};

struct place {
	uint32_t sensor, twin;
};

static struct pair {
	enum sensor_mode mode;
	uint32_t window;
	struct side sensor, twin;
	struct place *places; /* where both count the same bag */
	size_t place_count, place_room;
	uint64_t steps;
	uint32_t rules; /* bit r: rule r made an alarm */
} pair;

static inline void note_places(uint32_t sensor, uint32_t twin)
{
	if (pair.place_count == pair.place_room) {
		pair.place_room = pair.place_room * 2 + 1024;
		pair.places = realloc(pair.places, pair.place_room * sizeof(*pair.places));
		assert_non_null(pair.places);
	}
	pair.places[pair.place_count++] = (struct place){ sensor, twin };
}

static inline void learn_begin(struct side *side)
{
	static const struct learner_limits limits = { .quiet_windows = 5000, .unseen = 0.01 };
	struct profile *profile = side->stage.profile;

	assert_non_null(profile_run(profile));
	assert_int_equal(learner_begin(&side->learner, profile, &limits, side->stage.places, 0), 0);
	side->stage.source->part(side->stage.source, 1, (uint32_t)profile->history_count);
}

/* Each side takes a profile; the twin's may be NULL for one that is as new as the sensor's. */
static inline void pair_open(enum sensor_mode mode, struct profile *sensor, struct profile *twin,
			     bool count_bags)
{
	pair.mode = mode;
	pair.window = sensor->window;
	stage_open_sensor(&pair.sensor.stage, mode, sensor, BAG_ROOM, count_bags);
	if (!twin)
		twin = profile_new(sensor->name, sensor->window);
	stage_open_twin(&pair.twin.stage, mode, twin, bagtable_buckets(BAG_ROOM), count_bags);
	for (size_t i = 0; i < sensor->bag_count; i++)
		note_places(pair.sensor.stage.places[i], pair.twin.stage.places[i]);
	if (mode == MODE_LEARN) {
		learn_begin(&pair.sensor);
		learn_begin(&pair.twin);
	}
}

static inline int pair_close(void **state)
{
	(void)state;
	learner_end(&pair.sensor.learner);
	learner_end(&pair.twin.learner);
	stage_close(&pair.sensor.stage);
	stage_close(&pair.twin.stage);
	free(pair.places);
	pair = (struct pair){ 0 };
	return 0;
}

/* Ends a run of learning; the profiles stay. */
static inline void pair_keep(struct profile **ret_sensor, struct profile **ret_twin)
{
	*ret_sensor = pair.sensor.stage.profile;
	*ret_twin = pair.twin.stage.profile;
	pair.sensor.stage.profile = pair.twin.stage.profile = NULL;
	pair_close(NULL);
}

/* The sum that slid along with the window must be the sum of what is in it. */
static inline void check_hash(const struct side *side, const struct window *window)
{
	const struct rules *rules = side->stage.source->rules(side->stage.source, 1);
	struct bag bag = bag_of_window(window, pair.window);

	assert_true(window->hash == bag_hash(&bag, pair.window, rules->weight));
}

/* The event without what each side has of its own: weights, and places in its table. */
static inline union any_event plain(union any_event event)
{
	if (event.head.kind == EVENT_BAG || event.head.kind == EVENT_SIGHT)
		event.bag.place = 0, event.bag.window.hash = 0;
	if (event.head.kind == EVENT_ALARM)
		event.alarm.window.hash = 0;
	return event;
}

static inline void assert_same_event(union any_event a, union any_event b)
{
	a = plain(a);
	b = plain(b);
	assert_int_equal(a.head.kind, b.head.kind);
	assert_int_equal(a.head.ns, b.head.ns);
	assert_memory_equal(&a, &b, sizeof(a));
}

static inline void compare_event(const union any_event *sensor, const union any_event *twin)
{
	assert_same_event(*sensor, *twin);
	if (sensor->head.kind == EVENT_BAG || sensor->head.kind == EVENT_SIGHT) {
		check_hash(&pair.sensor, &sensor->bag.window);
		check_hash(&pair.twin, &twin->bag.window);
		note_places(sensor->bag.place, twin->bag.place);
	}
	if (sensor->head.kind == EVENT_ALARM) {
		check_hash(&pair.sensor, &sensor->alarm.window);
		check_hash(&pair.twin, &twin->alarm.window);
		pair.rules |= 1u << sensor->alarm.rule;
	}
}

static inline void learn_sync(struct side *side)
{
	struct source *source = side->stage.source;
	struct target target = stage_target(&side->stage);
	uint32_t part;

	for (size_t i = 0; i < side->stage.count; i++)
		assert_int_equal(learner_event(&side->learner, &side->stage.log[i].head), 0);
	learner_sync(&side->learner, &target, source->rules(source, 1), source->count, source, 0);
	part = learner_next_part(&side->learner);
	if (part)
		source->part(source, 1, part);
}

static inline void compare_counters(void)
{
	struct target sensor = stage_target(&pair.sensor.stage);
	struct target twin = stage_target(&pair.twin.stage);

	assert_int_equal(sensor.calls, twin.calls);
	assert_int_equal(sensor.mismatches, twin.mismatches);
	assert_int_equal(sensor.alarms, twin.alarms);
	assert_memory_equal(&sensor, &twin, sizeof(sensor));
}

/* Compares what came since the last time, and lets it be learnt. */
static inline void pair_sync(void)
{
	struct stage *sensor = &pair.sensor.stage, *twin = &pair.twin.stage;

	stage_flush(sensor);
	for (size_t i = 0; i < sensor->count && i < twin->count; i++)
		compare_event(&sensor->log[i], &twin->log[i]);
	assert_int_equal(sensor->count, twin->count);
	compare_counters();
	if (pair.mode == MODE_LEARN) {
		learn_sync(&pair.sensor);
		learn_sync(&pair.twin);
	}
	sensor->count = twin->count = 0;
}

static inline void pair_step(const struct feed *step)
{
	stage_feed(&pair.sensor.stage, step);
	stage_feed(&pair.twin.stage, step);
	if (++pair.steps % STEPS_SYNC == 0)
		pair_sync();
}

/* What was logged, and what both make of it. */
static inline void compare_novelty(void)
{
	struct profile *a = pair.sensor.stage.profile, *b = pair.twin.stage.profile;

	assert_int_equal(a->sight_count, b->sight_count);
	assert_int_equal(a->threads, b->threads);
	for (size_t i = 0; i < a->sight_count; i++)
		assert_memory_equal(&a->sights[i], &b->sights[i], sizeof(a->sights[i]));
	for (size_t i = 0; i < a->bag_count; i++)
		assert_int_equal(a->bags[i].again, b->bags[i].again);
	assert_int_equal(novelty_judge(a), 0);
	assert_int_equal(novelty_judge(b), 0);
	assert_int_equal(a->sight_count, b->sight_count);
}

static inline void pair_end(bool counted)
{
	struct source *sensor = pair.sensor.stage.source, *twin = pair.twin.stage.source;
	const struct rules *a = sensor->rules(sensor, 1), *b = twin->rules(twin, 1);
	struct target target;

	pair_sync();
	target = stage_target(&pair.sensor.stage);
	assert_int_equal(target_lost(&target), 0);
	if (pair.mode == MODE_LEARN)
		assert_memory_equal(a->count, b->count, sizeof(a->count));
	assert_true(a->signals == b->signals);
	assert_int_equal(a->frame_limit, b->frame_limit);
	assert_int_equal(a->fresh_limit, b->fresh_limit);
	for (size_t i = 0; counted && i < pair.place_count; i++)
		assert_int_equal(sensor->count(sensor, pair.places[i].sensor),
				 twin->count(twin, pair.places[i].twin));
	if (pair.mode == MODE_LEARN) {
		compare_novelty();
		assert_same_profile(pair.sensor.stage.profile, pair.twin.stage.profile);
	}
}

#endif
