/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of bosc profile that prints one profile for people (cmd_profile_show.c).
 */
#ifndef BOSC_CMD_PROFILE_H
#define BOSC_CMD_PROFILE_H

#include <stdint.h>

#include "../core/profile.h"
#include "error.h"

/* UNIX time as "2026-01-31 12:00"; `text` has 32 bytes. */
void cmd_profile_day(char *text, uint64_t seconds);

int cmd_profile_show(const struct profile *profile, struct error *err);

#endif
