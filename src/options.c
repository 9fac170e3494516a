/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "../core/paper.h"
#include "../core/window.h"
#include "alarm.h"
#include "options_check.h"
#include "options_table.h"
#include "options_value.h"
#include "severity.h"
#include "util.h"

static int bad_value(const char *option, const char *value, const char *wanted, struct error *err)
{
	return fail(err, -EINVAL, "option --%s wants %s, not '%s'", option, wanted, value);
}

static int add_spec(struct options *options, enum target_kind kind, const char *what,
		    struct error *err)
{
	if (options->spec_count == SPECS_MAX)
		return fail(err, -EINVAL, "more than %d targets", SPECS_MAX);
	if (!what[0])
		return fail(err, -EINVAL, "a target's name is empty");
	for (size_t i = 0; i < options->spec_count; i++)
		if (options->specs[i].kind == kind && !strcmp(options->specs[i].what, what))
			return fail(err, -EINVAL, "the target '%s' is given twice", what);
	options->specs[options->spec_count++] = (struct target_spec){ kind, what };
	return 0;
}

static int set_target(struct options *options, int key, const char *value, struct error *err)
{
	uint64_t pid;

	switch (key) {
	case 'c':
		return add_spec(options, TARGET_CONTAINER, value, err);
	case 't':
		return add_spec(options, TARGET_TASK, value, err);
	case 'g':
		return add_spec(options, TARGET_CGROUP, value, err);
	case OPTION_ALL:
		return add_spec(options, TARGET_ALL, "all containers", err);
	}
	if (options_value_number(value, 1, 1u << 22, &pid) < 0)
		return bad_value("pid", value, "a process id", err);
	return add_spec(options, TARGET_PID, value, err);
}

static int set_limit(struct options *options, int key, const char *value, struct error *err)
{
	uint64_t number;

	switch (key) {
	case OPTION_WINDOW:
		if (options_value_number(value, 2, WINDOW_MAX, &number) < 0)
			return bad_value("window", value, "a number of calls from 2 to 10", err);
		options->window = (uint32_t)number;
		return 0;
	case OPTION_QUIET_TIME:
		if (options_value_time(value, &options->quiet_ns) < 0)
			return bad_value("quiet-time", value, "a time like 90s, 5m or 2h", err);
		return 0;
	case OPTION_MAX_TIME:
		if (options_value_time(value, &options->max_ns) < 0)
			return bad_value("max-time", value, "a time like 90s, 5m or 2h", err);
		return 0;
	case OPTION_QUIET_CALLS:
		if (options_value_number(value, 0, UINT64_MAX, &options->quiet_windows) < 0)
			return bad_value("quiet-calls", value, "a number of calls", err);
		return 0;
	}
	if (options_value_share(value, &options->unseen) < 0)
		return bad_value("unseen", value, "a share above 0 and up to 1", err);
	return 0;
}

/* What belongs to the paper's method only. */
static int set_paper(struct options *options, int key, const char *value, struct error *err)
{
	uint64_t number;

	options->paper_tuned = true;
	switch (key) {
	case OPTION_EPOCH:
		if (options_value_number(value, PAPER_WINDOW, 1000000000, &number) < 0)
			return bad_value("epoch", value, "a number of calls from 10 on", err);
		options->epoch = (uint32_t)number;
		return 0;
	case OPTION_SIMILAR:
		options->similar = 0;
		if (strcmp(value, "never") != 0 &&
		    options_value_share(value, &options->similar) < 0)
			return bad_value("similar", value,
					 "a cosine above 0 and up to 1, or 'never'", err);
		return 0;
	}
	if (options_value_share(value, &options->anomalous) < 0)
		return bad_value("anomalous", value, "a share above 0 and up to 1", err);
	return 0;
}

static int set_method(struct options *options, const char *value, struct error *err)
{
	options->paper = !strcmp(value, "paper");
	if (!options->paper && strcmp(value, "bosc") != 0)
		return bad_value("method", value, "'bosc' or 'paper'", err);
	return 0;
}

static int set_severity(struct options *options, const char *value, struct error *err)
{
	options->min_severity = severity_parse(value);
	if (options->min_severity < 0)
		return bad_value("min-severity", value, "'low', 'medium', 'high' or 'critical'",
				 err);
	return 0;
}

