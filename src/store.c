/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What holds for all kinds of store: only a profile that passes profile_check() goes in, and only
 * one that passes it and has all its runs, each with the sum that it went in with, comes out. So a
 * file that was cut short, edited by hand or changed by a failing disk is refused, instead of
 * judging a container by half a profile.
 */
#include <errno.h>
#include <string.h>

#include "../core/merge.h"
#include "fleet.h"
#include "store_row.h"
#include "util.h"

/* What is read or written of one profile. */
struct visit {
	struct store *store;
	const char *name;
	struct profile *profile;
};

static int damaged(const struct visit *visit, const char *why, struct error *err)
{
	return fail(err, -EBADMSG, "profile '%s' in '%s' is damaged: %s", visit->name,
		    visit->store->where, why);
}

/* Adds a row to the profile as a run. */
static int take_run(const struct store_row *row, void *context, struct error *err)
{
	struct visit *visit = context;
	struct profile_run *run;

	if (store_row_sum(row) != row->sum)
		return damaged(visit, "a run is not as it was saved", err);
	run = profile_run(visit->profile);
	if (!run || store_row_content(row, run) < 0)
		return fail(err, -ENOMEM, "cannot load profile '%s': %s", visit->name,
			    strerror(ENOMEM));
	if (store_row_head(row, run) < 0)
		return damaged(visit, "what it says of a run cannot be read", err);
	return 0;
}

/* The runs of a profile in the store, inside the caller's transaction. */
static int read_runs(struct store *store, const char *name, struct profile **ret_profile,
		     struct store_entry *ret_entry, struct error *err)
{
	struct visit visit = { .store = store, .name = name };
	const char *why;
	int r = store->ops->entry(store->backend, name, ret_entry, err);

	if (r < 0)
		return r;
	visit.profile = profile_new(name, ret_entry->window);
	if (!visit.profile)
		return fail(err, -ENOMEM, "cannot load profile '%s': %s", name, strerror(ENOMEM));
	r = store->ops->runs(store->backend, name, NULL, take_run, &visit, err);
	if (r == 0 && visit.profile->run_count != ret_entry->runs)
		r = damaged(&visit, "not all of its runs are there", err);
	if (r == 0) {
		r = profile_rebuild(visit.profile, &why);
		if (r == -EBADMSG)
			r = damaged(&visit, why, err);
		else if (r < 0)
			fail(err, r, "cannot load profile '%s': %s", name, why);
	}
	if (r < 0) {
		profile_free(visit.profile);
		return r;
	}
	*ret_profile = visit.profile;
	return 0;
}

static int begin(struct store *store, const char *name, struct error *err)
{
	return store->ops->begin(store->backend, name, err);
}

/* Keeps what was done when nothing went wrong. The status, or what went wrong now. */
static int end(struct store *store, int status, struct error *err)
{
	int r = store->ops->end(store->backend, status >= 0, err);

	return status < 0 ? status : r;
}

static struct store_entry entry_of(const struct profile *profile)
{
	struct store_entry entry = {
		.state = profile->state,
		.saved_s = clock_ns(CLOCK_REALTIME) / NS_PER_S,
		.windows = profile_windows(profile),
		.bags = profile->bag_count,
		.runs = (uint32_t)profile->run_count,
		.window = profile->window,
	};

	profile_text(entry.name, sizeof(entry.name), profile->name);
	profile_text(entry.image, sizeof(entry.image), profile->image);
	profile_text(entry.digest, sizeof(entry.digest), profile->digest);
	profile_text(entry.why, sizeof(entry.why), profile->why);
	return entry;
}

static int put_run(struct store *store, const char *name, const struct profile_run *run,
		   struct error *err)
{
	_cleanup_free_ char *head = NULL;
	struct store_row row;

	if (store_row_make(run, &head, &row) < 0)
		return fail(err, -ENOMEM, "cannot save profile '%s': %s", name, strerror(ENOMEM));
	return store->ops->put_run(store->backend, name, &row, err);
}

/* Of the runs those that `of` has, too: nothing is new in the others. */
static int put_profile(struct store *store, const struct profile *profile, const struct profile *of,
		       struct error *err)
{
	struct store_entry entry = entry_of(profile);
	int r = store->ops->put_entry(store->backend, &entry, err);

