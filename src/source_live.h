/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The source that is the sensor in the running kernel. Opened, given its targets, attached; then
 * polled; and asked beforehand what it needs. The only files that know libbpf.
 */
#ifndef BOSC_SOURCE_LIVE_H
#define BOSC_SOURCE_LIVE_H

#include "source.h"

struct live_settings {
	enum sensor_mode mode;
	uint32_t window;     /* calls */
	uint64_t bag_room;   /* bags that the table must hold */
	uint64_t met_room;   /* monitoring: and unknown ones that it can remember */
	uint64_t spare_room; /* monitoring: and known ones for which it has no room there */
	uint32_t targets;    /* how many there can be, from index 1 */
	bool count_bags;     /* monitoring: count them, too */
	bool in_unified;     /* targets are cgroups of the v2 hierarchy */
	bool in_pids;	     /* targets are cgroups of the v1 pids hierarchy */
	bool by_task;	     /* targets are tasks */
	bool announce;	     /* send EVENT_CGROUP */
	bool feeding;	     /* a test feeds the sensor and never attaches it */
	int wake_fd;	     /* polling ends when this can be read, too; -1: none */
};

/* Loads the sensor. The sink takes its events during poll. */
int source_live_open(const struct live_settings *settings, source_sink *sink, void *context,
		     struct source **ret_source, struct error *err);

/* Makes `target` known, with its profile's bags, executables and rules; `places` (may be NULL)
 * receives where each bag is counted. Before any task or cgroup of the target is. A failure leaves
 * nothing of the target. */
int source_live_target(struct source *source, uint32_t target, const struct profile *profile,
		       uint32_t *places, struct error *err);

/*
 * Monitoring: from now on the target is judged by `to`, of the same size of windows, instead of
 * `from`, which it was until now. No window is judged by parts of both, none goes unjudged, and
 * threads, frames, counters and what was met go on. `places` as above. A failure leaves the target
 * as it was; -ENOSPC: there is no room for both. Waits for the kernel, some hundredths of a second.
 */
int source_live_swap(struct source *source, uint32_t target, const struct profile *from,
		     const struct profile *to, uint32_t *places, struct error *err);

/* Moves the count at one place to another, BAG_NO_PLACE: to none; returns it. */
uint64_t source_live_move_count(struct source *source, uint32_t from, uint32_t to);

enum cgroup_bound {
	CGROUP_BOUND,
	CGROUP_WAS_BOUND, /* to the same target */
	CGROUP_OTHERS,	  /* it is another target itself, and stays that */
};

/* From now on the tasks in this cgroup are the target's, and those in cgroups that are made in it
 * (enum cgroup_bound). `root`: it is the target itself, not only below that; then no other target
 * takes it. -ENOSPC: there is no room for it; the target's losses say so. */
int source_live_cgroup(struct source *source, uint64_t key, uint32_t target, bool root,
		       struct error *err);

/* The target whose tasks are in this cgroup; 0: none. */
uint32_t source_live_owner(struct source *source, uint64_t key);

/* From now on a task that executes a file of this name is the target's, with all it starts. */
int source_live_name(struct source *source, const char *name, uint32_t target, struct error *err);

/* From now on a cgroup that is made under this path ("/a/b", in either hierarchy), or wherever
 * under this name, is the target's, if it has no other (source_live_home()). A name too long for
 * the sensor is left out. */
int source_live_await(struct source *source, const char *name, uint32_t target, struct error *err);

/* The cgroup that the target has; the sensor forgets it when it is removed. */
void source_live_home(struct source *source, uint32_t target, uint64_t key);

/* Something of the target cannot be watched: it counts as an event that was lost. */
void source_live_miss(struct source *source, uint32_t target);

/* How a thread that runs already is taken in. */
enum adoption {
	ADOPT_MEMBER,  /* it sits in a cgroup of the target, and is in the middle of its program */
	ADOPT_TASK,    /* the same, and it is followed whatever its cgroup */
	ADOPT_COMMAND, /* followed, too, but only from the next program on that it executes */
};

/* Takes a thread that runs already into the target. */
int source_live_adopt(struct source *source, uint32_t tid, uint32_t target, enum adoption how,
		      struct error *err);

/* From here on the sensor sees the kernel's events. */
int source_live_attach(struct source *source, struct error *err);

/* What the attached sensor does not see because this kernel does not show it, and why; NULL: it
 * sees all. */
const char *source_live_unseen(const struct source *source);

/* Whether the kernel tells its types, without which nothing is loaded. */
bool source_live_has_types(void);

/* Whether loading the sensor takes CAP_SYS_ADMIN, too: on a kernel before 6.2 a function is missing
 * that libbpf then looks for in the modules' types, which the kernel shows to no one else. Newer
 * versions of libbpf do without. */
bool source_live_needs_admin(void);

/* Called for an event of the kernel that the sensor hangs on. */
typedef void source_live_event(const char *event, bool there, void *context);

/* All of these events, whether the kernel has them or not. Needs no privilege. -ENOTSUP when the
 * kernel does not tell its types. */
int source_live_events(source_live_event *visit, void *context);

/* Feeds the sensor one step of a trace (settings.feeding). */
int source_live_feed(struct source *source, const struct feed *step, struct error *err);

#endif
