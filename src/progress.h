/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one line on standard error that says how far a long run is. On a terminal it is rewritten in
 * place, elsewhere it is printed now and then.
 */
#ifndef BOSC_PROGRESS_H
#define BOSC_PROGRESS_H

/* Shows the line, given as to printf() and without a line's end: at most twice a second on a
 * terminal, where it is cut to the width, and every ten seconds elsewhere. In between it does
 * nothing. */
void progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Takes the line away, before something else is printed. */
void progress_clear(void);

/* A sentence on standard error, "bosc: …", that belongs to no error. */
void progress_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
