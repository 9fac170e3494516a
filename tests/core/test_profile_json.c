/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles as JSON: what is written is read as it was and writes the same bytes again; what is
 * wrong in a file is named with its place. What an older bosc wrote is in test_profile_json_1.c,
 * the original program's databases are in test_profile_original.c.
 */
#include <errno.h>

#include "../../src/syscalls.h"
#include "../../src/util.h"
#include "json_file.h" /* behind error.h: cmocka has a macro fail */

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
		struct profile *profile = profile_new("p", 1), *read;
		const char *why;
		char *text;

		if (!profile || !profile_run(profile))
			abort();
		strcpy(profile->arch, machines[i]);
		for (uint32_t code = 0; code < CODE_COUNT; code++)
			profile->calls[code] = code + 1;
		assert_int_equal(profile_seal(profile, &why), 0);
		assert_int_equal(profile_rebuild(profile, &why), 0);
		assert_int_equal(profile->calls[CODE_COUNT - 1], CODE_COUNT);
		text = write_text(profile);
		read = read_good(text, NULL);
		assert_same_profile(profile, read);
		profile_free(profile);
		profile_free(read);
		free(text);
	}
}

#define RUN_HEAD(id)                                                                    \
	"{\"id\": \"" id "\", \"source\": \"live\", \"host\": \"h\", \"kernel\": \"\"," \
	" \"version\": \"\", \"state\": \"learnt\", \"why\": \"enough\","               \
	" \"unseen_ppb\": 500000000, \"started_s\": 0, \"ended_s\": 0, \"calls\": 9,"   \
	" \"windows\": 9, \"new_bags\": 2, \"lost\": 0, \"joined_late\": 0,\n"

static const char sample[] =
	"{\n\"bosc_profile\": 2, \"name\": \"redis\", \"arch\": \"x86_64\", \"state\": \"partial\","
	" \"why\": \"a lie\", \"window\": 2, \"runs\": [\n" RUN_HEAD(
		"one") "\"learnt\": {\"programs\": 1, \"ended_threads\": 3, \"sight_threads\": 3,\n"
		       "\"signals\": [\"SIGSEGV\"], \"calls\": {\"read\": 9, \"write\": \"9223372036854775808\"},\n"
		       "\"start_calls\": {\"read\": 1}, \"users\": {\"read\": 3, \"write\": 2},\n"
		       "\"execs\": [{\"path\": \"/bin/sh\", \"inode\": 5, \"count\": 1}],\n"
		       "\"parts\": [{\"windows_before\": 0, \"frame_most\": 6, \"fresh_most\": 5},\n"
		       "{\"windows_before\": 4, \"frame_most\": 7, \"fresh_most\": 8, \"logged\": 1,"
		       " \"level_most\": 12288, \"scores\": [0, 7]}],\n"
		       "\"bags\": [{\"calls\": [\"read\", \"begin\"], \"count\": 4, \"part\": 1, \"again\": 1},\n"
		       "{\"calls\": [\"write\", \"read\"], \"count\": 5, \"part\": 2, \"again\": 0}],\n"
		       "\"sights\": [{\"bag\": 1, \"thread\": 3, \"at\": 4294967295, \"part\": 2}],\n"
		       "\"grams\": [{\"calls\": [\"begin\", \"begin\", \"begin\", \"read\"], \"count\": 3}],\n"
		       "\"repertoires\": [{\"calls\": [\"write\", \"read\"], \"threads\": 2, \"part\": 1}]\n"
		       "}},\n" RUN_HEAD(
			       "two") "\"learnt\": {\"programs\": 1, \"signals\": [], \"calls\": {\"read\": 2}, \"execs\": [],"
				      " \"parts\": [], \"bags\": [{\"calls\": [\"read\", \"read\"], \"count\": 1, \"part\": 0,"
				      " \"again\": 0}]}}\n]\n}\n";

