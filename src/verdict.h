/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of monitoring: each watch's profile from the store, its alarms to the sinks, and the
 * summary at its end, whatever the source is.
 */
#ifndef BOSC_VERDICT_H
#define BOSC_VERDICT_H

#include <stdio.h>

#include "incident.h"
#include "options.h"
#include "original.h"
#include "source.h"
#include "store.h"
#include "watch.h"

#define LATENCIES_KEPT 1024

struct alarm;
struct drift_news;
struct reload_news;
struct summary;

/* What came of one target. */
struct tally {
	uint64_t told;	    /* alarms, without repeats */
	uint64_t incidents; /* that these belong to */
	uint64_t hidden;    /* below --min-severity */
	uint64_t folded;    /* by drift */
	uint64_t unkept;    /* told, but --keep-alarms could not keep them */
	uint64_t sampled_ns;
};

struct verdict {
	const struct options *options;
	struct store *store;
	struct source *source; /* the caller's to set, before any event */
	const char *arch;      /* of the calls; NULL: this machine's. The caller's to set */
	FILE *file;	       /* of --json-file; NULL: none */
	uint64_t found;	       /* alarms told, over all targets */
	struct tally tally[TARGETS_MAX]; /* by index - 1 */
	struct incidents incidents;
	uint64_t latency_ns[LATENCIES_KEPT]; /* of the first alarms */
	size_t latencies;
	uint64_t looked_ns;	 /* live: for drift, the last time */
	uint64_t unkept;	 /* alarms, over all targets and recordings */
	struct error unkept_why; /* of the first of them */
	struct bag_log {
		struct original_bag *bags;
		size_t count, room;
	} met,		 /* -v: unknown bags met; counts are places till the end */
		dropped; /* -v: bags that only a profile before knew, as often as they were seen */
};

/* Opens --json-file. The store stays the caller's. */
int verdict_open(struct verdict *verdict, const struct options *options, struct store *store,
		 struct error *err);
int verdict_close(struct verdict *verdict, struct error *err);

/* Gives the watch its profile; -ENOENT when it was never learnt. -EAGAIN: its container is not
 * there yet, and one of its image may be known. */
int verdict_prepare(struct verdict *verdict, struct watch *watch, struct error *err);

/* A profile to hold a watch against, and what goes with it. */
struct norm {
	struct profile *profile;
	uint16_t *fold;
	uint32_t *places; /* -v; else NULL */
	uint64_t version; /* of the profile; 0: not known */
};

/* The watch's profile as the store has it now, into an empty norm, of which what is there on
 * failure is the caller's, too. */
int verdict_fetch(struct verdict *verdict, const struct watch *watch, struct norm *ret_norm,
		  struct error *err);

/* Says so when the container is not of the image that its profile was learnt from, or may not
 * be. */
void verdict_note_image(const struct watch *watch);

/* Tells of an alarm. */
int verdict_event(struct verdict *verdict, struct watch *watch, const struct event *event,
		  struct error *err);

/* -v: the watch's profile does not hold this bag any more, which was seen so often. */
int verdict_dropped(struct verdict *verdict, const struct watch *watch, const struct bag *bag,
		    uint64_t count, struct error *err);

/* Looks whether the watch drifts, and says so when it begins to. To be called now and then. */
int verdict_tick(struct verdict *verdict, struct watch *watch, struct error *err);

/* The summary of a watch, with the original's tables for -v. `why` says why the verdict is
 * incomplete, where the source knows; NULL: it does not. */
int verdict_summary(struct verdict *verdict, struct watch *watch, const char *why,
		    struct error *err);

/* -ENODATA: alarms were told that could not be kept. */
int verdict_check_kept(const struct verdict *verdict, struct error *err);

/* Tells of an alarm, of drift, of a newer profile, of a summary (sink.h). */
int verdict_tell_alarm(struct verdict *verdict, const struct alarm *alarm, struct error *err);
int verdict_tell_drift(struct verdict *verdict, const struct drift_news *news, struct error *err);
int verdict_tell_reload(struct verdict *verdict, const struct reload_news *news, struct error *err);
int verdict_conclude(struct verdict *verdict, const struct summary *summary, struct error *err);

/* Forgets the alarms told, for the next recording. */
void verdict_restart(struct verdict *verdict);

#endif
