/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line: rows in a table say which options there are, and to which commands they
 * belong; --help and the checks come from the same rows.
 */
#ifndef BOSC_OPTIONS_H
#define BOSC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum command {
	COMMAND_LEARN = 1,
	COMMAND_MONITOR = 2,
	COMMAND_RECORD = 4,
	COMMAND_PROFILE = 8,
	COMMAND_EVAL = 32,
	COMMAND_STATUS = 64,
	COMMAND_ALARMS = 128,
	COMMAND_ORIGINAL = 16, /* the form without a command: -l or -m */
};

enum target_kind {
	TARGET_CONTAINER,
	TARGET_TASK,
	TARGET_PID,
	TARGET_CGROUP,
	TARGET_ALL,
	TARGET_COMMAND,
};

/* The forms of a profile that is handed on. */
enum export_format {
	EXPORT_JSON,
	EXPORT_ORIGINAL,
	EXPORT_SECCOMP,
	EXPORT_CSV,
	EXPORT_FORMATS,
};

struct target_spec {
	enum target_kind kind;
	const char *what; /* as the user called it */
};

#define SPECS_MAX      1023
#define WINDOW_DEFAULT 8u /* calls */

struct options {
	enum command command;
	bool help, version;
	bool learn, monitor; /* -l, -m */
	bool verbose, json;
	struct target_spec specs[SPECS_MAX];
	size_t spec_count;
	char **words; /* after the options: traces, the profile command's, or a command to start */
	size_t word_count;
	struct {	       /* eval: from which word on they are recordings of a kind; */
		size_t from;   /* those before the first are data sets */
		uint32_t kind; /* enum corpus_kind */
	} word_runs[SPECS_MAX];
	size_t word_run_count;
	bool count_seen, lid_ds;
	const char *html;
	bool trace; /* words are traces; the first is also trace_first */
	const char *trace_first;
	uint32_t abi; /* of recordings that are lists of numbers: enum abi */
	const char *profile;
	const char *store;
	const char *output;
	const char *into, *author, *reason; /* bosc profile's */
	enum export_format format;
	bool formatted; /* it was given */
	const char *json_file;
	uint32_t window; /* 0: not said */
	uint64_t quiet_windows;
	uint64_t quiet_ns;
	uint64_t max_ns; /* 0: no end */
	double unseen;
	int min_severity;  /* enum severity: what is less grave is not told */
	bool keep_alarms;  /* in the store, too */
	const char *host;  /* alarms: of this one only; NULL: of all */
	const char *rule;  /* alarms: by its word */
	uint64_t since_ns; /* alarms: not older than that; 0: of whatever age */
	uint64_t limit;	   /* alarms: the latest so many */
	bool strict;	   /* judge without unconfirmed bags */
	bool paper;	   /* --method paper: */
	bool paper_tuned;  /* one of its three was given */
	uint32_t epoch;	   /* calls */
	double similar;	   /* a cosine; 0: never */
	double anomalous;  /* a share */
};

/* Reads the command line. -EINVAL when it does not make sense, with the sentence. */
int options_parse(int argc, char **argv, struct options *ret_options, struct error *err);

/* The help of a command, or of the program for COMMAND_ORIGINAL, as text for stdout. */
void options_help(enum command command);

#endif