/* Written by hand, the calls of a bag in any order. What the runs come to is not taken from it. */
static void test_by_hand(void **state)
{
	struct profile *profile = read_good(sample, NULL);
	uint16_t read = (uint16_t)code_of(ABI_NATIVE, 0), write = (uint16_t)code_of(ABI_NATIVE, 1);
	(void)state;

	assert_string_equal(profile->name, "redis");
	assert_int_equal(profile->state, PROFILE_PARTIAL); /* it says learnt, but has no sum */
	assert_non_null(strstr(profile->why, "written by hand"));
	assert_int_equal(profile->run_count, 2);
	assert_string_equal(profile->runs[1].id, "two");
	assert_int_equal(profile->signals, 1u << 11);
	assert_int_equal(profile->calls[read], 11);
	assert_int_equal(profile->calls[write], 1ull << 63);
	assert_int_equal(profile->programs, 2);
	assert_int_equal(profile->bag_count, 3);
	assert_int_equal(profile->bags[0].bag.code[0], CODE_BEGIN);
	assert_int_equal(profile->bags[1].bag.code[1], write);
	assert_int_equal(profile->bags[1].part, 2);
	assert_int_equal(profile->bags[2].first_run, 1);
	assert_int_equal(profile_windows(profile), 10);
	assert_int_equal(profile->history_count, 2);
	assert_int_equal(profile->history[1].windows_before, 4);
	assert_int_equal(profile->history[0].frame_most, 6); /* was not logged, and stays */
	assert_int_equal(profile->history[1].frame_most, 1); /* what its sight comes to */
	assert_int_equal(profile->sights[0].at, UINT32_MAX);
	assert_int_equal(profile->gram_count, 1);
	assert_int_equal(profile->repertoires.threads, 3);
	assert_int_equal(profile->repertoires.users[write], 2);
	profile_free(profile);
}

/* Each element of a list stands on a line of its own, and an empty list on none. */
static void test_lines(void **state)
{
	static const char *const lines[] = {
		"\n\t\"name\": \"redis\",\n",
		"\n\t\"runs\": [\n\t\t{\n\t\t\t\"id\": \"one\",\n",
		"\n\t\t\t\"learnt\": {\n\t\t\t\t\"programs\": 1,\n",
		"\n\t\t\t\t\"calls\": {\n\t\t\t\t\t\"read\": 9,\n"
		"\t\t\t\t\t\"write\": \"9223372036854775808\"\n\t\t\t\t},\n",
		"\n\t\t\t\t\"parts\": [\n\t\t\t\t\t{\"windows_before\": 0, \"frame_most\": 6,"
		" \"fresh_most\": 5, \"logged\": 0, \"level_most\": 0, \"scores\": []},\n",
		"\"level_most\": 12288, \"scores\": [0, 7]}\n\t\t\t\t],\n",
		"\n\t\t\t\t\t{\"calls\": [\"read\", \"write\"], \"count\": 5, \"part\": 2,"
		" \"again\": 0}\n\t\t\t\t],\n",
		"\n\t\t\t\t\t{\"calls\": [\"begin\", \"begin\", \"begin\", \"read\"],"
		" \"count\": 3}\n\t\t\t\t],\n",
		"\n\t\t\t\t\"parts\": [],\n",
		"\n\t\t\t\t\"sights\": [],\n",
		"\n\t\t\t},\n\t\t\t\"sum\": \"",
		"\"\n\t\t}\n\t]\n}\n",
	};
	struct profile *profile = read_good(sample, NULL);
	char *text = write_text(profile);
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("'%s' is not there", lines[i]);
	free(text);
	profile_free(profile);
}

