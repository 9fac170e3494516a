/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A target that is watched: what the user called it, what it turned out to be, and the profile
 * that it is held against or that it teaches.
 */
#ifndef BOSC_WATCH_H
#define BOSC_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "../core/learner.h"
#include "container.h"
#include "drift.h"
#include "error.h"
#include "options.h"

#define WATCH_PAPER "paper:" /* begins the names of the profiles of the paper's method */

struct watch {
	uint32_t index; /* of the sensor's target, from 1 */
	enum target_kind kind;
	char *called;		    /* by the user; the container's name for --all. Owned */
	struct container container; /* of a container; id empty: not known yet */
	uint64_t home;		 /* key of the container's or unit's cgroup; 0: it has none now */
	bool renamed;		 /* the container, since it was found */
	bool taken;		 /* its container is another watch's: it was said */
	bool met;		 /* a task or cgroup of it was found */
	bool late;		 /* it ran before bosc did */
	bool started;		 /* and was seen to start anew */
	bool unread;		 /* some of its cgroups cannot be read: it was said */
	bool crowded;		 /* there was no room for all its cgroups */
	bool done;		 /* learning: it is learnt */
	struct profile *profile; /* owned */
	uint32_t generation;	 /* monitoring: how many profiles were before this one */
	struct learner learner;
	uint32_t *places;   /* monitor -v: where each bag of the profile is counted; owned */
	uint16_t *fold;	    /* monitoring: the profile's classes of calls; owned */
	struct drift drift; /* monitoring */
	uint64_t version;   /* of the profile, as the store counts them; 0: not known */
	bool changed;	    /* somebody may have changed the profile in the store since */
	uint64_t looked_ns; /* for what changed, the last time */
	bool failed;	    /* then, in a way that may pass; that was told */
	struct { /* the profile before, while alarms that it raised may be on their way */
		struct profile *profile;
		uint16_t *fold;
	} former;
};

struct watch *watch_new(enum target_kind kind, const char *called);
void watch_free(struct watch *watch);
static inline void watch_free_p(struct watch **watch)
{
	watch_free(*watch);
}

/* Gives the watch another profile, with its classes of calls and its places (NULL: none), which
 * become the watch's. The one before stays the former one until it is forgotten. */
void watch_renew(struct watch *watch, struct profile *profile, uint16_t *fold, uint32_t *places);
void watch_forget_former(struct watch *watch);

#define WATCH_NAME 4200 /* a path, as a cgroup's, and what stands before it */

/* The name under which a target's profile stands in the store. One of the paper's method, which
 * knows other bags, stands beside bosc's own, as "paper:NAME". */
void watch_profile_name(const char *called, bool paper, char ret_name[WATCH_NAME]);

/* Whether a run with these options can go on with the profile: it is of the method asked for, and,
 * live, of this machine's architecture: a number is another call on another one. */
int watch_check_profile(const struct profile *profile, const struct options *options,
			struct error *err);

/* The same for a recording; `arch` empty: it does not say. */
int watch_check_recording(const struct profile *profile, const char *path, const char *arch,
			  struct error *err);

/* What to call it to people: the container's name, or what the user said. */
const char *watch_name(const struct watch *watch);

#endif
