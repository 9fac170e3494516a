/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles as an older bosc wrote them as JSON, where all runs together had one content: they are
 * read as what they were, and what is wrong in one is named with its place.
 */
#include <errno.h>

#include "../../src/syscalls.h"
#include "../../src/util.h"
#include "json_file.h" /* behind error.h: cmocka has a macro fail */

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
	assert_int_equal(profile->history[0].windows_before, 0); /* the first begins with its run */
	assert_int_equal(profile->history[0].frame_most, 6);
	assert_int_equal(profile->history[0].fresh_most, 5);
	profile_free(profile);
}

/* What is changed into what, and the complaint. */
static const char *const member_faults[][3] = {
	{ "\"bosc_profile\": 1", "\"bosc_profile\": 0", "its form is not one that" },
	{ "\"bosc_profile\": 1", "\"bosc_profile\": \"1\"", "its form is not one that" },
	{ "\"bosc_profile\": 1", "\"bosc_profile\": 2", "'learnt' is no object in runs[0]" },
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
	{ "\"live\"", "\"12345678901234567\"", "'source' is longer than 15 bytes in runs[0]" },
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
	{ "\"part\": 1}]", "\"part\": 0.5}]", "'part' is no whole number from 0 on in bags[1]" },
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

static void test_faults(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(member_faults); i++)
		assert_bad_with(sample, member_faults[i][0], member_faults[i][1],
				member_faults[i][2]);
	assert_bad("", "line 1: ");
	assert_bad("[]", "neither \"bosc_profile\" nor");
	assert_bad("{\"name\": \"\\u0000\"}", "line 1: ");
}

/* The sample with a second view, its members where a later bosc may put them. */
#define VIEW                                                                                    \
	"\"ended_threads\": 3, \"users\": {\"read\": 3, \"write\": 2},\n"                       \
	"\"grams\": [{\"calls\": [\"begin\", \"begin\", \"begin\", \"read\"], \"count\": 3},\n" \
	" {\"calls\": [\"begin\", \"begin\", \"read\", \"write\"], \"count\": 2}],\n"           \
	"\"repertoires\": [{\"calls\": [\"write\", \"read\"], \"threads\": 2, \"part\": 1}],\n"

static char *with_view(const char *from, const char *to)
{
	char *view = changed(VIEW, from, to), *text = NULL;

	assert_true(asprintf(&text, "{\n%s%s", view, sample + 2) > 0);
	free(view);
	return text;
}

static void test_view_by_hand(void **state)
{
	char *text = with_view("\n", "\n");
	struct profile *profile = read_good(text, NULL);
	const struct repertoires *repertoires = &profile->repertoires;
	uint16_t read = (uint16_t)code_of(ABI_NATIVE, 0), write = (uint16_t)code_of(ABI_NATIVE, 1);
	(void)state;

	assert_int_equal(profile->gram_count, 2);
	assert_int_equal(profile->grams[1].calls, (uint64_t)read << CODE_BITS | write);
	assert_int_equal(profile->grams[1].count, 2);
	assert_int_equal(repertoires->count, 1);
	assert_int_equal(repertoires->all[0].codes[0], read);
	assert_int_equal(repertoires->all[0].codes[1], write);
	assert_int_equal(repertoires->all[0].codes[2], 0);
	assert_int_equal(repertoires->all[0].threads, 2);
	assert_int_equal(repertoires->all[0].part, 1);
	assert_int_equal(repertoires->threads, 3);
	assert_int_equal(repertoires->users[read], 3);
	free(text);
	profile_free(profile);
	profile = read_good(sample, NULL); /* an older bosc wrote none */
	assert_int_equal(profile->gram_count, 0);
	assert_int_equal(profile->repertoires.count, 0);
	profile_free(profile);
}

