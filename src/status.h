/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this machine and these privileges allow, feature by feature: what is there, and for what is
 * missing the cure. Nothing here needs a privilege; what cannot be known without one says so.
 */
#ifndef BOSC_STATUS_H
#define BOSC_STATUS_H

#include <stdbool.h>

#include "options.h"

enum feature_state {
	FEATURE_YES,
	FEATURE_PARTLY,
	FEATURE_NO,
	FEATURE_UNKNOWN,
};

struct feature {
	const char *name; /* of JSON: a word */
	const char *title;
	bool needed; /* without it nothing can be watched, or nothing of it kept */
	enum feature_state state;
	char fact[512];
	char cure[512]; /* empty: nothing is missing, or nothing is known that helps */
};

typedef void status_visit(const struct feature *feature, void *context);

/* Looks at every feature and shows it as soon as it is known. Loads the sensor for a moment, if it
 * can. True: all that is needed is there. */
bool status_look(const struct options *options, status_visit *visit, void *context);

const char *feature_state_name(enum feature_state state);

/* "yes", "no" … with the fact, and with a cure; for the files that look. */
void feature_is(struct feature *feature, enum feature_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void feature_cure(struct feature *feature, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What another function failed with, without its reference to 'bosc status'. */
void feature_failed(struct feature *feature, const struct error *err);

/* The features of the kernel; those of the world around it are in status.c. */
void status_types(struct feature *feature, const struct options *options);
void status_bpf(struct feature *feature, const struct options *options);
void status_capabilities(struct feature *feature, const struct options *options);
void status_lockdown(struct feature *feature, const struct options *options);
void status_tracepoints(struct feature *feature, const struct options *options);
void status_uring(struct feature *feature, const struct options *options);
void status_sensor(struct feature *feature, const struct options *options);

#endif
