/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run learnt, from JSON.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "../core/novelty.h"
#include "profile_json_reader.h"
#include "util.h"

static int read_signals(const struct json_reader *reader, const json_t *list)
{
	if (!json_is_array(list))
		return profile_json_reader_bad(reader, "'signals' is no list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		int number = text ? profile_json_signal_parse(text) : -EINVAL;

		if (number < 0)
			return profile_json_reader_bad(reader,
						       "'signals' holds '%s', which is no signal",
						       text ? text : "");
		reader->profile->signals |= 1ull << number;
	}
	return 0;
}

static int read_calls(const struct json_reader *reader, const char *key, json_t *json,
		      uint64_t *calls)
{
	const char *name;
	json_t *count;

	if (!json_is_object(json))
		return profile_json_reader_bad(reader, "'%s' is no object", key);
	json_object_foreach(json, name, count)
	{
		int code = profile_json_reader_code(reader, name);
		int r;

		if (code < 0)
			return code;
		if (calls[code])
			return profile_json_reader_bad(reader, "'%s' counts '%s' twice", key, name);
		r = profile_json_reader_number(reader, count, name, UINT64_MAX, &calls[code]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What an older bosc did not write. */
static int read_later_calls(const struct json_reader *reader, const json_t *root, const char *key,
			    uint64_t *calls)
{
	json_t *json = json_object_get(root, key);

	return json ? read_calls(reader, key, json, calls) : 0;
}

static int read_all_calls(const struct json_reader *reader, const json_t *root)
{
	struct profile *profile = reader->profile;
	int r = read_calls(reader, "calls", json_object_get(root, "calls"), profile->calls);

	if (r == 0)
		r = read_later_calls(reader, root, "start_calls", profile->start_calls);
	if (r == 0)
		r = read_later_calls(reader, root, "users", profile->repertoires.users);
	return r;
}

static int read_exec(const struct json_reader *reader, const json_t *json)
{
	struct profile_exec exec = { 0 };
	int r = profile_json_reader_fields(reader, json, &profile_json_exec, &exec);

	if (r < 0)
		return r;
	r = profile_exec(reader->profile, exec.path, exec.inode, exec.count);
	if (r < 0)
		return profile_json_reader_no_memory(reader);
	return r ? 0 : profile_json_reader_bad(reader, "an executable stands for the second time");
}

/* Bins that are not there are empty; an older bosc wrote none. */
static int read_scores(const struct json_reader *reader, const json_t *list, uint32_t *scores)
{
	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > SCORE_BINS)
		return profile_json_reader_bad(reader, "'scores' is no list of up to %u numbers",
					       SCORE_BINS);
	for (size_t i = 0; i < json_array_size(list); i++) {
		uint64_t number;
		int r = profile_json_reader_number(reader, json_array_get(list, i), "scores",
						   UINT32_MAX, &number);

		if (r < 0)
			return r;
		scores[i] = (uint32_t)number;
	}
	return 0;
}

static int read_part(const struct json_reader *reader, const json_t *json)
{
	struct profile_part *part = profile_part(reader->profile);
	int r;

	if (!part)
		return profile_json_reader_no_memory(reader);
	r = profile_json_reader_fields(reader, json, &profile_json_part, part);
	return r < 0 ? r : read_scores(reader, json_object_get(json, "scores"), part->scores);
}

/* The code of a call in a list, which a class of calls is not. */
static int read_listed(const struct json_reader *reader, const json_t *list, size_t place)
{
	const char *name = json_string_value(json_array_get(list, place));
	int code = name ? profile_json_reader_code(reader, name)
			: profile_json_reader_bad(reader, "'calls' holds no name");

	if (code >= CODE_NEW)
		return profile_json_reader_bad(reader, "'calls' holds '%s', which is no call",
					       name);
	return code;
}

/* The order of the names does not matter, so that a bag may be written by hand. */
static int read_bag_calls(const struct json_reader *reader, const json_t *list, struct bag *bag)
{
	uint32_t window = reader->profile->window;

	if (json_array_size(list) != window)
		return profile_json_reader_bad(reader, "'calls' is no list of %u names", window);
	for (uint32_t i = 0; i < window; i++) {
		int code = read_listed(reader, list, i);
		uint32_t at = i;

		if (code < 0)
			return code;
		for (; at > 0 && bag->code[at - 1] > code; at--)
			bag->code[at] = bag->code[at - 1];
		bag->code[at] = (uint16_t)code;
	}
	return 0;
}

static int read_bag(const struct json_reader *reader, const json_t *json)
{
	struct profile_bag known = { 0 };
	int is_new;
	long place;
	int r = profile_json_reader_fields(
		reader, json, reader->first_form ? &profile_json_bag_1 : &profile_json_bag, &known);

	if (r == 0)
		r = read_bag_calls(reader, json_object_get(json, "calls"), &known.bag);
	if (r < 0)
		return r;
	place = profile_bag(reader->profile, &known.bag, known.part, &is_new);
	if (place < 0)
		return profile_json_reader_no_memory(reader);
	if (!is_new)
		return profile_json_reader_bad(reader, "a bag stands for the second time");
	reader->profile->bags[place] = known;
	return 0;
}

static int read_sight(const struct json_reader *reader, const json_t *json)
{
	struct sight sight = { 0 };
	int r = profile_json_reader_fields(reader, json, &profile_json_sight, &sight);

	if (r < 0)
		return r;
	if (reader->profile->sight_count >= SIGHTS_MAX)
		return profile_json_reader_bad(reader, "there are more than are kept");
	if (novelty_log(reader->profile, &sight) < 0)
		return profile_json_reader_no_memory(reader);
	return 0;
}

/* In their order, the oldest first. */
static int read_gram(const struct json_reader *reader, const json_t *json)
{
	const json_t *list = json_object_get(json, "calls");
	struct gram gram = { 0 };
	int r = profile_json_reader_fields(reader, json, &profile_json_gram, &gram);

	if (r < 0)
		return r;
	if (json_array_size(list) != GRAM_CALLS)
		return profile_json_reader_bad(reader, "'calls' is no list of %u names",
					       GRAM_CALLS);
	for (size_t i = 0; i < GRAM_CALLS; i++) {
		int code = read_listed(reader, list, i);

		if (code < 0)
			return code;
		gram.calls = gram.calls << CODE_BITS | (uint32_t)code;
	}
	if (profile_gram(reader->profile, gram.calls, gram.count) < 0)
		return profile_json_reader_no_memory(reader);
	return 0;
}

static int read_set(const struct json_reader *reader, const json_t *list, struct callset *set)
{
	if (!json_array_size(list))
		return profile_json_reader_bad(reader, "'calls' is no list of names");
	for (size_t i = 0; i < json_array_size(list); i++) {
		int code = read_listed(reader, list, i);

		if (code < 0)
			return code;
		if (code == CODE_BEGIN || callset_has(set, (uint32_t)code))
			return profile_json_reader_bad(reader, "'calls' is no set of calls");
		callset_add(set, (uint32_t)code);
	}
	return 0;
}

static int read_repertoire(const struct json_reader *reader, const json_t *json)
{
	struct repertoire repertoire = { 0 };
	struct callset set = { 0 };
	int r = profile_json_reader_fields(reader, json, &profile_json_repertoire, &repertoire);

	if (r == 0)
		r = read_set(reader, json_object_get(json, "calls"), &set);
	if (r < 0)
		return r;
	r = repertoires_put(&reader->profile->repertoires, &set, repertoire.threads,
			    repertoire.part);
	if (r < 0)
		return profile_json_reader_no_memory(reader);
	return r ? 0 : profile_json_reader_bad(reader, "there are more than are kept");
}

/* A list that an older bosc did not write. */
static int read_later_list(struct json_reader *reader, const json_t *root, const char *key,
			   int (*read)(const struct json_reader *reader, const json_t *json))
{
	return json_object_get(root, key) ? profile_json_reader_list(reader, root, key, read) : 0;
}

int profile_json_read_content(struct json_reader *reader, const json_t *root)
{
	int r = read_signals(reader, json_object_get(root, "signals"));

	if (r == 0)
		r = read_all_calls(reader, root);
	if (r == 0)
		r = profile_json_reader_list(reader, root, "execs", read_exec);
	if (r == 0)
		r = profile_json_reader_list(reader, root, "parts", read_part);
	if (r == 0)
		r = profile_json_reader_list(reader, root, "bags", read_bag);
	if (r == 0)
		r = read_later_list(reader, root, "sights", read_sight);
	if (r == 0)
		r = read_later_list(reader, root, "grams", read_gram);
	if (r == 0)
		r = read_later_list(reader, root, "repertoires", read_repertoire);
	return r;
}
