/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What two profiles differ in, as one JSON object (man bosc, "What two profiles differ in").
 */
#include <errno.h>
#include <jansson.h>

#include "cmd_profile_diff.h"
#include "profile_json_fields.h"
#include "sink.h"
#include "syscalls.h"
#include "util.h"

#define BAGS_MOST 1000u /* the nearest bag of each is searched for among all */

static json_t *call_name(const struct profile *profile, uint32_t code)
{
	char name[SYSCALL_NAME];

	return json_string(syscall_name(profile->arch, code, name));
}

static json_t *calls_of(const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];
	const struct diff_only *only = &view->diff->only[side];
	json_t *list = json_array();

	for (size_t i = 0; i < only->call_count; i++)
		json_array_append_new(
			list,
			json_pack("{s:o,s:I,s:f}", "call", call_name(profile, only->calls[i]),
				  "count", (json_int_t)profile->calls[only->calls[i]], "share",
				  profile_diff_call_share(view->diff, side, only->calls[i])));
	return list;
}

static json_t *execs_of(const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];
	const struct diff_only *only = &view->diff->only[side];
	json_t *list = json_array();

	for (size_t i = 0; i < only->exec_count; i++)
		json_array_append_new(
			list, sink_json_text(profile->execs[only->execs[i]].path, PROFILE_PATH));
	return list;
}

static json_t *signals_of(const struct diff_view *view, enum diff_side side)
{
	json_t *list = json_array();
	char name[PROFILE_JSON_SIGNAL];

	for (unsigned int number = 0; number < 64; number++)
		if (view->diff->only[side].signals >> number & 1)
			json_array_append_new(list, json_string(profile_json_signal(number, name)));
	return list;
}

static json_t *bag_names(const struct profile *profile, const struct bag *bag)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < profile->window; i++)
		json_array_append_new(list, call_name(profile, bag->code[i]));
	return list;
}

/* The calls of which the bag has more (sign 1) or fewer (-1) than the nearest, each so often. */
static json_t *delta_names(const struct profile *profile, const struct diff_nearest *nearest,
			   int sign)
{
	struct diff_delta deltas[2 * WINDOW_MAX];
	size_t count = profile_diff_deltas(nearest, profile->window, deltas);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		for (int n = sign * deltas[i].count; n > 0; n--)
			json_array_append_new(list, call_name(profile, deltas[i].code));
	return list;
}

static json_t *bag_of(const struct diff_view *view, enum diff_side side, uint32_t bag)
{
	const struct profile *profile = view->diff->profile[side];
	struct diff_nearest nearest = profile_diff_nearest(view->diff, side, bag);

	return json_pack("{s:o,s:I,s:f,s:i,s:{s:o,s:I,s:f,s:i,s:o,s:o}}", "calls",
			 bag_names(profile, &profile->bags[bag].bag), "count",
			 (json_int_t)profile->bags[bag].count, "share",
			 cmd_profile_diff_share(view, side, profile->bags[bag].count), "part",
			 (int)profile->bags[bag].part, "nearest", "calls",
			 bag_names(profile, &nearest.known), "count", (json_int_t)nearest.count,
			 "share", cmd_profile_diff_share(view, !side, nearest.count), "distance",
			 (int)nearest.distance, "more", delta_names(profile, &nearest, 1), "fewer",
			 delta_names(profile, &nearest, -1));
}

static json_t *bags_of(const struct diff_view *view, enum diff_side side)
{
	const struct diff_only *only = &view->diff->only[side];
	json_t *list = json_array();

	if (!view->diff->has_bags) {
		json_decref(list);
		return json_null();
	}
	for (size_t i = 0; i < only->bag_count && i < BAGS_MOST; i++)
		json_array_append_new(list, bag_of(view, side, only->bags[i]));
	return json_pack("{s:I,s:I,s:f,s:f,s:o}", "count", (json_int_t)only->bag_count, "windows",
			 (json_int_t)only->windows, "share", profile_diff_unknown(view->diff, side),
			 "expected", view->expected[!side], "most", list);
}

static json_t *side_of(const struct diff_view *view, enum diff_side side)
{
	const struct profile *profile = view->diff->profile[side];

	return json_pack("{s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o}", "name",
			 sink_json_text(view->name[side], PROFILE_TEXT), "image",
			 sink_json_text(profile->image, PROFILE_TEXT), "digest",
			 sink_json_text(profile->digest, PROFILE_TEXT), "news",
			 cmd_profile_diff_has(view, side), "calls", calls_of(view, side), "execs",
			 execs_of(view, side), "signals", signals_of(view, side), "bags",
			 bags_of(view, side));
}

static json_t *shares_of(const struct diff_view *view)
{
	const struct profile_diff *diff = view->diff;
	json_t *list = json_array();

	for (size_t i = 0; i < diff->shifted_count; i++)
		json_array_append_new(
			list,
			json_pack("{s:o,s:f,s:f}", "call",
				  call_name(diff->profile[DIFF_OLD], diff->shifted[i]), "old",
				  profile_diff_call_share(diff, DIFF_OLD, diff->shifted[i]), "new",
				  profile_diff_call_share(diff, DIFF_NEW, diff->shifted[i])));
	return list;
}

int cmd_profile_diff_json(const struct diff_view *view, struct error *err)
{
	_cleanup_json_ json_t *object = json_pack("{s:o,s:o,s:o}", "old", side_of(view, DIFF_OLD),
						  "new", side_of(view, DIFF_NEW), "shares",
						  shares_of(view));

	if (!object)
		return fail(err, -ENOMEM, "cannot write what '%s' and '%s' differ in: no memory",
			    view->name[DIFF_OLD], view->name[DIFF_NEW]);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	printf("\n");
	return 0;
}
