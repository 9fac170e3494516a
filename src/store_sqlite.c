/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles in an SQLite database. A profile is replaced in one transaction of a write-ahead log:
 * a kill, a crash or a full disk leaves the old one, and readers go on reading it meanwhile.
 * Every column that holds a part of a profile is one row in a table of fields below, and both
 * saving and loading follow the same row, so that what is written is what is read.
 */
#include "store_sqlite.h"

#include <errno.h>
#include <string.h>

#include "util.h"

#define FIELD(kind, type, member)                                                       \
	{                                                                               \
		kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}
#define TEXT(type, member) FIELD(FIELD_TEXT, type, member)
#define U32(type, member)  FIELD(FIELD_U32, type, member)
#define U64(type, member)  FIELD(FIELD_U64, type, member)

const struct sqlite_table store_sqlite_head = {
	"INSERT INTO profile (name, arch, image, digest, container, state, why, window, signals,"
	" confirmed_parts, programs, ended_threads, sight_threads, command, saved_s, sum, windows,"
	" bags, runs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	"SELECT name, arch, image, digest, container, state, why, window, signals,"
	" confirmed_parts, programs, ended_threads, sight_threads, command, id, sum FROM profile"
	" WHERE name = ?",
	{ TEXT(profile, name), TEXT(profile, arch), TEXT(profile, image), TEXT(profile, digest),
	  TEXT(profile, container), U32(profile, state), TEXT(profile, why), U32(profile, window),
	  U64(profile, signals), U32(profile, confirmed_parts), U64(profile, programs),
	  U64(profile, repertoires.threads), U32(profile, threads), TEXT(profile, command) },
	14,
};

const struct sqlite_table store_sqlite_run = {
	"INSERT INTO run (id, source, host, kernel, version, started_s, ended_s, calls, windows,"
	" new_bags, lost, joined_late, profile, n)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	"SELECT id, source, host, kernel, version, started_s, ended_s, calls, windows, new_bags,"
	" lost, joined_late FROM run WHERE profile = ? ORDER BY n",
	{ TEXT(profile_run, id), TEXT(profile_run, source), TEXT(profile_run, host),
	  TEXT(profile_run, kernel), TEXT(profile_run, version), U64(profile_run, started_s),
	  U64(profile_run, ended_s), U64(profile_run, calls), U64(profile_run, windows),
	  U64(profile_run, new_bags), U64(profile_run, lost), U32(profile_run, joined_late) },
	12,
};

/* A bag names its part by number, from 1; the other rows are numbered from 0. */
const struct sqlite_table store_sqlite_part = {
	"INSERT INTO part (windows_before, frame_most, fresh_most, logged, level_most, scores,"
	" profile, number) VALUES (?, ?, ?, ?, ?, ?, ?, ? + 1)",
	"SELECT windows_before, frame_most, fresh_most, logged, level_most, scores FROM part"
	" WHERE profile = ? ORDER BY number",
	{ U64(profile_part, windows_before), U32(profile_part, frame_most),
	  U32(profile_part, fresh_most), U32(profile_part, logged), U32(profile_part, level_most),
	  FIELD(FIELD_SCORES, profile_part, scores) },
	6,
};

const struct sqlite_table store_sqlite_bag = {
	"INSERT INTO bag (code, count, first_run, last_run, part, again, profile, n)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
	"SELECT code, count, first_run, last_run, part, again FROM bag WHERE profile = ?"
	" ORDER BY n",
	{ FIELD(FIELD_BAG, profile_bag, bag), U64(profile_bag, count), U32(profile_bag, first_run),
	  U32(profile_bag, last_run), U32(profile_bag, part), U32(profile_bag, again) },
	6,
};

const struct sqlite_table store_sqlite_exec = {
	"INSERT INTO exec (path, inode, count, profile, n) VALUES (?, ?, ?, ?, ?)",
	"SELECT path, inode, count FROM exec WHERE profile = ? ORDER BY n",
	{ TEXT(profile_exec, path), U64(profile_exec, inode), U64(profile_exec, count) },
	3,
};

