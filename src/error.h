/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What went wrong, in one sentence for the user. Every function of the program that can fail
 * takes a `struct error *` last; failing and returning the failure are one expression:
 *
 *	return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
 *
 * Only main, and the sinks, print it.
 */
#ifndef BOSC_ERROR_H
#define BOSC_ERROR_H

struct error {
	char text[1024];
	char hint[512]; /* what would help; empty: nothing known */
};

/* Says what was tried and why it failed; lower case, no full stop. Returns `status`. */
int fail(struct error *err, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds what would help ("try: …" below the sentence). Returns `status`. */
int fail_hint(struct error *err, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
