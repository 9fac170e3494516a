/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading from the sensor while it sends without end: a poll ends all the same, so that signals,
 * ticks and whatever else the program has to do are not kept waiting, and nothing is lost by it.
 */
#include "stage_sensor.h"

#define GIVE_UP_NS  (3 * NS_PER_S)
#define ON_TIME_NS  (NS_PER_S / 2)
#define ROOM	    (1u << 19)
#define LATE_EVENTS 100

/* Each event has the sensor send one more: a new pair of calls. */
struct flood {
	struct source *source;
	uint64_t stop_ns; /* no more from then on */
	uint32_t pairs, events;
};

static void feed_pair(struct flood *flood)
{
	struct feed step = {
		.kind = FEED_CALL, .tid = 40, .tgid = 40, .target = 1, .comm = "prog"
	};
	uint32_t codes[] = { 1 + flood->pairs % 1000, 1001 + flood->pairs / 1000 };
	struct error err;

	flood->pairs++;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		step.ns = clock_ns(CLOCK_MONOTONIC);
		step.code = codes[i];
		if (source_live_feed(flood->source, &step, &err) < 0)
			fail_msg("%s", err.text);
	}
}

static int on_event(const struct event *event, size_t size, void *context, struct error *err)
{
	struct flood *flood = context;

	(void)event, (void)size, (void)err;
	flood->events++;
	if (clock_ns(CLOCK_MONOTONIC) < flood->stop_ns)
		feed_pair(flood);
	return 0;
}

static void begin(struct stage *stage, struct flood *flood)
{
	stage_open_sink(stage, MODE_LEARN, profile_new("flood", 2), ROOM, false, on_event, flood);
	*flood = (struct flood){
		.source = stage->source,
		.stop_ns = clock_ns(CLOCK_MONOTONIC) + GIVE_UP_NS,
	};
	for (int i = 0; i < LATE_EVENTS; i++)
		feed_pair(flood);
}

/* Returns at once, because something is left, and has it all. */
static void expect_rest(struct stage *stage, struct flood *flood)
{
	struct error err;
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	uint32_t before = flood->events;
	struct target target;

	flood->stop_ns = 0;
	assert_int_equal(stage->source->poll(stage->source, 10000, &err), 1);
	assert_true(flood->events > before);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begun_ns < ON_TIME_NS);
	assert_int_equal(stage->source->drain(stage->source, &err), 1);
	target = stage_target(stage);
	assert_int_equal(target_lost(&target), 0);
	assert_int_equal(flood->events, target.bags);
	stage_close(stage);
}

static void test_poll(void **state)
{
	struct stage stage;
	struct flood flood;
	struct error err;
	uint64_t begun_ns;

	(void)state;
	begin(&stage, &flood);
	begun_ns = clock_ns(CLOCK_MONOTONIC);
	assert_int_equal(stage.source->poll(stage.source, 10000, &err), 1);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begun_ns < ON_TIME_NS);
	assert_true(flood.events > LATE_EVENTS);
	expect_rest(&stage, &flood);
}

/* What was sent before, whatever comes meanwhile. */
static void test_drain(void **state)
{
	struct stage stage;
	struct flood flood;
	struct error err;
	uint64_t begun_ns;

	(void)state;
	begin(&stage, &flood);
	begun_ns = clock_ns(CLOCK_MONOTONIC);
	assert_int_equal(stage.source->drain(stage.source, &err), 1);
	assert_true(clock_ns(CLOCK_MONOTONIC) - begun_ns < ON_TIME_NS);
	assert_true(flood.events >= LATE_EVENTS);
	expect_rest(&stage, &flood);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poll),
		cmocka_unit_test(test_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
