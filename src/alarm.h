/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An alarm as people and programs are told of it: the sensor's event, with everything that makes
 * it mean something. The sinks write it; nothing here prints.
 *
 * What is known of a rule is a row in one table (alarm.c): its names, how grave it is, what its
 * event is about, and the function that says the reason.
 */
#ifndef BOSC_ALARM_H
#define BOSC_ALARM_H

#include <stdbool.h>

#include "../bpf/sensor.h"
#include "severity.h"
#include "syscalls.h"
#include "watch.h"

#define ALARM_PATH 512

struct alarm {
	const struct event_alarm *event;
	const struct watch *watch;
	const struct profile *profile; /* that it was judged by */
	const uint16_t *fold;	       /* its classes of calls */
	const char *arch;	       /* of the calls; NULL: this machine's */
	uint64_t unix_ns;	       /* when it happened; 0: unknown */
	uint64_t latency_ns;	       /* from the call to here; 0: a replay */
	uint64_t incident;	       /* its number, from 1 */
	uint64_t folded;	       /* alarms of the target that drift folded until now */
	enum severity severity;	       /* from the rule and the excess */
	bool also;		       /* another alarm of its incident was told before */
	bool incomplete;	       /* something was lost before, or the profile is not whole */
	char exe[ALARM_PATH];	       /* of the process; empty: unknown */
	char reason[256];	       /* one sentence without a full stop */

	uint32_t window;   /* calls in the window */
	long nearest;	   /* index of the nearest bag of the profile; -1: none, or no call */
	uint32_t distance; /* to it, as in profile_nearest() */
};

/* Completes an event: fills in what follows from it and the watch. What the caller knows it sets
 * itself: the times, the incident, `folded`, `also`, and `incomplete` for losses in this run. The
 * alarm owns nothing: it points to the event, the watch, the profile and `arch`, and is good as
 * long as they are. O(bags of the profile), for the nearest. */
void alarm_complete(struct alarm *alarm, const struct event_alarm *event, const struct watch *watch,
		    const char *arch);

/* "new call", "new exec", … and the same as one word for JSON. Of a number that is no rule:
 * "unknown rule", "unknown". */
const char *alarm_rule_name(uint32_t rule);
const char *alarm_rule_word(uint32_t rule);

/* The word of the rule that is called so; NULL: there is none. */
const char *alarm_rule_find(const char *word);

/* Whether the rule is about a call, so that code and window mean something. */
bool alarm_rule_has_call(uint32_t rule);

/* Whether the rule counts oddities up to a limit, instead of seeing what training never saw. */
bool alarm_rule_is_soft(uint32_t rule);

/* From the rule and the excess over its limit: how often this process reached it, times the
 * multiple of it that was reached. */
enum severity alarm_severity(const struct event_alarm *event);

/*
 * What the window has more (`count` > 0) or less than the nearest known bag, and the usual share
 * of that call among all calls of the profile. Folded calls stand under their class, and the share
 * is the class's.
 */
struct alarm_difference {
	uint16_t code;
	int count;
	double share;
};

/* Fills at most 2 * WINDOW_MAX entries and returns how many. */
size_t alarm_differences(const struct alarm *alarm, struct alarm_difference *differences);

/* The name of the signal: "SIGSEGV", or "signal 99". Writes it into `name`, of 24 bytes, and
 * returns that. */
const char *alarm_signal(uint32_t number, char *name);

#endif
