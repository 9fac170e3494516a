/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Incidents: the alarms of one process tree belong together. An alarm joins an incident when its
 * process, an ancestor or a descendant of it had an alarm of that incident, and the incident's
 * last one is at most ten minutes ago; else it begins an incident of its own.
 *
 * All memory is here and bounded: whoever forks without end makes bosc forget his oldest processes
 * and incidents, and then gets a new number. Those that alarms go on touching are kept. A few
 * hundred steps an alarm, whatever happened before.
 */
#ifndef BOSC_INCIDENT_H
#define BOSC_INCIDENT_H

#include <stdbool.h>
#include <stdint.h>

#include "../bpf/sensor.h"

#define INCIDENT_PAUSE_NS    (600 * 1000000000ull)
#define INCIDENTS_KEPT	     1024u
#define INCIDENT_SETS	     1024u /* of INCIDENT_WAYS processes each, by pid */
#define INCIDENT_WAYS	     4u
#define INCIDENT_GENERATIONS 16u

struct incident {
	uint64_t id; /* 0: free */
	uint64_t last_ns;
	uint64_t number; /* for people: counts the incidents that were told; 0: not told yet */
	uint64_t soft;	 /* soft alarms; who uses the incident counts them */
	uint64_t reached[RULE_COUNT]; /* how often its processes reached that limit, the same */
};

/* A process that had an alarm, or one above it. */
struct incident_member {
	uint64_t id; /* of its incident; 0: free */
	uint64_t start_ns;
	uint64_t used_ns;
	uint32_t target;
	uint32_t tgid;
	bool alarmed; /* false: only a descendant had */
};

/* All zero: none. */
struct incidents {
	struct incident kept[INCIDENTS_KEPT]; /* by id, the oldest is overwritten */
	struct incident_member members[INCIDENT_SETS][INCIDENT_WAYS];
	uint64_t last_id;
	uint64_t told;
};

struct incident_process {
	uint32_t target;
	uint32_t tgid;
	uint32_t parent_tgid;
	uint64_t start_ns; /* 0: unknown */
};

/* The parent of a process; 0: unknown. One outside the target does no harm: it has no alarms. */
typedef uint32_t incident_parent(void *context, uint32_t tgid);

/* The incident that an alarm of the process belongs to, valid until the next call. Whether it is
 * the process's first alarm in it goes to `ret_first`. */
struct incident *incident_join(struct incidents *incidents, const struct incident_process *process,
			       uint64_t now_ns, incident_parent *parent, void *context,
			       bool *ret_first);

/* An alarm of the incident is told: gives it its number. True: it is the incident's first. */
bool incident_tell(struct incidents *incidents, struct incident *incident);

#endif
