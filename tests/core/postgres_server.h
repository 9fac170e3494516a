/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PostgreSQL server of the test's own, in its folder (tests/postgres.sh). To be included behind
 * cmocka.h and test_folder.h.
 */
#ifndef BOSC_TESTS_POSTGRES_SERVER_H
#define BOSC_TESTS_POSTGRES_SERVER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int server_port;

/* The exit status of tests/postgres.sh. */
static inline int server_do(const char *action)
{
	char command[512];
	FILE *output;
	int status;

	snprintf(command, sizeof(command), POSTGRES " %s %s/pg %d", action, folder, (int)getpid());
	output = popen(command, "r");
	if (!output)
		return -1;
	if (fscanf(output, "%d", &status) == 1)
		server_port = status;
	status = pclose(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Makes and starts it. False: none is installed, which is said. One that is, but does not start, is
 * a failure: what was to be tested on it must not look skipped. */
static inline bool server_begin(void)
{
	int status;

	chmod(folder, 0755); /* for the server's user */
	status = server_do("make");
	if (status == 77) {
		print_message("SKIP: there is no PostgreSQL server (Debian: postgresql)\n");
		return false;
	}
	if (status == 0 && server_do("start") == 0)
		return true;
	print_error("the PostgreSQL server does not start\n");
	leave_folder(NULL);
	exit(1);
}

/* Runs a statement as the server's superuser. */
static inline void server_sql(const char *sql)
{
	char command[2048];

	snprintf(
		command, sizeof(command),
		"PGOPTIONS=-cclient_min_messages=warning psql -qX -v ON_ERROR_STOP=1 -h %s/pg -p %d -U bosc -d %s -c \"%s\" >/dev/null",
		folder, server_port, "postgres", sql);
	assert_int_equal(system(command), 0);
}

/* The address of the store there, of a role; `more` are libpq's settings. */
static inline const char *server_address(const char *role, const char *more)
{
	static char address[512];

	snprintf(address, sizeof(address), "postgresql://%s@127.0.0.1:%d/postgres?%s", role,
		 server_port, more);
	return address;
}

#endif