	for (size_t i = 0; i < profile->run_count && r == 0; i++)
		if (profile_run_find(of, profile->runs[i].id))
			r = put_run(store, profile->name, &profile->runs[i], err);
	return r;
}

static int prepare_save(struct profile *profile, struct error *err)
{
	const char *why;

	if (profile_seal(profile, &why) < 0 || profile_check(profile, &why) < 0)
		return fail(err, -EINVAL, "cannot save profile '%s': %s", profile->name, why);
	return 0;
}

/* Inside the transaction. */
static int save(struct store *store, const struct profile *profile, struct error *err)
{
	struct profile *there = NULL;
	struct store_entry entry;
	const char *why;
	int r = read_runs(store, profile->name, &there, &entry, err);

	if (r == -ENOENT)
		return put_profile(store, profile, profile, err);
	if (r < 0)
		return r;
	r = profile_merge(there, profile, &why);
	if (r < 0)
		fail(err, r, "cannot add to the profile '%s': %s", profile->name, why);
	else
		r = put_profile(store, there, profile, err);
	profile_free(there);
	return r;
}

int store_save(struct store *store, struct profile *profile, struct error *err)
{
	int r;

	if (store->fleet)
		return fleet_save(store->fleet, profile, NULL, err);
	r = prepare_save(profile, err);
	if (r == 0)
		r = begin(store, profile->name, err);
	return r < 0 ? r : end(store, save(store, profile, err), err);
}

/* Puts the run beside what the store has of it, and what was put into the entry. */
static int join_run(struct store *store, struct profile *there, const struct profile *own,
		    struct store_entry *entry, struct error *err)
{
	uint64_t before = there->runs[0].windows;
	const char *why;
	int r = profile_merge(there, own, &why);

	if (r < 0)
		return fail(err, r, "cannot add to the profile '%s': %s", own->name, why);
	entry->windows += there->runs[0].windows - before;
	entry->saved_s = clock_ns(CLOCK_REALTIME) / NS_PER_S;
	r = store->ops->put_entry(store->backend, entry, err);
	return r < 0 ? r : put_run(store, own->name, &there->runs[0], err);
}

/* A profile of the run alone. NULL: no memory. */
static struct profile *alone(const struct profile *profile, const struct profile_run *run)
{
	struct profile *own = profile_new_like(profile);

	if (own && !profile_run_copy(own, run)) {
		profile_free(own);
		return NULL;
	}
	return own;
}

/* Whether what the profile is worth may have changed since the run was saved first: its state then
 * is what the runs together say, of which a learner knows those that were there when it began. */
static bool may_have_turned(const struct store_entry *entry, const struct profile *profile,
			    const struct profile_run *run)
{
	bool knew = false;

	if (entry->state < PROFILE_LEARNT)
		return profile->state >= PROFILE_LEARNT;
	for (size_t i = 0; i < profile->run_count; i++)
		knew |= profile->runs[i].state == PROFILE_LEARNT;
	return run->lost || (knew && profile->state < PROFILE_LEARNT);
}

/* Inside the transaction. A run that is new to the store is held against all that is there, as it
 * may be of another kind. Later, that is done only where the list would show what is no longer
 * so. */
