/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage whose source is the sensor: loaded into the kernel, fed step by step, never attached.
 * Where it cannot be loaded, the test is skipped and says why.
 */
#ifndef BOSC_TESTS_STAGE_SENSOR_H
#define BOSC_TESTS_STAGE_SENSOR_H

#include <errno.h>

#include "../../src/source_live.h"
#include "../core/stage.h"

/* `room`: how many bags the table must hold. The profile becomes the stage's. */
static inline void stage_open_sink(struct stage *at, enum sensor_mode mode, struct profile *profile,
				   uint64_t room, bool count_bags, source_sink *sink, void *context)
{
	struct live_settings settings = {
		.mode = mode,
		.window = profile->window,
		.bag_room = room,
		.met_room = room,
		.spare_room = room,
		.targets = 1,
		.count_bags = count_bags,
		.feeding = true,
		.wake_fd = -1,
	};
	struct error err = { 0 };
	int status;

	stage_begin(at, profile, source_live_feed);
	status = source_live_open(&settings, sink, context, &at->source, &err);
	/* Not on EACCES: so the kernel's verifier refuses a program that is wrong. */
	if (status == -EPERM || status == -ENOTSUP || status == -ENOSYS) {
		print_message("skipped: %s\n", err.text);
		stage_close(at);
		skip();
	}
	if (status < 0)
		fail_msg("%s", err.text);
	if (source_live_target(at->source, 1, profile, at->places, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void stage_open_sensor(struct stage *at, enum sensor_mode mode,
				     struct profile *profile, uint64_t room, bool count_bags)
{
	stage_open_sink(at, mode, profile, room, count_bags, stage_log, at);
}

#endif
