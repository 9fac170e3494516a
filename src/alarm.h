/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An alarm as people and programs are told of it: the sensor's event, with everything that makes
 * it mean something. The sinks write it; nothing here prints.
 */
#ifndef BOSC_ALARM_H
#define BOSC_ALARM_H

#include <stdbool.h>

#include "../bpf/sensor.h"
#include "syscalls.h"
#include "watch.h"

#define ALARM_PATH 512

struct alarm {
	const struct event_alarm *event;
	const struct watch *watch;
	const char *arch;     /* of the calls; NULL: this machine's */
	uint64_t unix_ns;     /* when it happened; 0: unknown */
	uint64_t latency_ns;  /* from the call to here; 0: a replay */
	bool also;	      /* an alarm of this program in this process was told before */
	bool incomplete;      /* something was lost before, or the profile is not whole */
	char exe[ALARM_PATH]; /* of the process; empty: unknown */
	char reason[256];     /* one sentence without a full stop */

	uint32_t window; /* calls in the window */
	long nearest;	 /* index of the nearest known bag, or negative */
	uint32_t distance;
};

/* Completes an event. The alarm points to the event and the watch. */
void alarm_complete(struct alarm *alarm, const struct event_alarm *event, const struct watch *watch,
		    const char *arch);

/* "new call", "new exec", … and the same as one word for JSON. */
const char *alarm_rule_name(uint32_t rule);
const char *alarm_rule_word(uint32_t rule);

/*
 * What the window has more (`sign` > 0) or less than the nearest known bag: calls[code] is how
 * often. Folded calls stand under their class.
 */
struct alarm_difference {
	uint16_t code;
	int count;
};

/* Fills at most 2 * WINDOW_MAX entries and returns how many. */
size_t alarm_differences(const struct alarm *alarm, struct alarm_difference *differences);

/* The name of the signal: "SIGSEGV". `name` has 24 bytes. */
const char *alarm_signal(uint32_t number, char *name);

#endif
