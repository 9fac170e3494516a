/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two files of the source that is a recording share.
 */
#ifndef BOSC_SOURCE_TRACE_INTERNAL_H
#define BOSC_SOURCE_TRACE_INTERNAL_H

#include "../core/twin.h"
#include "source_trace.h"
#include "trace_tasks.h"

struct source_trace {
	struct source source;
	struct trace_reader *reader;
	struct twin *twin;
	source_sink *sink;
	void *context;
	struct error *err;
	int status; /* of the sink, during a poll */
	char arch[17];
	uint64_t host_ns, host_unix_ns;
	bool tells_ends; /* its EXIT records say what ended */

	struct tasks tasks;
	struct scorer *scorer; /* NULL: the profile has no second view */
	uint32_t pace;	       /* records a poll */
	uint64_t until_ns;
	bool held; /* the record that did not come before until_ns */
	struct trace_record record;
	/* What the record becomes; kept, for little of it changes. Its time is the record's. */
	struct feed step;
	uint64_t digest;
	source_trace_call *tap; /* NULL: nobody listens */
	void *tap_context;
};

/* Replays the next record, or a run of calls of at most so many records. How many these were; 0 at
 * the end of the file or of what was asked for, or negative. */
long source_trace_replay(struct source_trace *trace, uint32_t most, struct error *err);

#endif
