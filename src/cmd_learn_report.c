/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "../core/numbers.h"
#include "cmd_learn.h"
#include "original.h"
#include "progress.h"
#include "sink.h"

static int put_json(const struct profile *profile, struct error *err)
{
	json_t *object = json_pack(
		"{s:{s:o,s:s,s:o,s:I,s:I,s:I,s:f,s:I,s:I}}", "learn", "profile",
		sink_json_text(profile->name, PROFILE_TEXT), "state",
		profile_state_name(profile->state), "why",
		sink_json_text(profile->why, PROFILE_TEXT), "calls",
		(json_int_t)profile_calls(profile), "windows", (json_int_t)profile_windows(profile),
		"bags", (json_int_t)profile->bag_count, "unseen", profile_unseen(profile), "runs",
		(json_int_t)profile->run_count, "lost", (json_int_t)profile_lost(profile));

	if (!object)
		return fail(err, -ENOMEM, "cannot say what was learnt: no memory");
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(object);
	printf("\n");
	if (fflush(stdout))
		return fail(err, -errno, "cannot write what was learnt: %s", strerror(errno));
	return 0;
}

int cmd_learn_report(const struct watch *watch, const struct options *options, struct error *err)
{
	const struct profile *profile = watch->profile;

	if (options->json)
		return put_json(profile, err);
	progress_note("profile '%s' is %s (%s): %llu call%s, %zu bag%s, %zu executable%s, "
		      "%zu run%s, lost %llu",
		      profile->name, profile_state_name(profile->state), profile->why,
		      (unsigned long long)profile_calls(profile), plural(profile_calls(profile)),
		      profile->bag_count, plural(profile->bag_count), profile->exec_count,
		      plural(profile->exec_count), profile->run_count, plural(profile->run_count),
		      (unsigned long long)profile_lost(profile));
	return options->verbose ? original_normal(stdout, watch->called, profile, err) : 0;
}
