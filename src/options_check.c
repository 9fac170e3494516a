/* SPDX-License-Identifier: BSD-2-Clause */
#include "options_check.h"

#include <errno.h>
#include <string.h>

#include "store.h"
#include "util.h"
#include "watch.h"

int options_check_stray(const char *word, struct error *err)
{
	return fail(err, -EINVAL,
		    "'%s' is no option here: targets are named by -c, -t, -p, -g, --all, --trace "
		    "or after --",
		    word);
}

static int check_original(const struct options *options, struct error *err)
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
	return 0;
}

/* How many words follow each verb of bosc profile, and what they are. */
static const struct profile_verb {
	const char *name;
	size_t least, most;
	const char *words;
} profile_verbs[] = {
	{ "list", 0, 0, "no name" },
	{ "show", 1, 1, "one name" },
	{ "diff", 2, 2, "two names" },
	{ "export", 1, 1, "one name" },
	{ "import", 1, 1, "one file" },
	{ "merge", 1, SIZE_MAX, "names or files, and --into NAME" },
	{ "review", 1, 1, "one name" },
	{ "confirm", 1, 1, "one name" },
	{ "accept", 2, SIZE_MAX, "a name and files of alarms, or '-'" },
	{ "withdraw", 2, 2, "a name and a run" },
	{ "remove", 1, 1, "one name" },
};

/* What is kept with a profile is kept whole, or refused. */
static int check_kept(const char *text, const char *what, struct error *err)
{
	if (!text || (text[0] && strlen(text) < PROFILE_TEXT))
		return 0;
	return fail(err, -EINVAL, "%s has 1 to %d bytes", what, PROFILE_TEXT - 1);
}

static int check_profile_rest(const struct options *options, struct error *err)
{
	const char *verb = options->words[0];
	bool merges = !strcmp(verb, "merge"), accepts = !strcmp(verb, "accept");
	int status = check_kept(options->into, "a profile's name", err);

	if (status >= 0)
		status = check_kept(options->author, "an author's name", err);
	if (status >= 0)
		status = check_kept(options->reason, "a reason", err);
	if (status < 0)
		return status;
	if (merges != (options->into != NULL))
		return fail(err, -EINVAL,
			    merges ? "'bosc profile merge' wants --into NAME"
				   : "only 'bosc profile merge' knows --into");
	if (accepts != (options->reason != NULL))
		return fail(err, -EINVAL,
			    accepts ? "'bosc profile accept' wants --reason TEXT, which is kept"
				    : "only 'bosc profile accept' knows --reason");
	return 0;
}

static int check_profile_words(const struct options *options, struct error *err)
{
	if (!options->word_count)
		return fail(err, -EINVAL,
			    "'bosc profile' wants list, show, diff, export, import, merge, review, "
			    "accept, withdraw or remove");
	for (size_t i = 0; i < ARRAY_SIZE(profile_verbs); i++) {
		const struct profile_verb *verb = &profile_verbs[i];

		if (strcmp(options->words[0], verb->name) != 0)
			continue;
		if (options->word_count - 1 >= verb->least && options->word_count - 1 <= verb->most)
			return check_profile_rest(options, err);
		return fail(err, -EINVAL, "'bosc profile %s' wants %s", verb->name, verb->words);
	}
	return fail(err, -EINVAL, "no command 'profile %s'", options->words[0]);
}

static int check_words(const struct options *options, struct error *err)
{
	bool started = options->spec_count &&
		       options->specs[options->spec_count - 1].kind == TARGET_COMMAND;

	if (options->command == COMMAND_PROFILE)
		return check_profile_words(options, err);
	if (options->command == COMMAND_EVAL)
		return options->word_count
			       ? 0
			       : fail(err, -EINVAL,
				      "nothing to evaluate: name a data set's folder, or "
				      "recordings with --train, --normal and --attack");
	if (options->command == COMMAND_STATUS)
		return options->word_count || started
			       ? fail(err, -EINVAL, "'bosc status' takes no target")
			       : 0;
	if (options->command == COMMAND_ALARMS)
		return options->word_count || started
			       ? fail(err, -EINVAL, "'bosc alarms' takes no target")
			       : 0;
	if (options->word_count && !options->trace && !started)
		return options_check_stray(options->words[0], err);
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
	size_t most = PROFILE_TEXT - (options->paper ? strlen(WATCH_PAPER) : 0);

	if (!options->profile)
		return !options->trace ? 0
				       : fail(err, -EINVAL,
					      "a trace has no name of its own: "
					      "--profile NAME is missing");
	if (!options->profile[0] || strlen(options->profile) >= most)
		return fail(err, -EINVAL, "a profile's name has 1 to %zu bytes", most - 1);
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
	if (options->formatted && strcmp(options->words[0], "export") != 0)
		return fail(err, -EINVAL, "only 'bosc profile export' has a --format");
	if (options->command == COMMAND_RECORD && !options->output)
		return fail(err, -EINVAL, "no file to record into: -o FILE is missing");
	if (options->command == COMMAND_RECORD && !strcmp(options->output, "-") &&
	    options->spec_count && options->specs[0].kind == TARGET_COMMAND)
		return fail(
			err, -EINVAL,
			"a command's own output would go into the recording: -o - is for targets "
			"that run by themselves");
	if (options->command == COMMAND_RECORD && options->spec_count > 1)
		return fail(err, -EINVAL, "a recording has one target");
	return 0;
}

int options_check(const struct options *options, struct error *err)
{
	int status = options->command == COMMAND_ORIGINAL ? check_original(options, err) : 0;

	if (status >= 0)
		status = store_check(options->store, err);
	if (status >= 0)
		status = check_words(options, err);
	if (status >= 0)
		status = check_profile(options, err);
	if (status >= 0)
		status = check_output(options, err);
	if (status >= 0 && options->paper_tuned && !options->paper)
		return fail(err, -EINVAL,
			    "--epoch, --similar and --anomalous belong to --method paper");
	if (status >= 0 && options->keep_alarms && options->paper)
		return fail(err, -EINVAL,
			    "--keep-alarms is for bosc's own method: an alarm of the paper's names "
			    "no process");
	if (status >= 0 && options->abi && !options->trace && options->command != COMMAND_EVAL)
		return fail(err, -EINVAL, "--abi is for recordings: a live target tells its own");
	if (status >= 0 && options->trace && options->max_ns)
		return fail(err, -EINVAL, "--max-time is for live targets: a trace ends by itself");
	return status;
}
