/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a recording tells as a source: events of every kind, each as long as its kind.
 */
#include "../../src/source_trace.h"
#include "trace_file.h"

#define WINDOW 4u

struct told {
	unsigned int events[EVENT_ALARM + 1]; /* by kind */
};

static int tell(const struct event *event, size_t size, void *context, struct error *err)
{
	static const size_t sizes[] = {
		[EVENT_BAG] = sizeof(struct event_bag),
		[EVENT_SIGHT] = sizeof(struct event_bag),
		[EVENT_EXEC] = sizeof(struct event_exec),
		[EVENT_SIGNAL] = sizeof(struct event_signal),
		[EVENT_ALARM] = sizeof(struct event_alarm),
	};
	struct told *told = context;

	(void)err;
	assert_in_range(event->kind, EVENT_BAG, EVENT_ALARM);
	assert_int_equal(size, sizes[event->kind]);
	told->events[event->kind]++;
	return 0;
}

/* A thread that goes on with one call, then executes something, and ends by a signal. */
static const char *make_trace(void)
{
	const struct trace_exec exec = { .tgid = 100, .old_tid = 100, .path = "/bin/sh" };
	struct trace_head signal = { .tid = 100, .type = TRACE_SIG, .flags = 11 };
	uint64_t ts = 1000;

	image_begin();
	for (uint32_t i = 0; i < 3 * WINDOW; i++)
		image_head(ts += 10, 1, TRACE_SYS);
	image_head(ts += 10, sizeof(exec) / 16, TRACE_EXEC);
	image_put(&exec, sizeof(exec));
	image_head(ts += 10, 2, TRACE_SYS);
	signal.ts = ts + 10;
	image_put(&signal, sizeof(signal));
	image_end(0, 3 * WINDOW + 1);
	return file_write("image", image.data, image.size);
}

static void replay(enum sensor_mode mode, struct told *told)
{
	struct profile *profile = profile_new("p", WINDOW);
	struct error err = { 0 };
	struct source *source;

	assert_non_null(profile);
	if (source_trace_open(make_trace(), ABI_NATIVE, mode, profile, false, NULL, tell, told,
			      &source, &err) < 0)
		fail_msg("%s", err.text);
	source->part(source, 1, 2);
	assert_int_equal(source->poll(source, -1, &err), 0);
	source->close(source);
	profile_free(profile);
}

static void test_sizes(void **state)
{
	struct told told = { 0 };

	(void)state;
	replay(MODE_LEARN, &told);
	replay(MODE_MONITOR, &told);
	for (int kind = EVENT_BAG; kind <= EVENT_ALARM; kind++)
		if (!told.events[kind])
			fail_msg("no event of kind %d", kind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
