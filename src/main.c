/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program: reads the command line, runs a command, prints what went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "progress.h"
#include "sink.h"
#include "util.h"
#include "version.h"

static int run(const struct options *options, struct error *err)
{
	switch (options->command) {
	case COMMAND_LEARN:
		return cmd_learn(options, err);
	case COMMAND_MONITOR:
		return cmd_monitor(options, err);
	case COMMAND_RECORD:
		return cmd_record(options, err);
	case COMMAND_PROFILE:
		return cmd_profile(options, err);
	case COMMAND_EVAL:
		return cmd_eval(options, err);
	case COMMAND_ALARMS:
		return cmd_alarms(options, err);
	case COMMAND_STATUS:
		return cmd_status(options, err);
	case COMMAND_ORIGINAL:
		return options->learn ? cmd_learn(options, err) : cmd_monitor(options, err);
	}
	return -EINVAL;
}

static void complain(const struct error *err)
{
	progress_clear();
	fprintf(stderr, "bosc: ");
	sink_text_safe(stderr, err->text, sizeof(err->text));
	if (err->hint[0])
		fprintf(stderr, "\ntry: ");
	sink_text_safe(stderr, err->hint, sizeof(err->hint));
	fprintf(stderr, "\n");
}

/* What was printed counts only once it is written: a full disk must not look like success. */
static int finish_output(int status)
{
	struct error err;

	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fail(&err, -EIO, "cannot write to standard output: %s",
	     errno ? strerror(errno) : "not all of it was taken");
	complain(&err);
	return STATUS_FAILED;
}

/* A standard stream that is closed must not become the next file that is opened. What stands in for
 * it refuses what is tried with it, as the closed one would. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(STATUS_FAILED);
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = { 0 };
	int status;

	hold_streams();
	status = options_parse(argc, argv, &options, &err);
	if (status < 0) {
		if (!err.hint[0])
			fail_hint(&err, status, "'bosc --help'");
		complain(&err);
		return STATUS_USAGE;
	}
	if (options.help) {
		options_help(options.command);
		return finish_output(0);
	}
	if (options.version) {
		printf("bosc %s\n", BOSC_VERSION);
		return finish_output(0);
	}
	status = run(&options, &err);
	if (status >= 0)
		return finish_output(status);
	complain(&err);
	return STATUS_FAILED;
}
