/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The times that stand in text recordings, as nanoseconds that go on: a time of day becomes that
 * of the next day after midnight, and differences are added up.
 */
#ifndef BOSC_TRACE_CLOCK_H
#define BOSC_TRACE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct trace_clock {
	uint64_t ns;
	uint64_t day_ns;  /* midnight of the current day */
	uint64_t last_ns; /* the last time of day */
	bool unix_time;	  /* the numbers are UNIX times, not differences; known from the first */
	bool begun;
};

/* "12:59:59", with or without a fraction. Moves `*text` behind it; false: it is none. */
bool trace_clock_day(struct trace_clock *clock, const char **text);

/* "0.000123", the time since the line before, or "1700000000.123456", UNIX time. */
bool trace_clock_seconds(struct trace_clock *clock, const char **text);

/* A number of at most 20 digits. False: there is none, or it is too large. */
bool trace_clock_number(const char **text, uint64_t most, uint64_t *ret_number);

#endif
