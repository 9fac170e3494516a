/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source that replays a trace file through the sensor's twin, as fast as it can be read.
 */
#ifndef BOSC_SOURCE_TRACE_H
#define BOSC_SOURCE_TRACE_H

#include "../core/scorer.h"
#include "source.h"
#include "trace.h"

/*
 * Opens the file, whose bare numbers are of this ABI, for the target of index 1, judged by or added
 * to `profile`. `places` (may be NULL) receives where each bag of the profile is counted.
 */
int source_trace_open(const char *path, uint32_t abi, enum sensor_mode mode,
		      const struct profile *profile, bool count_bags, uint32_t *places,
		      source_sink *sink, void *context, struct source **ret_source,
		      struct error *err);

/*
 * Goes on with another recording; bare numbers in it are of this ABI. Learning goes on with it, the
 * threads of the one before have ended; monitoring begins anew.
 */
int source_trace_next(struct source *source, const char *path, uint32_t abi, struct error *err);

/* How many records a poll replays; and it ends, as at the end of the file, before the first record
 * at or after `until_ns` (0: none), which the next poll begins with once it is set further. */
void source_trace_pace(struct source *source, uint32_t records, uint64_t until_ns);

/* Takes every call of the recording, in the order of time, before it is judged. */
typedef void source_trace_call(uint32_t code, void *context);
void source_trace_tap(struct source *source, source_trace_call *tap, void *context);

/* Of what a tap was given: recordings with the same digest hold the same calls, thread by
 * thread. */
uint64_t source_trace_digest(const struct source *source);

/* The second view; NULL: the profile has none. */
struct scorer *source_trace_scorer(const struct source *source);

/* What is known of the file; whether it is complete only at its end. */
const struct trace_summary *source_trace_summary(const struct source *source);

/* The machine it was recorded on, as uname -m prints it; empty: the file does not say. */
const char *source_trace_arch(const struct source *source);

/* The UNIX time of an event of the file; 0 where the file does not say. */
uint64_t source_trace_unix_ns(const struct source *source, uint64_t ns);

#endif
