/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <string.h>

#include "../core/window.h"
#include "../core/profile.h"
#include "options_table.h"
#include "util.h"

/* "90", "90s", "5m", "2h", "1d" in nanoseconds; up to a hundred years. */
static int parse_time(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	char *end;
	double value = strtod(text, &end);

	if (end == text)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		double seconds = value * units[i].seconds;

		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (!(seconds >= 0 && seconds <= 36525.0 * 86400))
			return -EINVAL;
		*ret_ns = (uint64_t)(seconds * 1e9);
		return 0;
	}
	return -EINVAL;
}

static int parse_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || *ret_value < low ||
	    *ret_value > high)
		return -EINVAL;
	return 0;
}

static int parse_share(const char *text, double *ret_share)
{
	char *end;

	*ret_share = strtod(text, &end);
	return end == text || *end || !(*ret_share > 0 && *ret_share <= 1) ? -EINVAL : 0;
}

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
	if (parse_number(value, 1, 1u << 22, &pid) < 0)
		return bad_value("pid", value, "a process id", err);
	return add_spec(options, TARGET_PID, value, err);
}

static int set_limit(struct options *options, int key, const char *value, struct error *err)
{
	uint64_t number;

	switch (key) {
	case OPTION_WINDOW:
		if (parse_number(value, 2, WINDOW_MAX, &number) < 0)
			return bad_value("window", value, "a number of calls from 2 to 10", err);
		options->window = (uint32_t)number;
		return 0;
	case OPTION_QUIET_TIME:
		if (parse_time(value, &options->quiet_ns) < 0)
			return bad_value("quiet-time", value, "a time like 90s, 5m or 2h", err);
		return 0;
	case OPTION_MAX_TIME:
		if (parse_time(value, &options->max_ns) < 0)
			return bad_value("max-time", value, "a time like 90s, 5m or 2h", err);
		return 0;
	case OPTION_QUIET_CALLS:
		if (parse_number(value, 0, UINT64_MAX, &options->quiet_windows) < 0)
			return bad_value("quiet-calls", value, "a number of calls", err);
		return 0;
	}
	if (parse_share(value, &options->unseen) < 0)
		return bad_value("unseen", value, "a share above 0 and up to 1", err);
	return 0;
}

static int add_word(struct options *options, char *word)
{
	options->words[options->word_count++] = word;
	return 0;
}

static int stray_word(const char *word, struct error *err)
{
	return fail(err, -EINVAL,
		    "'%s' is no option here: targets are named by -c, -t, -p, -g, --all, --trace "
		    "or after --",
		    word);
}

static int set_option(struct options *options, int key, char *value, struct error *err)
{
	switch (key) {
	case 'l':
		options->learn = true;
		return 0;
	case 'm':
		options->monitor = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'h':
		options->help = true;
		return 0;
	case OPTION_VERSION:
		options->version = true;
		return 0;
	case OPTION_JSON:
		options->json = true;
		return 0;
	case OPTION_JSON_FILE:
		options->json_file = value;
		return 0;
	case OPTION_PROFILE:
		options->profile = value;
		return 0;
	case OPTION_STORE:
		options->store = value;
		return 0;
	case 'o':
		options->output = value;
		return 0;
	case OPTION_TRACE:
		if (options->trace)
			return add_word(options, value);
		options->trace = true;
		options->trace_first = value;
		return 0;
	case OPTION_WORD:
		return add_word(options, value);
	case OPTION_WINDOW:
	case OPTION_QUIET_TIME:
	case OPTION_QUIET_CALLS:
	case OPTION_UNSEEN:
	case OPTION_MAX_TIME:
		return set_limit(options, key, value, err);
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
		return stray_word(options->words[0], err);
	options->words = argv + optind;
	options->word_count = (size_t)(argc - optind);
	return add_spec(options, TARGET_COMMAND, options->words[0], err);
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
			return fail(err, -EINVAL, "no option '%s' here", word);
		status = set_option(options, key, optarg, err);
		if (status < 0)
			return status;
	}
}

