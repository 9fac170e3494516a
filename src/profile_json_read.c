/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a profile from JSON. The file may come from anywhere, so each member must be there, of
 * its type and within its bounds, and a complaint says which one in which element it is about.
 * Members that are not known are passed over: a later form may add some.
 */
#include "profile_json.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "profile_json_fields.h"
#include "syscalls.h"
#include "util.h"

struct reader {
	const char *path;
	struct profile *profile;
	json_t *codes;	  /* the codes of the names met until now: finding one takes a search */
	const char *list; /* the element that is being read, for complaints; NULL: none */
	size_t place;
	struct error *err;
};

__attribute__((format(printf, 2, 3))) static int bad(const struct reader *reader,
						     const char *format, ...)
{
	char element[64] = "";
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (reader->list)
		snprintf(element, sizeof(element), " in %s[%zu]", reader->list, reader->place);
	return fail(reader->err, -EINVAL, "cannot read profile '%s': %s%s", reader->path, what,
		    element);
}

static int no_memory(const struct reader *reader)
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

static int read_number(const struct reader *reader, const json_t *json, const char *key,
		       uint64_t most, uint64_t *ret_number)
{
	if (!parse_number(json, ret_number))
		return bad(reader, "'%s' is no whole number from 0 on", key);
	if (*ret_number > most)
		return bad(reader, "'%s' is above %" PRIu64, key, most);
	return 0;
}

