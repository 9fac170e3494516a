/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows behind the command line: which options there are and to which commands they belong.
 * Parsing (options.c) and --help (options_table.c) read the same ones.
 */
#ifndef BOSC_OPTIONS_TABLE_H
#define BOSC_OPTIONS_TABLE_H

#include "options.h"

/* Options without a letter have a number above every letter. */
enum {
	OPTION_WORD = 1, /* getopt's key for a word that is no option */
	OPTION_ALL = 256,
	OPTION_TRACE,
	OPTION_ABI,
	OPTION_PROFILE,
	OPTION_STORE,
	OPTION_FORMAT,
	OPTION_WINDOW,
	OPTION_QUIET_TIME,
	OPTION_QUIET_CALLS,
	OPTION_UNSEEN,
	OPTION_MAX_TIME,
	OPTION_METHOD,
	OPTION_EPOCH,
	OPTION_SIMILAR,
	OPTION_ANOMALOUS,
	OPTION_MIN_SEVERITY,
	OPTION_STRICT,
	OPTION_TRAIN,
	OPTION_NORMAL,
	OPTION_ATTACK,
	OPTION_COUNT_SEEN,
	OPTION_LID_DS,
	OPTION_HTML,
	OPTION_JSON,
	OPTION_JSON_FILE,
	OPTION_VERSION,
	OPTION_INTO,
	OPTION_AUTHOR,
	OPTION_REASON,
	OPTION_KEEP_ALARMS,
	OPTION_SINCE,
	OPTION_HOST,
	OPTION_RULE,
	OPTION_LIMIT,
};

struct option_row {
	int key;
	const char *name;
	const char *argument; /* NULL: takes none */
	unsigned int commands;
	const char *help;
};

struct command_row {
	const char *name;
	enum command command;
	const char *usage;
	const char *help;
};

/* Both end with a row without a name. */
extern const struct option_row option_rows[];
extern const struct command_row command_rows[];

#define OPTION_ROWS_MAX 64

#endif
