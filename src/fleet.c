/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "fleet_outbox.h"
#include "progress.h"
#include "store_backend.h"
#include "util.h"

#define PAUSE_MIN_NS \
	(1 * NS_PER_S) /* between two attempts to reach the server; doubled each time … */
#define PAUSE_MAX_NS  (32 * NS_PER_S)
#define SEND_NS	      (50 * NS_PER_MS) /* that sending alarms takes of a second … */
#define SEND_FIRST_NS (1 * NS_PER_S)   /* of the beginning */
#define SEND_LAST_NS  (30 * NS_PER_S)  /* and of the end */
#define LISTEN_NS     (60 * NS_PER_S)  /* until a server that did not let bosc listen is asked */

struct fleet {
	struct store *server;
	struct outbox outbox;
	char *where;
	bool write;
	bool away;
	bool listens;		 /* to changes, or shall */
	bool deaf;		 /* but does not yet */
	bool missed;		 /* changes may have been, of which no news came */
	struct error why;	 /* it is away */
	uint64_t pause_ns;	 /* of the last attempt; 0: there was none */
	uint64_t next_ns;	 /* attempt to reach it */
	uint64_t there_ns;	 /* since when it is there again */
	uint64_t listen_ns;	 /* not before then */
	char said[PROFILE_TEXT]; /* of which profile it was said that it waits, or is a copy */
};

/* A server that was there for a moment only is no better than one that was not. */
static void pause_before_next(struct fleet *fleet)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), half_ns, extra_ns = 0;

	if (!fleet->pause_ns || (fleet->there_ns && now_ns - fleet->there_ns > PAUSE_MAX_NS))
		fleet->pause_ns = PAUSE_MIN_NS;
	else if (fleet->pause_ns < PAUSE_MAX_NS)
		fleet->pause_ns *= 2;
	fleet->there_ns = 0;
	half_ns = fleet->pause_ns / 2;
	if (getrandom(&extra_ns, sizeof(extra_ns), GRND_NONBLOCK) == sizeof(extra_ns))
		extra_ns %= half_ns;
	fleet->next_ns = now_ns + fleet->pause_ns + extra_ns;
}

static void set_away(struct fleet *fleet, const struct error *err)
{
	fleet->away = true;
	fleet->deaf = fleet->listens;
	fleet->why = *err;
	fleet->said[0] = '\0';
	outbox_recall(&fleet->outbox);
	pause_before_next(fleet);
	progress_note("%s; bosc goes on with what this machine keeps%s", err->text,
		      fleet->outbox.unsent ? "" : ", which is nothing");
	if (!fleet->outbox.unsent)
		progress_note("%s", fleet->outbox.why.text);
}

/* What came of asking the server: true, it is not there to be asked. */
static bool went_away(struct fleet *fleet, int status, const struct error *err)
{
	if (status != -EHOSTDOWN)
		return false;
	set_away(fleet, err);
	return true;
}

/* Whether nothing was said of the profile since the server went away; from now on, something
 * was. */
static bool not_yet_said(struct fleet *fleet, const char *name)
{
	if (!strcmp(fleet->said, name))
		return false;
	snprintf(fleet->said, sizeof(fleet->said), "%s", name);
	return true;
}

static int missing(const struct fleet *fleet, struct error *err)
{
	*err = fleet->why;
	return -EHOSTDOWN;
}

static void send_unsent(struct fleet *fleet, uint64_t for_ns)
{
	struct error err;
	int r = outbox_send(&fleet->outbox, fleet->server, for_ns, &err);

	went_away(fleet, r, &err);
}

/* Who only reads may still be the next to come by: an earlier bosc's runs and alarms are sent
 * then. */
static void send_for_others(struct fleet *fleet)
{
	_cleanup_(store_close_p) struct store *server = NULL;
	struct error err;

	if (!outbox_is_empty(&fleet->outbox) &&
	    store_open_alone(fleet->where, true, &server, &err) == 0)
		outbox_send(&fleet->outbox, server, SEND_FIRST_NS, &err);
	outbox_recall(&fleet->outbox);
}

