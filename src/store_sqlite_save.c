/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile into rows of SQLite tables, along the tables of fields in store_sqlite.c. Values are
 * bound, never pasted into SQL: a name may hold anything.
 */
#include "store_sqlite.h"

#include <errno.h>
#include <string.h>

#include "util.h"

/* So many bytes a number, however many the machine's own have and in whatever order. */
static unsigned char *pack(unsigned char *to, uint32_t number, uint32_t bytes)
{
	for (; bytes; bytes--, number >>= 8)
		*to++ = (unsigned char)number;
	return to;
}

static size_t pack_bag(const struct bag *bag, uint32_t window, unsigned char *bytes)
{
	unsigned char *end = bytes;

	for (uint32_t i = 0; i < window; i++)
		end = pack(end, bag->code[i], 2);
	return (size_t)(end - bytes);
}

static size_t pack_set(const struct callset *set, unsigned char *bytes)
{
	unsigned char *end = bytes;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (callset_has(set, code))
			end = pack(end, code, 2);
	return (size_t)(end - bytes);
}

static size_t pack_scores(const uint32_t *scores, unsigned char *bytes)
{
	unsigned char *end = bytes, *last = bytes;

	for (uint32_t bin = 0; bin < SCORE_BINS; bin++) {
		end = pack(end, scores[bin], 4);
		last = scores[bin] ? end : last;
	}
	return (size_t)(last - bytes);
}

/* What a set of all calls takes, the longest of all. */
#define BYTES_MOST (2 * CODE_COUNT)

static int bind_bytes(sqlite3_stmt *statement, int column, const unsigned char *bytes, size_t size)
{
	return sqlite3_bind_blob(statement, column, bytes, (int)size, SQLITE_TRANSIENT);
}

static int bind_field(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
		      const void *value, uint32_t window)
{
	unsigned char bytes[BYTES_MOST];

	switch (field->kind) {
	case FIELD_TEXT:
		return sqlite3_bind_text(statement, column, value, -1, SQLITE_STATIC);
	case FIELD_U32:
		return sqlite3_bind_int64(statement, column, *(const uint32_t *)value);
	case FIELD_U64:
		return sqlite3_bind_int64(statement, column, (int64_t) * (const uint64_t *)value);
	case FIELD_BAG:
		return bind_bytes(statement, column, bytes, pack_bag(value, window, bytes));
	case FIELD_SET:
		return bind_bytes(statement, column, bytes, pack_set(value, bytes));
	case FIELD_SCORES:
		return bind_bytes(statement, column, bytes, pack_scores(value, bytes));
	}
	return SQLITE_MISUSE;
}

/* Binds the fields of one element, and behind them the numbers of `more`. */
static int bind_row(sqlite3_stmt *statement, const struct sqlite_table *table, const void *element,
		    uint32_t window, const int64_t *more, size_t more_count)
{
	int column = 1;
	int r = SQLITE_OK;

	for (size_t i = 0; i < table->field_count && r == SQLITE_OK; i++)
		r = bind_field(statement, column++, &table->fields[i],
			       (const char *)element + table->fields[i].offset, window);
	for (size_t i = 0; i < more_count && r == SQLITE_OK; i++)
		r = sqlite3_bind_int64(statement, column++, more[i]);
	return r;
}

static int step_and_reset(sqlite3_stmt *statement)
{
	int r = sqlite3_step(statement);

	return r == SQLITE_DONE ? sqlite3_reset(statement) : r;
}

static int write_head(const struct sqlite_store *store, const struct profile *profile,
		      uint64_t saved_s, uint64_t sum)
{
	int64_t more[] = { (int64_t)saved_s, (int64_t)sum, (int64_t)profile_windows(profile),
			   (int64_t)profile->bag_count, (int64_t)profile->run_count };
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r = store_sqlite_prepare(store, store_sqlite_head.insert, &statement);

	if (r == SQLITE_OK)
		r = bind_row(statement, &store_sqlite_head, profile, profile->window, more,
			     ARRAY_SIZE(more));
	return r == SQLITE_OK ? step_and_reset(statement) : r;
}

/* The element of that number among its like. */
static int write_row(sqlite3_stmt *statement, const struct sqlite_table *table, int64_t id,
		     size_t number, uint32_t window, const void *element)
{
	int64_t more[] = { id, (int64_t)number };
	int r = bind_row(statement, table, element, window, more, ARRAY_SIZE(more));

	return r == SQLITE_OK ? step_and_reset(statement) : r;
}

static int write_array(const struct sqlite_store *store, const struct sqlite_table *table,
		       int64_t id, uint32_t window, const void *array, size_t count, size_t size)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r = store_sqlite_prepare(store, table->insert, &statement);

	for (size_t i = 0; i < count && r == SQLITE_OK; i++)
		r = write_row(statement, table, id, i, window, (const char *)array + i * size);
	return r;
}

static int write_calls(const struct sqlite_store *store, int64_t id, const struct profile *profile)
{
	struct sqlite_call calls[CODE_COUNT];
	size_t count = 0;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		if (profile->calls[code] || profile->repertoires.users[code])
			calls[count++] = (struct sqlite_call){ code, profile->calls[code],
							       profile->start_calls[code],
							       profile->repertoires.users[code] };
	return write_array(store, &store_sqlite_call, id, 0, calls, count, sizeof(*calls));
}

static int write_repertoires(const struct sqlite_store *store, int64_t id,
			     const struct repertoires *repertoires)
{
	const struct sqlite_table *table = &store_sqlite_repertoire;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r = store_sqlite_prepare(store, table->insert, &statement);

	for (size_t i = 0; i < repertoires->count && r == SQLITE_OK; i++) {
		const struct repertoire *from = &repertoires->all[i];
		struct sqlite_repertoire row = { repertoire_set(from->codes), from->threads,
						 from->part };

		r = write_row(statement, table, id, i, 0, &row);
	}
	return r;
}

/* The second view of threads: runs of calls, and repertoires. */
static int write_view(const struct sqlite_store *store, int64_t id, const struct profile *profile)
{
	int r = write_array(store, &store_sqlite_gram, id, 0, profile->grams, profile->gram_count,
			    sizeof(*profile->grams));

	return r == SQLITE_OK ? write_repertoires(store, id, &profile->repertoires) : r;
}

int store_sqlite_save(const struct sqlite_store *store, const struct profile *profile,
		      uint64_t saved_s, uint64_t sum)
{
	uint32_t window = profile->window;
	int r = write_head(store, profile, saved_s, sum);
	int64_t id = sqlite3_last_insert_rowid(store->db);

	if (r == SQLITE_OK)
		r = write_array(store, &store_sqlite_run, id, window, profile->runs,
				profile->run_count, sizeof(*profile->runs));
	if (r == SQLITE_OK)
		r = write_array(store, &store_sqlite_exec, id, window, profile->execs,
				profile->exec_count, sizeof(*profile->execs));
	if (r == SQLITE_OK)
		r = write_calls(store, id, profile);
	if (r == SQLITE_OK)
		r = write_array(store, &store_sqlite_part, id, window, profile->history,
				profile->history_count, sizeof(*profile->history));
	if (r == SQLITE_OK)
		r = write_array(store, &store_sqlite_bag, id, window, profile->bags,
				profile->bag_count, sizeof(*profile->bags));
	if (r == SQLITE_OK)
		r = write_array(store, &store_sqlite_sight, id, window, profile->sights,
				profile->sight_count, sizeof(*profile->sights));
	if (r == SQLITE_OK)
		r = write_view(store, id, profile);
	return r;
}
