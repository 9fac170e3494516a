/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line that says how far a run is, on a terminal made here: it fits, and no name in it reaches
 * the terminal but as text.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/progress.h"

#define COLUMNS 40

static int terminal_make(int *ret_other_end)
{
	const struct winsize size = { .ws_row = 24, .ws_col = COLUMNS };
	int fd;

	*ret_other_end = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(*ret_other_end >= 0);
	assert_int_equal(grantpt(*ret_other_end), 0);
	assert_int_equal(unlockpt(*ret_other_end), 0);
	fd = open(ptsname(*ret_other_end), O_RDWR | O_NOCTTY);
	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
	return fd;
}

static void test_names(void **state)
{
	static const char begin[] = "\r\033[Klearning '\\x1b]0;mine\\x07";
	char told[256] = "";
	int other_end, terminal = terminal_make(&other_end), before = dup(STDERR_FILENO);
	ssize_t size;

	(void)state;
	assert_true(before >= 0 && dup2(terminal, STDERR_FILENO) >= 0);
	progress_show("learning '%s': %s", "\033]0;mine\a", "much more than the terminal is wide");
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	size = read(other_end, told, sizeof(told) - 1);
	assert_true(size > 0);
	assert_memory_equal(told, begin, sizeof(begin) - 1);
	assert_null(strpbrk(told + 4, "\033\a"));
	assert_int_equal(size, 4 + COLUMNS - 1);
	close(before);
	close(terminal);
	close(other_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
