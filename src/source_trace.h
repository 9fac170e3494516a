/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source that replays a trace file through the sensor's twin, as fast as it can be read.
 */
#ifndef BOSC_SOURCE_TRACE_H
#define BOSC_SOURCE_TRACE_H

#include "source.h"
#include "trace.h"

/*
 * Opens the file for the target of index 1, judged by or added to `profile`. `places` (may be
 * NULL) receives where each bag of the profile is counted.
 */
int source_trace_open(const char *path, enum sensor_mode mode, const struct profile *profile,
		      bool count_bags, uint32_t *places, source_sink *sink, void *context,
		      struct source **ret_source, struct error *err);

/* What is known of the file; whether it is complete only at its end. */
const struct trace_summary *source_trace_summary(const struct source *source);

/* The machine it was recorded on, as uname -m prints it; empty: the file does not say. */
const char *source_trace_arch(const struct source *source);

/* The UNIX time of an event of the file; 0 where the file does not say. */
uint64_t source_trace_unix_ns(const struct source *source, uint64_t ns);

#endif
