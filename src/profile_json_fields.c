/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plain members of a profile's JSON: rows in tables of fields, which writing and reading both
 * follow.
 */
#include "profile_json_fields.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

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
	.count = 5,
	.fields = { TEXT(profile, name), TEXT(profile, arch), FIELD(FIELD_STATE, profile, state),
		    TEXT(profile, why), U32(profile, window) },
};

const struct json_table profile_json_head_1 = {
	.count = 12,
	.fields = { TEXT(profile, name), TEXT(profile, arch), TEXT(profile, image),
		    TEXT(profile, digest), TEXT(profile, container),
		    LATER("command", FIELD_TEXT, profile, command),
		    FIELD(FIELD_STATE, profile, state), TEXT(profile, why), U32(profile, window),
		    LATER("programs", FIELD_U64, profile, programs),
		    LATER("ended_threads", FIELD_U64, profile, repertoires.threads),
		    LATER("sight_threads", FIELD_U32, profile, threads) },
};

const struct json_table profile_json_run = {
	.count = 25,
	.fields = { TEXT(profile_run, id),
		    TEXT(profile_run, source),
		    TEXT(profile_run, host),
		    TEXT(profile_run, kernel),
		    TEXT(profile_run, version),
		    LATER("image", FIELD_TEXT, profile_run, image),
		    LATER("digest", FIELD_TEXT, profile_run, digest),
		    LATER("command", FIELD_TEXT, profile_run, command),
		    LATER("container", FIELD_TEXT, profile_run, container),
		    LATER("note", FIELD_TEXT, profile_run, note),
		    LATER("state", FIELD_STATE, profile_run, state),
		    LATER("why", FIELD_TEXT, profile_run, why),
		    LATER("order", FIELD_U64, profile_run, order),
		    U64(profile_run, started_s),
		    U64(profile_run, ended_s),
		    U64(profile_run, calls),
		    U64(profile_run, windows),
		    U64(profile_run, new_bags),
		    U64(profile_run, lost),
		    LATER("unseen_ppb", FIELD_U64, profile_run, unseen_ppb),
		    U32(profile_run, joined_late),
		    LATER("reviewer", FIELD_TEXT, profile_run, reviewer),
		    LATER("reviewed_s", FIELD_U64, profile_run, reviewed_s),
		    LATER("withdrawer", FIELD_TEXT, profile_run, withdrawer),
		    LATER("withdrawn_s", FIELD_U64, profile_run, withdrawn_s) },
};

const struct json_table profile_json_content = {
	.count = 3,
	.fields = { U64(profile, programs),
		    LATER("ended_threads", FIELD_U64, profile, repertoires.threads),
		    LATER("sight_threads", FIELD_U32, profile, threads) },
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
	.count = 3,
	.fields = { U64(profile_bag, count), U32(profile_bag, part), U32(profile_bag, again) },
};

const struct json_table profile_json_bag_1 = {
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
