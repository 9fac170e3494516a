/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values out of a profile's JSON, each checked for its type and its bounds. The file may come from
 * anywhere, so a complaint says which member of which element it is about.
 */
#ifndef BOSC_PROFILE_JSON_READER_H
#define BOSC_PROFILE_JSON_READER_H

#include "profile_json_fields.h"

struct json_reader {
	const char *path;
	struct profile *profile;
	bool first_form;  /* all runs have one content */
	json_t *codes;	  /* the codes of the names met until now: finding one takes a search */
	const char *list; /* the element that is being read, for complaints; NULL: none */
	size_t place;
	const struct json_reader *run; /* whose content is read: its list and place; NULL: all's */
	struct error *err;
};

/* Complains in the reader's error, with the place. -EINVAL. */
__attribute__((format(printf, 2, 3))) int profile_json_reader_bad(const struct json_reader *reader,
								  const char *format, ...);

/* Says so in the reader's error. -ENOMEM. */
int profile_json_reader_no_memory(const struct json_reader *reader);

/* The functions below return 0 or a code, or complain. */

/* A whole number from 0 to `most`; `key` is for the complaint. */
int profile_json_reader_number(const struct json_reader *reader, const json_t *json,
			       const char *key, uint64_t most, uint64_t *ret_number);

/* Fills the members that the table names. */
int profile_json_reader_fields(const struct json_reader *reader, const json_t *object,
			       const struct json_table *table, void *base);

/* The code of a call by its name. */
int profile_json_reader_code(const struct json_reader *reader, const char *name);

/* Reads each element of the list of that name. */
int profile_json_reader_list(struct json_reader *reader, const json_t *root, const char *key,
			     int (*read)(const struct json_reader *reader, const json_t *json));

/* What a run learnt, or in the first form all runs together, into the reader's profile. */
int profile_json_read_content(struct json_reader *reader, const json_t *root);

#endif
