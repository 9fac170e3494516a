/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands, a file each. A command returns the exit status of the program: 0, STATUS_FOUND,
 * or a negative errno with its sentence, which main prints.
 */
#ifndef BOSC_COMMANDS_H
#define BOSC_COMMANDS_H

#include "error.h"
#include "options.h"

#define STATUS_FAILED 1
#define STATUS_USAGE  2
#define STATUS_FOUND  3 /* monitoring raised an alarm; a profile has news */

int cmd_learn(const struct options *options, struct error *err);
int cmd_monitor(const struct options *options, struct error *err);
int cmd_record(const struct options *options, struct error *err);
int cmd_eval(const struct options *options, struct error *err);
int cmd_alarms(const struct options *options, struct error *err);
int cmd_status(const struct options *options, struct error *err);
int cmd_profile(const struct options *options, struct error *err);

#endif
