/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles as JSON: what is written is read as it was and writes the same bytes again; what is
 * wrong in a file is named with its place. The original program's databases are in
 * test_profile_original.c.
 */
#include <errno.h>

#include "../../src/syscalls.h"
#include "../../src/util.h"
#include "json_file.h" /* behind error.h: cmocka has a macro fail */

static char *write_text(const struct profile *profile)
{
	struct error err = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	if (profile_json_write(profile, file, &err) < 0)
		fail_msg("%s", err.text);
	fclose(file);
	return text;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct profile *profile = sample_profile(seed, seed % 2 ? "a\"b\n\xfe" : "p ü",
							 seed * 10);
		char *text = write_text(profile);
		struct profile *read = read_good(text, "not this");
		char *again = write_text(read);

		assert_same_profile(profile, read);
		assert_string_equal(text, again);
		profile_free(profile);
		profile_free(read);
		free(text);
		free(again);
	}
}

/* Every code has a name of its own, on every machine. */
static void test_every_code(void **state)
{
	static const char *const machines[] = { "x86_64", "aarch64", "armv7l", "riscv64", "" };
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		struct profile *profile = profile_new("p", 1);
		struct profile *read;
		char *text;

		strcpy(profile->arch, machines[i]);
		profile->state = PROFILE_PARTIAL;
		for (uint32_t code = 0; code < CODE_COUNT; code++)
			profile->calls[code] = code + 1;
		text = write_text(profile);
		read = read_good(text, NULL);
		assert_same_profile(profile, read);
		profile_free(profile);
		profile_free(read);
		free(text);
	}
}

static const char sample[] =
	"{\n\"bosc_profile\": 1, \"name\": \"redis\", \"arch\": \"x86_64\", \"image\": \"\",\n"
	"\"digest\": \"\", \"container\": \"\", \"state\": \"learnt\", \"why\": \"\",\n"
	"\"window\": 2,\n"
	"\"signals\": [\"SIGSEGV\"], \"calls\": {\"read\": 9, \"write\": \"18446744073709551615\"},\n"
	"\"execs\": [{\"path\": \"/bin/sh\", \"inode\": 5, \"count\": 1}],\n"
	"\"runs\": [{\"id\": \"\", \"source\": \"live\", \"host\": \"\", \"kernel\": \"\","
	" \"version\": \"\", \"started_s\": 0, \"ended_s\": 0, \"calls\": 9, \"windows\": 9,"
	" \"new_bags\": 2, \"lost\": 0, \"joined_late\": 0}],\n"
	"\"parts\": [{\"windows_before\": 3, \"frame_most\": 6, \"fresh_most\": 5}],\n"
	"\"bags\": [{\"calls\": [\"read\", \"begin\"], \"count\": 4, \"first_run\": 0,"
	" \"last_run\": 0, \"part\": 1},\n"
	"{\"calls\": [\"write\", \"read\"], \"count\": 5, \"first_run\": 0, \"last_run\": 0,"
	" \"part\": 1}]\n}\n";

/* Written by hand, the calls of a bag in any order. */
static void test_by_hand(void **state)
{
	struct profile *profile = read_good(sample, NULL);
	(void)state;

	assert_string_equal(profile->name, "redis");
	assert_int_equal(profile->state, PROFILE_LEARNT);
	assert_int_equal(profile->signals, 1u << 11);
	assert_int_equal(profile->calls[code_of(ABI_NATIVE, 0)], 9);
	assert_int_equal(profile->calls[code_of(ABI_NATIVE, 1)], UINT64_MAX);
	assert_int_equal(profile->bag_count, 2);
	assert_int_equal(profile->bags[0].bag.code[0], CODE_BEGIN);
	assert_int_equal(profile->bags[0].bag.code[1], code_of(ABI_NATIVE, 0));
	assert_int_equal(profile->bags[1].bag.code[1], code_of(ABI_NATIVE, 1));
	assert_int_equal(profile_windows(profile), 9);
	assert_int_equal(profile->history_count, 1);
	assert_int_equal(profile->history[0].windows_before, 3);
	assert_int_equal(profile->history[0].frame_most, 6);
	assert_int_equal(profile->history[0].fresh_most, 5);
	profile_free(profile);
}

/* Each part of the training stands on a line of its own, and a list without parts on none. */
static void test_part_lines(void **state)
{
	struct profile *profile = read_good(sample, NULL);
	char *text;
	(void)state;

	*profile_part(profile) = (struct profile_part){ UINT64_MAX, 64, 0 };
	text = write_text(profile);
	assert_non_null(strstr(
		text, "\n\t\"parts\": [\n"
		      "\t\t{\"windows_before\": 3, \"frame_most\": 6, \"fresh_most\": 5},\n"
		      "\t\t{\"windows_before\": \"18446744073709551615\", \"frame_most\": 64,"
		      " \"fresh_most\": 0}\n"
		      "\t],\n"));
	free(text);
	profile->history_count = 0;
	profile->bag_count = 0;
	text = write_text(profile);
	assert_non_null(strstr(text, "\n\t\"parts\": [],\n"));
	free(text);
	profile_free(profile);
}

/* The sample with one place changed. */
static void assert_bad_with(const char *from, const char *to, const char *complaint)
{
	const char *at = strstr(sample, from);
	char *text = NULL;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from)) >
		    0);
	assert_bad(text, complaint);
	free(text);
}

