/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this process may do beyond its user: its capabilities, of which bosc needs few, and after
 * its start fewer. The only file that knows libcap-ng.
 */
#ifndef BOSC_PRIVILEGES_H
#define BOSC_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

enum privilege {
	PRIVILEGE_BPF = 1,	       /* load the sensor's programs and make its tables */
	PRIVILEGE_PERFMON = 2,	       /* let them read the kernel's structures, and attach them */
	PRIVILEGE_SYS_PTRACE = 4,      /* see which program a process of another user runs */
	PRIVILEGE_DAC_READ_SEARCH = 8, /* see by which name it was executed; users' files */
	PRIVILEGE_DAC_OVERRIDE = 16,   /* a store or a socket that is somebody else's */
	PRIVILEGE_SYS_ADMIN = 32,      /* see source_live_needs_admin() */
};

#define PRIVILEGES_SENSOR (PRIVILEGE_BPF | PRIVILEGE_PERFMON)

/* What a target needs besides: by name, a look into every process; in cgroups, at executables. */
#define PRIVILEGES_CGROUP PRIVILEGE_SYS_PTRACE
#define PRIVILEGES_NAME	  (PRIVILEGE_SYS_PTRACE | PRIVILEGE_DAC_READ_SEARCH)

#define PRIVILEGES_TEXT 128

/* Those of the `wanted` (of enum privilege, ored) that are not in effect. CAP_SYS_ADMIN stands for
 * CAP_BPF and CAP_PERFMON, CAP_DAC_OVERRIDE for CAP_DAC_READ_SEARCH, as they do in the kernel. In a
 * user namespace all are missing: what it grants counts for nothing outside of it. */
unsigned int privileges_missing(unsigned int wanted);

/* "CAP_BPF and CAP_PERFMON"; `ret_text` has PRIVILEGES_TEXT bytes. Returns it. */
const char *privileges_names(unsigned int set, char *ret_text);

/* "cannot WHAT: CAP_BPF is missing", and how it is had. Returns -EPERM. */
int privileges_fail(struct error *err, unsigned int missing, const char *what);

/* Takes privileges out of effect, until they are given up or kept; and back, those that are
 * there. */
int privileges_lower(unsigned int set, struct error *err);
int privileges_raise(unsigned int set, struct error *err);

/* Gives up for good whatever is not `kept`: capabilities of every kind, and what executing a file
 * could grant. Children that were started before keep theirs. */
int privileges_give_up(unsigned int kept, struct error *err);

#endif
