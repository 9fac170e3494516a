/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the SQLite store share: store_sqlite.c is the store and says what went wrong,
 * store_sqlite_open.c finds out whether a file is one and makes new ones, store_sqlite_renew.c
 * brings the tables of an older bosc up to date (store_sqlite_old.h). Nobody else includes this, so
 * nobody else sees sqlite3.h.
 */
#ifndef BOSC_STORE_SQLITE_H
#define BOSC_STORE_SQLITE_H

#include <sqlite3.h>

#include "store_backend.h"

struct sqlite_store {
	sqlite3 *db;
	char *path; /* absolute */
};

static inline void finalize_p(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement);
}

/* A transaction that was not committed when its function returns never was. */
static inline void rollback_p(const struct sqlite_store **store)
{
	if (!sqlite3_get_autocommit((*store)->db))
		sqlite3_exec((*store)->db, "ROLLBACK", NULL, NULL, NULL);
}

#define _cleanup_finalize_ _cleanup_(finalize_p)
#define _cleanup_rollback_ _cleanup_(rollback_p)

int store_sqlite_open(const char *where, bool write, void **ret_backend, struct error *err);
void store_sqlite_close(void *backend);

/* An SQLite status; on failure the statement is NULL. */
int store_sqlite_prepare(const struct sqlite_store *store, const char *sql,
			 sqlite3_stmt **ret_statement);

/* Runs statements that have no results. An SQLite status. */
int store_sqlite_execute(const struct sqlite_store *store, const char *sql);

/* Says "cannot DOING 'NAME' in 'PATH': " and why SQLite's last call failed, and returns the errno
 * that comes nearest, negative. */
int store_sqlite_failed(const struct sqlite_store *store, const char *doing, const char *name,
			struct error *err);

int store_sqlite_put_alarm(void *backend, const struct store_alarm *alarm, struct error *err);
int store_sqlite_remove_alarm(void *backend, const char *id, struct error *err);
int store_sqlite_count_alarms(void *backend, uint64_t *ret_count, struct error *err);
int store_sqlite_trim_alarms(void *backend, uint64_t most, uint64_t *ret_gone, struct error *err);
int store_sqlite_alarms(void *backend, const struct store_query *query, store_take_alarm *take,
			void *context, struct error *err);

/* Turns tables of version 6 into those of version 7, inside the caller's transaction. */
int store_sqlite_renew(const struct sqlite_store *store, struct error *err);

#endif
