/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles in JSON files for tests: a folder of their own, and texts that are read out of a file
 * there, either well or with a complaint that names the file and what is wrong with it.
 */
#ifndef BOSC_TESTS_JSON_FILE_H
#define BOSC_TESTS_JSON_FILE_H

#include <unistd.h>

#include "../../src/profile_json.h"
#include "sample_profile.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static inline int read_text(const char *text, const char *name, struct profile **ret_profile,
			    struct error *err)
{
	FILE *file = fopen("in.json", "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return profile_json_read("in.json", name, ret_profile, err);
}

static inline struct profile *read_good(const char *text, const char *name)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (read_text(text, name, &profile, &err) < 0)
		fail_msg("%s", err.text);
	return profile;
}

/* The text with one place changed; the caller frees it. */
static inline char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t before;
	char *made;

	assert_non_null(at);
	before = (size_t)(at - text);
	made = malloc(strlen(text) + strlen(to) + 1);
	assert_non_null(made);
	memcpy(made, text, before);
	strcpy(stpcpy(made + before, to), at + strlen(from));
	return made;
}

static inline char *write_text(const struct profile *profile)
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

static inline void assert_bad(const char *text, const char *complaint)
{
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (read_text(text, NULL, &profile, &err) == 0)
		fail_msg("is read although: %s", complaint);
	assert_null(profile);
	if (!strstr(err.text, complaint) || !strstr(err.text, "in.json"))
		fail_msg("'%s' does not say '%s'", err.text, complaint);
}

static inline void assert_bad_with(const char *good, const char *from, const char *to,
				   const char *complaint)
{
	char *text = changed(good, from, to);

	assert_bad(text, complaint);
	free(text);
}

#endif
