/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One object a line. The keys are a promise: man bosc names them, and a test compares.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "sink.h"
#include "util.h"

/* A process, or a profile, may be called anything. */
json_t *sink_json_text(const char *bytes, size_t size)
{
	size_t length = strnlen(bytes, size);
	json_t *value = json_stringn(bytes, length);
	char copy[ALARM_PATH];

	if (value)
		return value;
	length = length < sizeof(copy) ? length : sizeof(copy);
	for (size_t i = 0; i < length; i++)
		copy[i] = (unsigned char)bytes[i] < 0x80 ? bytes[i] : '?';
	return json_stringn(copy, length);
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *call_name(const struct alarm *alarm, uint32_t code)
{
	char name[SYSCALL_NAME];

	return json_string(syscall_name(alarm->arch, code, name));
}

/* The newest `count` calls, the oldest of them first; those before the beginning are left out. */
static json_t *calls(const struct alarm *alarm, uint32_t count)
{
	json_t *names = json_array();

	for (uint32_t back = count; back-- > 0;) {
		uint32_t code = window_code(&alarm->event->window, back);

		if (code != CODE_BEGIN && code != CODE_LATE)
			json_array_append_new(names, call_name(alarm, code));
	}
	return names;
}

static json_t *differing(const struct alarm *alarm, int sign)
{
	struct alarm_difference differences[2 * WINDOW_MAX];
	size_t count = alarm_differences(alarm, differences);
	json_t *names = json_array();

	for (size_t i = 0; i < count; i++)
		for (int n = differences[i].count * sign; n > 0; n--)
			json_array_append_new(names, call_name(alarm, differences[i].code));
	return names;
}

/* The usual share of each call that the window has more. */
static json_t *shares(const struct alarm *alarm)
{
	struct alarm_difference differences[2 * WINDOW_MAX];
	size_t count = alarm_differences(alarm, differences);
	json_t *object = json_object();
	char name[SYSCALL_NAME];

	for (size_t i = 0; i < count; i++)
		if (differences[i].count > 0)
			json_object_set_new(object,
					    syscall_name(alarm->arch, differences[i].code, name),
					    json_real(differences[i].share));
	return object;
}

static json_t *nearest(const struct alarm *alarm)
{
	const struct profile_bag *known;
	json_t *names, *object;

	if (alarm->nearest < 0)
		return json_null();
	known = &alarm->profile->bags[alarm->nearest];
	names = json_array();
	for (uint32_t i = 0; i < alarm->window; i++)
		json_array_append_new(names, call_name(alarm, known->bag.code[i]));
	object = json_object();
	json_object_set_new(object, "calls", names);
	json_object_set_new(object, "count", number(known->count));
	json_object_set_new(object, "distance", number(alarm->distance));
	json_object_set_new(object, "more", differing(alarm, 1));
	json_object_set_new(object, "fewer", differing(alarm, -1));
	json_object_set_new(object, "shares", shares(alarm));
	json_object_set_new(object, "run", number(known->first_run + 1));
	json_object_set_new(object, "part", number(known->part));
	json_object_set_new(object, "parts", number(alarm->profile->history_count));
	return object;
}

json_t *sink_json_latency(uint64_t latency_ns)
{
	return latency_ns ? number(latency_ns / 1000) : json_null();
}

json_t *sink_json_container(const struct container *known)
{
	json_t *object;

	if (!known->id[0])
		return json_null();
	object = json_object();
	json_object_set_new(object, "id", sink_json_text(known->id, sizeof(known->id)));
	json_object_set_new(object, "name", sink_json_text(known->name, sizeof(known->name)));
	json_object_set_new(object, "image", sink_json_text(known->image, sizeof(known->image)));
	json_object_set_new(object, "digest", sink_json_text(known->digest, sizeof(known->digest)));
	json_object_set_new(object, "runtime",
			    sink_json_text(known->runtime, sizeof(known->runtime)));
	return object;
}

static json_t *process(const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	json_t *object = json_object();

	json_object_set_new(object, "pid", number(event->tgid));
	json_object_set_new(object, "tid", number(event->head.tid));
	json_object_set_new(object, "comm", sink_json_text(event->comm, COMM_SIZE));
	json_object_set_new(object, "exe", sink_json_text(alarm->exe, sizeof(alarm->exe)));
	json_object_set_new(object, "ppid", number(event->parent_tgid));
	json_object_set_new(object, "parent", sink_json_text(event->parent_comm, COMM_SIZE));
	json_object_set_new(object, "start_ns", number(event->start_ns));
	json_object_set_new(object, "calls", number(event->thread_calls));
	return object;
}

/* What the rule is about, where it is about one thing. */
static void put_subject(json_t *object, const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	char name[24];

	json_object_set_new(object, "syscall",
			    alarm_rule_has_call(event->rule) ? call_name(alarm, event->code)
							     : json_null());
	json_object_set_new(object, "exec",
			    event->rule == RULE_NEW_EXEC ? sink_json_text(event->path, PATH_SIZE)
							 : json_null());
	json_object_set_new(object, "signal",
			    event->rule == RULE_FATAL_SIGNAL
				    ? json_string(alarm_signal(event->signal, name))
				    : json_null());
}

static int put_line(FILE *stream, json_t *object)
{
	int status = json_dumpf(object, stream, JSON_COMPACT);

	json_decref(object);
	if (status < 0)
		return -ENOMEM;
	errno = 0;
	fputc('\n', stream);
	return fflush(stream) || ferror(stream) ? -(errno ? errno : EIO) : 0;
}

static json_t *moment(uint64_t unix_ns)
{
	char text[32];

	return unix_ns ? json_string(sink_time(unix_ns, text)) : json_null();
}

static int json_alarm(FILE *stream, const struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	json_t *object = json_object();

	json_object_set_new(object, "time", moment(alarm->unix_ns));
	json_object_set_new(object, "mono_ns", number(event->head.ns));
	json_object_set_new(object, "target", sink_json_text(alarm->watch->called, PROFILE_TEXT));
	json_object_set_new(object, "profile", sink_json_text(alarm->profile->name, PROFILE_TEXT));
	json_object_set_new(object, "rule", json_string(alarm_rule_word(event->rule)));
	json_object_set_new(object, "severity", json_string(severity_name(alarm->severity)));
	json_object_set_new(object, "incident", number(alarm->incident));
	json_object_set_new(object, "reason", sink_json_text(alarm->reason, sizeof(alarm->reason)));
	json_object_set_new(object, "count", number(event->count));
	json_object_set_new(object, "threshold", number(event->threshold));
	json_object_set_new(object, "container", sink_json_container(&alarm->watch->container));
	json_object_set_new(object, "process", process(alarm));
	put_subject(object, alarm);
	json_object_set_new(object, "window", calls(alarm, alarm->window));
	json_object_set_new(object, "recent", calls(alarm, WINDOW_MAX));
	json_object_set_new(object, "nearest", nearest(alarm));
	json_object_set_new(object, "repeats", number(event->repeats));
	json_object_set_new(object, "folded", number(alarm->folded));
	json_object_set_new(object, "incomplete", json_boolean(alarm->incomplete));
	json_object_set_new(object, "latency_us", sink_json_latency(alarm->latency_ns));
	return put_line(stream, object);
}

static int json_summary(FILE *stream, const struct summary *summary)
{
	json_t *object = json_object(), *inner = json_object();

	json_object_set_new(inner, "target", sink_json_text(summary->watch->called, PROFILE_TEXT));
	json_object_set_new(inner, "profile",
			    sink_json_text(summary->watch->profile->name, PROFILE_TEXT));
	json_object_set_new(inner, "calls", number(summary->calls));
	json_object_set_new(inner, "windows", number(summary->windows));
	json_object_set_new(inner, "mismatches", number(summary->mismatches));
	json_object_set_new(inner, "alarms", number(summary->alarms));
	json_object_set_new(inner, "incidents", number(summary->incidents));
	json_object_set_new(inner, "hidden", number(summary->hidden));
	json_object_set_new(inner, "folded", number(summary->folded));
	json_object_set_new(inner, "repeats", number(summary->repeats));
	json_object_set_new(inner, "unkept", number(summary->unkept));
	json_object_set_new(inner, "lost", number(summary->lost));
	json_object_set_new(inner, "latency_us", sink_json_latency(summary->latency_ns));
	json_object_set_new(inner, "incomplete",
			    summary->why ? json_string(summary->why) : json_null());
	json_object_set_new(object, "summary", inner);
	return put_line(stream, object);
}

static int json_drift(FILE *stream, const struct drift_news *news)
{
	json_t *object = json_object();

	json_object_set_new(object, "type", json_string("drift"));
	json_object_set_new(object, "time", moment(news->unix_ns));
	json_object_set_new(object, "target", sink_json_text(news->watch->called, PROFILE_TEXT));
	json_object_set_new(object, "profile",
			    sink_json_text(news->watch->profile->name, PROFILE_TEXT));
	json_object_set_new(object, "windows", number(news->windows));
	json_object_set_new(object, "mismatches", number(news->mismatches));
	json_object_set_new(object, "expected", json_real(news->expected));
	return put_line(stream, object);
}

static const char *outcome(const struct reload_news *news)
{
	if (news->kept)
		return "kept";
	return news->same ? "same" : "taken";
}

static int json_reload(FILE *stream, const struct reload_news *news)
{
	const struct profile *profile = news->watch->profile;
	const struct error *kept = news->kept;
	json_t *object = json_object();

	json_object_set_new(object, "type", json_string("reload"));
	json_object_set_new(object, "time", moment(news->unix_ns));
	json_object_set_new(object, "target", sink_json_text(news->watch->called, PROFILE_TEXT));
	json_object_set_new(object, "profile", sink_json_text(profile->name, PROFILE_TEXT));
	json_object_set_new(object, "outcome", json_string(outcome(news)));
	json_object_set_new(object, "bags_before", number(news->bags_before));
	json_object_set_new(object, "bags", number(profile->bag_count));
	json_object_set_new(object, "state", json_string(profile_state_name(profile->state)));
	json_object_set_new(object, "reason",
			    kept ? sink_json_text(kept->text, sizeof(kept->text)) : json_null());
	json_object_set_new(object, "hint",
			    kept && kept->hint[0] ? sink_json_text(kept->hint, sizeof(kept->hint))
						  : json_null());
	return put_line(stream, object);
}

const struct sink sink_json = {
	.alarm = json_alarm,
	.summary = json_summary,
	.drift = json_drift,
	.reload = json_reload,
};
