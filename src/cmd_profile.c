/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile: what was learnt, to look at, hand on and throw away.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "../core/profile_trust.h"
#include "cmd_profile.h"
#include "commands.h"
#include "original.h"
#include "profile_json.h"
#include "progress.h"
#include "sink.h"
#include "store.h"
#include "util.h"

static void put_entry(const struct store_entry *entry)
{
	char moment[32];

	cmd_profile_day(moment, entry->saved_s);
	sink_text_safe(stdout, entry->name, PROFILE_TEXT);
	printf("%*s  %-8s %10llu %8llu %5u  %s  ",
	       (int)(strlen(entry->name) < 20 ? 20 - strlen(entry->name) : 0), "",
	       profile_state_name(entry->state), (unsigned long long)entry->windows,
	       (unsigned long long)entry->bags, entry->runs, moment);
	sink_text_safe(stdout, entry->why, PROFILE_TEXT);
	printf("\n");
}

static int put_entries_json(const struct store_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct store_entry *entry = &entries[i];
		json_t *object;

		if (entry->damaged)
			continue;
		object = json_pack("{s:o,s:s,s:o,s:o,s:I,s:I,s:I,s:I}", "name",
				   sink_json_text(entry->name, PROFILE_TEXT), "state",
				   profile_state_name(entry->state), "why",
				   sink_json_text(entry->why, PROFILE_TEXT), "image",
				   sink_json_text(entry->image, PROFILE_TEXT), "windows",
				   (json_int_t)entry->windows, "bags", (json_int_t)entry->bags,
				   "runs", (json_int_t)entry->runs, "saved_s",
				   (json_int_t)entry->saved_s);

		if (!object)
			return -EINVAL;
		json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
		printf("\n");
		json_decref(object);
	}
	return 0;
}

/* Behind the others, those whose entry cannot be trusted. */
static int name_damaged(const struct store_entry *entries, size_t count, struct error *err)
{
	size_t damaged = 0;

	for (size_t i = 0; i < count; i++) {
		if (!entries[i].damaged)
			continue;
		damaged++;
		progress_note(
			"profile '%s' is damaged: its entry holds a value that no profile has",
			entries[i].name);
	}
	if (!damaged)
		return 0;
	fail(err, 0, "damaged: %zu of the store's %zu profiles; the others are listed", damaged,
	     count);
	return fail_hint(err, -EBADMSG, "bosc profile remove, and learn it again");
}

static int profile_list(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count;
	int status = store_list(store, &entries, &count, err);

	if (status < 0)
		return status;
	if (options->json) {
		status = put_entries_json(entries, count);
		return status < 0 ? fail(err, status, "cannot write a profile's name as JSON")
				  : name_damaged(entries, count, err);
	}
	if (count)
		printf("%-20s  %-8s %10s %8s %5s  %-16s  %s\n", "PROFILE", "STATE", "WINDOWS",
		       "BAGS", "RUNS", "SAVED (UTC)", "WHY");
	for (size_t i = 0; i < count; i++)
		if (!entries[i].damaged)
			put_entry(&entries[i]);
	return name_damaged(entries, count, err);
}

static int profile_show(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	int status = store_load(store, options->words[1], &profile, err);

	if (status < 0)
		return status;
	if (options->json)
		return cmd_profile_show_json(profile, err);
	status = cmd_profile_show(profile, err);
	if (status < 0)
		return status;
	return options->verbose ? original_normal(stdout, profile->name, profile, err) : 0;
}

static int profile_import(struct store *store, const struct options *options, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = NULL;
	const char *path = options->words[1];
	struct store_entry there;
	int status = profile_json_read(path, options->profile, &profile, err);

	if (status < 0)
		return status;
	if (options->profile)
		profile_text(profile->name, sizeof(profile->name), options->profile);
	status = store_entry(store, profile->name, &there, err);
	if (status == 0) {
		fail(err, -EEXIST, "cannot import '%s': the profile '%s' exists", path,
		     profile->name);
		return fail_hint(err, -EEXIST,
				 "bosc profile merge --into '%s' '%s', or --profile NAME",
				 profile->name, path);
	}
	if (status == -ENOENT)
		status = store_save(store, profile, err);
	if (status < 0)
		return status;
	sink_line(stdout, "imported '%s', %s: %zu bag%s", profile->name,
		  profile_state_name(profile->state), profile->bag_count,
		  plural(profile->bag_count));
	return 0;
}

static int profile_remove(struct store *store, const struct options *options, struct error *err)
{
	return store_remove(store, options->words[1], err);
}

static const struct {
	const char *name;
	bool write;
	int (*run)(struct store *store, const struct options *options, struct error *err);
} verbs[] = {
	{ "list", false, profile_list },	 { "show", false, profile_show },
	{ "export", false, cmd_profile_export }, { "import", true, profile_import },
	{ "merge", true, cmd_profile_merge },	 { "review", true, cmd_profile_review },
	{ "confirm", true, cmd_profile_review }, /* its older name */
	{ "accept", true, cmd_profile_accept },	 { "withdraw", true, cmd_profile_withdraw },
	{ "remove", true, profile_remove },
};

int cmd_profile(const struct options *options, struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	size_t verb = 0;
	int status;

	if (!strcmp(options->words[0], "diff"))
		return cmd_profile_diff(options, err); /* files need no store */
	while (verb < ARRAY_SIZE(verbs) && strcmp(options->words[0], verbs[verb].name) != 0)
		verb++;
	if (verb == ARRAY_SIZE(verbs))
		return fail(err, -EINVAL, "no command 'profile %s'", options->words[0]);
	status = store_open(options->store, verbs[verb].write, &store, err);
	return status < 0 ? status : verbs[verb].run(store, options, err);
}
