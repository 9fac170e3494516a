/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile as JSON (docs/profile-json.md). It is written by hand, one line a bag, so that two
 * exports can be compared line by line; the library reads it and escapes the texts.
 *
 * What JSON cannot hold is written otherwise: text that is no UTF-8, as file names may be, as
 * {"hex": "2f62ff"}, and numbers from 2^63 on as texts of digits.
 */
#include "profile_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "../core/content.h"
#include "profile_json_fields.h"
#include "store_row.h"
#include "syscalls.h"
#include "util.h"

static void write_text(FILE *file, const char *text)
{
	_cleanup_json_ json_t *json = json_string(text);

	if (json) {
		json_dumpf(json, file, JSON_ENCODE_ANY);
		return;
	}
	fputs("{\"hex\": \"", file);
	for (; *text; text++)
		fprintf(file, "%02x", (unsigned char)*text);
	fputs("\"}", file);
}

static void write_number(FILE *file, uint64_t number)
{
	fprintf(file, number > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, number);
}

void profile_json_write_fields(FILE *file, const struct json_table *table, const void *base,
			       const char *between)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct json_field *field = &table->fields[i];
		const void *value = (const char *)base + field->offset;

		fprintf(file, "%s\"%s\": ", i ? between : "", field->key);
		if (field->kind == FIELD_TEXT)
			write_text(file, value);
		else if (field->kind == FIELD_STATE)
			write_text(file, profile_state_name(*(const enum profile_state *)value));
		else if (field->kind == FIELD_U32)
			write_number(file, *(const uint32_t *)value);
		else
			write_number(file, *(const uint64_t *)value);
	}
}

/* What stands before the next element of a list, each on its own line. */
static const char *before(size_t written)
{
	return written ? ",\n\t\t\t\t\t" : "\n\t\t\t\t\t";
}

static void write_signals(FILE *file, uint64_t signals)
{
	size_t written = 0;

	fputs(",\n\t\t\t\t\"signals\": [", file);
	for (unsigned int number = 0; number < 64; number++) {
		char name[PROFILE_JSON_SIGNAL];

		if (signals >> number & 1)
			fprintf(file, "%s\"%s\"", written++ ? ", " : "",
				profile_json_signal(number, name));
	}
	fputs("]", file);
}

/* Finding a name takes a search, so each is looked for once. */
struct names {
	const char *arch;
	char name[CODE_COUNT][SYSCALL_NAME];
};

static const char *name_of(struct names *names, uint32_t code)
{
	char *name = names->name[code & CODE_MASK];

	return *name ? name : syscall_name(names->arch, code & CODE_MASK, name);
}

static void write_calls(FILE *file, const char *key, const uint64_t *calls, struct names *names)
{
	size_t written = 0;

	fprintf(file, ",\n\t\t\t\t\"%s\": {", key);
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		if (calls[code] == 0)
			continue;
		fprintf(file, "%s\"%s\": ", before(written++), name_of(names, code));
		write_number(file, calls[code]);
	}
	fputs(written ? "\n\t\t\t\t}" : "}", file);
}

static void write_list(FILE *file, const char *key, const void *array, size_t count, size_t size,
		       const struct json_table *table)
{
	fprintf(file, ",\n\t\t\t\t\"%s\": [", key);
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "%s{", before(i));
		profile_json_write_fields(file, table, (const char *)array + i * size, ", ");
		fputs("}", file);
	}
	fputs(count ? "\n\t\t\t\t]" : "]", file);
}

static void write_parts(FILE *file, const struct profile *profile)
{
	fputs(",\n\t\t\t\t\"parts\": [", file);
	for (size_t i = 0; i < profile->history_count; i++) {
		const struct profile_part *part = &profile->history[i];
		uint32_t bins = SCORE_BINS;

		while (bins && !part->scores[bins - 1])
			bins--;
		fprintf(file, "%s{", before(i));
		profile_json_write_fields(file, &profile_json_part, part, ", ");
		fputs(", \"scores\": [", file);
		for (uint32_t bin = 0; bin < bins; bin++)
			fprintf(file, "%s%" PRIu32, bin ? ", " : "", part->scores[bin]);
		fputs("]}", file);
	}
	fputs(profile->history_count ? "\n\t\t\t\t]" : "]", file);
}

/* An element that begins with the names of calls. */
static void begin_element(FILE *file, size_t written)
{
	fprintf(file, "%s{\"calls\": [", before(written));
}

static void write_name(FILE *file, struct names *names, uint32_t code, bool first)
{
	fprintf(file, "%s\"%s\"", first ? "" : ", ", name_of(names, code));
}