/* Which alarms are wanted. */
static int set_query(struct options *options, int key, const char *value, struct error *err)
{
	switch (key) {
	case OPTION_SINCE:
		if (options_value_time(value, &options->since_ns) < 0)
			return bad_value("since", value, "a time like 90s, 5m or 2h", err);
		return 0;
	case OPTION_LIMIT:
		if (options_value_number(value, 1, INT64_MAX, &options->limit) < 0)
			return bad_value("limit", value, "a number of alarms", err);
		return 0;
	}
	options->rule = alarm_rule_find(value);
	return options->rule ? 0 : bad_value("rule", value, "a rule's word, as in JSON", err);
}

static int add_word(struct options *options, char *word)
{
	options->words[options->word_count++] = word;
	return 0;
}

/* Recordings of a kind (enum corpus_kind) begin. */
static int add_run(struct options *options, uint32_t kind, char *word, struct error *err)
{
	if (options->word_run_count == SPECS_MAX)
		return fail(err, -EINVAL, "at most %d times --train, --normal and --attack",
			    SPECS_MAX);
	options->word_runs[options->word_run_count].from = options->word_count;
	options->word_runs[options->word_run_count++].kind = kind;
	return add_word(options, word);
}

/* The options that say no more than that they are there, or a text that is taken as it is. */
static const struct plain {
	int key;
	bool is_text;
	size_t offset;
} plain_options[] = {
	{ 'l', false, offsetof(struct options, learn) },
	{ 'm', false, offsetof(struct options, monitor) },
	{ 'v', false, offsetof(struct options, verbose) },
	{ 'h', false, offsetof(struct options, help) },
	{ OPTION_VERSION, false, offsetof(struct options, version) },
	{ OPTION_JSON, false, offsetof(struct options, json) },
	{ OPTION_STRICT, false, offsetof(struct options, strict) },
	{ OPTION_COUNT_SEEN, false, offsetof(struct options, count_seen) },
	{ OPTION_LID_DS, false, offsetof(struct options, lid_ds) },
	{ OPTION_JSON_FILE, true, offsetof(struct options, json_file) },
	{ OPTION_PROFILE, true, offsetof(struct options, profile) },
	{ OPTION_STORE, true, offsetof(struct options, store) },
	{ OPTION_HTML, true, offsetof(struct options, html) },
	{ OPTION_INTO, true, offsetof(struct options, into) },
	{ OPTION_AUTHOR, true, offsetof(struct options, author) },
	{ OPTION_REASON, true, offsetof(struct options, reason) },
	{ OPTION_KEEP_ALARMS, false, offsetof(struct options, keep_alarms) },
	{ OPTION_HOST, true, offsetof(struct options, host) },
	{ 'o', true, offsetof(struct options, output) },
};

/* False: the option is not plain. */
static bool set_plain(struct options *options, int key, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(plain_options); i++) {
		const struct plain *plain = &plain_options[i];
		char *place = (char *)options + plain->offset;

		if (plain->key != key)
			continue;
		if (plain->is_text)
			*(const char **)place = value;
		else
			*(bool *)place = true;
		return true;
	}
	return false;
}

static int add_trace(struct options *options, char *value)
{
	if (options->trace)
		return add_word(options, value);
	options->trace = true;
	options->trace_first = value;
	return 0;
}

static int set_abi(struct options *options, const char *value, struct error *err)
{
	if (options_value_abi(value, &options->abi) < 0)
		return bad_value("abi", value, "'native', 'ia32' or 'x32'", err);
	return 0;
}

static int set_format(struct options *options, const char *value, struct error *err)
{
	options->formatted = true;
	if (options_value_format(value, &options->format) < 0)
		return bad_value("format", value, "'json', 'original', 'seccomp' or 'csv'", err);
	return 0;
}