const struct sqlite_table store_sqlite_call = {
	"INSERT INTO call (code, count, starts, users, profile, n) VALUES (?, ?, ?, ?, ?, ?)",
	"SELECT code, count, starts, users FROM call WHERE profile = ? ORDER BY n",
	{ U32(sqlite_call, code), U64(sqlite_call, count), U64(sqlite_call, starts),
	  U64(sqlite_call, users) },
	4,
};

const struct sqlite_table store_sqlite_gram = {
	"INSERT INTO gram (calls, count, profile, n) VALUES (?, ?, ?, ?)",
	"SELECT calls, count FROM gram WHERE profile = ? ORDER BY n",
	{ U64(gram, calls), U64(gram, count) },
	2,
};

const struct sqlite_table store_sqlite_repertoire = {
	"INSERT INTO repertoire (codes, threads, part, profile, n) VALUES (?, ?, ?, ?, ?)",
	"SELECT codes, threads, part FROM repertoire WHERE profile = ? ORDER BY n",
	{ FIELD(FIELD_SET, sqlite_repertoire, set), U64(sqlite_repertoire, threads),
	  U32(sqlite_repertoire, part) },
	3,
};

const struct sqlite_table store_sqlite_sight = {
	"INSERT INTO sight (bag, thread, at, part, profile, n) VALUES (?, ?, ?, ?, ?, ?)",
	"SELECT bag, thread, at, part FROM sight WHERE profile = ? ORDER BY n",
	{ U32(sight, bag), U32(sight, thread), U32(sight, at), U32(sight, part) },
	4,
};

/* The SQLite errors that a user can do something about. */
static const struct reason {
	int code;
	int status;
	const char *text; /* NULL: what the errno says */
} reasons[] = {
	{ SQLITE_FULL, ENOSPC, NULL },
	{ SQLITE_NOMEM, ENOMEM, NULL },
	{ SQLITE_PERM, EACCES, NULL },
	{ SQLITE_READONLY, EROFS, "it is open for reading only" },
	{ SQLITE_BUSY, EBUSY, "another program keeps it locked" },
	{ SQLITE_LOCKED, EBUSY, "another program keeps it locked" },
	{ SQLITE_NOTADB, EBADMSG, "it is no SQLite database" },
	{ SQLITE_CORRUPT, EBADMSG, "the database is damaged" },
	{ SQLITE_ERROR, EBADMSG, "the database has not the tables of a profile store" },
};

int store_sqlite_failed(const struct sqlite_store *store, const char *doing, const char *name,
			struct error *err)
{
	int code = sqlite3_errcode(store->db) & 0xff;
	int status = 0;
	const char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (reasons[i].code == code) {
			status = reasons[i].status;
			text = reasons[i].text;
		}
	}
	if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
		status = sqlite3_system_errno(store->db);
	if (status == 0) {
		status = EIO;
		text = sqlite3_errmsg(store->db);
	}
	if (!text)
		text = strerror(status);
	if (!name)
		return fail(err, -status, "cannot %s '%s': %s", doing, store->path, text);
	return fail(err, -status, "cannot %s '%s' in '%s': %s", doing, name, store->path, text);
}

int store_sqlite_prepare(const struct sqlite_store *store, const char *sql,
			 sqlite3_stmt **ret_statement)
{
	return sqlite3_prepare_v2(store->db, sql, -1, ret_statement, NULL);
}

