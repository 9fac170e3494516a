/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "../core/numbers.h"
#include "sink.h"
#include "util.h"

void sink_text_safe(FILE *stream, const char *text, size_t size)
{
	for (size_t i = 0; i < size && text[i]; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20 || byte == 0x7f)
			fprintf(stream, "\\x%02x", byte);
		else
			fputc(byte, stream);
	}
}

void sink_line(FILE *stream, const char *format, ...)
{
	_cleanup_free_ char *line = NULL;
	va_list args;
	int size;

	va_start(args, format);
	size = vasprintf(&line, format, args);
	va_end(args);
	if (size < 0) {
		line = NULL;
		return;
	}
	sink_text_safe(stream, line, (size_t)size);
	fputc('\n', stream);
}

const char *sink_time(uint64_t unix_ns, char *text)
{
	time_t seconds = (time_t)(unix_ns / NS_PER_S);
	struct tm utc;
	size_t end;

	gmtime_r(&seconds, &utc);
	end = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + end, 32 - end, ".%06uZ", (unsigned int)(unix_ns % NS_PER_S / 1000));
	return text;
}

static int finish(FILE *stream)
{
	errno = 0;
	return fflush(stream) || ferror(stream) ? -(errno ? errno : EIO) : 0;
}

static void put_container(FILE *stream, const struct container *container)
{
	fprintf(stream, " (%.12s%s", container->id, container->image[0] ? ", image " : "");
	sink_text_safe(stream, container->image, sizeof(container->image));
	fprintf(stream, ")");
}

static void put_target(FILE *stream, const struct watch *watch)
{
	if (watch->container.id[0])
		fprintf(stream, "container ");
	sink_text_safe(stream, watch_name(watch), PROFILE_TEXT);
	if (watch->container.id[0])
		put_container(stream, &watch->container);
}

static void put_process(FILE *stream, const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;

	fprintf(stream, "  process   %u ", event->tgid);
	sink_text_safe(stream, event->comm, COMM_SIZE);
	if (alarm->exe[0]) {
		fprintf(stream, " (");
		sink_text_safe(stream, alarm->exe, sizeof(alarm->exe));
		fprintf(stream, ")");
	}
	if (event->head.tid != event->tgid)
		fprintf(stream, ", thread %u", event->head.tid);
	fprintf(stream, ", child of %u%s", event->parent_tgid, event->parent_comm[0] ? " " : "");
	sink_text_safe(stream, event->parent_comm, COMM_SIZE);
	fprintf(stream, "\n");
}

/* The calls from the oldest that is kept to the newest; the window's own behind a bar. */
static void put_calls(FILE *stream, const struct alarm *alarm)
{
	char name[SYSCALL_NAME];
	bool any = false;

	fprintf(stream, "  calls     ");
	for (uint32_t back = WINDOW_MAX; back-- > 0;) {
		uint32_t code = window_code(&alarm->event->window, back);

		if (back + 1 == alarm->window && any)
			fprintf(stream, "| ");
		if (code == CODE_BEGIN || code == CODE_LATE)
			continue;
		fprintf(stream, "%s ", syscall_name(alarm->arch, code, name));
		any = true;
	}
	fprintf(stream, "%s\n", any ? "<" : "none yet: the program begins");
}

/* The usual share of a call, so that one sees whether it is strange or only out of place. */
static void put_share(FILE *stream, double share)
{
	fprintf(stream, share > 0 ? " (%.2g %% of all calls)" : " (never seen)", 100 * share);
}

static void put_nearest(FILE *stream, const struct alarm *alarm)
{
	const struct profile_bag *known;
	struct alarm_difference differences[2 * WINDOW_MAX];
	size_t count = alarm_differences(alarm, differences);
	char name[SYSCALL_NAME];

	if (alarm->nearest < 0)
		return;
	known = &alarm->profile->bags[alarm->nearest];
	if (alarm->distance)
		fprintf(stream, "  nearest   a bag differs in %u of %u calls:", alarm->distance,
			alarm->window);
	else
		fprintf(stream, "  nearest   this very bag is known");
	for (size_t i = 0; i < count; i++) {
		fprintf(stream, " %+d %s", differences[i].count,
			syscall_name(alarm->arch, differences[i].code, name));
		if (differences[i].count > 0 && differences[i].code != CODE_BEGIN)
			put_share(stream, differences[i].share);
	}
	fprintf(stream, "\n            training saw it %llu time%s, first in run %u",
		(unsigned long long)known->count, plural(known->count), known->first_run + 1);
	if (known->part)
		fprintf(stream, ", part %u of %zu", known->part, alarm->profile->history_count);
	fprintf(stream, "\n");
}

/* How often the process was found at it, and how much is not told. */
static void put_counts(FILE *stream, const struct alarm *alarm)
{
	if (alarm->event->repeats)
		fprintf(stream, " (time %llu)", (unsigned long long)alarm->event->repeats + 1);
	if (alarm->folded)
		fprintf(stream, " (%llu alarm%s folded: drift)", (unsigned long long)alarm->folded,
			plural(alarm->folded));
}

