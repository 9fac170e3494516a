/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning of a verdict: the profile that a watch is held against, and what is left of it.
 */
#include <errno.h>
#include <string.h>

#include "../core/paper.h"
#include "../core/profile_trust.h"
#include "progress.h"
#include "util.h"
#include "verdict.h"

/* Which of two profiles of the same image serves better: a learnt one, then the newer. */
static bool is_better(const struct store_entry *one, const struct store_entry *other)
{
	if ((one->state >= PROFILE_LEARNT) != (other->state >= PROFILE_LEARNT))
		return one->state >= PROFILE_LEARNT;
	return one->saved_s > other->saved_s;
}

static bool same_image(const struct container *container, const struct store_entry *entry,
		       bool by_digest)
{
	const char *wanted = by_digest ? container->digest : container->image;

	return wanted[0] && !strcmp(wanted, by_digest ? entry->digest : entry->image);
}

/* Whether it can be of use: it is sound, and of the method asked for, bosc's own or the paper's. */
static bool is_usable(const struct verdict *verdict, const struct store_entry *entry)
{
	return !entry->damaged &&
	       verdict->options->paper == !strncmp(entry->name, WATCH_PAPER, strlen(WATCH_PAPER));
}

/* A profile of the container's image, or else of one that is called the same. NULL: none. */
static const struct store_entry *profile_of_image(const struct verdict *verdict,
						  const struct container *container,
						  const struct store_entry *entries, size_t count,
						  bool *ret_by_digest)
{
	const struct store_entry *best = NULL;

	for (int by_digest = 1; by_digest >= 0 && !best; by_digest--) {
		*ret_by_digest = by_digest;
		for (size_t i = 0; i < count; i++) {
			if (is_usable(verdict, &entries[i]) &&
			    same_image(container, &entries[i], by_digest) &&
			    (!best || is_better(&entries[i], best)))
				best = &entries[i];
		}
	}
	return best;
}

/* A profile, and which version of it; a later one, should it change meanwhile. Which one the copy
 * of a server's profile is, nobody knows, though it was still there to be asked for its version. */
static int load(struct store *store, const char *name, struct profile **ret_profile,
		uint64_t *ret_version, struct error *err)
{
	struct store_entry entry;
	int status = store_entry(store, name, &entry, err);

	*ret_version = status < 0 ? 0 : entry.version;
	status = store_load(store, name, ret_profile, err);
	if (store_away(store))
		*ret_version = 0;
	return status;
}

/* A container that has no profile of its own is held against one of its image. */
static int load_by_image(struct verdict *verdict, struct watch *watch, struct error *err)
{
	_cleanup_free_ struct store_entry *entries = NULL;
	const struct store_entry *entry;
	size_t count = 0;
	bool by_digest;
	int status = store_list(verdict->store, &entries, &count, err);

	if (status < 0)
		return status;
	entry = profile_of_image(verdict, &watch->container, entries, count, &by_digest);
	if (!entry)
		return -ENOENT;
	status = load(verdict->store, entry->name, &watch->profile, &watch->version, err);
	if (status == 0)
		progress_note("'%s' has no profile of its own: it is held against '%s', of %s %s",
			      watch_name(watch), entry->name,
			      by_digest ? "the same image" : "an image of the same name,",
			      entry->image);
	return status;
}

/* What the digests cannot tell, as one of them is missing, the names of the images may. */
static void note_image_name(const struct watch *watch)
{
	const struct profile *profile = watch->profile;
	const struct container *container = &watch->container;

	if (!container->image[0] || !profile->image[0])
		return;
	if (strcmp(container->image, profile->image) != 0)
		progress_note(
			"the image of '%s' may have changed: the profile '%s' was learnt "
			"from %s, and now it is %s: if so, expect false alarms, or learn it anew",
			watch_name(watch), profile->name, profile->image, container->image);
	else if (container->digest[0] || profile->digest[0])
		progress_note(
			"the image of '%s' is called %s, as when the profile '%s' was learnt; "
			"whether it changed is not known: there is no digest of it from %s",
			watch_name(watch), container->image, profile->name,
			container->digest[0] ? "then" : "now");
}

void verdict_note_image(const struct watch *watch)
{
	const struct profile *profile = watch->profile;
	const struct container *container = &watch->container;

	if (!container->digest[0] || !profile->digest[0])
		note_image_name(watch);
	else if (strcmp(container->digest, profile->digest) != 0)
		progress_note(
			"the image of '%s' is not the one that the profile '%s' was learnt "
			"from (%s %.19s, now %s %.19s): expect false alarms, or learn it anew",
			watch_name(watch), profile->name, profile->image, profile->digest,
			container->image, container->digest);
}

/* Whether one of its image may be found, once the container is there. */
static int await_image(const struct verdict *verdict, const struct watch *watch, struct error *err)
{
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count = 0;
	int status;

	if (watch->kind != TARGET_CONTAINER || watch->container.id[0] || verdict->options->profile)
		return -ENOENT;
	status = store_list(verdict->store, &entries, &count, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < count; i++)
		if (is_usable(verdict, &entries[i]) &&
		    (entries[i].image[0] || entries[i].digest[0]))
			return -EAGAIN;
	return -ENOENT;
}

