/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile out of the rows of an older bosc, up to version 6 of the tables. What stands in the
 * file may have been changed since, so each value is checked for its type and size; what they mean
 * together is for others to judge. Each part of a profile is one row in a table of fields.
 */
#include "store_sqlite_old.h"

#include <errno.h>
#include <string.h>

#include "../core/novelty.h"
#include "util.h"

struct sqlite_table {
	const char *select;
	struct sqlite_field fields[14];
	size_t field_count;
};

/* A call that was counted; the others have no row. */
struct sqlite_call {
	uint32_t code;
	uint64_t count;
	uint64_t starts;
	uint64_t users; /* threads */
};

/* A repertoire with its calls at hand. */
struct sqlite_repertoire {
	struct callset set;
	uint64_t threads;
	uint32_t part;
};

#define FIELD(kind, type, member)                                                       \
	{                                                                               \
		kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}
#define TEXT(type, member) FIELD(FIELD_TEXT, type, member)
#define U32(type, member)  FIELD(FIELD_U32, type, member)
#define U64(type, member)  FIELD(FIELD_U64, type, member)

static const struct sqlite_table old_head = {
	"SELECT name, arch, image, digest, container, state, why, window, signals,"
	" programs, ended_threads, sight_threads, command, id, sum, confirmed_parts FROM profile"
	" WHERE name = ?",
	{ TEXT(profile, name), TEXT(profile, arch), TEXT(profile, image), TEXT(profile, digest),
	  TEXT(profile, container), U32(profile, state), TEXT(profile, why), U32(profile, window),
	  U64(profile, signals), U64(profile, programs), U64(profile, repertoires.threads),
	  U32(profile, threads), TEXT(profile, command) },
	13,
};

static const struct sqlite_table old_run = {
	"SELECT id, source, host, kernel, version, started_s, ended_s, calls, windows, new_bags,"
	" lost, joined_late FROM run WHERE profile = ? ORDER BY n",
	{ TEXT(profile_run, id), TEXT(profile_run, source), TEXT(profile_run, host),
	  TEXT(profile_run, kernel), TEXT(profile_run, version), U64(profile_run, started_s),
	  U64(profile_run, ended_s), U64(profile_run, calls), U64(profile_run, windows),
	  U64(profile_run, new_bags), U64(profile_run, lost), U32(profile_run, joined_late) },
	12,
};

/* A bag names its part by number, from 1; the other rows are numbered from 0. */
static const struct sqlite_table old_part = {
	"SELECT windows_before, frame_most, fresh_most, logged, level_most, scores FROM part"
	" WHERE profile = ? ORDER BY number",
	{ U64(profile_part, windows_before), U32(profile_part, frame_most),
	  U32(profile_part, fresh_most), U32(profile_part, logged), U32(profile_part, level_most),
	  FIELD(FIELD_SCORES, profile_part, scores) },
	6,
};

static const struct sqlite_table old_bag = {
	"SELECT code, count, first_run, last_run, part, again FROM bag WHERE profile = ?"
	" ORDER BY n",
	{ FIELD(FIELD_BAG, profile_bag, bag), U64(profile_bag, count), U32(profile_bag, first_run),
	  U32(profile_bag, last_run), U32(profile_bag, part), U32(profile_bag, again) },
	6,
};

static const struct sqlite_table old_exec = {
	"SELECT path, inode, count FROM exec WHERE profile = ? ORDER BY n",
	{ TEXT(profile_exec, path), U64(profile_exec, inode), U64(profile_exec, count) },
	3,
};

static const struct sqlite_table old_call = {
	"SELECT code, count, starts, users FROM call WHERE profile = ? ORDER BY n",
	{ U32(sqlite_call, code), U64(sqlite_call, count), U64(sqlite_call, starts),
	  U64(sqlite_call, users) },
	4,
};

static const struct sqlite_table old_gram = {
	"SELECT calls, count FROM gram WHERE profile = ? ORDER BY n",
	{ U64(gram, calls), U64(gram, count) },
	2,
};

static const struct sqlite_table old_repertoire = {
	"SELECT codes, threads, part FROM repertoire WHERE profile = ? ORDER BY n",
	{ FIELD(FIELD_SET, sqlite_repertoire, set), U64(sqlite_repertoire, threads),
	  U32(sqlite_repertoire, part) },
	3,
};

static const struct sqlite_table old_sight = {
	"SELECT bag, thread, at, part FROM sight WHERE profile = ? ORDER BY n",
	{ U32(sight, bag), U32(sight, thread), U32(sight, at), U32(sight, part) },
	4,
};

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

/* Fills the fields of an element that is all zero. */
static int read_row(const struct reading *reading, sqlite3_stmt *statement,
		    const struct sqlite_table *table, void *element)
{
	for (size_t i = 0; i < table->field_count; i++) {
		const struct sqlite_field *field = &table->fields[i];

		if (!store_sqlite_old_value(statement, (int)i, field, reading->profile->window,
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
static int read_head(const struct reading *reading, int64_t *ret_id, struct old_profile *old)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	if (store_sqlite_prepare(reading->store, old_head.select, &statement) ||
	    sqlite3_bind_text(statement, 1, reading->name, -1, SQLITE_STATIC))
		return failed(reading);
	r = sqlite3_step(statement);
	if (r != SQLITE_ROW)
		return failed(reading);
	r = read_row(reading, statement, &old_head, reading->profile);
	if (r < 0)
		return r;
	if (reading->profile->window < 1 || reading->profile->window > WINDOW_MAX)
		return damaged(reading, "its window has no size that is known");
	*ret_id = sqlite3_column_int64(statement, (int)old_head.field_count);
	old->sum = (uint64_t)sqlite3_column_int64(statement, (int)old_head.field_count + 1);
	old->confirmed_parts = (uint32_t)sqlite3_column_int64(statement,
							      (int)old_head.field_count + 2);
	return 0;
}

/* Runs come first: the bags refer to them. */
int store_sqlite_rows(const struct sqlite_store *store, const char *name,
		      struct old_profile *ret_old, struct error *err)
{
	_cleanup_(profile_free_p) struct profile *profile = profile_new(name, WINDOW_MAX);
	struct reading reading = { store, name, profile, err };
	int64_t id = 0;
	int r;

	if (!profile)
		return fail(err, -ENOMEM, "cannot load profile '%s': %s", name, strerror(ENOMEM));
	r = read_head(&reading, &id, ret_old);
	if (r == 0)
		r = read_array(&reading, &old_run, id, add_run);
	if (r == 0)
		r = read_array(&reading, &old_exec, id, add_exec);
	if (r == 0)
		r = read_array(&reading, &old_call, id, add_call);
	if (r == 0)
		r = read_array(&reading, &old_part, id, add_part);
	if (r == 0)
		r = read_array(&reading, &old_bag, id, add_bag);
	if (r == 0)
		r = read_array(&reading, &old_sight, id, add_sight);
	if (r == 0)
		r = read_array(&reading, &old_gram, id, add_gram);
	if (r == 0)
		r = read_array(&reading, &old_repertoire, id, add_repertoire);
	if (r < 0)
		return r;
	ret_old->profile = profile;
	profile = NULL;
	return 0;
}
