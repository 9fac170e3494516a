/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NAME.json of the program that bosc grew from: reading it (profile_original.c; the rest of
 * what that takes is in profile_json_fields.h) and writing it (profile_original_write.c).
 */
#ifndef BOSC_PROFILE_ORIGINAL_H
#define BOSC_PROFILE_ORIGINAL_H

#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

#define PROFILE_ORIGINAL_NAMES 55u

/* In the order of the original's list, whose places its files name. What it calls umount by the
 * kernel's name of the function is known outside as umount2. */
extern const char *const profile_original_names[PROFILE_ORIGINAL_NAMES];

/*
 * Writes the profile's bags in that form. Calls that are not in the list, and those that are rare
 * in the profile, are "other" there: `*ret_others` receives how many kinds of calls that are.
 * -ENODATA for a profile without bags.
 */
int profile_original_write(const struct profile *profile, FILE *file, uint32_t *ret_others,
			   struct error *err);

#endif
