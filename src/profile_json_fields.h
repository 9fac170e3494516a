/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What writing (profile_json.c) and reading (profile_json_read.c) a profile as JSON share: which
 * members there are. profile_original.c reads the older form.
 */
#ifndef BOSC_PROFILE_JSON_FIELDS_H
#define BOSC_PROFILE_JSON_FIELDS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "../core/profile.h"
#include "error.h"
#include "json.h"

#define PROFILE_JSON_VERSION 2
#define PROFILE_JSON_SIGNAL  16

enum json_field_kind {
	FIELD_TEXT,
	FIELD_U32,
	FIELD_U64,
	FIELD_STATE,
};

struct json_field {
	const char *key;
	enum json_field_kind kind;
	bool optional; /* missing means 0: an older bosc did not write it */
	size_t offset;
	size_t size;
};

struct json_table {
	struct json_field fields[26];
	size_t count;
};

extern const struct json_table profile_json_head, profile_json_run, profile_json_content,
	profile_json_exec, profile_json_part, profile_json_bag, profile_json_sight,
	profile_json_gram, profile_json_repertoire;

/* What the first form had otherwise: all runs together had one content. */
extern const struct json_table profile_json_head_1, profile_json_bag_1;

#define _cleanup_profile_ _cleanup_(profile_free_p)

/* The members that the table names, of a struct at `base`, with `between` between them. */
void profile_json_write_fields(FILE *file, const struct json_table *table, const void *base,
			       const char *between);

/* The name of a signal, which may be put into `name`, of PROFILE_JSON_SIGNAL bytes. */
const char *profile_json_signal(unsigned int number, char *name);

/* The number of the signal of that name, or -EINVAL. */
int profile_json_signal_parse(const char *name);

/* Text that JSON cannot hold, from hexadecimal. The length, or -1. */
ssize_t profile_json_hex_parse(const char *hex, char *text, size_t size);

/* Makes a profile of the original program's database; it need not pass profile_check(). */
int profile_original_read(const char *path, const char *name, const json_t *root,
			  struct profile **ret_profile, struct error *err);

#endif