static void test_faults(void **state)
{
	static const char *const faults[][3] = {
		{ "\"bosc_profile\": 2", "\"bosc_profile\": 3", "its form is not one that this" },
		{ "\"window\": 2", "\"window\": 11", "'window' is not from 1 to 10" },
		{ "\"partial\"", "\"parttial\"", "'state' is none of" },
		{ "\"runs\"", "\"rums\"", "'runs' is no list" },
		{ "\"learnt\": {", "\"lernt\": {", "'learnt' is no object in runs[0]" },
		{ "\"learnt\": {", "\"learnt\": 7, \"_\": {", "'learnt' is no object in runs[0]" },
		{ "\"two\"", "\"one\"", "a run is there twice" },
		{ "\"two\"", "2", "'id' is no text in runs[1]" },
		{ "\"state\": \"learnt\"", "\"state\": \"reviewed\"", "a state that no run has" },
		{ "\"programs\": 1, \"ended", "\"ended", "'programs' is missing in runs[0]" },
		{ "\"programs\": 1, \"signals", "\"signals", "'programs' is missing in runs[1]" },
		{ "\"signals\": []", "\"signals\": 0", "'signals' is no list in runs[1]" },
		{ "{\"read\": 2}", "{\"raed\": 2}", "there is no call 'raed' in runs[1]" },
		{ "\"start_calls\": {\"read\": 1}", "\"start_calls\": {\"read\": 10}",
		  "oftener while programs started than in all in runs[0]" },
		{ "\"path\"", "\"_\"", "'path' is missing in execs[0] of runs[0]" },
		{ "\"windows_before\": 4", "\"windows_before\": -4",
		  "'windows_before' is no whole number from 0 on in parts[1] of runs[0]" },
		{ "[0, 7]", "[0, \"\"]",
		  "'scores' is no whole number from 0 on in parts[1] of runs[0]" },
		{ "\"write\", \"read\"], \"count\"", "\"begin\", \"read\"], \"count\"",
		  "a bag stands for the second time in bags[1] of runs[0]" },
		{ "\"count\": 5, \"part\": 2", "\"count\": 5", "'part' is missing in bags[1] of" },
		{ "\"count\": 5, \"part\": 2", "\"count\": 5, \"part\": 3",
		  "a part of the training that is not there in runs[0]" },
		{ "\"read\", \"read\"]", "\"read\"]",
		  "'calls' is no list of 2 names in bags[0] of runs[1]" },
		{ "\"bag\": 1", "\"bag\": 2", "a bag that is not there in runs[0]" },
		{ "\"count\": 3", "\"count\": 0", "was never seen in runs[0]" },
		{ "\"threads\": 2", "\"threads\": 4", "more than there were in runs[0]" },
		{ "\n}\n", "\n}\n}", "line 20: " },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		assert_bad_with(sample, faults[i][0], faults[i][1], faults[i][2]);
	assert_bad("", "line 1: ");
	assert_bad("[]", "neither \"bosc_profile\" nor");
	assert_bad("{\"name\": \"\\u0000\"}", "line 1: ");
}

/* A run is more than it seems: with the others it comes to more than there can be. */
static void test_too_much(void **state)
{
	char *text = changed(sample, "\"count\": 5", "\"count\": \"18446744073709551000\"");
	(void)state;

	profile_free(read_good(text, NULL));
	assert_bad_with(text, "\"count\": 1, \"part\": 0", "\"count\": 1000, \"part\": 0",
			"more windows than there can be");
	free(text);
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

/* A run may not be told apart any more, as that of a learner that goes on: it is not written. */
static void test_no_content(void **state)
{
	struct profile *profile = read_good(sample, NULL);
	FILE *file = fopen("/dev/null", "w");
	struct error err = { 0 };
	(void)state;

	assert_non_null(file);
	profile_unseal(&profile->runs[1]);
	assert_int_equal(profile_json_write(profile, file, &err), -EINVAL);
	assert_non_null(strstr(err.text, "run 2: it is not known apart from the others"));
	fclose(file);
	profile_free(profile);
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
		cmocka_unit_test(test_by_hand),	   cmocka_unit_test(test_lines),
		cmocka_unit_test(test_faults),	   cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_cut),	   cmocka_unit_test(test_no_content),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