static int set_option(struct options *options, int key, char *value, struct error *err)
{
	if (set_plain(options, key, value))
		return 0;
	switch (key) {
	case OPTION_WORD:
		return add_word(options, value);
	case OPTION_TRACE:
		return add_trace(options, value);
	case OPTION_ABI:
		return set_abi(options, value, err);
	case OPTION_FORMAT:
		return set_format(options, value, err);
	case OPTION_MIN_SEVERITY:
		return set_severity(options, value, err);
	case OPTION_SINCE:
	case OPTION_LIMIT:
	case OPTION_RULE:
		return set_query(options, key, value, err);
	case OPTION_WINDOW:
	case OPTION_QUIET_TIME:
	case OPTION_QUIET_CALLS:
	case OPTION_UNSEEN:
	case OPTION_MAX_TIME:
		return set_limit(options, key, value, err);
	case OPTION_TRAIN:
	case OPTION_NORMAL:
	case OPTION_ATTACK:
		return add_run(options, (uint32_t)(key - OPTION_TRAIN), value, err);
	case OPTION_METHOD:
		return set_method(options, value, err);
	case OPTION_EPOCH:
	case OPTION_SIMILAR:
	case OPTION_ANOMALOUS:
		return set_paper(options, key, value, err);
	}
	return set_target(options, key, value, err);
}

/* getopt's two tables, from the rows that belong to the command. */
static void getopt_tables(enum command command, char *letters, struct option *longs)
{
	letters = stpcpy(letters, "-:"); /* words come in their order, as OPTION_WORD */
	for (size_t i = 0; option_rows[i].name; i++) {
		if (!(option_rows[i].commands & command))
			continue;
		*longs++ = (struct option){
			.name = option_rows[i].name,
			.has_arg = option_rows[i].argument ? required_argument : no_argument,
			.val = option_rows[i].key,
		};
		if (option_rows[i].key >= 256)
			continue;
		*letters++ = (char)option_rows[i].key;
		if (option_rows[i].argument)
			*letters++ = ':';
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* The words that are no options stand, in the end, at the front of argv, which getopt has left
 * behind; after "--" stands a command to start. */
static int take_command(int argc, char **argv, struct options *options, struct error *err)
{
	if (options->command == COMMAND_PROFILE) {
		while (optind < argc)
			options->words[options->word_count++] = argv[optind++];
		return 0;
	}
	if (options->word_count && !options->trace)
		return options_check_stray(options->words[0], err);
	options->words = argv + optind;
	options->word_count = (size_t)(argc - optind);
	return add_spec(options, TARGET_COMMAND, options->words[0], err);
}

/* An address, which may hold a password, is not repeated. */
static int no_option(const char *word, struct error *err)
{
	size_t shown = strstr(word, "://") ? strcspn(word, "=") : strlen(word);

	return fail(err, -EINVAL, "no option '%.*s' here", (int)shown, word);
}

static int parse_rest(int argc, char **argv, struct options *options, struct error *err)
{
	char letters[2 * OPTION_ROWS_MAX + 3];
	struct option longs[OPTION_ROWS_MAX + 1];

	getopt_tables(options->command, letters, longs);
	options->words = argv + 1;
	opterr = 0;
	optind = 1;
	for (;;) {
		const char *word = optind < argc ? argv[optind] : "";
		int key = getopt_long(argc, argv, letters, longs, NULL);
		int status;

		if (key == -1)
			return optind < argc ? take_command(argc, argv, options, err) : 0;
		if (key == ':')
			return fail(err, -EINVAL, "option '%s' wants a value", word);
		if (key == '?')
			return no_option(word, err);
		status = set_option(options, key, optarg, err);
		if (status < 0)
			return status;
	}
}

int options_parse(int argc, char **argv, struct options *ret_options, struct error *err)
{
	int status;

	*ret_options = (struct options){
		.command = COMMAND_ORIGINAL,
		.quiet_windows = 100000,
		.quiet_ns = 120 * NS_PER_S,
		.unseen = 1e-4,
		.limit = 1000,
		.epoch = paper_params().epoch,
		.similar = paper_params().similar,
		.anomalous = paper_params().anomalous,
	};
	if (argc > 1 && argv[1][0] != '-') {
		ret_options->command = 0;
		for (size_t i = 0; command_rows[i].name; i++)
			if (!strcmp(argv[1], command_rows[i].name))
				ret_options->command = command_rows[i].command;
		if (!ret_options->command)
			return fail(err, -EINVAL, "no command '%s'", argv[1]);
		argc--;
		argv++;
	}
	status = parse_rest(argc, argv, ret_options, err);
	if (status < 0 || ret_options->help || ret_options->version)
		return status;
	if (ret_options->learn && !ret_options->spec_count)
		status = add_spec(ret_options, TARGET_ALL, "all containers", err);
	return status < 0 ? status : options_check(ret_options, err);
}