static int checkpoint(struct store *store, const struct profile *profile,
		      const struct profile_run *run, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *own = alone(profile, run);
	_cleanup_(profile_free_p) struct profile *there = profile_new(profile->name,
								      profile->window);
	struct visit visit = { .store = store, .name = profile->name, .profile = there };
	struct store_entry entry;
	int r;

	if (!own || !there)
		return fail(err, -ENOMEM, "cannot save profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	r = store->ops->entry(store->backend, profile->name, &entry, err);
	if (r == -ENOENT)
		return put_profile(store, profile, profile, err);
	if (r == 0)
		r = store->ops->runs(store->backend, profile->name, run->id, take_run, &visit, err);
	if (r < 0)
		return r;
	if (!there->run_count || may_have_turned(&entry, profile, run))
		return save(store, own, err);
	entry.bags = profile->bag_count > entry.bags ? profile->bag_count : entry.bags;
	return join_run(store, there, own, &entry, err);
}

int store_checkpoint(struct store *store, struct profile *profile, struct profile_run *run,
		     struct error *err)
{
	int r;

	if (store->fleet)
		return fleet_save(store->fleet, profile, run, err);
	r = prepare_save(profile, err);
	if (r == 0)
		r = begin(store, profile->name, err);
	return r < 0 ? r : end(store, checkpoint(store, profile, run, err), err);
}

void store_keep(struct store *store, struct profile *profile)
{
	if (store->fleet)
		fleet_keep(store->fleet, profile);
}

int store_entry(struct store *store, const char *name, struct store_entry *ret_entry,
		struct error *err)
{
	int r;

	if (store->fleet)
		return fleet_entry(store->fleet, name, ret_entry, err);
	r = begin(store, NULL, err);
	return r < 0 ? r : end(store, store->ops->entry(store->backend, name, ret_entry, err), err);
}

/* A damaged profile makes it likely that more is damaged: the hint says how far it goes. */
static int hint_damage(struct store *store, int status, struct error *err)
{
	char what[256];

	if (store->ops->is_sound(store->backend, what, sizeof(what)))
		return fail_hint(err, status,
				 "remove this profile and learn it again; the rest "
				 "of the store is sound");
	return fail_hint(err, status,
			 "restore '%s' from a backup, or remove it and learn again; "
			 "the whole store is damaged: %s",
			 store->where, what);
}

static int no_profile(const struct store *store, const char *name, struct error *err)
{
	fail(err, -ENOENT, "there is no profile '%s' in '%s'", name, store->where);
	return fail_hint(err, -ENOENT, "bosc profile list, which shows those that are there");
}

int store_load(struct store *store, const char *name, struct profile **ret_profile,
	       struct error *err)
{
	struct profile *profile = NULL;
	struct store_entry entry;
	int r;

	if (store->fleet)
		return fleet_load(store->fleet, name, ret_profile, err);
	r = begin(store, NULL, err);
	if (r < 0)
		return r;
	r = end(store, read_runs(store, name, &profile, &entry, err), err);
	if (r == 0) {
		*ret_profile = profile;
		return 0;
	}
	profile_free(profile);
	if (r == -ENOENT)
		return no_profile(store, name, err);
	return r == -EBADMSG ? hint_damage(store, r, err) : r;
}

int store_list(struct store *store, struct store_entry **ret_entries, size_t *ret_count,
	       struct error *err)
{
	if (store->fleet)
		return fleet_list(store->fleet, ret_entries, ret_count, err);
	return store->ops->list(store->backend, ret_entries, ret_count, err);
}

int store_remove(struct store *store, const char *name, struct error *err)
{
	int r;

	if (store->fleet)
		return fleet_remove(store->fleet, name, err);
	r = begin(store, name, err);
	if (r < 0)
		return r;
	r = end(store, store->ops->remove(store->backend, name, err), err);
	return r == -ENOENT ? no_profile(store, name, err) : r;
}

/* Inside the transaction. */
static int replace(struct store *store, const struct profile *profile, struct error *err)
{
	int r = store->ops->remove(store->backend, profile->name, err);

	return r < 0 && r != -ENOENT ? r : put_profile(store, profile, profile, err);
}

int store_replace(struct store *store, const struct profile *profile, struct error *err)
{
	int r = begin(store, profile->name, err);

	return r < 0 ? r : end(store, replace(store, profile, err), err);
}

static bool is_same_run(const struct profile_run *a, const struct profile_run *b)
{
	_cleanup_free_ char *head_a = NULL, *head_b = NULL;
	struct store_row row_a, row_b;

	return store_row_make(a, &head_a, &row_a) == 0 && store_row_make(b, &head_b, &row_b) == 0 &&
	       !strcmp(head_a, head_b) && a->content_size == b->content_size &&
	       !memcmp(a->content, b->content, a->content_size);
}

/* Inside the transaction. */
static int remove_same(struct store *store, const struct profile *profile, struct error *err)
{
	struct profile *there = NULL;
	struct store_entry entry;
	bool same;
	int r = read_runs(store, profile->name, &there, &entry, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	same = there->run_count == profile->run_count;
	for (size_t i = 0; i < profile->run_count && same; i++)
		same = is_same_run(&there->runs[i], &profile->runs[i]);
	profile_free(there);
	return same ? store->ops->remove(store->backend, profile->name, err) : 0;
}

int store_remove_same(struct store *store, const struct profile *profile, struct error *err)
{
	int r = begin(store, profile->name, err);

	return r < 0 ? r : end(store, remove_same(store, profile, err), err);
}
