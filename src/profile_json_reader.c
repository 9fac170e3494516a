/* SPDX-License-Identifier: BSD-2-Clause */
#include "profile_json_reader.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "syscalls.h"
#include "util.h"

/* Where in the file: " in bags[3] of runs[0]". */
static void write_place(const struct json_reader *reader, char *place, size_t size)
{
	const struct json_reader *run = reader->run;
	int length = 0;

	*place = '\0';
	if (reader->list)
		length = snprintf(place, size, " in %s[%zu]", reader->list, reader->place);
	if (run)
		snprintf(place + length, size - (size_t)length, " %s %s[%zu]", length ? "of" : "in",
			 run->list, run->place);
}

int profile_json_reader_bad(const struct json_reader *reader, const char *format, ...)
{
	char place[96];
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	write_place(reader, place, sizeof(place));
	return fail(reader->err, -EINVAL, "cannot read profile '%s': %s%s", reader->path, what,
		    place);
}

int profile_json_reader_no_memory(const struct json_reader *reader)
{
	return fail(reader->err, -ENOMEM, "cannot read profile '%s': %s", reader->path,
		    strerror(ENOMEM));
}

/* A number as an integer or, where it does not fit one, as digits. */
static bool parse_number(const json_t *json, uint64_t *ret_number)
{
	const char *text = json_string_value(json);
	char *end;

	if (json_is_integer(json)) {
		*ret_number = (uint64_t)json_integer_value(json);
		return json_integer_value(json) >= 0;
	}
	if (!text || !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

int profile_json_reader_number(const struct json_reader *reader, const json_t *json,
			       const char *key, uint64_t most, uint64_t *ret_number)
{
	if (!parse_number(json, ret_number))
		return profile_json_reader_bad(reader, "'%s' is no whole number from 0 on", key);
	if (*ret_number > most)
		return profile_json_reader_bad(reader, "'%s' is above %" PRIu64, key, most);
	return 0;
}

static int read_text(const struct json_reader *reader, const json_t *json, const char *key,
		     char *text, size_t size)
{
	const char *hex = json_string_value(json_object_get(json, "hex"));

	if (hex && profile_json_hex_parse(hex, text, size) < 0)
		return profile_json_reader_bad(
			reader, "'hex' of '%s' is not up to %zu bytes in hexadecimal", key,
			size - 1);
	if (hex)
		return 0;
	if (!json_is_string(json))
		return profile_json_reader_bad(reader, "'%s' is no text", key);
	if (json_string_length(json) >= size)
		return profile_json_reader_bad(reader, "'%s' is longer than %zu bytes", key,
					       size - 1);
	strcpy(text, json_string_value(json));
	return 0;
}

static int read_state(const struct json_reader *reader, const json_t *json,
		      enum profile_state *state)
{
	int parsed = json_is_string(json) ? profile_state_parse(json_string_value(json)) : -EINVAL;

	if (parsed < 0)
		return profile_json_reader_bad(
			reader, "'state' is none of learning, partial, learnt and reviewed");
	*state = (enum profile_state)parsed;
	return 0;
}

static int read_field(const struct json_reader *reader, const json_t *json,
		      const struct json_field *field, void *value)
{
	uint64_t number;
	int r;

	if (!json)
		return field->optional
			       ? 0
			       : profile_json_reader_bad(reader, "'%s' is missing", field->key);
	if (field->kind == FIELD_TEXT)
		return read_text(reader, json, field->key, value, field->size);
	if (field->kind == FIELD_STATE)
		return read_state(reader, json, value);
	r = profile_json_reader_number(reader, json, field->key,
				       field->kind == FIELD_U32 ? UINT32_MAX : UINT64_MAX, &number);
	if (r < 0)
		return r;
	if (field->kind == FIELD_U32)
		*(uint32_t *)value = (uint32_t)number;
	else
		*(uint64_t *)value = number;
	return 0;
}

int profile_json_reader_fields(const struct json_reader *reader, const json_t *object,
			       const struct json_table *table, void *base)
{
	if (!json_is_object(object))
		return profile_json_reader_bad(reader, "there is no object");
	for (size_t i = 0; i < table->count; i++) {
		const struct json_field *field = &table->fields[i];
		int r = read_field(reader, json_object_get(object, field->key), field,
				   (char *)base + field->offset);

		if (r < 0)
			return r;
	}
	return 0;
}

int profile_json_reader_code(const struct json_reader *reader, const char *name)
{
	const char *arch = reader->profile->arch[0] ? reader->profile->arch : NULL;
	json_t *known = json_object_get(reader->codes, name);
	int code;

	if (known)
		return (int)json_integer_value(known);
	code = syscall_code(arch, name);
	if (code < 0)
		return profile_json_reader_bad(reader, "there is no call '%s'", name);
	if (json_object_set_new(reader->codes, name, json_integer(code)) < 0)
		return profile_json_reader_no_memory(reader);
	return code;
}

int profile_json_reader_list(struct json_reader *reader, const json_t *root, const char *key,
			     int (*read)(const struct json_reader *reader, const json_t *json))
{
	const json_t *list = json_object_get(root, key);
	int r = 0;

	if (!json_is_array(list))
		return profile_json_reader_bad(reader, "'%s' is no list", key);
	reader->list = key;
	for (reader->place = 0; reader->place < json_array_size(list) && r == 0; reader->place++)
		r = read(reader, json_array_get(list, reader->place));
	reader->list = NULL;
	return r;
}
