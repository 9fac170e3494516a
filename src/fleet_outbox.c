/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet_outbox.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../core/fnv.h"
#include "../core/merge.h"
#include "../core/numbers.h"
#include "fleet.h"
#include "progress.h"
#include "store_backend.h"
#include "util.h"

#define SEND_AT_ONCE 500 /* alarms in one transaction */
#define COUNT_EACH   100 /* alarms that are put by one program: others may put some, too */
#define RESEND_NS    (60 * NS_PER_S) /* until the server is asked again for what it refused */
#define OUTBOX_END   "-outbox.db"
#define REFUSED_MAX \
	100 /* stores of one server, of runs of one name that go with each other in none */

/* Makes a folder and those that it lies in. */
static int make_folder(const char *path)
{
	_cleanup_free_ char *part = strdup(path);

	for (char *slash = part ? strchr(part + 1, '/') : NULL; slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Others of this host may put into it, and send from it, too. */
static int count_alarms(struct outbox *outbox, struct error *err)
{
	struct store *unsent = outbox->unsent;

	outbox->counted_ns = clock_ns(CLOCK_MONOTONIC);
	outbox->uncounted = 0;
	return unsent->ops->count_alarms(unsent->backend, &outbox->alarms, err);
}

/* What an earlier bosc left. */
static int note_what_waits(struct outbox *outbox, struct error *err)
{
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count = 0;
	int r = store_list(outbox->unsent, &entries, &count, err);

	outbox->profiles = count > 0;
	return r < 0 ? r : count_alarms(outbox, err);
}

void outbox_open(struct outbox *outbox, const char *place)
{
	const char *folder = getenv("BOSC_FLEET");
	/* The names of two servers' files only must not be the same by accident. */
	unsigned long long hash = fnv_text(FNV_BEGIN, place);
	char copy[sizeof(outbox->path)];
	int r;

	*outbox = (struct outbox){ 0 };
	folder = folder && folder[0] ? folder : FLEET_FOLDER;
	snprintf(copy, sizeof(copy), "%.4000s/%016llx-copy.db", folder, hash);
	snprintf(outbox->path, sizeof(outbox->path), "%.4000s/%016llx" OUTBOX_END, folder, hash);
	r = make_folder(folder);
	if (r < 0)
		fail(&outbox->why, r, "cannot make folder '%s': %s", folder, strerror(-r));
	if (r == 0)
		r = store_open_alone(copy, true, &outbox->copy, &outbox->why);
	if (r == 0)
		r = store_open_alone(outbox->path, true, &outbox->unsent, &outbox->why);
	if (r == 0)
		r = note_what_waits(outbox, &outbox->why);
	if (r < 0)
		outbox_close(outbox);
}

void outbox_close(struct outbox *outbox)
{
	store_close_p(&outbox->copy);
	store_close_p(&outbox->unsent);
	outbox_recall(outbox);
	outbox->copy = outbox->unsent = NULL;
}

void outbox_copy(struct outbox *outbox, const struct profile *profile)
{
	struct error err;

	if (outbox->copy && store_replace(outbox->copy, profile, &err) < 0)
		progress_note("no copy is kept for when the server is away: %s", err.text);
}

int outbox_load(struct outbox *outbox, const char *name, struct profile **ret_profile,
		uint64_t *ret_copied_s, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *copy = NULL, *unsent = NULL;
	struct store_entry entry = { 0 };
	const char *why;
	int r = -ENOENT;

	if (outbox->copy)
		r = store_load(outbox->copy, name, &copy, err);
	if (r == 0)
		r = store_entry(outbox->copy, name, &entry, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (outbox->unsent)
		r = store_load(outbox->unsent, name, &unsent, err);
	if (r < 0 && r != -ENOENT)
		return r;
	if (copy && unsent && profile_merge(copy, unsent, &why) < 0)
		progress_note("the copy of profile '%s' is without what waits for the server: %s",
			      name, why);
	*ret_copied_s = entry.saved_s;
	*ret_profile = copy ? copy : unsent;
	if (copy)
		copy = NULL;
	else
		unsent = NULL;
	return *ret_profile ? 0 : -ENOENT;
}

static bool is_due(uint64_t not_before_ns)
{
	return clock_ns(CLOCK_MONOTONIC) >= not_before_ns;
}

static void put_off(uint64_t *not_before_ns)
{
	*not_before_ns = clock_ns(CLOCK_MONOTONIC) + RESEND_NS;
}

int outbox_save(struct outbox *outbox, struct profile *profile, struct profile_run *run,
		struct error *err)
{
	outbox->profiles = true;
	put_off(&outbox->profiles_ns);
	return run ? store_checkpoint(outbox->unsent, profile, run, err)
		   : store_save(outbox->unsent, profile, err);
}

/* Whether it is time to count once more. A full outbox may have been emptied; that is looked for
 * once a second only, for there may be many alarms. */
static bool is_to_be_counted(const struct outbox *outbox)
{
	if (outbox->alarms < FLEET_ALARMS_MAX)
		return outbox->uncounted >= COUNT_EACH;
	return clock_ns(CLOCK_MONOTONIC) - outbox->counted_ns > NS_PER_S;
}

/* The first alarms tell how it began, so that it is the later ones for which there is no room. */
int outbox_put_alarm(struct outbox *outbox, const struct store_alarm *alarm, struct error *err)
{
	int r = is_to_be_counted(outbox) ? count_alarms(outbox, err) : 0;

	if (r < 0)
		return r;
	if (outbox->alarms >= FLEET_ALARMS_MAX)
		return fail(err, -ENOSPC,
			    "cannot keep an alarm in '%s': %u wait there for the server, which is "
			    "as many as it takes",
			    outbox->path, FLEET_ALARMS_MAX);
	r = store_add_alarm(outbox->unsent, alarm, err);
	outbox->alarms += r == 0;
	outbox->uncounted += r == 0;
	return r;
}

/* Moves what the server will never take to a store of its own, for people to look at: here, it
 * would be in the way of the copy. */
static int put_aside(const struct outbox *outbox, struct profile *profile, struct error *err)
{
	int stem = (int)(strlen(outbox->path) - strlen(OUTBOX_END)), r = -EINVAL;
	struct error why = *err;
	char path[sizeof(outbox->path) + 32];

	for (unsigned int i = 1; r == -EINVAL && i <= REFUSED_MAX; i++) {
		_cleanup_(store_close_p) struct store *refused = NULL;

		snprintf(path, sizeof(path), "%.*s-%u.refused", stem, outbox->path, i);
		r = store_open_alone(path, true, &refused, err);
		if (r == 0)
			r = store_save(refused, profile, err);
	}
	if (r == 0)
		progress_note("what was learnt of '%s' stands in the store '%s' now, as the server "
			      "does not take it: %s",
			      profile->name, path, why.text);
	return r;
}

/* What changes while it is sent stays, and is sent the next time. */
static int send_profile(struct outbox *outbox, struct store *server, const char *name,
			struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	int r = store_load(outbox->unsent, name, &profile, err);

	if (r == 0)
		r = store_save(server, profile, err);
	if (r == -EHOSTDOWN)
		return r;
	if (r == -EINVAL)
		r = put_aside(outbox, profile, err);
	if (r == 0)
		r = store_remove_same(outbox->unsent, profile, err);
	if (r < 0)
		progress_note("what was learnt of '%s' stays in '%s': %s", name, outbox->path,
			      err->text);
	return r;
}

static int send_profiles(struct outbox *outbox, struct store *server, struct error *err)
{
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count = 0;
	int r = store_list(outbox->unsent, &entries, &count, err), status = r;
	bool waits = store_may_yet(r);

	for (size_t i = 0; i < count && r != -EHOSTDOWN; i++) {
		r = send_profile(outbox, server, entries[i].name, err);
		status = r < 0 ? r : status;
		waits |= store_may_yet(r);
	}
	outbox->profiles = waits;
	return status;
}

/* Alarms on their way. */
struct batch {
	struct store *server;
	char ids[SEND_AT_ONCE][STORE_ALARM_ID];
	size_t count;
};

static int put_into_batch(const struct store_alarm *alarm, void *context, struct error *err)
{
	struct batch *batch = context;

	snprintf(batch->ids[batch->count++], STORE_ALARM_ID, "%s", alarm->id);
	return batch->server->ops->put_alarm(batch->server->backend, alarm, err);
}

/* Sends the next ones. None are there: no batch. */
static int post_batch(struct outbox *outbox, struct store *server, struct error *err)
{
	const struct store_query some = { .limit = SEND_AT_ONCE };
	_cleanup_free_ struct batch *batch = calloc(1, sizeof(*batch));
	int posted, r;

	if (!batch)
		return fail(err, -ENOMEM, "cannot send alarms: no memory");
	batch->server = server;
	r = store_alarms(outbox->unsent, &some, put_into_batch, batch, err);
	posted = server->ops->post(server->backend, err);
	if (r < 0 || posted < 0)
		return r < 0 ? r : posted;
	if (batch->count) {
		outbox->batch = batch;
		batch = NULL;
	} else {
		outbox->alarms = 0;
	}
	return 0;
}

static int forget_batch(struct outbox *outbox, struct error *err)
{
	const struct batch *batch = outbox->batch;
	struct store *unsent = outbox->unsent;
	int ended, r = unsent->ops->begin(unsent->backend, "", err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < batch->count && r == 0; i++)
		r = unsent->ops->remove_alarm(unsent->backend, batch->ids[i], err);
	ended = unsent->ops->end(unsent->backend, r >= 0, err);
	if (r < 0 || ended < 0)
		return r < 0 ? r : ended;
	outbox->alarms = number_subtract(outbox->alarms, batch->count);
	return 0;
}

void outbox_recall(struct outbox *outbox)
{
	free(outbox->batch);
	outbox->batch = NULL;
}

/* 1: a batch arrived, or there was none to send; 0: not yet. */
static int send_one_batch(struct outbox *outbox, struct store *server, uint64_t wait_ns,
			  struct error *err)
{
	int r = outbox->batch ? 0 : post_batch(outbox, server, err);

	if (r < 0 || !outbox->batch)
		return r < 0 ? r : 1;
	r = server->ops->posted(server->backend, wait_ns, err);
	if (r == 1 && forget_batch(outbox, err) < 0)
		r = -EIO;
	if (r != 0)
		outbox_recall(outbox);
	return r;
}

static int send_alarms(struct outbox *outbox, struct store *server, uint64_t for_ns,
		       struct error *err)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + for_ns, left_ns = for_ns;
	int r;

	do {
		r = send_one_batch(outbox, server, left_ns, err);
		left_ns = number_subtract(until_ns, clock_ns(CLOCK_MONOTONIC));
	} while (r == 1 && outbox->alarms && left_ns);
	if (r < 0 && r != -EHOSTDOWN)
		progress_note("alarms wait in '%s': %s", outbox->path, err->text);
	return r < 0 ? r : 0;
}

void outbox_hurry(struct outbox *outbox)
{
	outbox->profiles_ns = outbox->alarms_ns = 0;
}

int outbox_send(struct outbox *outbox, struct store *server, uint64_t for_ns, struct error *err)
{
	int r = 0;

	if (outbox->unsent && outbox->profiles && is_due(outbox->profiles_ns)) {
		r = send_profiles(outbox, server, err);
		if (r < 0)
			put_off(&outbox->profiles_ns);
	}
	if (r != -EHOSTDOWN && outbox->unsent && outbox->alarms && is_due(outbox->alarms_ns)) {
		r = send_alarms(outbox, server, for_ns, err);
		if (r < 0)
			put_off(&outbox->alarms_ns);
	}
	return r == -EHOSTDOWN ? r : 0;
}
