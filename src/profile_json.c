/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile as JSON (docs/profile-json.md). The plain members are rows in tables of fields, which
 * writing and reading both follow. It is written by hand, one line a bag, so that two exports can
 * be compared line by line; the library reads it and escapes the texts.
 *
 * What JSON cannot hold is written otherwise: text that is no UTF-8, as file names may be, as
 * {"hex": "2f62ff"}, and numbers from 2^63 on as texts of digits.
 */
#include "profile_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>

#include "profile_json_fields.h"
#include "syscalls.h"
#include "util.h"

#define FIELD(field_kind, type, member)                                                      \
	{                                                                                    \
		.key = #member, .kind = field_kind, .offset = offsetof(struct type, member), \
		.size = sizeof(((struct type *)0)->member)                                   \
	}
#define TEXT(type, member) FIELD(FIELD_TEXT, type, member)
#define U32(type, member)  FIELD(FIELD_U32, type, member)
#define U64(type, member)  FIELD(FIELD_U64, type, member)

const struct json_table profile_json_head = {
	.count = 8,
	.fields = { TEXT(profile, name), TEXT(profile, arch), TEXT(profile, image),
		    TEXT(profile, digest), TEXT(profile, container),
		    FIELD(FIELD_STATE, profile, state), TEXT(profile, why), U32(profile, window) },
};

const struct json_table profile_json_run = {
	.count = 12,
	.fields = { TEXT(profile_run, id), TEXT(profile_run, source), TEXT(profile_run, host),
		    TEXT(profile_run, kernel), TEXT(profile_run, version),
		    U64(profile_run, started_s), U64(profile_run, ended_s), U64(profile_run, calls),
		    U64(profile_run, windows), U64(profile_run, new_bags), U64(profile_run, lost),
		    U32(profile_run, joined_late) },
};

const struct json_table profile_json_exec = {
	.count = 3,
	.fields = { TEXT(profile_exec, path), U64(profile_exec, inode), U64(profile_exec, count) },
};

const struct json_table profile_json_part = {
	.count = 3,
	.fields = { U64(profile_part, windows_before), U32(profile_part, frame_most),
		    U32(profile_part, fresh_most) },
};

const struct json_table profile_json_bag = {
	.count = 4,
	.fields = { U64(profile_bag, count), U32(profile_bag, first_run),
		    U32(profile_bag, last_run), U32(profile_bag, part) },
};

const char *profile_json_signal(unsigned int number, char *name)
{
	static const struct {
		unsigned int number;
		const char *name;
	} fatal[] = {
		{ SIGILL, "SIGILL" }, { SIGABRT, "SIGABRT" }, { SIGBUS, "SIGBUS" },
		{ SIGFPE, "SIGFPE" }, { SIGSEGV, "SIGSEGV" }, { SIGSYS, "SIGSYS" },
	};

	snprintf(name, PROFILE_JSON_SIGNAL, "SIG%u", number);
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		if (fatal[i].number == number)
			return fatal[i].name;
	return name;
}

int profile_json_signal_parse(const char *name)
{
	char own[PROFILE_JSON_SIGNAL];

	for (unsigned int number = 0; number < 64; number++)
		if (strcmp(profile_json_signal(number, own), name) == 0)
			return (int)number;
	return -EINVAL;
}

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

static void write_fields(FILE *file, const struct json_table *table, const void *base,
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
	return written ? ",\n\t\t" : "\n\t\t";
}

static void write_signals(FILE *file, uint64_t signals)
{
	size_t written = 0;

	fputs(",\n\t\"signals\": [", file);
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

static void write_calls(FILE *file, const struct profile *profile, struct names *names)
{
	size_t written = 0;

	fputs(",\n\t\"calls\": {", file);
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		if (profile->calls[code] == 0)
			continue;
		fprintf(file, "%s\"%s\": ", before(written++), name_of(names, code));
		write_number(file, profile->calls[code]);
	}
	fputs(written ? "\n\t}" : "}", file);
}

static void write_list(FILE *file, const char *key, const void *array, size_t count, size_t size,
		       const struct json_table *table)
{
	fprintf(file, ",\n\t\"%s\": [", key);
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "%s{", before(i));
		write_fields(file, table, (const char *)array + i * size, ", ");
		fputs("}", file);
	}
	fputs(count ? "\n\t]" : "]", file);
}

static void write_bags(FILE *file, const struct profile *profile, struct names *names)
{
	fputs(",\n\t\"bags\": [", file);
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];

		fprintf(file, "%s{\"calls\": [", before(i));
		for (uint32_t j = 0; j < profile->window; j++)
			fprintf(file, "%s\"%s\"", j ? ", " : "",
				name_of(names, known->bag.code[j]));
		fputs("], ", file);
		write_fields(file, &profile_json_bag, known, ", ");
		fputs("}", file);
	}
	fputs(profile->bag_count ? "\n\t]" : "]", file);
}

int profile_json_write(const struct profile *profile, FILE *file, struct error *err)
{
	_cleanup_free_ struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	names->arch = profile->arch[0] ? profile->arch : NULL;
	fprintf(file, "{\n\t\"bosc_profile\": %d,\n\t", PROFILE_JSON_VERSION);
	write_fields(file, &profile_json_head, profile, ",\n\t");
	write_signals(file, profile->signals);
	write_calls(file, profile, names);
	write_list(file, "execs", profile->execs, profile->exec_count, sizeof(*profile->execs),
		   &profile_json_exec);
	write_list(file, "runs", profile->runs, profile->run_count, sizeof(*profile->runs),
		   &profile_json_run);
	write_list(file, "parts", profile->history, profile->history_count,
		   sizeof(*profile->history), &profile_json_part);
	write_bags(file, profile, names);
	fputs("\n}\n", file);
	errno = 0;
	if (fflush(file) != 0 || ferror(file))
		return fail(err, errno ? -errno : -EIO, "cannot write profile '%s': %s",
			    profile->name, strerror(errno ? errno : EIO));
	return 0;
}