int store_sqlite_execute(const struct sqlite_store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

void store_sqlite_close(void *backend)
{
	struct sqlite_store *store = backend;

	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

/* Runs a statement on the profile of that name. An SQLite status. */
static int change(const struct sqlite_store *store, const char *sql, const char *name)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r = store_sqlite_prepare(store, sql, &statement);

	if (r == SQLITE_OK)
		r = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (r == SQLITE_OK)
		r = sqlite3_step(statement);
	return r == SQLITE_DONE ? SQLITE_OK : r;
}

static int sqlite_save(void *backend, const struct profile *profile, uint64_t saved_s, uint64_t sum,
		       struct error *err)
{
	_cleanup_rollback_ const struct sqlite_store *store = backend;

	if (store_sqlite_execute(store, "BEGIN IMMEDIATE") ||
	    change(store, "DELETE FROM profile WHERE name = ?", profile->name) ||
	    store_sqlite_save(store, profile, saved_s, sum) ||
	    store_sqlite_execute(store, "COMMIT"))
		return store_sqlite_failed(store, "save profile", profile->name, err);
	return 0;
}

/* One transaction, so that all its rows are of the same moment. */
static int sqlite_load(void *backend, const char *name, struct profile **ret_profile,
		       uint64_t *ret_sum, struct error *err)
{
	_cleanup_rollback_ const struct sqlite_store *store = backend;

	if (store_sqlite_execute(store, "BEGIN"))
		return store_sqlite_failed(store, "load profile", name, err);
	return store_sqlite_load(store, name, ret_profile, ret_sum, err);
}

static void copy_column(sqlite3_stmt *statement, int column, char *to, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(to, size, "%s", text ? text : "");
}

static int entry_read(sqlite3_stmt *statement, struct store_entry *entry)
{
	int64_t state = sqlite3_column_int64(statement, 3);

	if (state < 0 || state >= PROFILE_STATES)
		return -EBADMSG;
	copy_column(statement, 0, entry->name, sizeof(entry->name));
	copy_column(statement, 1, entry->image, sizeof(entry->image));
	copy_column(statement, 2, entry->why, sizeof(entry->why));
	entry->state = (enum profile_state)state;
	entry->saved_s = (uint64_t)sqlite3_column_int64(statement, 4);
	entry->windows = (uint64_t)sqlite3_column_int64(statement, 5);
	entry->bags = (uint64_t)sqlite3_column_int64(statement, 6);
	entry->runs = (uint32_t)sqlite3_column_int64(statement, 7);
	copy_column(statement, 8, entry->digest, sizeof(entry->digest));
	return 0;
}

static int sqlite_list(void *backend, struct store_entry **ret_entries, size_t *ret_count,
		       struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count = 0;
	int r;

	store_sqlite_prepare(store,
			     "SELECT name, image, why, state, saved_s, windows, bags, runs, digest"
			     " FROM profile ORDER BY name",
			     &statement);
	while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_entry *more = reallocarray(entries, count + 1, sizeof(*entries));

		if (!more)
			return fail(err, -ENOMEM, "cannot list '%s': %s", store->path,
				    strerror(ENOMEM));
		entries = more;
		if (entry_read(statement, &entries[count++]) < 0)
			return fail(err, -EBADMSG, "cannot list '%s': profile '%s' is damaged",
				    store->path, (const char *)sqlite3_column_text(statement, 0));
	}
	if (r != SQLITE_DONE)
		return store_sqlite_failed(store, "list", NULL, err);
	*ret_entries = entries;
	*ret_count = count;
	entries = NULL;
	return 0;
}

static int sqlite_remove(void *backend, const char *name, struct error *err)
{
	const struct sqlite_store *store = backend;

	if (change(store, "DELETE FROM profile WHERE name = ?", name) != SQLITE_OK)
		return store_sqlite_failed(store, "remove profile", name, err);
	if (sqlite3_changes(store->db) == 0)
		return fail(err, -ENOENT, "there is no profile '%s' in '%s'", name, store->path);
	return 0;
}

static bool sqlite_is_sound(void *backend, char *what, size_t size)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store, "PRAGMA quick_check(1)", &statement);
	if (sqlite3_step(statement) != SQLITE_ROW) {
		snprintf(what, size, "%s", sqlite3_errmsg(store->db));
		return false;
	}
	copy_column(statement, 0, what, size);
	return strcmp(what, "ok") == 0;
}

const struct store_ops store_sqlite = {
	.open = store_sqlite_open,
	.close = store_sqlite_close,
	.save = sqlite_save,
	.load = sqlite_load,
	.list = sqlite_list,
	.remove = sqlite_remove,
	.is_sound = sqlite_is_sound,
};
