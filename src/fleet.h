/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store on a server, for many hosts, that goes on where the server is away. Each host keeps two
 * SQLite stores beside it, in a folder of their own:
 *
 * The copy holds each profile as it was loaded last. What is watched goes on being watched by it.
 *
 * The outbox holds what the server does not have yet: runs that were learnt while it was away or
 * did not take them, and all alarms, which are kept there before they are sent. What is in it is
 * sent, then removed. Whoever is killed in between sends it once more, which changes nothing: runs
 * and alarms have ids, and count once.
 *
 * Nothing here waits for the server but opening, closing, and what was asked of it while it was
 * there; for who is in a hurry, a second at most of silence, and two for a change. Alarms that are
 * sent are waited for by nobody.
 */
#ifndef BOSC_FLEET_H
#define BOSC_FLEET_H

#include "store.h"

#define FLEET_FOLDER	 "/var/lib/bosc/fleet"
#define FLEET_ALARMS_MAX 100000u /* that the outbox takes; a later one is -ENOSPC */

struct fleet;

/* A server that is away is said, and no failure. */
int fleet_open(const char *where, bool write, struct fleet **ret_fleet, struct error *err);
void fleet_close(struct fleet *fleet);

/* Each does what its namesake in store.h does. What needs the server is -EHOSTDOWN while it is
 * away; a profile of which there is no copy is -ENOENT, and may still be there. */
int fleet_load(struct fleet *fleet, const char *name, struct profile **ret_profile,
	       struct error *err);
int fleet_entry(struct fleet *fleet, const char *name, struct store_entry *ret_entry,
		struct error *err);
int fleet_list(struct fleet *fleet, struct store_entry **ret_entries, size_t *ret_count,
	       struct error *err);
int fleet_remove(struct fleet *fleet, const char *name, struct error *err);
int fleet_put_alarm(struct fleet *fleet, const struct store_alarm *alarm, struct error *err);
int fleet_alarms(struct fleet *fleet, const struct store_query *query, store_take_alarm *take,
		 void *context, struct error *err);

/* store_checkpoint(), or with `run` NULL store_save(). */
int fleet_save(struct fleet *fleet, struct profile *profile, struct profile_run *run,
	       struct error *err);
void fleet_keep(struct fleet *fleet, struct profile *profile);

void fleet_tick(struct fleet *fleet);
void fleet_hurry(struct fleet *fleet);
void fleet_listen(struct fleet *fleet);
bool fleet_heard(struct fleet *fleet, char ret_name[PROFILE_TEXT]);

/* Why the server is away; NULL: it is not. */
const char *fleet_away(const struct fleet *fleet);

#endif
