/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verdict says: on standard output by the sink that the user wants, and in --json-file, if
 * there is one, as JSON.
 */
#include <string.h>

#include "progress.h"
#include "sink.h"
#include "verdict.h"

/* Has a sink write what this is. */
typedef int sink_write(const struct sink *sink, FILE *stream, const void *what);

static int write_alarm(const struct sink *sink, FILE *stream, const void *what)
{
	return sink->alarm(stream, what);
}

static int write_drift(const struct sink *sink, FILE *stream, const void *what)
{
	return sink->drift(stream, what);
}

static int write_reload(const struct sink *sink, FILE *stream, const void *what)
{
	return sink->reload(stream, what);
}

static int write_summary(const struct sink *sink, FILE *stream, const void *what)
{
	return sink->summary(stream, what);
}

static int tell(struct verdict *verdict, sink_write *write, const void *what, const char *called,
		struct error *err)
{
	const struct options *options = verdict->options;
	int status;

	progress_clear();
	status = write(options->json ? &sink_json : &sink_text, stdout, what);
	if (status < 0)
		return fail(err, status, "cannot write %s: %s", called, strerror(-status));
	status = verdict->file ? write(&sink_json, verdict->file, what) : 0;
	if (status < 0)
		return fail(err, status, "cannot write %s into '%s': %s", called,
			    options->json_file, strerror(-status));
	return 0;
}

int verdict_tell_alarm(struct verdict *verdict, const struct alarm *alarm, struct error *err)
{
	return tell(verdict, write_alarm, alarm, "an alarm", err);
}

int verdict_tell_drift(struct verdict *verdict, const struct drift_news *news, struct error *err)
{
	return tell(verdict, write_drift, news, "of drift", err);
}

int verdict_tell_reload(struct verdict *verdict, const struct reload_news *news, struct error *err)
{
	return tell(verdict, write_reload, news, "what became of a profile", err);
}

int verdict_conclude(struct verdict *verdict, const struct summary *summary, struct error *err)
{
	return tell(verdict, write_summary, summary, "the summary", err);
}
