/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of bosc profile share: cmd_profile.c knows the verbs, cmd_profile_show.c prints a
 * profile for people, cmd_profile_runs.c and cmd_profile_accept.c change which runs it is made of.
 */
#ifndef BOSC_CMD_PROFILE_H
#define BOSC_CMD_PROFILE_H

#include <stdint.h>

#include "../core/profile.h"
#include "error.h"
#include "options.h"
#include "store.h"

/* UNIX time as "2026-01-31 12:00"; `text` has 32 bytes. */
void cmd_profile_day(char *text, uint64_t seconds);

int cmd_profile_show(const struct profile *profile, struct error *err);

/* Who says what is said of a run: --author, or whoever runs bosc, be it by sudo. */
const char *cmd_profile_author(const struct options *options);

/* The profile of that name, or of a file that `bosc profile export` wrote. */
int cmd_profile_load(struct store *store, const char *what, struct profile **ret_profile,
		     struct error *err);

int cmd_profile_merge(struct store *store, const struct options *options, struct error *err);
int cmd_profile_review(struct store *store, const struct options *options, struct error *err);
int cmd_profile_withdraw(struct store *store, const struct options *options, struct error *err);
int cmd_profile_accept(struct store *store, const struct options *options, struct error *err);

#endif