int fleet_open(const char *where, bool write, struct fleet **ret_fleet, struct error *err)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	int r;

	if (fleet)
		fleet->where = strdup(where);
	if (!fleet || !fleet->where) {
		free(fleet);
		return fail(err, -ENOMEM, "cannot open the profile store: %s", strerror(ENOMEM));
	}
	fleet->write = write;
	r = store_open_alone(where, write, &fleet->server, err);
	if (r < 0 && r != -EHOSTDOWN) {
		free(fleet->where);
		free(fleet);
		return r;
	}
	outbox_open(&fleet->outbox, fleet->server->where);
	if (r < 0)
		set_away(fleet, err);
	else if (write)
		send_unsent(fleet, SEND_FIRST_NS);
	else
		send_for_others(fleet);
	*ret_fleet = fleet;
	return 0;
}

/* Whether the server is there again. Without `wait`, this takes no time. */
static void look_for_server(struct fleet *fleet, bool wait)
{
	struct store *server = fleet->server;
	struct error err;
	int r = server->ops->again(server->backend, wait, &err);

	if (r == 0)
		return;
	if (r < 0) {
		pause_before_next(fleet);
		if (strcmp(err.text, fleet->why.text) != 0)
			progress_note("%s", err.text);
		fleet->why = err;
		return;
	}
	fleet->away = false;
	fleet->there_ns = clock_ns(CLOCK_MONOTONIC);
	fleet->missed = true;
	fleet->listen_ns = 0;
	outbox_hurry(&fleet->outbox);
	progress_note("the server of '%s' is there again", server->where);
}

/* What was changed before is looked for once: news come only of what is changed from now on. */
static void listen_now(struct fleet *fleet)
{
	struct error err;
	int r;

	if (!fleet->deaf || clock_ns(CLOCK_MONOTONIC) < fleet->listen_ns)
		return;
	r = fleet->server->ops->listen(fleet->server->backend, &err);
	fleet->missed = true;
	if (went_away(fleet, r, &err))
		return;
	fleet->deaf = r < 0;
	if (r == 0)
		return;
	if (!fleet->listen_ns)
		progress_note("%s; bosc looks for newer profiles once a minute", err.text);
	fleet->listen_ns = clock_ns(CLOCK_MONOTONIC) + LISTEN_NS;
}

void fleet_tick(struct fleet *fleet)
{
	if (fleet->away && clock_ns(CLOCK_MONOTONIC) >= fleet->next_ns)
		look_for_server(fleet, false);
	if (!fleet->away)
		listen_now(fleet);
	if (!fleet->away)
		send_unsent(fleet, SEND_NS);
}

/* What was kept here is worth one more look for the server. */
void fleet_close(struct fleet *fleet)
{
	struct outbox *outbox = &fleet->outbox;

	if (fleet->write && !outbox_is_empty(outbox)) {
		outbox_hurry(outbox);
		fleet->server->ops->hurry(fleet->server->backend, false);
		if (fleet->away)
			look_for_server(fleet, true);
		if (!fleet->away)
			send_unsent(fleet, SEND_LAST_NS);
	}
	if (fleet->write && !outbox_is_empty(outbox))
		progress_note(
			"what is not on the server yet waits in '%s'; the next bosc that opens "
			"this store sends it",
			outbox->path);
	outbox_close(outbox);
	store_close(fleet->server);
	free(fleet->where);
	free(fleet);
}

static int load_here(struct fleet *fleet, const char *name, struct profile **ret_profile,
		     struct error *err)
{
	uint64_t copied_s = 0;
	struct tm when;
	time_t moment;
	char text[32];
	int r = outbox_load(&fleet->outbox, name, ret_profile, &copied_s, err);

	if (r == -ENOENT)
		return fail(err, r, "there is no copy of the profile '%s' here: %s", name,
			    fleet->why.text);
	if (r < 0 || !not_yet_said(fleet, name))
		return r;
	moment = (time_t)copied_s;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&moment, &when));
	if (copied_s)
		progress_note("the profile '%s' is the copy of %s UTC", name, text);
	return 0;
}

int fleet_load(struct fleet *fleet, const char *name, struct profile **ret_profile,
	       struct error *err)
{
	int r = fleet->away ? -EHOSTDOWN : store_load(fleet->server, name, ret_profile, err);

	if (!fleet->away && !went_away(fleet, r, err)) {
		if (r == 0)
			outbox_copy(&fleet->outbox, *ret_profile);
		return r;
	}
	return load_here(fleet, name, ret_profile, err);
}

