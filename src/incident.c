/* SPDX-License-Identifier: BSD-2-Clause */
#include "incident.h"

#include <stddef.h>

/* The process of an alarm, those above it, and where they are kept. */
struct joining {
	struct incidents *incidents;
	const struct incident_process *process;
	uint64_t now_ns;
	uint32_t ancestors[INCIDENT_GENERATIONS];
	size_t count;
};

/* The incident of an id, unless it was forgotten or is over. Recordings may jump back in time. */
static struct incident *incident_alive(struct incidents *incidents, uint64_t id, uint64_t now_ns)
{
	struct incident *incident = &incidents->kept[id % INCIDENTS_KEPT];

	if (!id || incident->id != id)
		return NULL;
	if (now_ns > incident->last_ns && now_ns - incident->last_ns > INCIDENT_PAUSE_NS)
		return NULL;
	return incident;
}

static struct incident_member *set_of(struct incidents *incidents, uint32_t tgid)
{
	return incidents->members[tgid % INCIDENT_SETS];
}

static struct incident_member *member_find(const struct joining *joining, uint32_t tgid)
{
	struct incident_member *set = set_of(joining->incidents, tgid);

	for (size_t i = 0; i < INCIDENT_WAYS; i++)
		if (set[i].id && set[i].tgid == tgid && set[i].target == joining->process->target)
			return &set[i];
	return NULL;
}

/* A place for a process, which the longest unused one of its set loses. */
static struct incident_member *member_place(const struct joining *joining, uint32_t tgid)
{
	struct incident_member *set = set_of(joining->incidents, tgid);
	struct incident_member *place = member_find(joining, tgid);

	if (place)
		return place;
	place = set;
	for (size_t i = 1; i < INCIDENT_WAYS && place->id; i++)
		if (!set[i].id || set[i].used_ns < place->used_ns)
			place = &set[i];
	*place = (struct incident_member){ .tgid = tgid, .target = joining->process->target };
	return place;
}

/* Pids are used again: the same number with another start is another process. */
static bool is_same(const struct incident_member *member, const struct incident_process *process)
{
	return !member->start_ns || !process->start_ns || member->start_ns == process->start_ns;
}

static void find_ancestors(struct joining *joining, incident_parent *parent, void *context)
{
	uint32_t tgid = joining->process->parent_tgid;

	while (tgid && tgid != joining->process->tgid && joining->count < INCIDENT_GENERATIONS) {
		joining->ancestors[joining->count++] = tgid;
		tgid = parent(context, tgid);
	}
}

/* The incident that the process belongs to; NULL: none. */
static struct incident *find_own(const struct joining *joining, bool *ret_first)
{
	const struct incident_member *member = member_find(joining, joining->process->tgid);
	struct incident *incident = NULL;

	if (member && is_same(member, joining->process))
		incident = incident_alive(joining->incidents, member->id, joining->now_ns);
	*ret_first = !incident || !member->alarmed;
	return incident;
}

/* The one that a process above it had an alarm of. */
static struct incident *find_above(const struct joining *joining)
{
	struct incident *incident = NULL;

	for (size_t i = 0; i < joining->count && !incident; i++) {
		const struct incident_member *member = member_find(joining, joining->ancestors[i]);

		if (member && member->alarmed)
			incident = incident_alive(joining->incidents, member->id, joining->now_ns);
	}
	return incident;
}

static struct incident *begin_incident(struct incidents *incidents)
{
	uint64_t id = ++incidents->last_id;
	struct incident *incident = &incidents->kept[id % INCIDENTS_KEPT];

	*incident = (struct incident){ .id = id };
	return incident;
}

/* One above keeps what it had itself, while that goes on. */
static void remember(const struct joining *joining, const struct incident *incident)
{
	struct incident_member *member = member_place(joining, joining->process->tgid);

	member->id = incident->id;
	member->start_ns = joining->process->start_ns;
	member->used_ns = joining->now_ns;
	member->alarmed = true;
	for (size_t i = 0; i < joining->count; i++) {
		member = member_place(joining, joining->ancestors[i]);
		member->used_ns = joining->now_ns;
		if (incident_alive(joining->incidents, member->id, joining->now_ns) &&
		    member->alarmed)
			continue;
		member->id = incident->id;
		member->start_ns = 0;
		member->alarmed = false;
	}
}

struct incident *incident_join(struct incidents *incidents, const struct incident_process *process,
			       uint64_t now_ns, incident_parent *parent, void *context,
			       bool *ret_first)
{
	struct joining joining = { .incidents = incidents, .process = process, .now_ns = now_ns };
	struct incident *incident;

	incident = find_own(&joining, ret_first);
	if (*ret_first) /* else those above it are marked already */
		find_ancestors(&joining, parent, context);
	if (!incident)
		incident = find_above(&joining);
	if (!incident)
		incident = begin_incident(incidents);
	if (now_ns > incident->last_ns)
		incident->last_ns = now_ns;
	remember(&joining, incident);
	return incident;
}

bool incident_tell(struct incidents *incidents, struct incident *incident)
{
	if (incident->number)
		return false;
	incident->number = ++incidents->told;
	return true;
}
