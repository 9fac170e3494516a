/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles as JSON: bosc's own form, which keeps everything, and on reading also the NAME.json
 * of the program that bosc grew from.
 */
#ifndef BOSC_PROFILE_JSON_H
#define BOSC_PROFILE_JSON_H

#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

/* Writes the profile as one JSON object and a newline. */
int profile_json_write(const struct profile *profile, FILE *file, struct error *err);

/*
 * Reads a profile. `path` serves messages; `name` names a profile whose file does not say its
 * name (the original's), NULL: the file's name without ".json".
 */
int profile_json_read(const char *path, const char *name, struct profile **ret_profile,
		      struct error *err);

#endif
