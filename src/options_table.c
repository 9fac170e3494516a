/* SPDX-License-Identifier: BSD-2-Clause */
#include "options_table.h"

#include <stdio.h>

#include "store.h"

#define TARGETED   (COMMAND_LEARN | COMMAND_MONITOR | COMMAND_RECORD | COMMAND_ORIGINAL)
#define REPLAYING  (COMMAND_LEARN | COMMAND_MONITOR)
#define JUDGING	   (COMMAND_LEARN | COMMAND_MONITOR | COMMAND_ORIGINAL)
#define NAMING	   (JUDGING | COMMAND_PROFILE)
#define EVERYWHERE (TARGETED | COMMAND_PROFILE)

const struct option_row option_rows[] = {
	{ 'l', "learn", NULL, COMMAND_ORIGINAL, "learn what is normal; Ctrl-C ends it" },
	{ 'm', "monitor", NULL, COMMAND_ORIGINAL, "watch against what was learnt" },
	{ 'c', "container", "ID|NAME", TARGETED,
	  "a container, by name or by the beginning of its id; it may start later" },
	{ 't', "task", "NAME", TARGETED, "every task whose executable has this name" },
	{ 'p', "pid", "PID", TARGETED, "a process, with its threads and children" },
	{ 'g', "cgroup", "PATH", TARGETED, "a cgroup and all below it" },
	{ OPTION_ALL, "all", NULL, TARGETED, "every container that runs or starts" },
	{ OPTION_TRACE, "trace", "FILE…", REPLAYING, "recordings instead of a live target" },
	{ OPTION_PROFILE, "profile", "NAME", NAMING,
	  "the profile's name (default: the container's or the task's)" },
	{ OPTION_STORE, "store", "PATH", NAMING,
	  "where profiles are kept (default: " STORE_DEFAULT ")" },
	{ 'o', "output", "FILE", COMMAND_RECORD | COMMAND_PROFILE,
	  "the file to write; .xz and .zst compress a recording" },
	{ OPTION_WINDOW, "window", "CALLS", COMMAND_LEARN | COMMAND_ORIGINAL,
	  "calls in a window, 2 to 10 (default: 8)" },
	{ OPTION_QUIET_TIME, "quiet-time", "TIME", COMMAND_LEARN,
	  "learnt after so long without a new bag (default: 2m)" },
	{ OPTION_QUIET_CALLS, "quiet-calls", "N", COMMAND_LEARN,
	  "… and so many calls (default: 100000)" },
	{ OPTION_UNSEEN, "unseen", "SHARE", COMMAND_LEARN,
	  "… and at most this share of unseen behaviour (default: 1e-4)" },
	{ OPTION_MAX_TIME, "max-time", "TIME", COMMAND_LEARN | COMMAND_MONITOR | COMMAND_RECORD,
	  "end after so long in any case (default: never)" },
	{ 'v', "verbose", NULL, NAMING, "print the tables of bags at the end" },
	{ OPTION_JSON, "json", NULL, COMMAND_LEARN | COMMAND_MONITOR | COMMAND_PROFILE,
	  "JSON on standard output, an object a line" },
	{ OPTION_JSON_FILE, "json-file", "FILE", COMMAND_MONITOR,
	  "the alarms as JSON into a file, too" },
	{ 'h', "help", NULL, EVERYWHERE, "this help" },
	{ OPTION_VERSION, "version", NULL, COMMAND_ORIGINAL, "the version" },
	{ 0 },
};

const struct command_row command_rows[] = {
	{ "learn", COMMAND_LEARN, "bosc learn TARGET… [OPTION…] [-- COMMAND…]",
	  "learn what is normal until it is learnt; a second run adds to the first" },
	{ "monitor", COMMAND_MONITOR, "bosc monitor TARGET… [OPTION…] [-- COMMAND…]",
	  "watch, and raise an alarm when it is not; exits 3 if it did" },
	{ "record", COMMAND_RECORD, "bosc record TARGET -o FILE [OPTION…] [-- COMMAND…]",
	  "write every call into a trace that --trace reads" },
	{ "profile", COMMAND_PROFILE,
	  "bosc profile list|show|remove|export|import [NAME|FILE] [OPTION…]", "what was learnt" },
	{ 0 },
};

/* printf counts bytes where a table needs characters. */
static int padding(const char *text, int width)
{
	for (; *text; text++)
		width += (*text & 0xc0) == 0x80;
	return width;
}

static void help_rows(unsigned int mask)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		char letter[] = { '-', (char)row->key, ',', '\0' };
		char left[64];

		if (!(row->commands & mask))
			continue;
		snprintf(left, sizeof(left), "%3s --%s%s%s", row->key < 256 ? letter : "",
			 row->name, row->argument ? " " : "", row->argument ? row->argument : "");
		printf("  %-*s %s\n", padding(left, 26), left, row->help);
	}
}

void options_help(enum command command)
{
	for (size_t i = 0; command_rows[i].name; i++) {
		if (command_rows[i].command != command)
			continue;
		printf("%s\n%s\n\n", command_rows[i].usage, command_rows[i].help);
		help_rows(command);
		return;
	}
	printf("bosc learns how a container or task normally uses system calls, then watches it.\n\n"
	       "bosc -l|-m [-c CONTAINER | -t TASK] [-v]\n");
	for (size_t i = 0; command_rows[i].name; i++)
		printf("%s\n    %s\n", command_rows[i].usage, command_rows[i].help);
	printf("\n");
	help_rows(COMMAND_ORIGINAL);
	printf("\n'bosc COMMAND --help' lists a command's options; 'man bosc' says more.\n");
}