int fleet_save(struct fleet *fleet, struct profile *profile, struct profile_run *run,
	       struct error *err)
{
	struct error refused = { 0 };
	int r = -EHOSTDOWN;

	if (!fleet->away)
		r = run ? store_checkpoint(fleet->server, profile, run, err)
			: store_save(fleet->server, profile, err);
	if (!fleet->away && !went_away(fleet, r, err)) {
		if (!store_may_yet(r) || !fleet->outbox.unsent || !fleet->write)
			return r;
		refused = *err;
	} else if (!fleet->outbox.unsent) {
		return missing(fleet, err);
	}
	r = outbox_save(&fleet->outbox, profile, run, err);
	if (r < 0 || !not_yet_said(fleet, profile->name))
		return r;
	if (fleet->away)
		progress_note("what is learnt of '%s' waits here until its server is back",
			      profile->name);
	else
		progress_note("%s; what is learnt waits here meanwhile", refused.text);
	return r;
}

/* What became of it is said at the end, when it is sent once more. */
void fleet_keep(struct fleet *fleet, struct profile *profile)
{
	struct error err;

	if (fleet->outbox.unsent && outbox_save(&fleet->outbox, profile, NULL, &err) < 0)
		progress_note("%s", err.text);
}

/* The copy has versions of its own, which say nothing. */
static int entry_here(struct fleet *fleet, const char *name, struct store_entry *ret_entry,
		      struct error *err)
{
	int r = fleet->outbox.copy ? store_entry(fleet->outbox.copy, name, ret_entry, err)
				   : -ENOENT;

	if (r == -ENOENT)
		return missing(fleet, err);
	ret_entry->version = 0;
	return r;
}

int fleet_entry(struct fleet *fleet, const char *name, struct store_entry *ret_entry,
		struct error *err)
{
	int r = fleet->away ? -EHOSTDOWN : store_entry(fleet->server, name, ret_entry, err);

	if (!fleet->away && !went_away(fleet, r, err))
		return r;
	return entry_here(fleet, name, ret_entry, err);
}

int fleet_list(struct fleet *fleet, struct store_entry **ret_entries, size_t *ret_count,
	       struct error *err)
{
	int r = fleet->away ? -EHOSTDOWN : store_list(fleet->server, ret_entries, ret_count, err);

	if (!fleet->away && !went_away(fleet, r, err))
		return r;
	if (!fleet->outbox.copy)
		return missing(fleet, err);
	r = store_list(fleet->outbox.copy, ret_entries, ret_count, err);
	return r == 0 && !*ret_count ? missing(fleet, err) : r;
}

int fleet_remove(struct fleet *fleet, const char *name, struct error *err)
{
	struct error ignored;
	int r;

	if (fleet->away)
		return missing(fleet, err);
	r = store_remove(fleet->server, name, err);
	if (r == 0 && fleet->outbox.copy)
		store_remove(fleet->outbox.copy, name, &ignored);
	return r;
}

int fleet_put_alarm(struct fleet *fleet, const struct store_alarm *alarm, struct error *err)
{
	if (!fleet->outbox.unsent) {
		*err = fleet->outbox.why;
		return -EACCES;
	}
	return outbox_put_alarm(&fleet->outbox, alarm, err);
}

int fleet_alarms(struct fleet *fleet, const struct store_query *query, store_take_alarm *take,
		 void *context, struct error *err)
{
	if (fleet->away)
		return missing(fleet, err);
	return store_alarms(fleet->server, query, take, context, err);
}

void fleet_hurry(struct fleet *fleet)
{
	fleet->server->ops->hurry(fleet->server->backend, true);
}

void fleet_listen(struct fleet *fleet)
{
	fleet->listens = fleet->deaf = fleet->missed = true;
	fleet_hurry(fleet);
	if (!fleet->away)
		listen_now(fleet);
}

bool fleet_heard(struct fleet *fleet, char ret_name[PROFILE_TEXT])
{
	struct error err;
	int r;

	if (fleet->missed) {
		fleet->missed = false;
		ret_name[0] = '\0';
		return true;
	}
	if (fleet->away)
		return false;
	r = fleet->server->ops->heard(fleet->server->backend, ret_name, &err);
	return !went_away(fleet, r, &err) && r > 0;
}

const char *fleet_away(const struct fleet *fleet)
{
	return fleet->away ? fleet->why.text : NULL;
}
