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
#define LATER(name, field_kind, type, member)                      \
	{                                                          \
		.key = name, .kind = field_kind, .optional = true, \
		.offset = offsetof(struct type, member),           \
		.size = sizeof(((struct type *)0)->member)         \
	}
#define TEXT(type, member) FIELD(FIELD_TEXT, type, member)
#define U32(type, member)  FIELD(FIELD_U32, type, member)
#define U64(type, member)  FIELD(FIELD_U64, type, member)

const struct json_table profile_json_head = {
	.count = 13,
	.fields = { TEXT(profile, name), TEXT(profile, arch), TEXT(profile, image),
		    TEXT(profile, digest), TEXT(profile, container),
		    LATER("command", FIELD_TEXT, profile, command),
		    FIELD(FIELD_STATE, profile, state), TEXT(profile, why), U32(profile, window),
		    LATER("confirmed_parts", FIELD_U32, profile, confirmed_parts),
		    LATER("programs", FIELD_U64, profile, programs),
		    LATER("ended_threads", FIELD_U64, profile, repertoires.threads),
		    LATER("sight_threads", FIELD_U32, profile, threads) },
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
	.count = 5,
	.fields = { U64(profile_part, windows_before), U32(profile_part, frame_most),
		    U32(profile_part, fresh_most), LATER("logged", FIELD_U32, profile_part, logged),
		    LATER("level_most", FIELD_U32, profile_part, level_most) },
};

const struct json_table profile_json_bag = {
	.count = 5,
	.fields = { U64(profile_bag, count), U32(profile_bag, first_run),
		    U32(profile_bag, last_run), U32(profile_bag, part),
		    LATER("again", FIELD_U32, profile_bag, again) },
};

const struct json_table profile_json_sight = {
	.count = 4,
	.fields = { U32(sight, bag), U32(sight, thread), U32(sight, at), U32(sight, part) },
};

const struct json_table profile_json_gram = {
	.count = 1,
	.fields = { U64(gram, count) },
};

const struct json_table profile_json_repertoire = {
	.count = 2,
	.fields = { U64(repertoire, threads), U32(repertoire, part) },
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

static int digit_value(char digit)
{
	const char *digits = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

ssize_t profile_json_hex_parse(const char *hex, char *text, size_t size)
{
	size_t length = strlen(hex) / 2;

	if (strlen(hex) % 2 || length >= size)
		return -1;
	for (size_t i = 0; i < length; i++) {
		int high = digit_value(hex[2 * i]);
		int low = digit_value(hex[2 * i + 1]);

		if (high < 0 || low < 0 || (high | low) == 0)
			return -1;
		text[i] = (char)(high << 4 | low);
	}
	text[length] = '\0';
	return (ssize_t)length;
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

static void write_calls(FILE *file, const char *key, const uint64_t *calls, struct names *names)
{
	size_t written = 0;

	fprintf(file, ",\n\t\"%s\": {", key);
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		if (calls[code] == 0)
			continue;
		fprintf(file, "%s\"%s\": ", before(written++), name_of(names, code));
		write_number(file, calls[code]);
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

static void write_parts(FILE *file, const struct profile *profile)
{
	fputs(",\n\t\"parts\": [", file);
	for (size_t i = 0; i < profile->history_count; i++) {
		const struct profile_part *part = &profile->history[i];
		uint32_t bins = SCORE_BINS;

		while (bins && !part->scores[bins - 1])
			bins--;
		fprintf(file, "%s{", before(i));
		write_fields(file, &profile_json_part, part, ", ");
		fputs(", \"scores\": [", file);
		for (uint32_t bin = 0; bin < bins; bin++)
			fprintf(file, "%s%" PRIu32, bin ? ", " : "", part->scores[bin]);
		fputs("]}", file);
	}
	fputs(profile->history_count ? "\n\t]" : "]", file);
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
	write_fields(file, table, element, ", ");
	fputs("}", file);
}

static void write_bags(FILE *file, const struct profile *profile, struct names *names)
{
	fputs(",\n\t\"bags\": [", file);
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];

		begin_element(file, i);
		for (uint32_t j = 0; j < profile->window; j++)
			write_name(file, names, known->bag.code[j], j == 0);
		end_element(file, &profile_json_bag, known);
	}
	fputs(profile->bag_count ? "\n\t]" : "]", file);
}

static void write_grams(FILE *file, const struct profile *profile, struct names *names)
{
	fputs(",\n\t\"grams\": [", file);
	for (size_t i = 0; i < profile->gram_count; i++) {
		const struct gram *gram = &profile->grams[i];

		begin_element(file, i);
		for (uint32_t back = GRAM_CALLS; back-- > 0;)
			write_name(file, names, (gram->calls >> (back * CODE_BITS)) & CODE_MASK,
				   back + 1 == GRAM_CALLS);
		end_element(file, &profile_json_gram, gram);
	}
	fputs(profile->gram_count ? "\n\t]" : "]", file);
}

static void write_repertoires(FILE *file, const struct profile *profile, struct names *names)
{
	const struct repertoires *repertoires = &profile->repertoires;

	fputs(",\n\t\"repertoires\": [", file);
	for (size_t i = 0; i < repertoires->count; i++) {
		const struct repertoire *repertoire = &repertoires->all[i];

		begin_element(file, i);
		for (const uint16_t *code = repertoire->codes; *code; code++)
			write_name(file, names, *code, code == repertoire->codes);
		end_element(file, &profile_json_repertoire, repertoire);
	}
	fputs(repertoires->count ? "\n\t]" : "]", file);
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
	write_calls(file, "calls", profile->calls, names);
	write_calls(file, "start_calls", profile->start_calls, names);
	write_calls(file, "users", profile->repertoires.users, names);
	write_list(file, "execs", profile->execs, profile->exec_count, sizeof(*profile->execs),
		   &profile_json_exec);
	write_list(file, "runs", profile->runs, profile->run_count, sizeof(*profile->runs),
		   &profile_json_run);
	write_parts(file, profile);
	write_bags(file, profile, names);
	write_list(file, "sights", profile->sights, profile->sight_count, sizeof(*profile->sights),
		   &profile_json_sight);
	write_grams(file, profile, names);
	write_repertoires(file, profile, names);
	fputs("\n}\n", file);
	errno = 0;
	if (fflush(file) != 0 || ferror(file))
		return fail(err, errno ? -errno : -EIO, "cannot write profile '%s': %s",
			    profile->name, strerror(errno ? errno : EIO));
	return 0;
}