static void test_view_faults(void **state)
{
	static const char *const faults[][3] = {
		{ "\"ended_threads\": 3", "\"ended_threads\": -3", "'ended_threads' is no whole" },
		{ "\"ended_threads\": 3, ", "", "by more threads than there were" },
		{ "\"write\": 2", "\"write\": 1", "by fewer threads than have it" },
		{ "\"write\": 2", "\"read\": 2", "duplicate object key" },
		{ "{\"read\": 3, \"write\": 2}", "3", "'users' is no object" },
		{ "[\"begin\", \"begin\", \"begin\"", "[\"begin\", \"begin\"",
		  "'calls' is no list of 4 names in grams[0]" },
		{ "[\"begin\", \"begin\", \"begin\"", "[\"late\", \"begin\", \"begin\"",
		  "'calls' holds 'late', which is no call in grams[0]" },
		{ "[\"begin\", \"begin\", \"begin\"", "[7, \"begin\", \"begin\"",
		  "'calls' holds no name in grams[0]" },
		{ "\"count\": 2", "\"count\": 0", "a run of calls was never seen" },
		{ "\"count\": 2", "\"cuont\": 2", "'count' is missing in grams[1]" },
		{ "\"grams\": [", "\"grams\": 5, \"_\": [", "'grams' is no list" },
		{ "[\"write\", \"read\"]", "[]", "'calls' is no list of names in repertoires[0]" },
		{ "[\"write\", \"read\"]", "null",
		  "'calls' is no list of names in repertoires[0]" },
		{ "[\"write\", \"read\"]", "[\"write\", \"write\"]",
		  "'calls' is no set of calls in repertoires[0]" },
		{ "[\"write\", \"read\"]", "[\"begin\", \"read\"]",
		  "'calls' is no set of calls in repertoires[0]" },
		{ "\"part\": 1", "\"part\": 2", "a repertoire was seen in a part" },
		{ "\"threads\": 2", "\"threads\": 0", "a repertoire is of no thread" },
		{ "\"threads\": 2", "\"threads\": 4294967296", "a repertoire is of no thread" },
	};
	static const char *const scores[][2] = {
		{ "7", "'scores' is no list of up to 64 numbers in parts[0]" },
		{ "[1, -1]", "'scores' is no whole number from 0 on in parts[0]" },
		{ "[4294967296]", "'scores' is above 4294967295 in parts[0]" },
		{ "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
		  "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
		  "'scores' is no list of up to 64 numbers in parts[0]" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		char *text = with_view(faults[i][0], faults[i][1]);

		assert_bad(text, faults[i][2]);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(scores); i++) {
		char part[256];

		snprintf(part, sizeof(part), "\"frame_most\": 6, \"scores\": %s", scores[i][0]);
		assert_bad_with(sample, "\"frame_most\": 6", part, scores[i][1]);
	}
	assert_bad_with(sample, "\"frame_most\": 6", "\"frame_most\": 6, \"level_most\": 12289",
			"more surprise than there can be");
}

/* A part more that was logged, and a sight of it. */
#define SIGHTS                                                                               \
	"\"sight_threads\": 3, \"sights\": [{\"bag\": 0, \"thread\": 3, \"at\": 4294967295," \
	" \"part\": 2}],\n\"parts\": [{\"windows_before\": 0, \"frame_most\": 0,"            \
	" \"fresh_most\": 0}, "
#define LOGGED "\"frame_most\": 6, \"logged\": 1"

static void test_sights(void **state)
{
	static const char *const faults[][3] = {
		{ "\"sight_threads\": 3, ", "", "a sight is of a thread that is not there" },
		{ "\"bag\": 0", "\"bag\": 99", "a sight is of a bag that is not there" },
		{ "\"at\": 4294967295", "\"at\": 4294967296", "'at' is above" },
		{ "\"at\": 4294967295,", "", "'at' is missing in sights[0]" },
		{ "\"part\": 2", "\"part\": 1", "a sight is of a part" },
	};
	struct profile *profile;
	char *text, *logged;
	(void)state;

	logged = changed(sample, "\"parts\": [", SIGHTS);
	text = changed(logged, "\"frame_most\": 6", LOGGED);
	profile = read_good(text, NULL);
	assert_int_equal(profile->sight_count, 1);
	assert_int_equal(profile->sights[0].at, UINT32_MAX);
	assert_int_equal(profile->threads, 3);
	assert_true(!profile->history[0].logged && profile->history[1].logged);
	assert_int_equal(profile->history[1].windows_before, 3);
	profile_free(profile);
	assert_bad(logged, "a sight is of a part");
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		char *bad = changed(text, faults[i][0], faults[i][1]);

		assert_bad(bad, faults[i][2]);
		free(bad);
	}
	free(logged);
	free(text);
}

