/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles that an older bosc kept, where all runs together had one content.
 */
#ifndef BOSC_CORE_PROFILE_OLD_H
#define BOSC_CORE_PROFILE_OLD_H

#include "profile.h"

/*
 * Gives the runs of such a profile what was kept of all of them: their parts, the outcome, the
 * container, and a review by nobody knows whom of the parts up to `confirmed`; then seals them
 * (core/merge.h). -EINVAL: it is no sound profile, or as profile_seal().
 */
int profile_adopt(struct profile *profile, uint32_t confirmed, const char **ret_why);

#endif
