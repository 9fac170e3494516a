/* SPDX-License-Identifier: BSD-2-Clause */
#include "options_table.h"

#include <stdio.h>

#include "store.h"

#define TARGETED   (COMMAND_LEARN | COMMAND_MONITOR | COMMAND_RECORD | COMMAND_ORIGINAL)
#define REPLAYING  (COMMAND_LEARN | COMMAND_MONITOR)
#define JUDGING	   (COMMAND_LEARN | COMMAND_MONITOR | COMMAND_ORIGINAL)
#define NAMING	   (JUDGING | COMMAND_PROFILE)
#define STORING	   (NAMING | COMMAND_STATUS | COMMAND_ALARMS)
#define EVERYWHERE (TARGETED | COMMAND_PROFILE | COMMAND_EVAL | COMMAND_STATUS | COMMAND_ALARMS)

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
	{ OPTION_ABI, "abi", "ABI", REPLAYING | COMMAND_EVAL,
	  "whose numbers a list of numbers has: native, ia32 or x32 (default: native)" },
	{ OPTION_PROFILE, "profile", "NAME", NAMING | COMMAND_ALARMS,
	  "the profile's name (default: the container's or the task's)" },
	{ OPTION_STORE, "store", "PATH", STORING,
	  "where profiles are kept: a file, or postgresql://HOST/DATABASE (default: " STORE_DEFAULT
	  ")" },
	{ 'o', "output", "FILE", COMMAND_RECORD | COMMAND_PROFILE,
	  "the file to write; .xz and .zst compress a recording" },
	{ OPTION_INTO, "into", "NAME", COMMAND_PROFILE, "merge: the profile that takes the runs" },
	{ OPTION_AUTHOR, "author", "WHO", COMMAND_PROFILE,
	  "review, accept, withdraw: who says so (default: your user name)" },
	{ OPTION_REASON, "reason", "TEXT", COMMAND_PROFILE, "accept: why the alarms are benign" },
	{ OPTION_FORMAT, "format", "FORMAT", COMMAND_PROFILE,
	  "of an export: json, original, seccomp or csv (default: json)" },
	{ OPTION_WINDOW, "window", "CALLS", COMMAND_LEARN | COMMAND_EVAL | COMMAND_ORIGINAL,
	  "calls in a window, 2 to 10 (default: 8)" },
	{ OPTION_QUIET_TIME, "quiet-time", "TIME", COMMAND_LEARN,
	  "learnt after so long without a new bag (default: 2m)" },
	{ OPTION_QUIET_CALLS, "quiet-calls", "N", COMMAND_LEARN,
	  "… and so many calls (default: 100000)" },
	{ OPTION_UNSEEN, "unseen", "SHARE", COMMAND_LEARN,
	  "… and at most this share of unseen behaviour (default: 1e-4)" },
	{ OPTION_MAX_TIME, "max-time", "TIME", COMMAND_LEARN | COMMAND_MONITOR | COMMAND_RECORD,
	  "end after so long in any case (default: never)" },
	{ OPTION_METHOD, "method", "bosc|paper", REPLAYING,
	  "bosc's own method, or the paper's, to compare (default: bosc)" },
	{ OPTION_EPOCH, "epoch", "CALLS", REPLAYING, "paper: calls in an epoch (default: 1000)" },
	{ OPTION_SIMILAR, "similar", "COSINE", COMMAND_LEARN,
	  "paper: learnt when two epochs are so alike, or 'never' (default: 0.99)" },
	{ OPTION_ANOMALOUS, "anomalous", "SHARE", COMMAND_MONITOR,
	  "paper: an epoch's share of mismatches that is an alarm (default: 0.1)" },
	{ OPTION_MIN_SEVERITY, "min-severity", "LEVEL", COMMAND_MONITOR | COMMAND_ALARMS,
	  "tell no alarm below low, medium, high or critical (default: low)" },
	{ OPTION_STRICT, "strict", NULL, COMMAND_MONITOR,
	  "take bags that nobody has confirmed as unknown" },
	{ OPTION_TRAIN, "train", "FILE…", COMMAND_EVAL,
	  "recordings, or folders of them, to learn from" },
	{ OPTION_NORMAL, "normal", "FILE…", COMMAND_EVAL, "recordings of normal work to judge" },
	{ OPTION_ATTACK, "attack", "FILE…", COMMAND_EVAL, "recordings of attacks to judge" },
	{ OPTION_COUNT_SEEN, "count-seen", NULL, COMMAND_EVAL,
	  "judge even recordings that are identical to one of the training" },
	{ OPTION_LID_DS, "lid-ds", NULL, COMMAND_EVAL,
	  "also the figures as the literature on LID-DS counts them" },
	{ OPTION_HTML, "html", "FILE", COMMAND_EVAL, "a page with curves and timelines" },
	{ 'v', "verbose", NULL, COMMAND_EVAL, "print each recording, too" },
	{ 'v', "verbose", NULL, NAMING, "print the tables of bags at the end" },
	{ OPTION_JSON, "json", NULL,
	  COMMAND_LEARN | COMMAND_MONITOR | COMMAND_PROFILE | COMMAND_EVAL | COMMAND_STATUS |
		  COMMAND_ALARMS,
	  "JSON on standard output, an object a line" },
	{ OPTION_JSON_FILE, "json-file", "FILE", COMMAND_MONITOR,
	  "the alarms as JSON into a file, too" },
	{ OPTION_KEEP_ALARMS, "keep-alarms", NULL, COMMAND_MONITOR,
	  "the alarms into the store, too, for bosc alarms" },
	{ OPTION_SINCE, "since", "TIME", COMMAND_ALARMS,
	  "no older alarms than that (default: all)" },
	{ OPTION_HOST, "host", "HOST", COMMAND_ALARMS, "alarms of this host only" },
	{ OPTION_RULE, "rule", "RULE", COMMAND_ALARMS, "alarms of this rule only" },
	{ OPTION_LIMIT, "limit", "N", COMMAND_ALARMS, "the latest so many (default: 1000)" },
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
	{ "eval", COMMAND_EVAL,
	  "bosc eval [SET…] [--train FILE…] [--normal FILE…] [--attack FILE…] [OPTION…]",
	  "how well recorded attacks are told from normal work, in figures" },
	{ "profile", COMMAND_PROFILE,
	  "bosc profile list|show|diff|export|import|merge|review|accept|withdraw|remove [NAME|FILE…] "
	  "[OPTION…]",
	  "what was learnt" },
	{ "alarms", COMMAND_ALARMS, "bosc alarms [OPTION…]",
	  "the alarms that are kept in the store, of all hosts that share it" },
	{ "status", COMMAND_STATUS, "bosc status [OPTION…]",
	  "what this kernel and these privileges allow, and the cure for what is missing" },
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
