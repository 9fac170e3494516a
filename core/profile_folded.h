/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bags of a profile, folded: a set of their own, with counts. Bags that differ only in what the
 * fold makes alike are one in it.
 */
#ifndef BOSC_CORE_PROFILE_FOLDED_H
#define BOSC_CORE_PROFILE_FOLDED_H

#include "profile.h"

/* A profile that holds nothing but these bags; the caller frees it. NULL: no memory. */
struct profile *profile_folded(const struct profile *profile, const uint16_t *fold);

#endif