static int digit_value(char digit)
{
	const char *digits = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Text that JSON could not hold. The length, or -1. */
static ssize_t parse_hex(const char *hex, char *text, size_t size)
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

static int read_text(const struct reader *reader, const json_t *json, const char *key, char *text,
		     size_t size)
{
	const char *hex = json_string_value(json_object_get(json, "hex"));

	if (hex && parse_hex(hex, text, size) < 0)
		return bad(reader, "'hex' of '%s' is not up to %zu bytes in hexadecimal", key,
			   size - 1);
	if (hex)
		return 0;
	if (!json_is_string(json))
		return bad(reader, "'%s' is no text", key);
	if (json_string_length(json) >= size)
		return bad(reader, "'%s' is longer than %zu bytes", key, size - 1);
	strcpy(text, json_string_value(json));
	return 0;
}

static int read_state(const struct reader *reader, const json_t *json, enum profile_state *state)
{
	int parsed = json_is_string(json) ? profile_state_parse(json_string_value(json)) : -EINVAL;

	if (parsed < 0)
		return bad(reader, "'state' is none of learning, partial and learnt");
	*state = (enum profile_state)parsed;
	return 0;
}

static int read_field(const struct reader *reader, const json_t *json,
		      const struct json_field *field, void *value)
{
	uint64_t number;
	int r;

	if (!json)
		return bad(reader, "'%s' is missing", field->key);
	if (field->kind == FIELD_TEXT)
		return read_text(reader, json, field->key, value, field->size);
	if (field->kind == FIELD_STATE)
		return read_state(reader, json, value);
	r = read_number(reader, json, field->key,
			field->kind == FIELD_U32 ? UINT32_MAX : UINT64_MAX, &number);
	if (r < 0)
		return r;
	if (field->kind == FIELD_U32)
		*(uint32_t *)value = (uint32_t)number;
	else
		*(uint64_t *)value = number;
	return 0;
}

static int read_fields(const struct reader *reader, const json_t *object,
		       const struct json_table *table, void *base)
{
	if (!json_is_object(object))
		return bad(reader, "there is no object");
	for (size_t i = 0; i < table->count; i++) {
		const struct json_field *field = &table->fields[i];
		int r = read_field(reader, json_object_get(object, field->key), field,
				   (char *)base + field->offset);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_code(const struct reader *reader, const char *name)
{
	const char *arch = reader->profile->arch[0] ? reader->profile->arch : NULL;
	json_t *known = json_object_get(reader->codes, name);
	int code;

	if (known)
		return (int)json_integer_value(known);
	code = syscall_code(arch, name);
	if (code < 0)
		return bad(reader, "there is no call '%s'", name);
	if (json_object_set_new(reader->codes, name, json_integer(code)) < 0)
		return no_memory(reader);
	return code;
}

static int read_signals(const struct reader *reader, const json_t *list)
{
	if (!json_is_array(list))
		return bad(reader, "'signals' is no list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		int number = text ? profile_json_signal_parse(text) : -EINVAL;

		if (number < 0)
			return bad(reader, "'signals' holds '%s', which is no signal",
				   text ? text : "");
		reader->profile->signals |= 1ull << number;
	}
	return 0;
}

static int read_calls(const struct reader *reader, json_t *calls)
{
	const char *name;
	json_t *count;

	if (!json_is_object(calls))
		return bad(reader, "'calls' is no object");
	json_object_foreach(calls, name, count)
	{
		int code = read_code(reader, name);
		int r;

		if (code < 0)
			return code;
		if (reader->profile->calls[code])
			return bad(reader, "'calls' counts '%s' twice", name);
		r = read_number(reader, count, name, UINT64_MAX, &reader->profile->calls[code]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_run(const struct reader *reader, const json_t *json)
{
	struct profile_run *run = profile_run(reader->profile);

	return run ? read_fields(reader, json, &profile_json_run, run) : no_memory(reader);
}

static int read_exec(const struct reader *reader, const json_t *json)
{
	struct profile_exec exec = { 0 };
	int r = read_fields(reader, json, &profile_json_exec, &exec);

	if (r < 0)
		return r;
	r = profile_exec(reader->profile, exec.path, exec.inode, exec.count);
	if (r < 0)
		return no_memory(reader);
	return r ? 0 : bad(reader, "an executable stands for the second time");
}

static int read_part(const struct reader *reader, const json_t *json)
{
	struct profile_part *part = profile_part(reader->profile);

	return part ? read_fields(reader, json, &profile_json_part, part) : no_memory(reader);
}

/* The order of the names does not matter, so that a bag may be written by hand. */
static int read_bag_calls(const struct reader *reader, const json_t *list, struct bag *bag)
{
	uint32_t window = reader->profile->window;

	if (json_array_size(list) != window)
		return bad(reader, "'calls' is no list of %u names", window);
	for (uint32_t i = 0; i < window; i++) {
		const char *name = json_string_value(json_array_get(list, i));
		int code = name ? read_code(reader, name) : bad(reader, "'calls' holds no name");
		uint32_t at = i;

		if (code < 0)
			return code;
		if (code >= CODE_NEW)
			return bad(reader, "'calls' holds '%s', which is no call", name);
		for (; at > 0 && bag->code[at - 1] > code; at--)
			bag->code[at] = bag->code[at - 1];
		bag->code[at] = (uint16_t)code;
	}
	return 0;
}

static int read_bag(const struct reader *reader, const json_t *json)
{
	struct profile_bag known = { 0 };
	int is_new;
	long place;
	int r = read_fields(reader, json, &profile_json_bag, &known);

	if (r == 0)
		r = read_bag_calls(reader, json_object_get(json, "calls"), &known.bag);
	if (r < 0)
		return r;
	place = profile_bag(reader->profile, &known.bag, known.part, &is_new);
	if (place < 0)
		return no_memory(reader);
	if (!is_new)
		return bad(reader, "a bag stands for the second time");
	reader->profile->bags[place] = known;
	return 0;
}

static int read_list(struct reader *reader, const json_t *root, const char *key,
		     int (*read)(const struct reader *reader, const json_t *json))
{
	const json_t *list = json_object_get(root, key);
	int r = 0;

	if (!json_is_array(list))
		return bad(reader, "'%s' is no list", key);
	reader->list = key;
	for (reader->place = 0; reader->place < json_array_size(list) && r == 0; reader->place++)
		r = read(reader, json_array_get(list, reader->place));
	reader->list = NULL;
	return r;
}

/* The window is checked before the bags, whose length hangs on it. */
static int read_head(const struct reader *reader, const json_t *root)
{
	int r;

	if (json_integer_value(json_object_get(root, "bosc_profile")) != PROFILE_JSON_VERSION)
		return bad(reader, "its form is not the one this bosc knows, \"bosc_profile\": %d",
			   PROFILE_JSON_VERSION);
	r = read_fields(reader, root, &profile_json_head, reader->profile);
	if (r < 0)
		return r;
	if (reader->profile->window < 1 || reader->profile->window > WINDOW_MAX)
		return bad(reader, "'window' is not from 1 to %u", WINDOW_MAX);
	return 0;
}

static int read_own(const char *path, json_t *root, struct profile **ret_profile, struct error *err)
{
	_cleanup_profile_ struct profile *profile = profile_new("", WINDOW_MAX);
	_cleanup_json_ json_t *codes = json_object();
	struct reader reader = { .path = path, .profile = profile, .codes = codes, .err = err };
	int r;

	if (!profile || !codes)
		return no_memory(&reader);
	r = read_head(&reader, root);
	if (r == 0)
		r = read_signals(&reader, json_object_get(root, "signals"));
	if (r == 0)
		r = read_calls(&reader, json_object_get(root, "calls"));
	if (r == 0)
		r = read_list(&reader, root, "execs", read_exec);
	if (r == 0)
		r = read_list(&reader, root, "runs", read_run);
	if (r == 0)
		r = read_list(&reader, root, "parts", read_part);
	if (r == 0)
		r = read_list(&reader, root, "bags", read_bag);
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
	if (profile_check(profile, &why) < 0)
		return fail(err, -EINVAL, "cannot read profile '%s': %s", path, why);
	*ret_profile = profile;
	profile = NULL;
	return 0;
}