static void test_faults(void **state)
{
	static const char *const faults[][3] = {
		{ "\"bosc_profile\": 1", "\"bosc_profile\": 2", "its form is not the one" },
		{ "\"bosc_profile\": 1, ", "", "neither \"bosc_profile\" nor" },
		{ "\"window\": 2,", "", "'window' is missing" },
		{ "\"window\": 2", "\"window\": -1", "'window' is no whole number" },
		{ "\"window\": 2", "\"window\": 1.5", "'window' is no whole number" },
		{ "\"window\": 2", "\"window\": 4294967296", "'window' is above 4294967295" },
		{ "\"window\": 2", "\"window\": 0", "'window' is not from 1 to 10" },
		{ "\"window\": 2", "\"window\": 11", "'window' is not from 1 to 10" },
		{ "\"window\": 2", "\"window\": 3", "'calls' is no list of 3 names in bags[0]" },
		{ "\"learnt\"", "\"lernt\"", "'state' is none of" },
		{ "\"redis\"", "\"\"", "it has no name" },
		{ "\"redis\"", "7", "'name' is no text" },
		{ "\"redis\"", "{\"hex\": \"4g\"}", "'hex' of 'name'" },
		{ "\"redis\"", "{\"hex\": \"4100\"}", "'hex' of 'name'" },
		{ "\"redis\"", "{\"hex\": \"414\"}", "'hex' of 'name'" },
		{ "\"live\"", "\"12345678901234567\"",
		  "'source' is longer than 15 bytes in runs[0]" },
		{ "SIGSEGV", "SIGNONE", "'signals' holds 'SIGNONE'" },
		{ "\"read\": 9", "\"raed\": 9", "there is no call 'raed'" },
		{ "\"read\": 9", "\"read\": null", "'read' is no whole number" },
		{ "551615\"", "551616\"", "'write' is no whole number" },
		{ "551615\"", "551615 \"", "'write' is no whole number" },
		{ "\"read\": 9", "\"read\": 9, \"read\": 9", "line 5: duplicate object key" },
		{ "{\"path\"", "[], {\"path\"", "there is no object in execs[0]" },
		{ "\"/bin/sh\"", "null", "'path' is no text in execs[0]" },
		{ "\"write\", \"read\"", "\"write\", 1", "'calls' holds no name in bags[1]" },
		{ "\"write\", \"read\"", "\"begin\", \"read\"", "for the second time in bags[1]" },
		{ "\"write\", \"read\"", "\"late\", \"read\"",
		  "'calls' holds 'late', which is no call in bags[1]" },
		{ "\"last_run\": 0,", "\"last_run\": 1,", "a bag was seen by a run that is not" },
		{ "\"part\": 1}]", "\"part\": 2}]", "a part of the training that is not there" },
		{ "\"part\": 1}]", "\"part\": 0.5}]",
		  "'part' is no whole number from 0 on in bags[1]" },
		{ "\"parts\"", "\"ports\"", "'parts' is no list" },
		{ "\"parts\": [{", "\"parts\": [1, {", "there is no object in parts[0]" },
		{ "\"windows_before\": 3, ", "", "'windows_before' is missing in parts[0]" },
		{ "\"windows_before\": 3", "\"windows_before\": -3",
		  "'windows_before' is no whole number from 0 on in parts[0]" },
		{ "\"frame_most\": 6", "\"frame_most\": 4294967296",
		  "'frame_most' is above 4294967295 in parts[0]" },
		{ "\"frame_most\": 6", "\"frame_most\": 65", "a part counts more mismatches" },
		{ "\"fresh_most\": 5}",
		  "\"fresh_most\": 5}, {\"windows_before\": 2,"
		  " \"frame_most\": 0, \"fresh_most\": 0}",
		  "began before the part ahead of it" },
		{ "\"bags\"", "\"bugs\"", "'bags' is no list" },
		{ "\"window\": 2", "\"window\" 2", "line 4: " },
		{ "\n}\n", "\n}\n}", "line 12: " },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		assert_bad_with(faults[i][0], faults[i][1], faults[i][2]);
	assert_bad("", "line 1: ");
	assert_bad("[]", "neither \"bosc_profile\" nor");
	assert_bad("{\"name\": \"\\u0000\"}", "line 1: ");
}

/* A file that was cut anywhere is refused, and nothing worse happens. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(sample) - 3; length += 7) {
		char *text = strndup(sample, length);

		assert_bad(text, "line ");
		free(text);
	}
}

static void test_files(void **state)
{
	struct profile *profile = read_good(sample, NULL);
	struct profile *none = NULL;
	FILE *file = fopen("/dev/full", "w");
	struct error err;
	(void)state;

	assert_int_equal(profile_json_read("no.json", NULL, &none, &err), -ENOENT);
	assert_non_null(strstr(err.text, "cannot open 'no.json': No such file"));
	assert_int_equal(profile_json_read("/", NULL, &none, &err), -EISDIR);
	assert_non_null(strstr(err.text, "Is a directory"));
	assert_non_null(file);
	assert_int_equal(profile_json_write(profile, file, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left on device"));
	fclose(file);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_every_code),
		cmocka_unit_test(test_by_hand),	   cmocka_unit_test(test_part_lines),
		cmocka_unit_test(test_faults),	   cmocka_unit_test(test_cut),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
