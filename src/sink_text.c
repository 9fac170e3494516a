/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

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
	fprintf(stream, ", child of %u ", event->parent_tgid);
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

static void put_nearest(FILE *stream, const struct alarm *alarm)
{
	struct alarm_difference differences[2 * WINDOW_MAX];
	size_t count = alarm_differences(alarm, differences);
	char name[SYSCALL_NAME];

	if (alarm->nearest < 0)
		return;
	fprintf(stream, "  nearest   a bag seen %llu times in training differs in %u of %u calls:",
		(unsigned long long)alarm->watch->profile->bags[alarm->nearest].count,
		alarm->distance, alarm->window);
	for (size_t i = 0; i < count; i++)
		fprintf(stream, " %+d %s", differences[i].count,
			syscall_name(alarm->arch, differences[i].code, name));
	fprintf(stream, "\n");
}

/* One line is enough for what a process does after its first alarm, and for repeats. */
static void put_line(FILE *stream, const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;

	fprintf(stream, "  also      %u ", event->tgid);
	sink_text_safe(stream, event->comm, COMM_SIZE);
	fprintf(stream, ": ");
	sink_text_safe(stream, alarm->reason, sizeof(alarm->reason));
	if (event->repeats)
		fprintf(stream, " (time %llu)", (unsigned long long)event->repeats + 1);
	fprintf(stream, "\n");
}

static int text_alarm(FILE *stream, const struct alarm *alarm)
{
	char moment[32];

	if (alarm->also) {
		put_line(stream, alarm);
		return finish(stream);
	}
	fprintf(stream, "ALARM %s in ", alarm_rule_name(alarm->event->rule));
	put_target(stream, alarm->watch);
	if (alarm->unix_ns)
		fprintf(stream, " at %s", sink_time(alarm->unix_ns, moment));
	fprintf(stream, "\n  reason    ");
	sink_text_safe(stream, alarm->reason, sizeof(alarm->reason));
	fprintf(stream, "\n");
	put_process(stream, alarm);
	put_calls(stream, alarm);
	put_nearest(stream, alarm);
	if (alarm->incomplete)
		fprintf(stream,
			"  caution   the profile or this watch is incomplete: events were lost\n");
	return finish(stream);
}

static int text_summary(FILE *stream, const struct summary *summary)
{
	put_target(stream, summary->watch);
	fprintf(stream, ": %llu calls, %llu windows, %llu mismatches, %llu alarms",
		(unsigned long long)summary->calls, (unsigned long long)summary->windows,
		(unsigned long long)summary->mismatches, (unsigned long long)summary->alarms);
	if (summary->repeats)
		fprintf(stream, " (and %llu repeats)", (unsigned long long)summary->repeats);
	if (summary->latency_ns)
		fprintf(stream, ", %.3f ms from a call to its alarm (median)",
			(double)summary->latency_ns / 1e6);
	fprintf(stream, ", lost %llu\n", (unsigned long long)summary->lost);
	if (summary->why)
		fprintf(stream, "incomplete: %s\n", summary->why);
	return finish(stream);
}

const struct sink sink_text = { .alarm = text_alarm, .summary = text_summary };
