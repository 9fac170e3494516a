/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile as the NAME.json of the program that bosc grew from (docs/profile-json.md). Its columns
 * are the calls of the original's list that are frequent here, so bags that differ in other calls
 * only become one. The places before a thread's beginning are no calls, and count nowhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "../core/profile_folded.h"
#include "profile_original.h"
#include "syscalls.h"
#include "util.h"

struct columns {
	uint32_t place[PROFILE_ORIGINAL_NAMES]; /* in the original's list */
	uint16_t code[PROFILE_ORIGINAL_NAMES];
	size_t count;
	uint32_t others;
	uint16_t fold[CODE_COUNT];
};

static void choose_columns(const struct profile *profile, struct columns *columns)
{
	uint16_t own[CODE_COUNT];

	profile_fold(profile, own);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		columns->fold[code] = code == CODE_BEGIN ? CODE_BEGIN : CODE_OTHER;
	for (uint32_t place = 0; place < PROFILE_ORIGINAL_NAMES; place++) {
		int code = syscall_code(profile->arch, profile_original_names[place]);

		if (code < 0 || own[code] != code)
			continue;
		columns->fold[code] = (uint16_t)code;
		columns->place[columns->count] = place;
		columns->code[columns->count++] = (uint16_t)code;
	}
	columns->others = profile_distinct(profile) - (uint32_t)columns->count;
}

static uint32_t count_in(const struct bag *bag, uint32_t size, uint16_t code)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < size; i++)
		count += bag->code[i] == code;
	return count;
}

static void write_bags(FILE *file, const struct profile *folded, const struct columns *columns)
{
	fputs("{\"db_bags\": [", file);
	for (size_t i = 0; i < folded->bag_count; i++) {
		const struct bag *bag = &folded->bags[i].bag;

		fputs(i ? ", [" : "[", file);
		for (size_t j = 0; j < columns->count; j++)
			fprintf(file, "%" PRIu32 ", ",
				count_in(bag, folded->window, columns->code[j]));
		fprintf(file, "%" PRIu32 "]", count_in(bag, folded->window, CODE_OTHER));
	}
	fputs("], \"db_freq\": [", file);
	for (size_t i = 0; i < folded->bag_count; i++)
		fprintf(file, "%s%" PRIu64, i ? ", " : "", folded->bags[i].count);
}

int profile_original_write(const struct profile *profile, FILE *file, uint32_t *ret_others,
			   struct error *err)
{
	struct columns columns = { 0 };
	struct profile *folded;

	if (!profile->bag_count)
		return fail(err, -ENODATA,
			    "cannot write profile '%s' in the original's form: it holds no bags",
			    profile->name);
	choose_columns(profile, &columns);
	folded = profile_folded(profile, columns.fold);
	if (!folded)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	write_bags(file, folded, &columns);
	fputs("], \"names_lookup\": [", file);
	for (size_t i = 0; i < columns.count; i++)
		fprintf(file, "%s%" PRIu32, i ? ", " : "", columns.place[i]);
	fprintf(file, "], \"window_size\": %" PRIu32 "}\n", profile->window);
	profile_free(folded);
	*ret_others = columns.others;
	return 0;
}
