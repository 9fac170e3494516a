/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile out of the rows that store_sqlite_save.c wrote. What stands in the file may have been
 * changed since, so each value is checked for its type and size; what they mean together is for
 * store.c to judge.
 */
#include "store_sqlite.h"

#include <errno.h>
#include <string.h>

#include "../core/novelty.h"
#include "util.h"

static uint32_t unpack(const unsigned char *from, uint32_t bytes)
{
	uint32_t number = 0;

	while (bytes--)
		number = number << 8 | from[bytes];
	return number;
}

/* What the functions that read rows pass along. */
struct reading {
	const struct sqlite_store *store;
	const char *name;
	struct profile *profile;
	struct error *err;
};

static int damaged(const struct reading *reading, const char *what)
{
	return fail(reading->err, -EBADMSG, "profile '%s' in '%s' is damaged: %s", reading->name,
		    reading->store->path, what);
}

static int failed(const struct reading *reading)
{
	return store_sqlite_failed(reading->store, "load profile", reading->name, reading->err);
}

static bool read_number(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
			void *value)
{
	int64_t number = sqlite3_column_int64(statement, column);

	if (sqlite3_column_type(statement, column) != SQLITE_INTEGER)
		return false;
	if (field->kind == FIELD_U64) {
		*(uint64_t *)value = (uint64_t)number;
		return true;
	}
	*(uint32_t *)value = (uint32_t)number;
	return number >= 0 && number <= UINT32_MAX;
}

static bool read_text(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
		      char *value)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);

	if (!text || sqlite3_column_type(statement, column) != SQLITE_TEXT ||
	    length >= field->size || strlen(text) != length)
		return false;
	memcpy(value, text, length + 1);
	return true;
}

/* The bytes of a blob of whole items of `item` bytes, at most `most`, and how many items; NULL: it
 * is none. */
static const unsigned char *read_bytes(sqlite3_stmt *statement, int column, uint32_t item,
				       uint32_t most, uint32_t *ret_count)
{
	const unsigned char *bytes = sqlite3_column_blob(statement, column);
	size_t size = (size_t)sqlite3_column_bytes(statement, column);

	if (sqlite3_column_type(statement, column) != SQLITE_BLOB || size % item ||
	    size / item > most)
		return NULL;
	*ret_count = (uint32_t)(size / item);
	return size ? bytes : (const unsigned char *)"";
}

static bool read_bag(sqlite3_stmt *statement, int column, struct bag *bag, uint32_t window)
{
	uint32_t count = 0;
	const unsigned char *bytes = read_bytes(statement, column, 2, window, &count);

	if (!bytes || count != window)
		return false;
	for (uint32_t i = 0; i < window; i++)
		bag->code[i] = (uint16_t)unpack(bytes + 2 * i, 2);
	return true;
}

static bool read_set(sqlite3_stmt *statement, int column, struct callset *set)
{
	uint32_t count = 0, before = CODE_BEGIN;
	const unsigned char *bytes = read_bytes(statement, column, 2, CODE_COUNT, &count);

	if (!bytes)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t code = unpack(bytes + 2 * i, 2);

		if (code <= before || code >= CODE_COUNT)
			return false;
		callset_add(set, code);
		before = code;
	}
	return true;
}

static bool read_scores(sqlite3_stmt *statement, int column, uint32_t scores[SCORE_BINS])
{
	uint32_t count = 0;
	const unsigned char *bytes = read_bytes(statement, column, 4, SCORE_BINS, &count);

	if (!bytes)
		return false;
	for (uint32_t i = 0; i < count; i++)
		scores[i] = unpack(bytes + 4 * i, 4);
	return true;
}

/* Only a value that has the field's type and size is taken. */
static bool read_value(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
		       uint32_t window, void *value)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(statement, column, field, value);
	case FIELD_BAG:
		return read_bag(statement, column, value, window);
	case FIELD_SET:
		return read_set(statement, column, value);
	case FIELD_SCORES:
		return read_scores(statement, column, value);
	case FIELD_U32:
	case FIELD_U64:
		break;
	}
	return read_number(statement, column, field, value);
}

/* Fills the fields of an element that is all zero. */
static int read_row(const struct reading *reading, sqlite3_stmt *statement,
		    const struct sqlite_table *table, void *element)
{
	for (size_t i = 0; i < table->field_count; i++) {
		const struct sqlite_field *field = &table->fields[i];

		if (!read_value(statement, (int)i, field, reading->profile->window,
				(char *)element + field->offset))
			return damaged(reading, "a value in it is of the wrong kind");
	}
	return 0;
}

/* The functions that add an element to the profile return 1, 0 when it is there already, or
 * negative errno. */
static int add_run(struct profile *profile, const void *element)
{
	struct profile_run *run = profile_run(profile);

	if (!run)
		return -ENOMEM;
	*run = *(const struct profile_run *)element;
	return 1;
}

