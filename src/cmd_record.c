/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc record: every call of a target into a trace file, until the user, the time or the started
 * command ends it. The file is written out every second, so that a kill costs its last second; what
 * goes to standard output, for another bosc to judge, at once.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "commands.h"
#include "compress.h"
#include "live.h"
#include "progress.h"
#include "trace.h"
#include "util.h"

static int record_prepare(struct live *live, struct watch *watch, struct error *err)
{
	(void)live;
	watch->profile = profile_new(watch_name(watch), WINDOW_DEFAULT);
	return watch->profile ? 0 : fail(err, -ENOMEM, "cannot record: no memory");
}

static int record_begin(struct live *live, struct watch *watch, struct error *err)
{
	return source_live_target(live->source, watch->index, watch->profile, NULL, err);
}

static int record_event(struct live *live, struct watch *watch, const struct event *event,
			size_t size, struct error *err)
{
	struct trace_writer **writer = live->context;

	(void)watch;
	return trace_writer_append(*writer, event + 1, size - sizeof(*event), err);
}

static void record_met(struct live *live, struct watch *watch)
{
	(void)live;
	progress_note("recording '%s'", watch_name(watch));
}

static const struct live_user record_user = {
	.prepare = record_prepare,
	.begin = record_begin,
	.event = record_event,
	.met = record_met,
};

static uint64_t lost(struct live *live)
{
	uint64_t sum = live->source->lost(live->source, 0);

	for (size_t i = 0; i < live->count; i++)
		sum += live->source->lost(live->source, live->watches[i]->index);
	return sum;
}

static int record_tick(struct live *live, struct error *err)
{
	struct trace_writer **writer = live->context;

	progress_show("recording: %llu calls, %.1f MB, lost %llu",
		      (unsigned long long)trace_writer_calls(*writer),
		      (double)trace_writer_bytes(*writer) / 1e6, (unsigned long long)lost(live));
	return trace_writer_flush(*writer, err);
}

static int record_finish(struct live *live, struct trace_writer *writer, struct error *err)
{
	uint64_t calls = trace_writer_calls(writer);
	uint64_t missing = lost(live);
	int status = trace_writer_finish(writer, missing, err);

	progress_clear();
	if (status < 0)
		return status;
	progress_note("recorded %llu call%s into '%s', lost %llu", (unsigned long long)calls,
		      plural(calls), live->options->output, (unsigned long long)missing);
	if (!missing)
		return 0;
	fail(err, -ENOBUFS, "the recording is incomplete: %llu event%s lost",
	     (unsigned long long)missing, plural_were(missing));
	return fail_hint(err, -ENOBUFS, "a file without compression, or .zst, on a faster disk");
}

int cmd_record(const struct options *options, struct error *err)
{
	struct trace_writer *writer = NULL;
	struct live live;
	int status = live_open(&live, options, MODE_RECORD, false, &record_user, &writer, err);

	/* The file comes after what may be refused, so that a recording that was leaves none. */
	if (status >= 0)
		status = trace_writer_create(options->output, 0, &writer, err);
	if (status >= 0)
		status = live_start(&live, err);
	if (status >= 0)
		status = live_run(&live, compress_is_stream(options->output) ? 0 : NS_PER_S,
				  record_tick, err);
	if (status >= 0)
		status = record_finish(&live, writer, err);
	else if (writer)
		trace_writer_close(writer);
	live_close(&live);
	return status;
}
