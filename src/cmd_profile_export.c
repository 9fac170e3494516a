/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile export: one profile in one of several forms, a row of a table each. What a form
 * cannot say, or what a profile lacks for its purpose, is told beside it.
 */
#include <errno.h>
#include <string.h>

#include "../core/paper.h"
#include "cmd_profile.h"
#include "newfile.h"
#include "profile_csv.h"
#include "profile_json.h"
#include "profile_original.h"
#include "profile_seccomp.h"
#include "sink.h"
#include "util.h"

static void note(const struct profile *profile, const char *text)
{
	fprintf(stderr, "bosc: the profile '");
	sink_text_safe(stderr, profile->name, PROFILE_TEXT);
	fprintf(stderr, "' %s\n", text);
}

/* Whether some run saw the target from its first call on. */
static bool saw_start(const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if (cmd_profile_is_training(&profile->runs[i]) && !profile->runs[i].joined_late)
			return true;
	return false;
}

static int export_seccomp(const struct profile *profile, FILE *file, struct error *err)
{
	struct seccomp_gaps gaps;
	int status = profile_seccomp_write(profile, file, &gaps, err);

	if (status < 0)
		return status;
	if (profile->state < PROFILE_LEARNT)
		note(profile, "is not learnt: calls that its training did not meet will fail");
	else if (paper_owns(profile))
		note(profile, "was learnt by the paper's method, which ends as soon as the load is "
			      "steady: calls that came later will fail");
	if (!saw_start(profile))
		note(profile, "never saw its target start: the container may not start");
	if (gaps.operations)
		note(profile, "has operations of io_uring, which a filter cannot tell apart: "
			      "io_uring_enter allows them all");
	if (gaps.abis > 1)
		note(profile, "has calls of several ABIs, which a filter cannot tell apart: each "
			      "name is allowed in all of them");
	if (gaps.nameless)
		note(profile, "has calls without a name, which are left out and will fail");
	return 0;
}

static int export_original(const struct profile *profile, FILE *file, struct error *err)
{
	uint32_t others;
	int status = profile_original_write(profile, file, &others, err);

	if (status >= 0 && others)
		note(profile, "has calls that are rare, or not among the 55 of that form: they "
			      "count as others");
	return status;
}

static int (*const forms[EXPORT_FORMATS])(const struct profile *profile, FILE *file,
					  struct error *err) = {
	[EXPORT_JSON] = profile_json_write,
	[EXPORT_ORIGINAL] = export_original,
	[EXPORT_SECCOMP] = export_seccomp,
	[EXPORT_CSV] = profile_csv_write,
};

/* Writes a new file; when that fails, nothing is left of it. */
static int export_file(const struct profile *profile, const struct options *options,
		       struct error *err)
{
	struct newfile file;
	int status = newfile_open_fresh(options->output, &file, err);

	if (status < 0)
		return status;
	status = forms[options->format](profile, file.stream, err);
	if (status >= 0)
		return newfile_commit(&file, err);
	newfile_discard(&file);
	return status;
}

int cmd_profile_export(struct store *store, const struct options *options, struct error *err)
{
	struct profile *profile;
	int status = store_load(store, options->words[1], &profile, err);

	if (status < 0)
		return status;
	status = options->output ? export_file(profile, options, err)
				 : forms[options->format](profile, stdout, err);
	profile_free(profile);
	return status;
}