/* The names under which the watch's profile may stand, the likeliest first. */
static int load_profile(struct verdict *verdict, struct watch *watch, struct error *err)
{
	const char *names[] = { verdict->options->profile ? verdict->options->profile
							  : watch_name(watch),
				verdict->options->profile ? NULL : watch->called };
	char name[WATCH_NAME];
	int status = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(names) && names[i] && status == -ENOENT; i++) {
		watch_profile_name(names[i], verdict->options->paper, name);
		status = load(verdict->store, name, &watch->profile, &watch->version, err);
	}
	if (status == -ENOENT && !verdict->options->profile)
		status = load_by_image(verdict, watch, err);
	if (status == -ENOENT)
		status = await_image(verdict, watch, err);
	if (status == -EAGAIN)
		progress_note("there is no profile '%s': when the container is there, one of its "
			      "image is looked for",
			      name);
	if (status != -ENOENT)
		return status;
	watch_profile_name(names[0], verdict->options->paper, name);
	if (store_away(verdict->store))
		return fail(err, -EHOSTDOWN, "there is no copy of a profile '%s' here: %s", name,
			    store_away(verdict->store));
	if (watch->container.image[0] && !verdict->options->profile)
		fail(err, status,
		     "there is no profile '%s', and none of its image %s: it was never learnt",
		     name, watch->container.image);
	else
		fail(err, status, "there is no profile '%s': it was never learnt", name);
	return fail_hint(err, status, "bosc learn%s, with the same target",
			 verdict->options->paper ? " --method paper" : "");
}

static int no_bags(const struct profile *profile, const char *why, const char *cure,
		   struct error *err)
{
	fail(err, -ENODATA, "the profile '%s' holds no bags%s", profile->name, why);
	return fail_hint(err, -ENODATA, "%s", cure);
}

/* --strict: as if the unconfirmed bags had never been learnt. */
static int be_strict(struct profile *profile, struct error *err)
{
	long forgotten = profile_trust_strict(profile);

	if (forgotten < 0)
		return fail(err, (int)forgotten, "cannot judge by '%s': no memory", profile->name);
	if (!profile->bag_count)
		return no_bags(profile, " that are confirmed",
			       "bosc learn once more, or bosc profile review, then --strict", err);
	if (forgotten)
		progress_note("%ld bags of the profile '%s' are unconfirmed and count as unknown",
			      forgotten, profile->name);
	return 0;
}

static int check_profile(const struct verdict *verdict, struct profile *profile, struct error *err)
{
	char why[PROFILE_TEXT + 2];
	int status = watch_check_profile(profile, verdict->options, err);

	if (status < 0)
		return status;
	snprintf(why, sizeof(why), ": %s", profile->why);
	if (!profile->bag_count && !profile_calls(profile))
		return no_bags(profile, why, "bosc learn, with the same target", err);
	if (!profile->bag_count)
		progress_note("the profile '%s' holds no bags: only calls that it never saw, and "
			      "fatal signals, are alarms",
			      profile->name);
	if (profile->state < PROFILE_LEARNT)
		progress_note("the profile '%s' is %s (%s): expect false alarms", profile->name,
			      profile_state_name(profile->state), profile->why);
	return verdict->options->strict ? be_strict(profile, err) : 0;
}

/* What goes with the profile: its classes of calls and, for -v, room for its places. */
static int complete(const struct verdict *verdict, struct norm *norm, const struct watch *watch,
		    struct error *err)
{
	if (verdict->options->verbose)
		norm->places = calloc(norm->profile->bag_count, sizeof(*norm->places));
	norm->fold = calloc(CODE_COUNT, sizeof(*norm->fold));
	if (!norm->fold || (verdict->options->verbose && !norm->places))
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", watch_name(watch));
	profile_fold(norm->profile, norm->fold);
	return 0;
}

int verdict_prepare(struct verdict *verdict, struct watch *watch, struct error *err)
{
	struct norm norm;
	int status = load_profile(verdict, watch, err);

	if (status < 0)
		return status;
	status = check_profile(verdict, watch->profile, err);
	if (status < 0)
		return status;
	norm = (struct norm){ .profile = watch->profile };
	status = complete(verdict, &norm, watch, err);
	watch->fold = norm.fold;
	watch->places = norm.places;
	drift_begin(&watch->drift, watch->profile);
	return status;
}

int verdict_fetch(struct verdict *verdict, const struct watch *watch, struct norm *ret_norm,
		  struct error *err)
{
	const struct profile *now = watch->profile;
	int status = load(verdict->store, now->name, &ret_norm->profile, &ret_norm->version, err);

	if (status == -ENOENT)
		return fail(err, status, "there is no profile '%s' in the store any more",
			    now->name);
	if (status >= 0)
		status = check_profile(verdict, ret_norm->profile, err);
	if (status < 0)
		return status;
	if (ret_norm->profile->window != now->window) {
		fail(err, -EINVAL, "it has windows of %u calls, and not of %u, now",
		     ret_norm->profile->window, now->window);
		return fail_hint(err, -EINVAL, "bosc monitor, started anew");
	}
	return complete(verdict, ret_norm, watch, err);
}
