/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where alarms go: text for people, JSON for programs. A sink is a row of functions over a stream,
 * so that another form is one file and one row.
 *
 * Names that a container can choose (comm, paths) are written with control characters escaped: an
 * alarm must not be able to move the reader's cursor.
 */
#ifndef BOSC_SINK_H
#define BOSC_SINK_H

#include <stdio.h>

#include "alarm.h"

/* What a run of monitoring came to, for one target. */
struct summary {
	const struct watch *watch;
	uint64_t calls;
	uint64_t windows;
	uint64_t mismatches;
	uint64_t alarms;    /* told, without repeats */
	uint64_t incidents; /* that these belong to */
	uint64_t repeats;   /* of these, told or not */
	uint64_t hidden;    /* less grave than the user wants to hear */
	uint64_t folded;    /* since the target drifts */
	uint64_t unkept;    /* told, but not kept */
	uint64_t lost;
	uint64_t latency_ns; /* from a call to its line, the median; 0: none */
	const char *why;     /* the verdict is incomplete because …; NULL: it is not */
};

/* What is told once, when a target begins to drift. */
struct drift_news {
	const struct watch *watch;
	uint64_t unix_ns; /* 0: unknown */
	uint64_t windows; /* the last ones, of which … */
	uint64_t mismatches;
	double expected; /* the share of them that training lets expect */
};

/* What came of looking at a target's profile anew. */
struct reload_news {
	const struct watch *watch;
	uint64_t unix_ns;
	size_t bags_before;
	bool same;		  /* it is as it was */
	const struct error *kept; /* why what is in the store was not taken; NULL: it was */
};

struct sink {
	/* Each flushes, and returns 0 or a negative errno of the stream. */
	int (*alarm)(FILE *stream, const struct alarm *alarm);
	int (*summary)(FILE *stream, const struct summary *summary);
	int (*drift)(FILE *stream, const struct drift_news *news);
	int (*reload)(FILE *stream, const struct reload_news *news);
};

extern const struct sink sink_text;
extern const struct sink sink_json;

/* Writes text with control characters as \xNN. */
void sink_text_safe(FILE *stream, const char *text, size_t size);

/* A line for people, with all control characters in it as \xNN. */
void sink_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text as a JSON string; bytes that are no UTF-8 become "?". */
struct json_t *sink_json_text(const char *text, size_t size);

/* What is known of a container; null when it is none. */
struct json_t *sink_json_container(const struct container *known);

/* A call's way to its alarm, in microseconds; null for 0, a replay. */
struct json_t *sink_json_latency(uint64_t latency_ns);

/* A moment of UNIX time as "2026-01-31T12:00:00.123456Z"; `text` has 32 bytes. */
const char *sink_time(uint64_t unix_ns, char *text);

#endif
