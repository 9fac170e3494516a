/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a run is ended: SIGINT, SIGTERM, SIGHUP, and the end of a started command. The signals are
 * blocked and read from a file descriptor, so that none comes at the wrong moment.
 */
#ifndef BOSC_SIGNALS_H
#define BOSC_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

struct signals {
	int fd;	     /* readable when something came */
	bool stop;   /* the user wants to end */
	pid_t child; /* a started command; 0: none, or it ended */
	int pipe;    /* closed to let the command run; -1 */
};

int signals_open(struct signals *ret_signals, struct error *err);
void signals_close(struct signals *signals);

/* Takes note of what came. True: the run is to end. */
bool signals_check(struct signals *signals);

/* Makes a process that will execute the command once signals_release() is called; it dies with
 * bosc before that, and is on its own afterwards. */
int signals_start(struct signals *signals, char **command, struct error *err);
void signals_release(struct signals *signals);

#endif
