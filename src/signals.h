/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a run is ended: SIGINT, SIGTERM, SIGHUP, and the end of a started command. The signals are
 * blocked and read from a file descriptor, so that none comes at the wrong moment.
 *
 * SIGHUP has two meanings. To who can look at something anew it is the request to do so, as to any
 * daemon; but not where it says that the terminal is gone, which ends the run.
 */
#ifndef BOSC_SIGNALS_H
#define BOSC_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

struct signals {
	int fd;	       /* readable when something came */
	bool stop;     /* the user wants to end */
	bool anew;     /* the caller's to set: it can look at something anew */
	bool asked;    /* the user wants it to, since signals_asked() */
	pid_t child;   /* a started command; 0: none, or it ended */
	int pipe;      /* closed to let the command run; -1 */
	bool terminal; /* there was one, whose hang-up is not ignored */
	pid_t parent;  /* who started this, and may pass a hang-up on */
};

/* Blocks the signals and opens the descriptor; they stay blocked, and SIGPIPE is ignored, until the
 * program ends. A negative errno with a sentence: there is no descriptor. Otherwise the caller owes
 * signals_close(), which closes the descriptor. */
int signals_open(struct signals *ret_signals, struct error *err);
void signals_close(struct signals *signals);

/* Takes note of what came since the last call, without waiting. True, from then on: the run is to
 * end. */
bool signals_check(struct signals *signals);

/* Whether the user asked to look at something anew, since the last call. */
bool signals_asked(struct signals *signals);

/* Makes a process, signals->child, that executes the command (words, then NULL) once
 * signals_release() is called. Before that it dies with bosc, afterwards it is on its own. That the
 * command cannot be executed shows only then: the child says so and exits 127, or 126. A negative
 * errno with a sentence: there is no process. */
int signals_start(struct signals *signals, char **command, struct error *err);

/* Lets the command run. Without one it does nothing. */
void signals_release(struct signals *signals);

#endif
