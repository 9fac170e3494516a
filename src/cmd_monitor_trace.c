/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc monitor --trace: each recording is judged on its own; an incomplete one makes the
 * command fail, after all of them.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cmd_monitor.h"
#include "compress.h"
#include "progress.h"
#include "source_trace.h"
#include "util.h"

struct replay {
	struct verdict *verdict;
	struct watch *watch;
};

static int check_arch(const struct replay *replay, struct error *err)
{
	return watch_check_recording(replay->watch->profile, replay->watch->called,
				     source_trace_arch(replay->verdict->source), err);
}

static int trace_event(const struct event *event, size_t size, void *context, struct error *err)
{
	struct replay *replay = context;
	int status = check_arch(replay, err);

	(void)size;
	if (status < 0)
		return status;
	if (!replay->verdict->arch && source_trace_arch(replay->verdict->source)[0])
		replay->verdict->arch = source_trace_arch(replay->verdict->source);
	return verdict_event(replay->verdict, replay->watch, event, err);
}

static int monitor_file(struct verdict *verdict, const char *path, struct error *err)
{
	_cleanup_(watch_free_p) struct watch *watch = watch_new(TARGET_COMMAND, path);
	_cleanup_(source_close_p) struct source *source = NULL;
	struct replay replay = { .verdict = verdict, .watch = watch };
	const struct trace_summary *summary;
	int status;

	if (!watch)
		return fail(err, -ENOMEM, "cannot replay '%s': no memory", path);
	if (compress_is_stream(path))
		signal(SIGINT, SIG_IGN); /* Ctrl-C ends the recording, and that this */
	watch->index = 1;
	verdict_restart(verdict);
	status = verdict_prepare(verdict, watch, err);
	if (status >= 0)
		status = source_trace_open(path, verdict->options->abi, MODE_MONITOR,
					   watch->profile, verdict->options->verbose, watch->places,
					   trace_event, &replay, &source, err);
	if (status < 0)
		return status;
	verdict->source = source;
	verdict->arch = watch->profile->arch[0] ? watch->profile->arch : NULL;
	summary = source_trace_summary(source);
	while ((status = source->poll(source, -1, err)) > 0) {
		progress_show("replaying '%s': %llu calls, %llu alarms", path,
			      (unsigned long long)summary->calls,
			      (unsigned long long)verdict->tally[0].told);
		status = verdict_tick(verdict, watch, err);
		if (status < 0)
			return status;
	}
	if (status >= 0)
		status = check_arch(&replay, err);
	if (status < 0)
		return status;
	status = verdict_summary(verdict, watch, summary->complete ? NULL : summary->why, err);
	if (status >= 0 && !summary->complete)
		return fail(err, -ENODATA, "'%s' is incomplete: %s; what it has was judged", path,
			    summary->why);
	return status;
}

int cmd_monitor_each(struct verdict *verdict, monitor_recording *monitor, struct error *err)
{
	const struct options *options = verdict->options;
	int incomplete = 0;

	for (size_t i = 0; i <= options->word_count; i++) {
		const char *path = i ? options->words[i - 1] : options->trace_first;
		int status = monitor(verdict, path, err);

		if (status == -ENODATA)
			incomplete = status;
		else if (status < 0)
			return status;
	}
	return incomplete;
}

int cmd_monitor_trace(struct verdict *verdict, struct error *err)
{
	return cmd_monitor_each(verdict, monitor_file, err);
}
