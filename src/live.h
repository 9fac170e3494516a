/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Live targets: from what the user named to the tasks and cgroups that the sensor watches, now
 * and as they come and go.
 *
 * A container that does not run yet is known by the making of its cgroup: the kernel says so when
 * it happens, long before the runtime executes the container's command in it.
 */
#ifndef BOSC_LIVE_H
#define BOSC_LIVE_H

#include "cgroup.h"
#include "container.h"
#include "signals.h"
#include "source_live.h"
#include "watch.h"

struct live;
struct refusals;

/* What a command does with its targets. */
struct live_user {
	/* Gives a new watch its profile. -EAGAIN: only when it is known which container it is. */
	int (*prepare)(struct live *live, struct watch *watch, struct error *err);

	/* Makes the prepared watch known to the source, before any of its calls is seen. */
	int (*begin)(struct live *live, struct watch *watch, struct error *err);

	/* An event of a watch: anything but EVENT_CGROUP. */
	int (*event)(struct live *live, struct watch *watch, const struct event *event, size_t size,
		     struct error *err);

	/* A watch was found running, or starts. May be NULL. */
	void (*met)(struct live *live, struct watch *watch);

	/* The user asks to look at the profiles anew (SIGHUP). NULL: that ends the run. */
	int (*asked)(struct live *live, struct error *err);
};

struct live {
	const struct options *options;
	const struct live_user *user;
	void *context;
	struct live_settings settings;
	struct cgroup_mounts mounts;
	struct container_list known; /* if containers are among the targets: when last listed */
	uint64_t seek_ns;   /* monotonic; when those that are not there are next looked for */
	uint64_t names_ns;  /* monotonic; when the names of those that are there are; 0: never */
	uint64_t lost_news; /* how many there were at the last look (live_missed.c) */
	uint64_t missed_ns; /* monotonic; when what was not heard of is looked for; 0: never */
	uint64_t rested_ns; /* monotonic; not before this */
	struct signals signals;
	struct source *source;
	struct watch *watches[TARGETS_MAX]; /* by index - 1 */
	size_t count, named;		    /* of them, the first that the user named */
	struct watch *pending[SPECS_MAX];   /* named, without a profile yet (live_pending.h) */
	size_t pending_count;
	bool over;		   /* the command wants the run to end */
	bool all;		   /* every container that appears becomes a watch */
	struct refusals *refusals; /* those that could not; NULL: none. Owned (live_all.c) */
	bool unread;		   /* that a walk passed over cgroups was said */
	bool containers;	   /* there are targets that are containers */
};

/*
 * Resolves the targets, opens the source and begins each watch. `mode` is the sensor's;
 * `count_bags` makes monitoring count them, too. On failure, too, live_close() is to be called.
 */
int live_open(struct live *live, const struct options *options, enum sensor_mode mode,
	      bool count_bags, const struct live_user *user, void *context, struct error *err);

/* Attaches the sensor, finds what runs already, gives up the privileges that are no longer needed,
 * and says for what it waits. */
int live_start(struct live *live, struct error *err);

/*
 * Delivers events, and looks again for containers that are not there, until the user, the started
 * command, --max-time or `over` ends it. `tick` (may be NULL) is called every `pause_ns` (0:
 * whenever something was delivered), and its failure ends it, too. What the kernel has sent until
 * the end is delivered.
 */
int live_run(struct live *live, uint64_t pause_ns,
	     int (*tick)(struct live *live, struct error *err), struct error *err);

void live_close(struct live *live);

#endif
