/* SPDX-License-Identifier: BSD-2-Clause */
#include "alarm.h"

#include <stdio.h>
#include <string.h>

#include "../core/scorer.h"
#include "proc.h"
#include "util.h"

const char *alarm_signal(uint32_t number, char *name)
{
	const char *abbreviation = sigabbrev_np((int)number);

	if (abbreviation)
		snprintf(name, 24, "SIG%s", abbreviation);
	else
		snprintf(name, 24, "signal %u", number);
	return name;
}

static void reason_new_call(const struct alarm *alarm, char *text, size_t size)
{
	char name[SYSCALL_NAME];

	snprintf(text, size, "it called %s, which training never saw",
		 syscall_name(alarm->arch, alarm->event->code, name));
}

static void reason_new_exec(const struct alarm *alarm, char *text, size_t size)
{
	snprintf(text, size, "it executed '%.*s', which training never saw", PATH_SIZE,
		 alarm->event->path);
}

static void reason_fatal_signal(const struct alarm *alarm, char *text, size_t size)
{
	char name[24];

	snprintf(text, size, "it received %s, which training never saw",
		 alarm_signal(alarm->event->signal, name));
}

static void reason_late_call(const struct alarm *alarm, char *text, size_t size)
{
	char name[SYSCALL_NAME];

	snprintf(text, size, "it called %s, which training saw only while programs started",
		 syscall_name(alarm->arch, alarm->event->code, name));
}

static void reason_main_exit(const struct alarm *alarm, char *text, size_t size)
{
	(void)alarm;
	snprintf(text, size,
		 "the container's first process ended and nobody outside had asked it to, which "
		 "training never saw");
}

static void reason_frame(const struct alarm *alarm, char *text, size_t size)
{
	snprintf(text, size,
		 "%u of the thread's last %u windows are unknown; normal work stays below %u",
		 alarm->event->count, FRAME_SIZE, alarm->event->threshold);
}

static void reason_first_sight(const struct alarm *alarm, char *text, size_t size)
{
	snprintf(text, size,
		 "%u different unknown windows among the thread's last %u; normal work stays "
		 "below %u",
		 alarm->event->count, FRAME_SIZE, alarm->event->threshold);
}

static void reason_surprise(const struct alarm *alarm, char *text, size_t size)
{
	snprintf(
		text, size,
		"its last calls are %u bits of surprise after those before them; normal work stays "
		"below %u",
		alarm->event->count, alarm->event->threshold);
}

static void reason_thread(const struct alarm *alarm, char *text, size_t size)
{
	snprintf(
		text, size,
		"as a whole its calls score %.2f, by their order and their selection; no thread of "
		"the training scored above %.2f",
		alarm->event->count / (double)SCORE_UNIT,
		alarm->event->threshold / (double)SCORE_UNIT);
}

enum rule_flag {
	HAS_CALL = 1,
	IS_SOFT = 2,
};

#define LOW	 SEVERITY_LOW
#define MEDIUM	 SEVERITY_MEDIUM
#define HIGH	 SEVERITY_HIGH
#define CRITICAL SEVERITY_CRITICAL

/* The least severity, and the greatest, which only an excess leads to. A new executable is the
 * surest sign of a takeover; a limit is reached by chance now and then. */
static const struct rule_row {
	const char *name;
	const char *word;
	enum severity least, most;
	unsigned int flags;
	void (*reason)(const struct alarm *alarm, char *text, size_t size);
} rule_rows[RULE_COUNT] = {
	/* clang-format off */
	[RULE_NEW_CALL] = { "new call", "new-call", HIGH, HIGH, HAS_CALL, reason_new_call },
	[RULE_NEW_EXEC] = { "new exec", "new-exec", CRITICAL, CRITICAL, 0, reason_new_exec },
	[RULE_FATAL_SIGNAL] = { "fatal signal", "fatal-signal", HIGH, HIGH, 0, reason_fatal_signal },
	[RULE_FRAME] = { "frame", "frame", MEDIUM, CRITICAL, HAS_CALL | IS_SOFT, reason_frame },
	[RULE_FIRST_SIGHT] = { "first sights", "first-sight", MEDIUM, HIGH, HAS_CALL | IS_SOFT,
			       reason_first_sight },
	[RULE_SURPRISE] = { "surprise", "surprise", LOW, HIGH, HAS_CALL | IS_SOFT,
			    reason_surprise },
	[RULE_THREAD] = { "unusual thread", "thread", MEDIUM, CRITICAL, IS_SOFT, reason_thread },
	[RULE_LATE_CALL] = { "late call", "late-call", HIGH, HIGH, HAS_CALL, reason_late_call },
	[RULE_MAIN_EXIT] = { "end of the first process", "main-exit", LOW, LOW, 0,
			     reason_main_exit },
	/* clang-format on */
};