static int check_original(struct options *options, struct error *err)
{
	bool container = false, task = false;

	for (size_t i = 0; i < options->spec_count; i++) {
		container |= options->specs[i].kind == TARGET_CONTAINER;
		task |= options->specs[i].kind == TARGET_TASK;
	}
	if (options->learn && options->monitor)
		return fail(err, -EINVAL, "options -l and -m are mutually exclusive");
	if (!options->learn && !options->monitor)
		return fail(err, -EINVAL, "nothing to do: neither -l nor -m, and no command");
	if (container && task)
		return fail(err, -EINVAL, "options -c and -t are mutually exclusive");
	if (options->monitor && !options->spec_count)
		return fail(err, -EINVAL, "option -m needs a target: -c CONTAINER or -t TASK");
	if (!options->spec_count)
		return add_spec(options, TARGET_ALL, "all containers", err);
	return 0;
}

/* "list" stands alone; every other verb has one name or file. */
static int check_profile_words(const struct options *options, struct error *err)
{
	static const char *const verbs[] = { "show", "remove", "export", "import" };

	if (!options->word_count)
		return fail(err, -EINVAL,
			    "'bosc profile' wants list, show, remove, export or import");
	if (!strcmp(options->words[0], "list"))
		return options->word_count == 1
			       ? 0
			       : fail(err, -EINVAL, "'bosc profile list' takes no name");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(options->words[0], verbs[i]) != 0)
			continue;
		if (options->word_count == 2)
			return 0;
		return fail(err, -EINVAL, "'bosc profile %s' wants one %s", verbs[i],
			    i == 3 ? "file" : "name");
	}
	return fail(err, -EINVAL, "no command 'profile %s'", options->words[0]);
}

static int check_words(const struct options *options, struct error *err)
{
	bool started = options->spec_count &&
		       options->specs[options->spec_count - 1].kind == TARGET_COMMAND;

	if (options->command == COMMAND_PROFILE)
		return check_profile_words(options, err);
	if (options->word_count && !options->trace && !started)
		return stray_word(options->words[0], err);
	if (options->trace && options->spec_count)
		return fail(err, -EINVAL, "a trace and a live target at once: name one of them");
	if (!options->trace && !options->spec_count)
		return fail(err, -EINVAL,
			    "no target: name one by -c, -t, -p, -g, --all, --trace or "
			    "a command after --");
	return 0;
}

/* One name serves several targets only where they are all held against that profile. */
static int check_profile(const struct options *options, struct error *err)
{
	bool several = options->spec_count > 1 ||
		       (options->spec_count && options->specs[0].kind == TARGET_ALL);

	if (!options->profile)
		return !options->trace ? 0
				       : fail(err, -EINVAL,
					      "a trace has no name of its own: "
					      "--profile NAME is missing");
	if (!options->profile[0] || strlen(options->profile) >= PROFILE_TEXT)
		return fail(err, -EINVAL, "a profile's name has 1 to %d bytes", PROFILE_TEXT - 1);
	if (several && options->command != COMMAND_MONITOR)
		return fail(err, -EINVAL,
			    "--profile names one profile, but there are several targets");
	return 0;
}

static int check_output(const struct options *options, struct error *err)
{
	if (options->command == COMMAND_PROFILE && options->output &&
	    strcmp(options->words[0], "export") != 0)
		return fail(err, -EINVAL, "only 'bosc profile export' writes a file by -o");
	if (options->command == COMMAND_RECORD && !options->output)
		return fail(err, -EINVAL, "no file to record into: -o FILE is missing");
	if (options->command == COMMAND_RECORD && options->spec_count > 1)
		return fail(err, -EINVAL, "a recording has one target");
	return 0;
}

static int check(struct options *options, struct error *err)
{
	int status = options->command == COMMAND_ORIGINAL ? check_original(options, err) : 0;

	if (status >= 0)
		status = check_words(options, err);
	if (status >= 0)
		status = check_profile(options, err);
	if (status >= 0)
		status = check_output(options, err);
	if (status >= 0 && options->trace && options->max_ns)
		return fail(err, -EINVAL, "--max-time is for live targets: a trace ends by itself");
	return status;
}

int options_parse(int argc, char **argv, struct options *ret_options, struct error *err)
{
	int status;

	*ret_options = (struct options){
		.command = COMMAND_ORIGINAL,
		.quiet_windows = 100000,
		.quiet_ns = 120 * NS_PER_S,
		.unseen = 1e-4,
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
	return check(ret_options, err);
}