/* One line is enough for what happens in an incident after its first alarm. */
static void put_line(FILE *stream, const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;

	fprintf(stream, "  also in %llu, %s: %u ", (unsigned long long)alarm->incident,
		severity_name(alarm->severity), event->tgid);
	sink_text_safe(stream, event->comm, COMM_SIZE);
	fprintf(stream, ": ");
	sink_text_safe(stream, alarm->reason, sizeof(alarm->reason));
	put_counts(stream, alarm);
	fprintf(stream, "\n");
}

static void put_head(FILE *stream, const struct alarm *alarm)
{
	char moment[32];

	fprintf(stream, "ALARM %s in ", alarm_rule_name(alarm->event->rule));
	put_target(stream, alarm->watch);
	if (alarm->unix_ns)
		fprintf(stream, " at %s", sink_time(alarm->unix_ns, moment));
	fprintf(stream, ": %s, incident %llu\n", severity_name(alarm->severity),
		(unsigned long long)alarm->incident);
}

static int text_alarm(FILE *stream, const struct alarm *alarm)
{
	if (alarm->also) {
		put_line(stream, alarm);
		return finish(stream);
	}
	put_head(stream, alarm);
	fprintf(stream, "  reason    ");
	sink_text_safe(stream, alarm->reason, sizeof(alarm->reason));
	put_counts(stream, alarm);
	fprintf(stream, "\n");
	put_process(stream, alarm);
	put_calls(stream, alarm);
	put_nearest(stream, alarm);
	if (alarm->incomplete)
		fprintf(stream,
			"  caution   the profile or this watch is incomplete: events were lost\n");
	return finish(stream);
}

static int text_drift(FILE *stream, const struct drift_news *news)
{
	double share = (double)news->mismatches / (double)news->windows;

	fprintf(stream, "DRIFT in ");
	put_target(stream, news->watch);
	fprintf(stream,
		": %.2g %% of the last %llu windows are unknown where training lets expect %.2g %%: "
		"the software or its load has changed; learn again (bosc learn)\n",
		100 * share, (unsigned long long)news->windows, 100 * news->expected);
	return finish(stream);
}

static int text_reload(FILE *stream, const struct reload_news *news)
{
	const struct profile *profile = news->watch->profile;

	fprintf(stream, "PROFILE of ");
	put_target(stream, news->watch);
	fprintf(stream, ": '");
	sink_text_safe(stream, profile->name, PROFILE_TEXT);
	if (news->kept) {
		fprintf(stream, "' stays as it was: ");
		sink_text_safe(stream, news->kept->text, sizeof(news->kept->text));
		fprintf(stream, news->kept->hint[0] ? " (try: " : "\n");
		sink_text_safe(stream, news->kept->hint, sizeof(news->kept->hint));
		fprintf(stream, news->kept->hint[0] ? ")\n" : "");
	} else {
		fprintf(stream, news->same ? "' is as it was" : "' is taken up anew");
		fprintf(stream, ": %zu bag%s", profile->bag_count, plural(profile->bag_count));
		if (!news->same)
			fprintf(stream, " after %zu", news->bags_before);
		fprintf(stream, ", %s\n", profile_state_name(profile->state));
	}
	return finish(stream);
}

static int text_summary(FILE *stream, const struct summary *summary)
{
	put_target(stream, summary->watch);
	fprintf(stream, ": %llu call%s, %llu window%s, %llu mismatch%s, %llu alarm%s",
		(unsigned long long)summary->calls, plural(summary->calls),
		(unsigned long long)summary->windows, plural(summary->windows),
		(unsigned long long)summary->mismatches, summary->mismatches == 1 ? "" : "es",
		(unsigned long long)summary->alarms, plural(summary->alarms));
	if (summary->alarms)
		fprintf(stream, " in %llu incident%s", (unsigned long long)summary->incidents,
			plural(summary->incidents));
	if (summary->repeats)
		fprintf(stream, " (and %llu repeat%s)", (unsigned long long)summary->repeats,
			plural(summary->repeats));
	if (summary->hidden)
		fprintf(stream, ", %llu hidden below --min-severity",
			(unsigned long long)summary->hidden);
	if (summary->folded)
		fprintf(stream, ", %llu folded as drift", (unsigned long long)summary->folded);
	if (summary->unkept)
		fprintf(stream, ", %llu told but not kept", (unsigned long long)summary->unkept);
	if (summary->latency_ns)
		fprintf(stream, ", %.3f ms from a call to its alarm (median)",
			(double)summary->latency_ns / 1e6);
	fprintf(stream, ", lost %llu\n", (unsigned long long)summary->lost);
	if (summary->why)
		fprintf(stream, "incomplete: %s\n", summary->why);
	return finish(stream);
}

const struct sink sink_text = {
	.alarm = text_alarm,
	.summary = text_summary,
	.drift = text_drift,
	.reload = text_reload,
};