static int add_part(struct profile *profile, const void *element)
{
	struct profile_part *part = profile_part(profile);

	if (!part)
		return -ENOMEM;
	*part = *(const struct profile_part *)element;
	return 1;
}

static int add_exec(struct profile *profile, const void *element)
{
	const struct profile_exec *exec = element;

	return profile_exec(profile, exec->path, exec->inode, exec->count);
}

static int add_bag(struct profile *profile, const void *element)
{
	const struct profile_bag *known = element;
	int is_new;
	long place = profile_bag(profile, &known->bag, known->part, &is_new);

	if (place < 0)
		return (int)place;
	profile->bags[place] = *known;
	return is_new;
}

static int add_call(struct profile *profile, const void *element)
{
	const struct sqlite_call *call = element;

	if (call->code >= CODE_COUNT)
		return -ERANGE;
	if (profile->calls[call->code] || profile->repertoires.users[call->code])
		return 0;
	profile->calls[call->code] = call->count;
	profile->start_calls[call->code] = call->starts;
	profile->repertoires.users[call->code] = call->users;
	return 1;
}

static int add_sight(struct profile *profile, const void *element)
{
	if (profile->sight_count >= SIGHTS_MAX)
		return -ERANGE;
	return novelty_log(profile, element) < 0 ? -ENOMEM : 1;
}

static int add_gram(struct profile *profile, const void *element)
{
	const struct gram *gram = element;

	return profile_gram(profile, gram->calls, gram->count) < 0 ? -ENOMEM : 1;
}

static int add_repertoire(struct profile *profile, const void *element)
{
	const struct sqlite_repertoire *row = element;

	return repertoires_put(&profile->repertoires, &row->set, row->threads, row->part);
}

static int read_array(const struct reading *reading, const struct sqlite_table *table, int64_t id,
		      int (*add)(struct profile *profile, const void *element))
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	if (store_sqlite_prepare(reading->store, table->select, &statement) ||
	    sqlite3_bind_int64(statement, 1, id))
		return failed(reading);
	while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
		union {
			struct profile_run run;
			struct profile_exec exec;
			struct profile_part part;
			struct profile_bag bag;
			struct sqlite_call call;
			struct sight sight;
			struct gram gram;
			struct sqlite_repertoire repertoire;
		} element;

		memset(&element, 0, sizeof(element));
		r = read_row(reading, statement, table, &element);
		if (r < 0)
			return r;
		r = add(reading->profile, &element);
		if (r == -ENOMEM)
			return fail(reading->err, r, "cannot load profile '%s': %s", reading->name,
				    strerror(-r));
		if (r <= 0)
			return damaged(reading, "a row of it is there twice or cannot be");
	}
	return r == SQLITE_DONE ? 0 : failed(reading);
}

/* The window is checked here, because the size of the bags hangs on it. */
static int read_head(const struct reading *reading, int64_t *ret_id, uint64_t *ret_sum)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	if (store_sqlite_prepare(reading->store, store_sqlite_head.select, &statement) ||
	    sqlite3_bind_text(statement, 1, reading->name, -1, SQLITE_STATIC))
		return failed(reading);
	r = sqlite3_step(statement);
	if (r == SQLITE_DONE)
		return fail(reading->err, -ENOENT, "there is no profile '%s' in '%s'",
			    reading->name, reading->store->path);
	if (r != SQLITE_ROW)
		return failed(reading);
	r = read_row(reading, statement, &store_sqlite_head, reading->profile);
	if (r < 0)
		return r;
	if (reading->profile->window < 1 || reading->profile->window > WINDOW_MAX)
		return damaged(reading, "its window has no size that is known");
	*ret_id = sqlite3_column_int64(statement, (int)store_sqlite_head.field_count);
	*ret_sum = (uint64_t)sqlite3_column_int64(statement,
						  (int)store_sqlite_head.field_count + 1);
	return 0;
}

static void profile_free_p(struct profile **profile)
{
	profile_free(*profile);
}

/* Runs come first: the bags refer to them. */
int store_sqlite_load(const struct sqlite_store *store, const char *name,
		      struct profile **ret_profile, uint64_t *ret_sum, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = profile_new(name, WINDOW_MAX);
	struct reading reading = { store, name, profile, err };
	int64_t id = 0;
	int r;

	if (!profile)
		return fail(err, -ENOMEM, "cannot load profile '%s': %s", name, strerror(ENOMEM));
	r = read_head(&reading, &id, ret_sum);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_run, id, add_run);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_exec, id, add_exec);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_call, id, add_call);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_part, id, add_part);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_bag, id, add_bag);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_sight, id, add_sight);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_gram, id, add_gram);
	if (r == 0)
		r = read_array(&reading, &store_sqlite_repertoire, id, add_repertoire);
	if (r < 0)
		return r;
	*ret_profile = profile;
	profile = NULL;
	return 0;
}
