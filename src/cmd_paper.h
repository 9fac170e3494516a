/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `--method paper`: bosc learn and bosc monitor by the paper's method (core/paper.h), to compare
 * with. Its window goes over all threads in the order of time, so it needs every call in user
 * space: live, the sensor records (as for bosc record) and this process judges; a recording is read
 * as it stands. cmd_paper_learn.c and cmd_paper_monitor.c are the two commands, cmd_paper.c is what
 * they share.
 */
#ifndef BOSC_CMD_PAPER_H
#define BOSC_CMD_PAPER_H

#include "../core/paper.h"
#include "live.h"
#include "store.h"
#include "trace.h"
#include "verdict.h"

int cmd_paper_learn(const struct options *options, struct store *store, struct error *err);

/* The exit status is the caller's, from verdict->found. */
int cmd_paper_monitor(struct verdict *verdict, struct error *err);

struct paper_params cmd_paper_params(const struct options *options);

/* Live: makes the watch known to the sensor, which records it. */
int cmd_paper_begin(struct live *live, struct watch *watch, struct error *err);

/* Live: the record of an event. */
static inline const struct trace_head *cmd_paper_record(const struct event *event)
{
	return (const struct trace_head *)(event + 1);
}

/* A recording, read from its beginning to its end. */
struct paper_trace {
	struct trace_reader *reader;
	const char *path;
	char arch[17]; /* of the machine it is from; empty: it does not say */
	uint64_t host_ns, host_unix_ns;
};

/* `abi` is that of a list of numbers (trace_reader_open). */
int cmd_paper_trace_open(struct paper_trace *trace, const char *path, uint32_t abi,
			 struct error *err);
void cmd_paper_trace_close(struct paper_trace *trace);

/* The next call. 1, 0 at the end, or negative errno: also where the calls are of another
 * architecture than the profile's, which takes over the trace's while it is empty. */
int cmd_paper_trace_call(struct paper_trace *trace, struct profile *profile,
			 struct trace_head *ret_call, struct error *err);

#endif
