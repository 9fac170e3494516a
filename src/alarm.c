/* SPDX-License-Identifier: BSD-2-Clause */
#include "alarm.h"

#include <stdio.h>
#include <string.h>

#include "proc.h"
#include "util.h"

static const struct {
	const char *name;
	const char *word;
} rule_names[RULE_COUNT] = {
	[RULE_NEW_CALL] = { "new call", "new-call" },
	[RULE_NEW_EXEC] = { "new exec", "new-exec" },
	[RULE_FATAL_SIGNAL] = { "fatal signal", "fatal-signal" },
	[RULE_FRAME] = { "frame", "frame" },
	[RULE_FIRST_SIGHT] = { "first sights", "first-sight" },
};

const char *alarm_rule_name(uint32_t rule)
{
	return rule && rule < RULE_COUNT ? rule_names[rule].name : "unknown rule";
}

const char *alarm_rule_word(uint32_t rule)
{
	return rule && rule < RULE_COUNT ? rule_names[rule].word : "unknown";
}

const char *alarm_signal(uint32_t number, char *name)
{
	const char *abbreviation = sigabbrev_np((int)number);

	if (abbreviation)
		snprintf(name, 24, "SIG%s", abbreviation);
	else
		snprintf(name, 24, "signal %u", number);
	return name;
}

/* The kernel gives the names on the way to the root of the file's own mount; /proc knows the whole
 * path as long as the process lives and has not executed something else. */
static void complete_exe(struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	char path[ALARM_PATH];
	size_t end = 0;
	int depth = 0;

	while (depth < EXE_DEPTH && event->exe[depth][0])
		depth++;
	for (int i = depth - 1; i >= 0 && end < sizeof(alarm->exe); i--)
		end += (size_t)snprintf(alarm->exe + end, sizeof(alarm->exe) - end, "/%.*s",
					EXE_NAME, event->exe[i]);
	if (alarm->latency_ns && depth && proc_exe((int)event->tgid, path, sizeof(path)) == 0) {
		const char *slash = strrchr(path, '/');

		if (slash && !strncmp(slash + 1, event->exe[0], EXE_NAME - 1))
			snprintf(alarm->exe, sizeof(alarm->exe), "%s", path);
	}
}

static void complete_reason(struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	char *text = alarm->reason;
	size_t size = sizeof(alarm->reason);
	char name[SYSCALL_NAME];

	switch (event->rule) {
	case RULE_NEW_CALL:
		snprintf(text, size, "it called %s, which training never saw",
			 syscall_name(alarm->arch, event->code, name));
		break;
	case RULE_NEW_EXEC:
		snprintf(text, size, "it executed '%.*s', which training never saw", PATH_SIZE,
			 event->path);
		break;
	case RULE_FATAL_SIGNAL:
		snprintf(text, size, "it received %s, which training never saw",
			 alarm_signal(event->signal, name));
		break;
	case RULE_FRAME:
		snprintf(
			text, size,
			"%u of the thread's last %u windows are unknown; normal work stays below %u",
			event->count, FRAME_SIZE, event->threshold);
		break;
	case RULE_FIRST_SIGHT:
		snprintf(text, size,
			 "%u different unknown windows among the thread's last %u; normal work "
			 "stays below %u",
			 event->count, FRAME_SIZE, event->threshold);
		break;
	}
}

static uint64_t lost_before(const struct watch *watch)
{
	return profile_lost(watch->profile);
}

void alarm_complete(struct alarm *alarm, const struct event_alarm *event, const struct watch *watch,
		    const char *arch)
{
	const struct profile *profile = watch->profile;
	struct bag bag = bag_of_window(&event->window, profile->window);

	alarm->event = event;
	alarm->watch = watch;
	alarm->arch = arch;
	alarm->window = profile->window;
	alarm->incomplete |= lost_before(watch) > 0;
	alarm->distance = 0;
	alarm->nearest = -1;
	if (event->rule != RULE_NEW_EXEC && event->rule != RULE_FATAL_SIGNAL)
		alarm->nearest = profile_nearest(profile, &bag, watch->fold, &alarm->distance);
	alarm->exe[0] = '\0';
	complete_exe(alarm);
	complete_reason(alarm);
}

/* Counts the codes of a folded bag, by sign. */
static size_t add_codes(const struct bag *bag, uint32_t size, int sign,
			struct alarm_difference *differences, size_t count)
{
	for (uint32_t i = 0; i < size; i++) {
		size_t at = 0;

		while (at < count && differences[at].code != bag->code[i])
			at++;
		if (at == count)
			differences[count++] = (struct alarm_difference){ .code = bag->code[i] };
		differences[at].count += sign;
	}
	return count;
}

size_t alarm_differences(const struct alarm *alarm, struct alarm_difference *differences)
{
	const struct watch *watch = alarm->watch;
	struct bag window = bag_of_window(&alarm->event->window, alarm->window);
	struct bag known;
	size_t count, kept = 0;

	if (alarm->nearest < 0)
		return 0;
	window = bag_fold(&window, alarm->window, watch->fold);
	known = bag_fold(&watch->profile->bags[alarm->nearest].bag, alarm->window, watch->fold);
	count = add_codes(&window, alarm->window, 1, differences, 0);
	count = add_codes(&known, alarm->window, -1, differences, count);
	for (size_t i = 0; i < count; i++)
		if (differences[i].count)
			differences[kept++] = differences[i];
	return kept;
}
