/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sensor in the kernel and its twin in the core must say the same of the same steps: event
 * for event, counter for counter, bag for bag. Each has secret weights of its own, so that bags
 * are compared by what is in them; each side teaches a profile of its own.
 */
#include "generator.h"
#include "pair.h"
#include "recording.h"
#include "roads.h"

#include "../../src/source_trace.h"

#define STEPS 40000u

static void play_random(uint64_t seed, bool strange)
{
	struct generator *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	*g = (struct generator){ .seed = seed, .strange = strange, .ns = 1ull << 50 };
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
static void assert_source_steps(const char *path)
{
	struct profile *profile;
	struct stage steps, trace = { 0 };
	struct recording recording;
	struct error err = { 0 };
	struct feed step;

	recording = recording_open(path);
	profile = profile_new("empty", 8);
	know_bag(profile, "abcdefgh");
	know_novelty(profile, 0, 0);
	stage_open_twin(&steps, MODE_MONITOR, profile, bagtable_buckets(BAG_ROOM), 1);
	while (recording_next(&recording, &step))
		stage_feed(&steps, &step);
	recording_close(&recording);
	assert_int_equal(source_trace_open(path, ABI_NATIVE, MODE_MONITOR, profile, true, NULL,
					   stage_log, &trace, &trace.source, &err),
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

static void play_file(const char *path)
{
	struct recording recording = recording_open(path);
	struct feed step;

	while (recording_next(&recording, &step))
		pair_step(&step);
	assert_true(trace_reader_summary(recording.reader)->complete);
	recording_close(&recording);
	unlink(path);
}

static void test_roads(void **state)
{
	char folder[] = "/tmp/bosc-roads-XXXXXX";
	struct profile *sensor = profile_new("roads", 6), *twin = NULL;
	const char *path;

	(void)state;
	assert_non_null(mkdtemp(folder));
	pair_open(MODE_LEARN, sensor, NULL, false);
	play_file(record_roads(folder, 0));
	pair_end(true);
	pair_keep(&sensor, &twin);
	for (uint32_t abi = ABI_NATIVE; abi <= ABI_URING; abi++)
		for (uint32_t nr = 0; nr < 3; nr++)
			assert_true(twin->calls[code_of(abi, nr)] > 100);
	pair_open(MODE_MONITOR, sensor, twin, true);
	play_file(record_roads(folder, 1));
	pair_end(true);
	assert_true(pair.rules & 1u << RULE_NEW_CALL);
	path = record_roads(folder, 2);
	assert_source_steps(path);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void test_source_trace(void **state)
{
	(void)state;
	assert_source_steps(recording_path("redis-startup.bsc.xz"));
}

#define TEST(test) cmocka_unit_test_teardown(test, pair_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_random_small_windows),
		TEST(test_random_large_windows),
		TEST(test_recordings),
		TEST(test_source_trace),
		TEST(test_roads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
