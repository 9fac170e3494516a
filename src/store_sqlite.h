/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the SQLite store share: store_sqlite.c is the store and says what went wrong,
 * store_sqlite_open.c finds out whether a file is one and makes new ones, store_sqlite_save.c and
 * store_sqlite_load.c turn a profile into rows and back. Nobody else includes this, so nobody else
 * sees sqlite3.h.
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

enum sqlite_field_kind {
	FIELD_TEXT,
	FIELD_U32,
	FIELD_U64,    /* stored as the signed number of the same bits */
	FIELD_BAG,    /* two bytes a call, little endian */
	FIELD_SET,    /* a struct callset: the codes in order, as above */
	FIELD_SCORES, /* four bytes a bin, little endian, up to the last that is not 0 */
};

struct sqlite_field {
	enum sqlite_field_kind kind;
	size_t offset;
	size_t size;
};

/* A part of a profile: the fields stand in the order of the columns in both statements. */
struct sqlite_table {
	const char *insert;
	const char *select;
	struct sqlite_field fields[14];
	size_t field_count;
};

/* A call that was counted; the others get no row. */
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

extern const struct sqlite_table store_sqlite_head, store_sqlite_run, store_sqlite_exec,
	store_sqlite_call, store_sqlite_part, store_sqlite_bag, store_sqlite_gram,
	store_sqlite_repertoire, store_sqlite_sight;

/* Inside the caller's transaction. An SQLite status. */
int store_sqlite_save(const struct sqlite_store *store, const struct profile *profile,
		      uint64_t saved_s, uint64_t sum);

/* Inside the caller's transaction. 0 or negative errno. */
int store_sqlite_load(const struct sqlite_store *store, const char *name,
		      struct profile **ret_profile, uint64_t *ret_sum, struct error *err);

#endif
