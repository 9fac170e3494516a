/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NAME.json of the program that bosc grew from: reading it (profile_original.c; the rest of what
 * that takes is in profile_json_fields.h).
 */
#ifndef BOSC_PROFILE_ORIGINAL_H
#define BOSC_PROFILE_ORIGINAL_H

#define PROFILE_ORIGINAL_NAMES 55u

/* In the order of the original's list, whose places its files name. What it calls umount by the
 * kernel's name of the function is known outside as umount2. */
extern const char *const profile_original_names[PROFILE_ORIGINAL_NAMES];

#endif
