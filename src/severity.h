/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How grave an alarm is. Two things decide: the rule, and by how much its limit was passed. Each
 * rule has a least and a greatest severity (the table in alarm.c); a process that reached the
 * limit four times is one step graver than the least, at sixteen times two steps.
 *
 * A frame that reached its limit begins anew, so that one alarm alone never tells of more than
 * the limit: the excess is what the same process had before, and this.
 */
#ifndef BOSC_SEVERITY_H
#define BOSC_SEVERITY_H

#include <stdint.h>

enum severity {
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITY_COUNT,
};

/* `times`: how often the limit was reached, 1 for what broke a rule that has none. */
enum severity severity_of(enum severity least, enum severity most, uint64_t times);

/* "low", "medium", "high", "critical". */
const char *severity_name(enum severity severity);

/* The severity of that name, or -EINVAL. */
int severity_parse(const char *name);

#endif
