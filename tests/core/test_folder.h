/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A folder of its own for each test, which it runs in and which is gone afterwards.
 */
#ifndef BOSC_TESTS_TEST_FOLDER_H
#define BOSC_TESTS_TEST_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[sizeof("/tmp/bosc-test-XXXXXX")];

static inline int enter_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/bosc-test-XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static inline int leave_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

#endif
