/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile merge, review and withdraw: what may be said and done about the runs of a profile.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../core/numbers.h"
#include "../core/merge.h"
#include "../core/profile_trust.h"
#include "cmd_profile.h"
#include "profile_json.h"
#include "progress.h"
#include "sink.h"
#include "util.h"

const char *cmd_profile_author(const struct options *options)
{
	const char *behind_sudo = getenv("SUDO_USER");
	const struct passwd *user;

	if (options->author)
		return options->author;
	if (behind_sudo && *behind_sudo)
		return behind_sudo;
	user = getpwuid(getuid());
	return user ? user->pw_name : "unknown";
}

static int load_profile(struct store *store, const char *what, struct profile **ret_profile,
			struct error *err)
{
	int status = store_load(store, what, ret_profile, err);

	if (status != -ENOENT || access(what, R_OK) < 0)
		return status;
	return profile_json_read(what, NULL, ret_profile, err);
}

static int merge_one(struct store *store, struct profile *into, const char *what, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *from = NULL;
	const char *why;
	int status = load_profile(store, what, &from, err);

	if (status < 0)
		return status;
	status = profile_merge(into, from, &why);
	if (status < 0)
		return fail(err, status, "cannot merge '%s' into '%s': %s", what, into->name, why);
	return 0;
}

int cmd_profile_merge(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *into = NULL;
	size_t before;
	int status = store_load(store, options->into, &into, err);

	if (status == -ENOENT) {
		into = profile_new(options->into, WINDOW_DEFAULT);
		status = into ? 0 : fail(err, -ENOMEM, "cannot merge: no memory");
	}
	before = into ? into->run_count : 0;
	for (size_t i = 1; i < options->word_count && status == 0; i++)
		status = merge_one(store, into, options->words[i], err);
	if (status == 0)
		status = store_save(store, into, err);
	if (status < 0)
		return status;
	sink_line(stdout, "merged %zu run%s into '%s', which is %s: %zu run%s, %zu bag%s",
		  into->run_count - before, plural(into->run_count - before), into->name,
		  profile_state_name(into->state), into->run_count, plural(into->run_count),
		  into->bag_count, plural(into->bag_count));
	return 0;
}

int cmd_profile_review(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	size_t unfinished;
	int status = store_load(store, options->words[1], &profile, err);

	if (status < 0)
		return status;
	unfinished = profile_trust_confirm(profile, cmd_profile_author(options),
					   (uint64_t)time(NULL));
	status = store_save(store, profile, err);
	if (status < 0)
		return status;
	if (unfinished)
		progress_note(
			"nobody vouches for %zu of its runs, which are still being learnt, or "
			"whose learner was killed: review again when they end, or withdraw "
			"them",
			unfinished);
	sink_line(stdout, "'%s' is %s: %s", profile->name, profile_state_name(profile->state),
		  profile->why);
	return 0;
}

/* The run that is called so: by its number, or the beginning of its id. NULL: none, or several. */
static struct profile_run *find_run(struct profile *profile, const char *called, struct error *err)
{
	struct profile_run *found = NULL;
	char *end;
	unsigned long number = strtoul(called, &end, 10);

	if (*called && !*end && number >= 1 && number <= profile->run_count)
		return &profile->runs[number - 1];
	for (size_t i = 0; i < profile->run_count; i++) {
		struct profile_run *run = &profile->runs[i];

		if (!*called || strncmp(run->id, called, strlen(called)) != 0)
			continue;
		if (found) {
			fail(err, -EINVAL, "several runs of '%s' have ids that begin with '%s'",
			     profile->name, called);
			return NULL;
		}
		found = run;
	}
	if (!found) {
		fail(err, -ENOENT, "the profile '%s' has no run '%s'", profile->name, called);
		fail_hint(err, -ENOENT, "bosc profile show, which numbers its %zu run%s",
			  profile->run_count, plural(profile->run_count));
	}
	return found;
}

int cmd_profile_withdraw(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	struct profile_run *run;
	const char *why;
	char id[sizeof(run->id)];
	int status = store_load(store, options->words[1], &profile, err);

	if (status < 0)
		return status;
	run = find_run(profile, options->words[2], err);
	if (!run)
		return -ENOENT;
	if (!profile_run_counts(run))
		return fail(err, -EALREADY, "run '%s' of '%s' was withdrawn by %s already", run->id,
			    profile->name, run->withdrawer);
	memcpy(id, run->id, sizeof(id));
	profile_text(run->withdrawer, sizeof(run->withdrawer), cmd_profile_author(options));
	run->withdrawn_s = (uint64_t)time(NULL);
	status = profile_rebuild(profile, &why);
	if (status < 0)
		return fail(err, status, "cannot withdraw run '%s': %s", id, why);
	status = store_save(store, profile, err);
	if (status < 0)
		return status;
	sink_line(stdout, "run %s counts no more: '%s' is %s, %zu bag%s", id, profile->name,
		  profile_state_name(profile->state), profile->bag_count,
		  plural(profile->bag_count));
	return 0;
}
