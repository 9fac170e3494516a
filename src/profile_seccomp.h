/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile as a filter of system calls, in the form that Docker, podman and the OCI runtimes read:
 * what training saw is allowed, and what the runtime itself does between loading the filter and
 * executing the container's command.
 */
#ifndef BOSC_PROFILE_SECCOMP_H
#define BOSC_PROFILE_SECCOMP_H

#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

/* What of a profile such a filter cannot say. */
struct seccomp_gaps {
	uint32_t operations; /* kinds of io_uring's: io_uring_enter allows them all */
	uint32_t nameless;   /* kinds of calls whose number has no name */
	uint32_t abis;	     /* of the calls; with more than one, each name is allowed in all */
};

/* Writes the filter as JSON. -ENODATA for a profile without calls, -EINVAL where the runtimes have
 * no name for the architecture. */
int profile_seccomp_write(const struct profile *profile, FILE *file, struct seccomp_gaps *ret_gaps,
			  struct error *err);

#endif