static const struct rule_row unknown_rule = { "unknown rule", "unknown", LOW, LOW, 0, NULL };

static const struct rule_row *rule_row(uint32_t rule)
{
	return rule < RULE_COUNT && rule_rows[rule].name ? &rule_rows[rule] : &unknown_rule;
}

const char *alarm_rule_name(uint32_t rule)
{
	return rule_row(rule)->name;
}

const char *alarm_rule_word(uint32_t rule)
{
	return rule_row(rule)->word;
}

const char *alarm_rule_find(const char *word)
{
	for (uint32_t rule = 0; rule < RULE_COUNT; rule++)
		if (rule_rows[rule].word && !strcmp(rule_rows[rule].word, word))
			return rule_rows[rule].word;
	return NULL;
}

bool alarm_rule_has_call(uint32_t rule)
{
	return rule_row(rule)->flags & HAS_CALL;
}

bool alarm_rule_is_soft(uint32_t rule)
{
	return rule_row(rule)->flags & IS_SOFT;
}

enum severity alarm_severity(const struct event_alarm *event)
{
	const struct rule_row *row = rule_row(event->rule);
	uint64_t reached = event->threshold ? event->count / event->threshold : 1;

	return severity_of(row->least, row->most, (event->repeats + 1) * (reached ? reached : 1));
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

void alarm_complete(struct alarm *alarm, const struct event_alarm *event, const struct watch *watch,
		    const char *arch)
{
	bool former = watch->former.profile && event->generation != watch->generation;
	const struct profile *profile = former ? watch->former.profile : watch->profile;
	struct bag bag = bag_of_window(&event->window, profile->window);

	alarm->event = event;
	alarm->watch = watch;
	alarm->profile = profile;
	alarm->fold = former ? watch->former.fold : watch->fold;
	alarm->arch = arch;
	alarm->window = profile->window;
	alarm->incomplete |= profile_lost(profile) > 0;
	alarm->distance = 0;
	alarm->nearest = -1;
	if (alarm_rule_has_call(event->rule))
		alarm->nearest = profile_nearest(profile, &bag, alarm->fold, &alarm->distance);
	alarm->exe[0] = '\0';
	complete_exe(alarm);
	alarm->severity = alarm_severity(event);
	alarm->reason[0] = '\0';
	if (rule_row(event->rule)->reason)
		rule_row(event->rule)->reason(alarm, alarm->reason, sizeof(alarm->reason));
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

/* The share of a class among all calls of the profile. */
static double class_share(const struct alarm *alarm, uint16_t class, uint64_t all)
{
	uint64_t sum = 0;

	if (class == CODE_BEGIN || class == CODE_LATE || !all)
		return 0;
	for (uint32_t code = 1; code < CODE_COUNT; code++)
		if (alarm->fold[code] == class)
			sum += alarm->profile->calls[code];
	return (double)sum / (double)all;
}

size_t alarm_differences(const struct alarm *alarm, struct alarm_difference *differences)
{
	struct bag window = bag_of_window(&alarm->event->window, alarm->window);
	struct bag known;
	uint64_t all = profile_calls(alarm->profile);
	size_t count, kept = 0;

	if (alarm->nearest < 0)
		return 0;
	window = bag_fold(&window, alarm->window, alarm->fold);
	known = bag_fold(&alarm->profile->bags[alarm->nearest].bag, alarm->window, alarm->fold);
	count = add_codes(&window, alarm->window, 1, differences, 0);
	count = add_codes(&known, alarm->window, -1, differences, count);
	for (size_t i = 0; i < count; i++) {
		if (!differences[i].count)
			continue;
		differences[kept] = differences[i];
		differences[kept++].share = class_share(alarm, differences[i].code, all);
	}
	return kept;
}
