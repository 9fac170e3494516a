/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of monitoring: each watch's profile from the store, its alarms to the sinks, and the
 * summary at its end, whatever the source is.
 */
#ifndef BOSC_VERDICT_H
#define BOSC_VERDICT_H

#include <stdio.h>

#include "../core/table.h"
#include "options.h"
#include "original.h"
#include "source.h"
#include "store.h"
#include "watch.h"

#define LATENCIES_KEPT 1024

struct verdict {
	const struct options *options;
	struct store *store;
	struct source *source;	    /* the caller's to set, before any event */
	const char *arch;	    /* of the calls; NULL: this machine's. The caller's to set */
	FILE *file;		    /* of --json-file; NULL: none */
	uint64_t found;		    /* alarms told, over all targets */
	uint64_t told[TARGETS_MAX]; /* the same by target */
	struct table processes;	    /* by pid and start: 1 when an alarm was told */
	uint64_t latency_ns[LATENCIES_KEPT]; /* of the first alarms */
	size_t latencies;
	struct {
		struct original_bag
			*bags; /* -v: unknown bags met; counts are places till the end */
		size_t count, room;
	} met;
};

/* Opens --json-file. The store stays the caller's. */
int verdict_open(struct verdict *verdict, const struct options *options, struct store *store,
		 struct error *err);
int verdict_close(struct verdict *verdict, struct error *err);

/* Gives the watch its profile; -ENOENT when it was never learnt. */
int verdict_prepare(struct verdict *verdict, struct watch *watch, struct error *err);

/* Tells of an alarm. */
int verdict_event(struct verdict *verdict, struct watch *watch, const struct event *event,
		  struct error *err);

/* The summary of a watch, with the original's tables for -v. `why` says why the verdict is
 * incomplete, where the source knows; NULL: it does not. */
int verdict_summary(struct verdict *verdict, struct watch *watch, const char *why,
		    struct error *err);

/* Forgets the alarms told, for the next recording. */
void verdict_restart(struct verdict *verdict);

#endif
