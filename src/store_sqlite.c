/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles in an SQLite database. What is saved is saved in one transaction of a write-ahead log:
 * a kill, a crash or a full disk leaves what was there, and readers go on reading it meanwhile.
 */
#include "store_sqlite.h"

#include <errno.h>
#include <string.h>

#include "util.h"

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

static int sqlite_begin(void *backend, const char *name, struct error *err)
{
	const struct sqlite_store *store = backend;

	if (!store_sqlite_execute(store, name ? "BEGIN IMMEDIATE" : "BEGIN"))
		return 0;
	if (name && !name[0])
		return store_sqlite_failed(store, "write to", NULL, err);
	return store_sqlite_failed(store, name ? "save profile" : "read", name, err);
}

static int sqlite_end(void *backend, bool keep, struct error *err)
{
	_cleanup_rollback_ const struct sqlite_store *store = backend;

	if (keep && store_sqlite_execute(store, "COMMIT"))
		return store_sqlite_failed(store, "write to", NULL, err);
	return 0;
}

static void copy_column(sqlite3_stmt *statement, int column, char *to, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	snprintf(to, size, "%s", text ? text : "");
}

#define ENTRY                                                                            \
	"SELECT name, image, digest, why, state, saved_s, version, windows, bags, runs," \
	" window FROM profile"

static int read_entry(const struct sqlite_store *store, sqlite3_stmt *statement,
		      struct store_entry *entry, struct error *err)
{
	int64_t state = sqlite3_column_int64(statement, 4);
	int64_t window = sqlite3_column_int64(statement, 10);

	*entry = (struct store_entry){ 0 };
	copy_column(statement, 0, entry->name, sizeof(entry->name));
	copy_column(statement, 1, entry->image, sizeof(entry->image));
	copy_column(statement, 2, entry->digest, sizeof(entry->digest));
	copy_column(statement, 3, entry->why, sizeof(entry->why));
	if (state < 0 || state >= PROFILE_STATES || window < 1 || window > WINDOW_MAX)
		return fail(err, -EBADMSG,
			    "profile '%s' in '%s' is damaged: its entry holds a value that no "
			    "profile has",
			    entry->name, store->path);
	entry->state = (enum profile_state)state;
	entry->saved_s = (uint64_t)sqlite3_column_int64(statement, 5);
	entry->version = (uint64_t)sqlite3_column_int64(statement, 6);
	entry->windows = (uint64_t)sqlite3_column_int64(statement, 7);
	entry->bags = (uint64_t)sqlite3_column_int64(statement, 8);
	entry->runs = (uint32_t)sqlite3_column_int64(statement, 9);
	entry->window = (uint32_t)window;
	return 0;
}

static int sqlite_entry(void *backend, const char *name, struct store_entry *ret_entry,
			struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	store_sqlite_prepare(store, ENTRY " WHERE name = ?", &statement);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	r = sqlite3_step(statement);
	if (r == SQLITE_DONE)
		return -ENOENT;
	if (r != SQLITE_ROW)
		return store_sqlite_failed(store, "load profile", name, err);
	return read_entry(store, statement, ret_entry, err);
}

static int sqlite_list(void *backend, struct store_entry **ret_entries, size_t *ret_count,
		       struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	_cleanup_free_ struct store_entry *entries = NULL;
	size_t count = 0;
	int r;

	store_sqlite_prepare(store, ENTRY " ORDER BY name", &statement);
	while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
		struct store_entry *more = reallocarray(entries, count + 1, sizeof(*entries));

		if (!more)
			return fail(err, -ENOMEM, "cannot list '%s': %s", store->path,
				    strerror(ENOMEM));
		entries = more;
		more = &entries[count++];
		more->damaged = read_entry(store, statement, more, err) < 0;
	}
	if (r != SQLITE_DONE)
		return store_sqlite_failed(store, "list", NULL, err);
	*ret_entries = entries;
	*ret_count = count;
	entries = NULL;
	return 0;
}