/* What all runs together had is given to the last; a run without an id gets one. */
static void test_run(void **state)
{
	char *text = changed(sample, "\"image\": \"\"",
			     "\"image\": \"redis:7\", \"command\": \"r s\"");
	char *confirmed = changed(text, "\"window\": 2", "\"window\": 2, \"confirmed_parts\": 1");
	struct profile *profile = read_good(text, NULL);
	const struct profile_run *run = &profile->runs[0];
	(void)state;

	assert_int_equal(profile->run_count, 1);
	assert_int_equal(strlen(run->id), 36);
	assert_string_equal(run->source, "live");
	assert_int_equal(run->state, PROFILE_LEARNT);
	assert_string_equal(run->image, "redis:7");
	assert_string_equal(run->command, "r s");
	assert_string_equal(profile->image, "redis:7");
	assert_int_equal(run->reviewed_s, 0);
	profile_free(profile);
	profile = read_good(confirmed, NULL);
	assert_string_equal(profile->runs[0].reviewer, "unknown");
	assert_int_equal(profile->state, PROFILE_REVIEWED);
	profile_free(profile);
	free(confirmed);
	free(text);
}

/* What names no run was learnt in one all the same: nothing of it is lost. */
static void test_no_run(void **state)
{
	static const char text[] =
		"{\"bosc_profile\": 1, \"name\": \"p\", \"arch\": \"x86_64\", \"image\": \"\","
		"\"digest\": \"\", \"container\": \"\", \"state\": \"partial\", \"why\": \"by hand\","
		"\"window\": 2, \"signals\": [], \"calls\": {\"read\": 9}, \"execs\": [],"
		"\"runs\": [], \"parts\": [], \"bags\": []}";
	struct profile *profile = read_good(text, NULL);
	(void)state;

	assert_int_equal(profile->run_count, 1);
	assert_string_equal(profile->runs[0].source, RUN_IMPORT);
	assert_int_equal(profile->calls[code_of(ABI_NATIVE, 0)], 9);
	assert_string_equal(profile->why, "by hand");
	assert_bad_with(text, "\"parts\": []",
			"\"parts\": [{\"windows_before\": 5, \"frame_most\": 0,"
			" \"fresh_most\": 65}]",
			"mismatches");
	profile_free(profile);
}

/* One that an older bosc wrote, of two runs, is written in the form of today and read again. */
static void test_form_of_today(void **state)
{
	struct profile *profile = NULL, *again;
	struct error err = { 0 };
	char *text;
	(void)state;

	if (profile_json_read(FIXTURES "/profile-1.json", NULL, &profile, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(profile->run_count, 2);
	text = write_text(profile);
	assert_non_null(strstr(text, "\"bosc_profile\": 2,"));
	again = read_good(text, NULL);
	assert_same_profile(profile, again);
	profile_free(profile);
	profile_free(again);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),	     cmocka_unit_test(test_faults),
		cmocka_unit_test(test_view_by_hand), cmocka_unit_test(test_view_faults),
		cmocka_unit_test(test_sights),	     cmocka_unit_test(test_run),
		cmocka_unit_test(test_no_run),	     cmocka_unit_test(test_form_of_today),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
