/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc learn --trace: each recording is a run. One that was cut short, or lost calls, teaches what
 * it has; the profile is then partial, and the command fails after all files are read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd_learn.h"
#include "lesson.h"
#include "progress.h"
#include "source_trace.h"
#include "util.h"

static int on_event(const struct event *event, size_t size, void *context, struct error *err)
{
	struct watch *watch = context;

	(void)size;
	if (learner_event(&watch->learner, event) >= 0)
		return 0;
	return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
}

/* A trace says where it was recorded; calls of two architectures do not mix. */
static int check_arch(struct profile *profile, const char *arch, const char *path,
		      struct error *err)
{
	if (profile->run_count > 1)
		return watch_check_recording(profile, path, arch, err);
	if (arch[0])
		snprintf(profile->arch, sizeof(profile->arch), "%s", arch);
	return 0;
}

static int replay(struct watch *watch, struct source *source, const char *path, struct error *err)
{
	const struct trace_summary *summary = source_trace_summary(source);
	int status;

	do {
		status = source->poll(source, -1, err);
		lesson_tick(watch, source);
		progress_show("learning '%s': %.0f %%, %llu calls, %zu bags", path,
			      summary->total
				      ? 100.0 * (double)summary->bytes / (double)summary->total
				      : 0.0,
			      (unsigned long long)summary->calls, watch->profile->bag_count);
	} while (status > 0);
	progress_clear();
	return status < 0 ? status
			  : check_arch(watch->profile, source_trace_arch(source), path, err);
}

/* Learns one file and saves. */
static int learn_file(struct watch *watch, struct store *store, const struct options *options,
		      const char *path, struct error *err)
{
	_cleanup_(source_close_p) struct source *source = NULL;
	_cleanup_free_ uint32_t *places = NULL;
	const struct trace_summary *summary;
	int status = lesson_prepare(watch, store, options, options->profile, "trace", err);

	if (status < 0)
		return status;
	places = calloc(watch->profile->bag_count + 1, sizeof(*places));
	if (!places)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", path);
	status = source_trace_open(path, options->abi, MODE_LEARN, watch->profile, true, places,
				   on_event, watch, &source, err);
	if (status >= 0)
		status = lesson_begin(watch, source, options, places, err);
	if (status >= 0)
		status = replay(watch, source, path, err);
	if (status < 0)
		return status;
	summary = source_trace_summary(source);
	if (!summary->complete) {
		watch->learner.missed = summary->lost ? summary->lost : 1;
		watch->done = false;
	}
	status = lesson_end(watch, source, store, "its recordings ended before it was learnt", err);
	if (status == -ENODATA)
		return fail(err, status,
			    "nothing was learnt: '%s' holds no call of a program that "
			    "began or was running",
			    path);
	if (status < 0 || summary->complete)
		return status;
	progress_note("'%s' is incomplete: %s; what it has was learnt", path, summary->why);
	return 1;
}

int cmd_learn_trace(const struct options *options, struct store *store, struct error *err)
{
	const char *incomplete = NULL;

	for (size_t i = 0; i <= options->word_count; i++) {
		const char *path = i ? options->words[i - 1] : options->trace_first;
		struct watch *watch = watch_new(TARGET_COMMAND, options->profile);
		int status;

		if (!watch)
			return fail(err, -ENOMEM, "cannot learn '%s': no memory", path);
		watch->index = 1;
		status = learn_file(watch, store, options, path, err);
		if (status > 0)
			incomplete = path;
		if (status >= 0 && i == options->word_count)
			status = cmd_learn_report(watch, options, err);
		watch_free(watch);
		if (status < 0)
			return status;
	}
	if (incomplete)
		return fail(err, -ENODATA, "the profile '%s' is partial: '%s' is incomplete",
			    options->profile, incomplete);
	return 0;
}