/* A value of another type than it was written as becomes an empty one, which the sum finds out. */
static int take_row(sqlite3_stmt *statement, store_take *take, void *context, struct error *err)
{
	const char *id = (const char *)sqlite3_column_text(statement, 0);
	const char *head = (const char *)sqlite3_column_text(statement, 1);
	struct store_row row = { .id = id ? id : "", .head = head ? head : "" };

	row.content = sqlite3_column_blob(statement, 2);
	row.content_size = (size_t)sqlite3_column_bytes(statement, 2);
	row.sum = (uint64_t)sqlite3_column_int64(statement, 3);
	return take(&row, context, err);
}

static int sqlite_runs(void *backend, const char *name, const char *id, store_take *take,
		       void *context, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	store_sqlite_prepare(store,
			     "SELECT run.id, head, content, sum FROM run JOIN profile ON"
			     " profile.id = profile WHERE name = ?1 AND (run.id = ?2 OR ?2 IS NULL)"
			     " ORDER BY run.id",
			     &statement);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, id, -1, SQLITE_STATIC);
	while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
		int status = take_row(statement, take, context, err);

		if (status)
			return status;
	}
	return r == SQLITE_DONE ? 0 : store_sqlite_failed(store, "load profile", name, err);
}

static int sqlite_put_entry(void *backend, const struct store_entry *entry, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store,
			     "INSERT INTO profile (name, image, digest, why, state, saved_s,"
			     " windows, bags, runs, window, version)"
			     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (name) DO"
			     " UPDATE SET image = excluded.image, digest = excluded.digest,"
			     " why = excluded.why, state = excluded.state,"
			     " saved_s = excluded.saved_s, windows = excluded.windows,"
			     " bags = excluded.bags, runs = excluded.runs, version = version + 1",
			     &statement);
	sqlite3_bind_text(statement, 1, entry->name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, entry->image, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, entry->digest, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, entry->why, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, entry->state);
	sqlite3_bind_int64(statement, 6, (int64_t)entry->saved_s);
	sqlite3_bind_int64(statement, 7, (int64_t)entry->windows);
	sqlite3_bind_int64(statement, 8, (int64_t)entry->bags);
	sqlite3_bind_int64(statement, 9, entry->runs);
	sqlite3_bind_int64(statement, 10, entry->window);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "save profile", entry->name, err);
	return 0;
}

static int sqlite_put_run(void *backend, const char *name, const struct store_row *row,
			  struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store,
			     "INSERT INTO run (profile, id, head, content, sum)"
			     " SELECT profile.id, ?2, ?3, ?4, ?5 FROM profile WHERE name = ?1"
			     " ON CONFLICT (profile, id) DO UPDATE SET head = excluded.head,"
			     " content = excluded.content, sum = excluded.sum"
			     " WHERE sum != excluded.sum",
			     &statement);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, row->id, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, row->head, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 4, row->content, row->content_size, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, (int64_t)row->sum);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "save profile", name, err);
	return 0;
}

static int sqlite_remove(void *backend, const char *name, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store, "DELETE FROM profile WHERE name = ?", &statement);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "remove profile", name, err);
	return sqlite3_changes(store->db) ? 0 : -ENOENT;
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
	.begin = sqlite_begin,
	.end = sqlite_end,
	.entry = sqlite_entry,
	.runs = sqlite_runs,
	.put_entry = sqlite_put_entry,
	.put_run = sqlite_put_run,
	.list = sqlite_list,
	.remove = sqlite_remove,
	.is_sound = sqlite_is_sound,
	.put_alarm = store_sqlite_put_alarm,
	.remove_alarm = store_sqlite_remove_alarm,
	.count_alarms = store_sqlite_count_alarms,
	.trim_alarms = store_sqlite_trim_alarms,
	.alarms = store_sqlite_alarms,
};
