/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor in the kernel and its twin in the core must say the same of the same steps: event
 * for event, counter for counter, bag for bag. Each has secret weights of its own, so that bags
 * are compared by what is in them; each side teaches a profile of its own.
 */
#include "generator.h"
#include "recording.h"
#include "stage_sensor.h"

#include "../../core/learner.h"
#include "../../core/novelty.h"
#include "../../src/source_trace.h"
#include "../core/sample_profile.h"

#define STEPS	   40000u
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

static void note_places(uint32_t sensor, uint32_t twin)
{
	if (pair.place_count == pair.place_room) {
		pair.place_room = pair.place_room * 2 + 1024;
		pair.places = realloc(pair.places, pair.place_room * sizeof(*pair.places));
		assert_non_null(pair.places);
	}
	pair.places[pair.place_count++] = (struct place){ sensor, twin };
}

static void learn_begin(struct side *side)
{
	static const struct learner_limits limits = { .quiet_windows = 5000, .unseen = 0.01 };
	struct profile *profile = side->stage.profile;

	assert_non_null(profile_run(profile));
	assert_int_equal(learner_begin(&side->learner, profile, &limits, side->stage.places, 0), 0);
	side->stage.source->part(side->stage.source, 1, (uint32_t)profile->history_count);
}

/* Each side takes a profile; the twin's may be NULL for one that is as new as the sensor's. */
static void pair_open(enum sensor_mode mode, struct profile *sensor, struct profile *twin,
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

static int pair_close(void **state)
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
static void pair_keep(struct profile **ret_sensor, struct profile **ret_twin)
{
	*ret_sensor = pair.sensor.stage.profile;
	*ret_twin = pair.twin.stage.profile;
	pair.sensor.stage.profile = pair.twin.stage.profile = NULL;
	pair_close(NULL);
}

/* The sum that slid along with the window must be the sum of what is in it. */
static void check_hash(const struct side *side, const struct window *window)
{
	const struct rules *rules = side->stage.source->rules(side->stage.source, 1);
	struct bag bag = bag_of_window(window, pair.window);

	assert_true(window->hash == bag_hash(&bag, pair.window, rules->weight));
}

/* The event without what each side has of its own: weights, and places in its table. */
static union any_event plain(union any_event event)
{
	if (event.head.kind == EVENT_BAG || event.head.kind == EVENT_SIGHT)
		event.bag.place = 0, event.bag.window.hash = 0;
	if (event.head.kind == EVENT_ALARM)
		event.alarm.window.hash = 0;
	return event;
}

static void assert_same_event(union any_event a, union any_event b)
{
	a = plain(a);
	b = plain(b);
	assert_int_equal(a.head.kind, b.head.kind);
	assert_int_equal(a.head.ns, b.head.ns);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void compare_event(const union any_event *sensor, const union any_event *twin)
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

static void learn_sync(struct side *side)
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

static void compare_counters(void)
{
	struct target sensor = stage_target(&pair.sensor.stage);
	struct target twin = stage_target(&pair.twin.stage);

	assert_int_equal(sensor.calls, twin.calls);
	assert_int_equal(sensor.mismatches, twin.mismatches);
	assert_int_equal(sensor.alarms, twin.alarms);
	assert_memory_equal(&sensor, &twin, sizeof(sensor));
}

/* Compares what came since the last time, and lets it be learnt. */
static void pair_sync(void)
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

static void pair_step(const struct feed *step)
{
	stage_feed(&pair.sensor.stage, step);
	stage_feed(&pair.twin.stage, step);
	if (++pair.steps % STEPS_SYNC == 0)
		pair_sync();
}

/* What was logged, and what both make of it. */
static void compare_novelty(void)
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

static void pair_end(bool counted)
{
	struct source *sensor = pair.sensor.stage.source, *twin = pair.twin.stage.source;
	const struct rules *a = sensor->rules(sensor, 1), *b = twin->rules(twin, 1);
	struct target target;

	pair_sync();
	target = stage_target(&pair.sensor.stage);
	assert_int_equal(target.lost_events + target.lost_threads + target.lost_bags, 0);
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

static void play_random(uint64_t seed, bool strange)
{
	struct generator *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	*g = (struct generator){ .seed = seed, .strange = strange, .ns = 1ull << 40 };
	for (uint32_t i = 0; i < STEPS; i++) {
		struct feed step = generate(g);

		pair_step(&step);
	}
	free(g);
}

/* What was learnt allows little novelty, and some calls only while programs start, so that there
 * are alarms to compare. */
static struct profile *strict(struct profile *profile, uint64_t seed)
{
	for (uint32_t letter = 'a'; letter < 'd'; letter++)
		profile->start_calls[LETTER(letter)] = profile->calls[LETTER(letter)];
	profile->calls[LETTER('d')] += STEADY_CALLS;
	profile->programs += STEADY_CALLS;
	for (size_t i = 0; i < profile->bag_count; i++)
		profile->bags[i]
			.count++; /* none is seen once only, which would widen the margins */
	profile->history_count = profile->sight_count = 0;
	know_novelty(profile, (uint32_t)(seed % 3), (uint32_t)(seed * 3 % 8));
	return profile;
}

/* Two runs of learning, then monitoring of work that is partly the same. Returns the rules that
 * made an alarm. */
static uint32_t random_traces(uint64_t seed, uint32_t window)
{
	struct profile *sensor = profile_new("random", window), *twin = NULL;
	bool count_bags = seed % 2;
	uint32_t rules;

	for (uint64_t run = 0; run < 2; run++) {
		pair_open(MODE_LEARN, sensor, twin, false);
		play_random(10 * seed + run, false);
		pair_end(true);
		pair_keep(&sensor, &twin);
	}
	assert_true(twin->bag_count > 30);
	assert_true(twin->history_count > 3);
	assert_true(twin->sight_count > 0);
	assert_int_equal(twin->signals, 1ull << 11);
	assert_true(twin->programs > 50);
	pair_open(MODE_MONITOR, strict(sensor, seed), strict(twin, seed), count_bags);
	play_random(10 * seed + 2, true);
	pair_end(count_bags);
	rules = pair.rules;
	pair_close(NULL);
	return rules;
}

/* Those that the sensor judges. */
#define ALL_RULES                                                                                 \
	(1u << RULE_NEW_CALL | 1u << RULE_NEW_EXEC | 1u << RULE_FATAL_SIGNAL | 1u << RULE_FRAME | \
	 1u << RULE_FIRST_SIGHT | 1u << RULE_LATE_CALL | 1u << RULE_MAIN_EXIT)

static void test_random_small_windows(void **state)
{
	(void)state;
	assert_int_equal(random_traces(1, 1) | random_traces(2, 2) | random_traces(3, 4),
			 ALL_RULES);
}

static void test_random_large_windows(void **state)
{
	(void)state;
	assert_int_equal(random_traces(4, 6) | random_traces(5, 8) | random_traces(6, 10),
			 ALL_RULES);
}

static void play_recording(const char *name)
{
	struct recording recording = recording_open(recording_path(name));
	struct feed step;

	while (recording_next(&recording, &step))
		pair_step(&step);
	recording_close(&recording);
}

/* A real start and real work are learnt, and attacks judged by them. */
static void test_recordings(void **state)
{
	struct profile *sensor, *twin = NULL;

	(void)state;
	recording_path("redis-startup.bsc.xz");
	sensor = profile_new("redis", 8);
	pair_open(MODE_LEARN, sensor, NULL, false);
	play_recording("redis-startup.bsc.xz");
	pair_end(true);
	assert_int_equal(stage_target(&pair.sensor.stage).calls, 128672);
	assert_true(stage_target(&pair.sensor.stage).unjudged > 500); /* runc's */
	pair_keep(&sensor, &twin);
	pair_open(MODE_MONITOR, sensor, twin, true);
	play_recording("redis-a02-module-exec.bsc.xz");
	play_recording("redis-a08-authbrute.bsc.xz");
	pair_end(true);
	assert_true(pair.rules & 1u << RULE_NEW_CALL);
	assert_true(pair.rules & 1u << RULE_NEW_EXEC);
}

/* The program's own reading of a recording makes the steps that recording.h makes. What only the
 * program's source knows, the names of executables and parents, is left out. */
static void test_source_trace(void **state)
{
	struct profile *profile;
	struct stage steps, trace = { 0 };
	struct recording recording;
	struct error err = { 0 };
	struct feed step;

	(void)state;
	recording = recording_open(recording_path("redis-startup.bsc.xz"));
	profile = profile_new("empty", 8);
	know_bag(profile, "abcdefgh");
	know_novelty(profile, 0, 0);
	stage_open_twin(&steps, MODE_MONITOR, profile, bagtable_buckets(BAG_ROOM), 1);
	while (recording_next(&recording, &step))
		stage_feed(&steps, &step);
	recording_close(&recording);
	assert_int_equal(source_trace_open(recording_path("redis-startup.bsc.xz"), ABI_NATIVE,
					   MODE_MONITOR, profile, true, NULL, stage_log, &trace,
					   &trace.source, &err),
			 0);
	while (trace.source->poll(trace.source, -1, &err) > 0)
		;
	assert_int_equal(trace.count, steps.count);
	for (size_t i = 0; i < trace.count; i++) {
		struct event_alarm *alarm = &trace.log[i].alarm;

		if (alarm->head.kind == EVENT_ALARM) {
			memset(alarm->exe, 0, sizeof(alarm->exe));
			memset(alarm->parent_comm, 0, COMM_SIZE);
		}
		assert_same_event(trace.log[i], steps.log[i]);
	}
	stage_close(&trace);
	stage_close(&steps);
}

#define TEST(test) cmocka_unit_test_teardown(test, pair_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random_small_windows),
		TEST(test_random_large_windows),
		TEST(test_recordings),
		TEST(test_source_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
