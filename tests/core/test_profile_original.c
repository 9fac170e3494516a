/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The original program's databases are read as far as they can be: bags where they are windows of
 * calls, the shares of the calls where they are not, and a complaint where the file is none.
 */
#include <sys/utsname.h>

#include "../../core/novelty.h"
#include "../../src/syscalls.h"
#include "../../src/util.h"
#include "json_file.h" /* behind error.h: cmocka has a macro fail */

/* Places 42 and 18 of the original's list are openat and close. */
static void test_original_time_windows(void **state)
{
	struct profile *profile;
	(void)state;

	profile = read_good("{\"db_bags\": [[3, 10, 700], [0, 4, 0]], \"db_freq\": [2, 5],"
			    " \"names_lookup\": [42, 18], \"window_size\": 10}",
			    NULL);
	assert_string_equal(profile->name, "in");
	assert_int_equal(profile->state, PROFILE_PARTIAL);
	assert_int_equal(profile->bag_count, 0);
	assert_int_equal(profile->calls[syscall_code(NULL, "openat")], 6);
	assert_int_equal(profile->calls[syscall_code(NULL, "close")], 40);
	/* What it does not tell apart may be among its 700 others, what it does was never there. */
	assert_int_equal(profile->calls[syscall_code(NULL, "futex")], 1);
	assert_int_equal(profile->calls[syscall_code(NULL, "ptrace")], 0);
	assert_non_null(strstr(profile->why, "time windows of 10 s"));
	assert_non_null(strstr(profile->why, "up to 713 calls"));
	profile_free(profile);
}

static void test_original_call_windows(void **state)
{
	struct profile *profile;
	uint16_t openat = (uint16_t)syscall_code(NULL, "openat");
	uint16_t close_code = (uint16_t)syscall_code(NULL, "close");
	struct bag bag = { 0 };
	uint32_t frame, fresh;
	long place;
	(void)state;

	profile = read_good("{\"db_bags\": [[2, 1, 0], [0, 3, 0]], \"db_freq\": [2, 5],"
			    " \"names_lookup\": [42, 18], \"window_size\": 10}",
			    "redis");
	assert_string_equal(profile->name, "redis");
	assert_int_equal(profile->state, PROFILE_PARTIAL);
	assert_int_equal(profile->window, 3);
	assert_int_equal(profile->history_count, 1);
	assert_int_equal(profile->history[0].windows_before, 0);
	assert_int_equal(profile->history[0].logged, 0);
	assert_int_equal(novelty_worst(profile, &frame, &fresh), 0);
	assert_int_equal(frame, 64); /* it says nothing of what novelty is normal */
	assert_int_equal(fresh, 64);
	assert_int_equal(profile->bag_count, 2);
	bag.code[0] = close_code < openat ? close_code : openat;
	bag.code[1] = openat;
	bag.code[2] = close_code < openat ? openat : close_code;
	place = profile_find(profile, &bag);
	assert_true(place >= 0);
	assert_int_equal(profile->bags[place].count, 2);
	assert_int_equal(profile_windows(profile), 7);
	assert_int_equal(profile->calls[openat], 4);
	assert_int_equal(profile->calls[close_code], 17);
	profile_free(profile);
}

/* All 55 names are calls of the machine the original ran on. */
static void test_original_names(void **state)
{
	struct utsname machine;
	struct profile *profile;
	char text[2048];
	char *at = text;
	(void)state;

	uname(&machine);
	if (strcmp(machine.machine, "x86_64") != 0) {
		print_message("SKIP: the original's list is of x86-64\n");
		skip();
	}
	at += sprintf(at, "{\"window_size\": 10, \"db_freq\": [1], \"names_lookup\": [0");
	for (int i = 1; i < 55; i++)
		at += sprintf(at, ", %d", i);
	at += sprintf(at, "], \"db_bags\": [[1000");
	for (int i = 1; i <= 55; i++)
		at += sprintf(at, ", %d", 1000 + i);
	sprintf(at, "]]}");
	profile = read_good(text, NULL);
	assert_true(profile_distinct(profile) > 300);
	assert_true(profile_distinct(profile) < 500);
	assert_int_equal(profile->calls[syscall_code("x86_64", "futex")], 1);
	assert_int_equal(profile->calls[syscall_code("x86_64", "exit")], 1000);
	assert_int_equal(profile->calls[syscall_code("x86_64", "stat")], 1008);
	assert_int_equal(profile->calls[syscall_code("x86_64", "lstat")], 1010);
	assert_int_equal(profile->calls[syscall_code("x86_64", "umount2")], 1044);
	assert_int_equal(profile->calls[syscall_code("x86_64", "setfsgid")], 1054);
	profile_free(profile);
}

static void test_original_faults(void **state)
{
	static const char *const faults[][5] = {
		{ "[[1, 2]]", "[1, 2]", "[18]", "10", "'db_bags' and 'db_freq' are not two lists" },
		{ "7", "[]", "[]", "10", "'db_bags' and 'db_freq' are not two lists" },
		{ "[[1, 2]]", "[1]", "[18]", "0", "'window_size' is no number above 0" },
		{ "[[1, 2]]", "[1]", "[18]", "null", "'window_size' is no number above 0" },
		{ "[[1, 2]]", "[1]", "[55]", "10", "'names_lookup' holds something else" },
		{ "[[1, 2]]", "[1]", "[-1]", "10", "'names_lookup' holds something else" },
		{ "[[1, 2]]", "[1]", "[\"a\"]", "10", "'names_lookup' holds something else" },
		{ "[[1, 2, 3]]", "[1]", "[18, 18]", "10", "'names_lookup' holds 'close' twice" },
		{ "[[1, 2]]", "[1]", "7", "10", "'names_lookup' is no list" },
		{ "[[1, 2, 3]]", "[1]", "[18]", "10", "db_bags[0] is no list of 2 counts" },
		{ "[[1, 2], 5]", "[1, 1]", "[18]", "10", "db_bags[1] is no list of 2 counts" },
		{ "[[1, -2]]", "[1]", "[18]", "10", "db_bags[0] or db_freq[0]" },
		{ "[[1, 2.5]]", "[1]", "[18]", "10", "db_bags[0] or db_freq[0]" },
		{ "[[1, 2]]", "[-1]", "[18]", "10", "db_bags[0] or db_freq[0]" },
		{ "[[9000000000000000000, 2]]", "[9000000000]", "[18]", "10",
		  "db_bags[0] or db_freq[0]" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 "{\"db_bags\": %s, \"db_freq\": %s, \"names_lookup\": %s,"
			 " \"window_size\": %s}",
			 faults[i][0], faults[i][1], faults[i][2], faults[i][3]);
		assert_bad(text, faults[i][4]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original_time_windows),
		cmocka_unit_test(test_original_call_windows),
		cmocka_unit_test(test_original_names),
		cmocka_unit_test(test_original_faults),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
