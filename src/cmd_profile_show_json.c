/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc profile show --json: the profile as the sum of its runs, for programs. What makes it one
 * again is bosc profile export.
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/rules.h"
#include "../core/scorer.h"
#include "../core/surprise.h"
#include "cmd_profile.h"
#include "profile_json_fields.h"
#include "sink.h"
#include "store_row.h"
#include "syscalls.h"
#include "util.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *field_value(const struct json_field *field, const void *base)
{
	const void *value = (const char *)base + field->offset;

	switch (field->kind) {
	case FIELD_TEXT:
		return sink_json_text(value, field->size);
	case FIELD_STATE:
		return json_string(profile_state_name(*(const enum profile_state *)value));
	case FIELD_U32:
		return number(*(const uint32_t *)value);
	case FIELD_U64:
		break;
	}
	return number(*(const uint64_t *)value);
}

/* The members that the table names. */
static json_t *fields(const struct json_table *table, const void *base)
{
	json_t *object = json_object();

	for (size_t i = 0; i < table->count; i++)
		json_object_set_new(object, table->fields[i].key,
				    field_value(&table->fields[i], base));
	return object;
}

static json_t *list(const struct json_table *table, const void *array, size_t count, size_t size)
{
	json_t *elements = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(elements, fields(table, (const char *)array + i * size));
	return elements;
}

static json_t *calls(const struct profile *profile, const uint64_t *counts)
{
	json_t *object = json_object();
	char name[SYSCALL_NAME];

	for (uint32_t code = 1; code < CODE_NEW; code++)
		if (counts[code])
			json_object_set_new(object, syscall_name(profile->arch, code, name),
					    number(counts[code]));
	return object;
}

static json_t *signals(uint64_t seen)
{
	json_t *names = json_array();
	char name[PROFILE_JSON_SIGNAL];

	for (unsigned int signal = 0; signal < 64; signal++)
		if (seen >> signal & 1)
			json_array_append_new(names,
					      json_string(profile_json_signal(signal, name)));
	return names;
}

static json_t *parts(const struct profile *profile)
{
	json_t *elements = list(&profile_json_part, profile->history, profile->history_count,
				sizeof(*profile->history));

	for (size_t i = 0; i < profile->history_count; i++)
		json_object_set_new(json_array_get(elements, i), "run",
				    number(profile->history[i].run + 1));
	return elements;
}

static json_t *bags(const struct profile *profile)
{
	json_t *elements = list(&profile_json_bag_1, profile->bags, profile->bag_count,
				sizeof(*profile->bags));
	char name[SYSCALL_NAME];

	for (size_t i = 0; i < profile->bag_count; i++) {
		json_t *bag = json_array_get(elements, i), *names = json_array();

		for (uint32_t at = 0; at < profile->window; at++)
			json_array_append_new(names, json_string(syscall_name(
							     profile->arch,
							     profile->bags[i].bag.code[at], name)));
		json_object_set_new(bag, "calls", names);
		json_object_set_new(bag, "first_run", number(profile->bags[i].first_run + 1));
		json_object_set_new(bag, "last_run", number(profile->bags[i].last_run + 1));
	}
	return elements;
}

/* Of the second view; null: no alarm of that rule. */
static void put_view_limits(json_t *object, const struct profile *profile)
{
	uint32_t level = scorer_level_limit(profile);
	double score = scorer_score_limit(profile, 0);

	json_object_set_new(object, "surprise",
			    level ? number(level / SURPRISE_UNIT) : json_null());
	json_object_set_new(object, "thread", isfinite(score) ? json_real(score) : json_null());
}

static json_t *sum(const struct profile *profile)
{
	char text[17];
	uint64_t all;

	if (store_row_sum_all(profile, &all) < 0)
		return NULL;
	snprintf(text, sizeof(text), "%016" PRIx64, all);
	return json_string(text);
}

static json_t *limits(const struct profile *profile)
{
	uint64_t none[CODE_COUNT] = { 0 };
	struct rules rules;
	json_t *object;

	rules_monitor(&rules, profile, none);
	object = json_pack("{s:I,s:I}", "frame", (json_int_t)rules.frame_limit, "first_sights",
			   (json_int_t)rules.fresh_limit);
	put_view_limits(object, profile);
	return object;
}

int cmd_profile_show_json(const struct profile *profile, struct error *err)
{
	_cleanup_json_ json_t *object = fields(&profile_json_head, profile);

	json_object_set_new(object, "image", sink_json_text(profile->image, PROFILE_TEXT));
	json_object_set_new(object, "digest", sink_json_text(profile->digest, PROFILE_TEXT));
	json_object_set_new(object, "command", sink_json_text(profile->command, PROFILE_TEXT));
	json_object_set_new(object, "sum", sum(profile));
	json_object_set_new(object, "windows", number(profile_windows(profile)));
	json_object_set_new(object, "lost", number(profile_lost(profile)));
	json_object_set_new(object, "unseen", json_real(profile_unseen(profile)));
	json_object_set_new(object, "limits", limits(profile));
	json_object_set_new(object, "signals", signals(profile->signals));
	json_object_set_new(object, "programs", number(profile->programs));
	json_object_set_new(object, "calls", calls(profile, profile->calls));
	json_object_set_new(object, "start_calls", calls(profile, profile->start_calls));
	json_object_set_new(object, "execs",
			    list(&profile_json_exec, profile->execs, profile->exec_count,
				 sizeof(*profile->execs)));
	json_object_set_new(
		object, "runs",
		list(&profile_json_run, profile->runs, profile->run_count, sizeof(*profile->runs)));
	json_object_set_new(object, "parts", parts(profile));
	json_object_set_new(object, "bags", bags(profile));
	errno = 0;
	if (json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER) < 0 && ferror(stdout))
		return fail(err, -EIO, "cannot write to standard output: %s",
			    strerror(errno ? errno : EIO));
	if (!object)
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	printf("\n");
	return 0;
}
