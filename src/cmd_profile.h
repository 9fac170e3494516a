/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of bosc profile share: a verb each, where it is more than a few lines.
 */
#ifndef BOSC_CMD_PROFILE_H
#define BOSC_CMD_PROFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../core/profile.h"
#include "error.h"
#include "options.h"
#include "store.h"

/* UNIX time as "2026-01-31 12:00"; `text` has 32 bytes. */
void cmd_profile_day(char *text, uint64_t seconds);

/* Whether a run watched its target and counts: it was neither withdrawn, nor accepted or imported
 * without its training. */
bool cmd_profile_is_training(const struct profile_run *run);

/* A line that says how often a bag was seen, and its calls. */
void cmd_profile_bag(FILE *out, const struct profile *profile, const struct profile_bag *known);

/* STATUS_FOUND: the new one does what the old one did not. */
int cmd_profile_diff(const struct options *options, struct error *err);

int cmd_profile_export(struct store *store, const struct options *options, struct error *err);

int cmd_profile_show(const struct profile *profile, struct error *err);
int cmd_profile_show_json(const struct profile *profile, struct error *err);

/* Who says what is said of a run: --author, or whoever runs bosc, be it by sudo. */
const char *cmd_profile_author(const struct options *options);

int cmd_profile_merge(struct store *store, const struct options *options, struct error *err);
int cmd_profile_review(struct store *store, const struct options *options, struct error *err);
int cmd_profile_withdraw(struct store *store, const struct options *options, struct error *err);
int cmd_profile_accept(struct store *store, const struct options *options, struct error *err);

#endif
