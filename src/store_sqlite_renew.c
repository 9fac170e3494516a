/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From version 6 of the tables to version 7, where each run of a profile has a row with all that it
 * learnt. A profile that is damaged keeps its entry but has no runs, so that it still counts as
 * damaged.
 */
#include <errno.h>
#include <string.h>

#include "../core/merge.h"
#include "../core/profile_old.h"
#include "store_row.h"
#include "store_sqlite_old.h"
#include "util.h"

static const char new_tables[] =
	"CREATE TABLE new_profile (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" version INTEGER NOT NULL, state INTEGER NOT NULL, why TEXT NOT NULL,"
	" image TEXT NOT NULL, digest TEXT NOT NULL, saved_s INTEGER NOT NULL,"
	" window INTEGER NOT NULL, windows INTEGER NOT NULL, bags INTEGER NOT NULL,"
	" runs INTEGER NOT NULL);"
	"INSERT INTO new_profile SELECT id, name, 1, state, why, image, digest, saved_s, window,"
	" windows, bags, max(runs, 1) FROM profile;"
	"CREATE TABLE new_run (profile INTEGER NOT NULL REFERENCES new_profile ON DELETE CASCADE,"
	" id TEXT NOT NULL, head TEXT NOT NULL, content BLOB NOT NULL, sum INTEGER NOT NULL,"
	" PRIMARY KEY (profile, id))";

static const char old_tables[] =
	"DROP TABLE bag; DROP TABLE call; DROP TABLE exec; DROP TABLE gram; DROP TABLE part;"
	"DROP TABLE repertoire; DROP TABLE run; DROP TABLE sight; DROP TABLE profile;"
	"ALTER TABLE new_profile RENAME TO profile; ALTER TABLE new_run RENAME TO run;"
	"PRAGMA user_version = 7";

static int put_run(const struct sqlite_store *store, const char *name,
		   const struct profile_run *run)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	_cleanup_free_ char *head = NULL;
	struct store_row row;

	if (store_row_make(run, &head, &row) < 0)
		return SQLITE_NOMEM;
	store_sqlite_prepare(store,
			     "INSERT INTO new_run SELECT id, ?2, ?3, ?4, ?5 FROM new_profile"
			     " WHERE name = ?1",
			     &statement);
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, row.id, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, row.head, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(statement, 4, row.content, row.content_size, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, (int64_t)row.sum);
	return sqlite3_step(statement);
}

/* Gives each run what it learnt. -EBADMSG: the profile is not as it was saved. */
static int adopt(struct old_profile *old, const char *name, struct error *err)
{
	const char *why;
	int r;

	if (strcmp(old->profile->name, name) != 0 || store_sqlite_old_sum(old) != old->sum)
		return -EBADMSG;
	r = profile_adopt(old->profile, old->confirmed_parts, &why);
	if (r == 0)
		r = profile_rebuild(old->profile, &why);
	if (r == -ENOMEM)
		return fail(err, r, "cannot renew profile '%s': %s", name, why);
	return r < 0 ? -EBADMSG : 0;
}

/* Writes the profile's runs anew. One that is damaged is passed over. */
static int renew_profile(const struct sqlite_store *store, const char *name, struct error *err)
{
	struct old_profile old = { 0 };
	int r = store_sqlite_rows(store, name, &old, err);

	if (r == 0)
		r = adopt(&old, name, err);
	for (size_t i = 0; r == 0 && i < old.profile->run_count; i++)
		if (put_run(store, name, &old.profile->runs[i]) != SQLITE_DONE)
			r = store_sqlite_failed(store, "renew profile", name, err);
	profile_free(old.profile);
	return r == -EBADMSG ? 0 : r;
}

int store_sqlite_renew(const struct sqlite_store *store, struct error *err)
{
	_cleanup_finalize_ sqlite3_stmt *names = NULL;
	int r;

	if (store_sqlite_execute(store, new_tables) ||
	    store_sqlite_prepare(store, "SELECT name FROM new_profile", &names))
		return store_sqlite_failed(store, "renew", NULL, err);
	while ((r = sqlite3_step(names)) == SQLITE_ROW) {
		int status = renew_profile(store, (const char *)sqlite3_column_text(names, 0), err);

		if (status < 0)
			return status;
	}
	sqlite3_finalize(names);
	names = NULL;
	if (r != SQLITE_DONE || store_sqlite_execute(store, old_tables))
		return store_sqlite_failed(store, "renew", NULL, err);
	return 0;
}