static void end_element(FILE *file, const struct json_table *table, const void *element)
{
	fputs("], ", file);
	profile_json_write_fields(file, table, element, ", ");
	fputs("}", file);
}

static void write_bags(FILE *file, const struct profile *profile, struct names *names)
{
	fputs(",\n\t\t\t\t\"bags\": [", file);
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];

		begin_element(file, i);
		for (uint32_t j = 0; j < profile->window; j++)
			write_name(file, names, known->bag.code[j], j == 0);
		end_element(file, &profile_json_bag, known);
	}
	fputs(profile->bag_count ? "\n\t\t\t\t]" : "]", file);
}

static void write_grams(FILE *file, const struct profile *profile, struct names *names)
{
	fputs(",\n\t\t\t\t\"grams\": [", file);
	for (size_t i = 0; i < profile->gram_count; i++) {
		const struct gram *gram = &profile->grams[i];

		begin_element(file, i);
		for (uint32_t back = GRAM_CALLS; back-- > 0;)
			write_name(file, names, (gram->calls >> (back * CODE_BITS)) & CODE_MASK,
				   back + 1 == GRAM_CALLS);
		end_element(file, &profile_json_gram, gram);
	}
	fputs(profile->gram_count ? "\n\t\t\t\t]" : "]", file);
}

static void write_repertoires(FILE *file, const struct profile *profile, struct names *names)
{
	const struct repertoires *repertoires = &profile->repertoires;

	fputs(",\n\t\t\t\t\"repertoires\": [", file);
	for (size_t i = 0; i < repertoires->count; i++) {
		const struct repertoire *repertoire = &repertoires->all[i];

		begin_element(file, i);
		for (const uint16_t *code = repertoire->codes; *code; code++)
			write_name(file, names, *code, code == repertoire->codes);
		end_element(file, &profile_json_repertoire, repertoire);
	}
	fputs(repertoires->count ? "\n\t\t\t\t]" : "]", file);
}

/* What a run learnt. */
static void write_content(FILE *file, const struct profile *content, struct names *names)
{
	fputs(",\n\t\t\t\"learnt\": {\n\t\t\t\t", file);
	profile_json_write_fields(file, &profile_json_content, content, ",\n\t\t\t\t");
	write_signals(file, content->signals);
	write_calls(file, "calls", content->calls, names);
	write_calls(file, "start_calls", content->start_calls, names);
	write_calls(file, "users", content->repertoires.users, names);
	write_list(file, "execs", content->execs, content->exec_count, sizeof(*content->execs),
		   &profile_json_exec);
	write_parts(file, content);
	write_bags(file, content, names);
	write_list(file, "sights", content->sights, content->sight_count, sizeof(*content->sights),
		   &profile_json_sight);
	write_grams(file, content, names);
	write_repertoires(file, content, names);
	fputs("\n\t\t\t}", file);
}

static int write_run(FILE *file, const struct profile *profile, size_t place, struct names *names,
		     struct error *err)
{
	const struct profile_run *run = &profile->runs[place];
	_cleanup_profile_ struct profile *content = NULL;
	_cleanup_free_ char *head = NULL;
	const char *why = "it is not known apart from the others";
	struct store_row row;
	int status = run->content ? content_decode(run->content, run->content_size, profile->name,
						   &content, &why)
				  : -EINVAL;

	if (status < 0)
		return fail(err, status, "cannot write profile '%s': run %zu: %s", profile->name,
			    place + 1, why);
	if (store_row_make(run, &head, &row) < 0)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	fprintf(file, "%s\n\t\t{\n\t\t\t", place ? "," : "");
	profile_json_write_fields(file, &profile_json_run, run, ",\n\t\t\t");
	write_content(file, content, names);
	fprintf(file, ",\n\t\t\t\"sum\": \"%016" PRIx64 "\"\n\t\t}", row.sum);
	return 0;
}

int profile_json_write(const struct profile *profile, FILE *file, struct error *err)
{
	_cleanup_free_ struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	names->arch = profile->arch[0] ? profile->arch : NULL;
	fprintf(file, "{\n\t\"bosc_profile\": %d,\n\t", PROFILE_JSON_VERSION);
	profile_json_write_fields(file, &profile_json_head, profile, ",\n\t");
	fputs(",\n\t\"runs\": [", file);
	for (size_t i = 0; i < profile->run_count; i++) {
		int status = write_run(file, profile, i, names, err);

		if (status < 0)
			return status;
	}
	fputs(profile->run_count ? "\n\t]\n}\n" : "]\n}\n", file);
	errno = 0;
	if (fflush(file) != 0 || ferror(file))
		return fail(err, errno ? -errno : -EIO, "cannot write profile '%s': %s",
			    profile->name, strerror(errno ? errno : EIO));
	return 0;
}
