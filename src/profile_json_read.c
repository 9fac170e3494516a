/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a profile from JSON. The file may come from anywhere, so each member must be there, of
 * its type and within its bounds, and a complaint says which one in which element it is about.
 * Members that are not known are passed over: a later form may add some.
 */
#include "profile_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/content.h"
#include "../core/merge.h"
#include "../core/profile_old.h"
#include "profile_json_reader.h"
#include "store_row.h"
#include "util.h"

static int read_run(const struct json_reader *reader, const json_t *json)
{
	struct profile_run *run = profile_run(reader->profile);

	return run ? profile_json_reader_fields(reader, json, &profile_json_run, run)
		   : profile_json_reader_no_memory(reader);
}

/* Encodes the content that was read, as the last run's of the profile. */
static int keep_content(const struct json_reader *reader, const struct profile *content)
{
	struct profile_run *run = &reader->profile->runs[reader->profile->run_count - 1];
	const char *why;

	if (profile_check(content, &why) < 0)
		return profile_json_reader_bad(reader, "%s", why);
	if (content_encode(content, &run->content, &run->content_size) < 0)
		return profile_json_reader_no_memory(reader);
	return 0;
}

/* A run that is not as it was exported is refused; one without a sum, which somebody wrote by hand,
 * is not relied upon. */
static int check_sum(const struct json_reader *reader, const json_t *json)
{
	struct profile_run *run = &reader->profile->runs[reader->profile->run_count - 1];
	const char *sum = json_string_value(json_object_get(json, "sum"));
	_cleanup_free_ char *head = NULL;
	struct store_row row;
	char own[17];

	if (!sum) {
		run->reviewed_s = 0;
		run->reviewer[0] = '\0';
		if (run->state != PROFILE_LEARNT)
			return 0;
		run->state = PROFILE_PARTIAL;
		profile_text(run->why, sizeof(run->why),
			     "it comes from a file without a sum: it was written by hand");
		return 0;
	}
	if (store_row_make(run, &head, &row) < 0)
		return profile_json_reader_no_memory(reader);
	snprintf(own, sizeof(own), "%016llx", (unsigned long long)row.sum);
	if (strcmp(sum, own) == 0)
		return 0;
	return profile_json_reader_bad(
		reader, "it is not as it was exported; without its 'sum' it would be "
			"taken as written by hand,");
}

/* A run of the second form. */
static int read_whole_run(const struct json_reader *reader, const json_t *json)
{
	const struct profile *profile = reader->profile;
	_cleanup_profile_ struct profile *content = profile_new_like(profile);
	const json_t *learnt = json_object_get(json, "learnt");
	struct json_reader inner = *reader;
	int r = read_run(reader, json);

	if (r < 0)
		return r;
	if (!json_is_object(learnt))
		return profile_json_reader_bad(reader, "'learnt' is no object");
	if (!content || !profile_run(content))
		return profile_json_reader_no_memory(reader);
	inner.profile = content;
	inner.list = NULL;
	inner.run = reader;
	r = profile_json_reader_fields(&inner, learnt, &profile_json_content, content);
	if (r == 0)
		r = profile_json_read_content(&inner, learnt);
	if (r == 0)
		r = keep_content(reader, content);
	return r < 0 ? r : check_sum(reader, json);
}

static int read_first_form(struct json_reader *reader, const json_t *root)
{
	uint64_t confirmed = 0;
	const json_t *json = json_object_get(root, "confirmed_parts");
	const char *why;
	int r = profile_json_reader_list(reader, root, "runs", read_run);

	if (r == 0 && json)
		r = profile_json_reader_number(reader, json, "confirmed_parts", UINT32_MAX,
					       &confirmed);
	if (r == 0)
		r = profile_json_read_content(reader, root);
	if (r < 0)
		return r;
	reader->list = NULL;
	r = profile_adopt(reader->profile, (uint32_t)confirmed, &why);
	return r < 0 ? profile_json_reader_bad(reader, "%s", why) : 0;
}

/* The window is checked before the bags, whose length hangs on it. */
static int read_head(struct json_reader *reader, const json_t *root)
{
	json_int_t version = json_integer_value(json_object_get(root, "bosc_profile"));
	int r;

	if (version < 1 || version > PROFILE_JSON_VERSION)
		return profile_json_reader_bad(
			reader, "its form is not one that this bosc knows, \"bosc_profile\": %d",
			PROFILE_JSON_VERSION);
	reader->first_form = version == 1;
	r = profile_json_reader_fields(
		reader, root, reader->first_form ? &profile_json_head_1 : &profile_json_head,
		reader->profile);
	if (r < 0)
		return r;
	if (reader->profile->window < 1 || reader->profile->window > WINDOW_MAX)
		return profile_json_reader_bad(reader, "'window' is not from 1 to %u", WINDOW_MAX);
	return 0;
}

static int read_own(const char *path, json_t *root, struct profile **ret_profile, struct error *err)
{
	_cleanup_profile_ struct profile *profile = profile_new("", WINDOW_MAX);
	_cleanup_json_ json_t *codes = json_object();
	struct json_reader reader = {
		.path = path, .profile = profile, .codes = codes, .err = err
	};
	int r;

	if (!profile || !codes)
		return profile_json_reader_no_memory(&reader);
	r = read_head(&reader, root);
	if (r == 0)
		r = reader.first_form
			    ? read_first_form(&reader, root)
			    : profile_json_reader_list(&reader, root, "runs", read_whole_run);
	if (r < 0)
		return r;
	*ret_profile = profile;
	profile = NULL;
	return 0;
}

static int load_file(const char *path, json_t **ret_root, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	json_error_t error;

	if (!file)
		return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
	*ret_root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
	if (ferror(file))
		return fail(err, -errno, "cannot read '%s': %s", path, strerror(errno));
	if (!*ret_root)
		return fail(err, -EINVAL, "cannot read profile '%s': line %d: %s", path, error.line,
			    error.text);
	return 0;
}

int profile_json_read(const char *path, const char *name, struct profile **ret_profile,
		      struct error *err)
{
	_cleanup_json_ json_t *root = NULL;
	_cleanup_profile_ struct profile *profile = NULL;
	const char *why;
	int r = load_file(path, &root, err);

	if (r < 0)
		return r;
	if (json_object_get(root, "bosc_profile"))
		r = read_own(path, root, &profile, err);
	else if (json_object_get(root, "db_bags"))
		r = profile_original_read(path, name, root, &profile, err);
	else
		r = fail(err, -EINVAL,
			 "cannot read profile '%s': it has neither \"bosc_profile\" "
			 "nor the original program's \"db_bags\"",
			 path);
	if (r < 0)
		return r;
	if (profile_seal(profile, &why) < 0 || profile_rebuild(profile, &why) < 0)
		return fail(err, -EINVAL, "cannot read profile '%s': %s", path, why);
	*ret_profile = profile;
	profile = NULL;
	return 0;
}
