/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verdict says: on standard output by the sink that the user wants, in --json-file, if there
 * is one, as JSON, and with --keep-alarms in the store.
 */
#include <errno.h>
#include <string.h>

#include "../core/numbers.h"
#include "host.h"
#include "progress.h"
#include "sink.h"
#include "util.h"
#include "uuid.h"
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

/* --keep-alarms: an alarm into the store, with what it is looked for by. */
static int keep(struct verdict *verdict, const struct alarm *alarm, struct error *err)
{
	_cleanup_free_ char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);
	char host[HOST_NAME], id[UUID_TEXT];
	struct store_alarm kept = {
		.id = id,
		.time_ns = alarm->unix_ns ? alarm->unix_ns : clock_ns(CLOCK_REALTIME),
		.host = host,
		.target = alarm->watch->called,
		.profile = alarm->profile->name,
		.rule = alarm_rule_word(alarm->event->rule),
		.severity = alarm->severity,
	};
	int status = stream ? sink_json.alarm(stream, alarm) : -ENOMEM;

	if (stream && fclose(stream) && status >= 0)
		status = -ENOMEM;
	if (status < 0)
		return fail(err, status, "cannot keep an alarm: %s", strerror(-status));
	line[strcspn(line, "\n")] = '\0';
	kept.line = line;
	uuid_make(id);
	host_name(host);
	return store_put_alarm(verdict->store, &kept, err);
}

/* Who watches goes on without: an alarm that is told and not kept is better than none. */
static void note_unkept(struct verdict *verdict, const struct alarm *alarm, const struct error *why)
{
	verdict->tally[alarm->watch->index - 1].unkept++;
	if (verdict->unkept++)
		return;
	verdict->unkept_why = *why;
	progress_note("%s; alarms are told but not kept until this is better", why->text);
}

int verdict_check_kept(const struct verdict *verdict, struct error *err)
{
	if (!verdict->unkept)
		return 0;
	return fail(err, -ENODATA, "%llu alarm%s told but not kept; the first: %s",
		    (unsigned long long)verdict->unkept, plural_were(verdict->unkept),
		    verdict->unkept_why.text);
}

int verdict_tell_alarm(struct verdict *verdict, const struct alarm *alarm, struct error *err)
{
	int status = tell(verdict, write_alarm, alarm, "an alarm", err);
	struct error why;

	if (status >= 0 && verdict->options->keep_alarms && keep(verdict, alarm, &why) < 0)
		note_unkept(verdict, alarm, &why);
	return status;
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
