/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live source's state, for the files that make it up: source_live.c loads the sensor and reads
 * from it, source_live_target.c tells it what to watch.
 */
#ifndef BOSC_SOURCE_LIVE_INTERNAL_H
#define BOSC_SOURCE_LIVE_INTERNAL_H

#include "../bpf/sensor.h"
#include "source_live.h"

struct sensor_bpf;
struct ring_buffer;

struct mapping {
	void *memory;
	size_t size;
};

struct source_live {
	struct source source;
	struct sensor_bpf *sensor;
	struct ring_buffer *ring;
	source_sink *sink;
	void *context;
	struct error *err;
	int wake_fd;
	int status;	     /* of the sink, during a poll */
	uint32_t rules_size; /* of a target, in `rules` */
	const char *unseen;  /* what this kernel does not show */
	struct mapping targets, rules, bags, counts, feeds;
};

static inline struct source_live *live_of(const struct source *source)
{
	return (struct source_live *)source;
}

static inline struct rules *rules_at(const struct source_live *live, uint32_t target)
{
	return (struct rules *)((char *)live->rules.memory + (size_t)target * live->rules_size);
}

#endif
