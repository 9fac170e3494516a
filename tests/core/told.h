/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the program writes on standard error meanwhile. To be included behind cmocka.h.
 */
#ifndef BOSC_TESTS_TOLD_H
#define BOSC_TESTS_TOLD_H

#include <stdio.h>
#include <unistd.h>

static char told[4096];
static int told_before;
static FILE *told_file;

static inline void told_begin(void)
{
	told_file = tmpfile();
	assert_non_null(told_file);
	told_before = dup(STDERR_FILENO);
	assert_true(told_before >= 0 && dup2(fileno(told_file), STDERR_FILENO) >= 0);
}

/* From here on it is in `told`. */
static inline void told_end(void)
{
	size_t size;

	fflush(stderr);
	assert_true(dup2(told_before, STDERR_FILENO) >= 0);
	close(told_before);
	rewind(told_file);
	size = fread(told, 1, sizeof(told) - 1, told_file);
	told[size] = '\0';
	fclose(told_file);
}

#endif
