/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening an SQLite store: whether the file is one, and making it when it may be made. A store
 * carries an application id and the version of its tables; a file that is not known to be ours,
 * or that a newer bosc wrote, is left as it is. One that an older bosc wrote is brought up to date
 * by whoever opens it first, be it only to read, in the steps that a new one is made in.
 */
#include "store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "util.h"

#define APPLICATION_ID 1651471203 /* "bosc" */
#define BUSY_MS	       5000

/* The last lines of the first step, and of each other one, say what accept() asks for. */
static const char first_step[] =
	"CREATE TABLE profile (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" arch TEXT NOT NULL, image TEXT NOT NULL, digest TEXT NOT NULL,"
	" container TEXT NOT NULL, state INTEGER NOT NULL, why TEXT NOT NULL,"
	" window INTEGER NOT NULL, signals INTEGER NOT NULL, saved_s INTEGER NOT NULL,"
	" sum INTEGER NOT NULL, windows INTEGER NOT NULL, bags INTEGER NOT NULL,"
	" runs INTEGER NOT NULL);"
	"CREATE TABLE run (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL, host TEXT NOT NULL,"
	" kernel TEXT NOT NULL, version TEXT NOT NULL, started_s INTEGER NOT NULL,"
	" ended_s INTEGER NOT NULL, calls INTEGER NOT NULL, windows INTEGER NOT NULL,"
	" new_bags INTEGER NOT NULL, lost INTEGER NOT NULL, joined_late INTEGER NOT NULL,"
	" PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"CREATE TABLE part (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" number INTEGER NOT NULL, windows_before INTEGER NOT NULL, frame_most INTEGER NOT NULL,"
	" fresh_most INTEGER NOT NULL, PRIMARY KEY (profile, number)) WITHOUT ROWID;"
	"CREATE TABLE bag (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, code BLOB NOT NULL, count INTEGER NOT NULL,"
	" first_run INTEGER NOT NULL, last_run INTEGER NOT NULL, part INTEGER NOT NULL,"
	" PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"CREATE TABLE call (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"CREATE TABLE exec (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, path TEXT NOT NULL, inode INTEGER NOT NULL,"
	" count INTEGER NOT NULL, PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"PRAGMA application_id = 1651471203;"
	"PRAGMA user_version = 1";

/* Step n leads from version n to n + 1, and behind them stands store_sqlite_renew(). A step that
 * was ever released does not change. */
static const char *const steps[] = {
	first_step,
	"ALTER TABLE profile ADD COLUMN confirmed_parts INTEGER NOT NULL DEFAULT 0;"
	"PRAGMA user_version = 2",
	"ALTER TABLE profile ADD COLUMN programs INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE call ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;"
	"PRAGMA user_version = 3",
	"ALTER TABLE profile ADD COLUMN ended_threads INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE call ADD COLUMN users INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE part ADD COLUMN level_most INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE part ADD COLUMN scores BLOB NOT NULL DEFAULT x'';"
	"CREATE TABLE gram (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, calls INTEGER NOT NULL, count INTEGER NOT NULL,"
	" PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"CREATE TABLE repertoire (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, codes BLOB NOT NULL, threads INTEGER NOT NULL,"
	" part INTEGER NOT NULL, PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"PRAGMA user_version = 4",
	"ALTER TABLE profile ADD COLUMN sight_threads INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE part ADD COLUMN logged INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE bag ADD COLUMN again INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE sight (profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,"
	" n INTEGER NOT NULL, bag INTEGER NOT NULL, thread INTEGER NOT NULL,"
	" at INTEGER NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (profile, n)) WITHOUT ROWID;"
	"PRAGMA user_version = 5",
	"ALTER TABLE profile ADD COLUMN command TEXT NOT NULL DEFAULT '';"
	"PRAGMA user_version = 6",
};

#define RENEWED_VERSION ((int64_t)ARRAY_SIZE(steps) + 1)

/* The same from there on. */
static const char *const later_steps[] = {
	"CREATE TABLE alarm (id TEXT PRIMARY KEY, time_ns INTEGER NOT NULL, host TEXT NOT NULL,"
	" target TEXT NOT NULL, profile TEXT NOT NULL, rule TEXT NOT NULL,"
	" severity INTEGER NOT NULL, line TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX alarm_time ON alarm (time_ns);"
	"PRAGMA user_version = 8",
};

#define SCHEMA_VERSION (RENEWED_VERSION + (int64_t)ARRAY_SIZE(later_steps))

/* Runs a statement whose first result is one number. */
static int query_number(const struct sqlite_store *store, const char *sql, int64_t *ret_number)
{
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r = store_sqlite_prepare(store, sql, &statement);

	if (r != SQLITE_OK)
		return r;
	r = sqlite3_step(statement);
	if (r != SQLITE_ROW)
		return r;
	*ret_number = sqlite3_column_int64(statement, 0);
	return SQLITE_OK;
}

/* What a database is to us. */
struct identity {
	int64_t application;
	int64_t version;
	int64_t objects; /* tables and whatever else it holds */
};

static int identify(const struct sqlite_store *store, struct identity *ret_identity,
		    struct error *err)
{
	if (query_number(store, "PRAGMA application_id", &ret_identity->application) ||
	    query_number(store, "PRAGMA user_version", &ret_identity->version) ||
	    query_number(store, "SELECT count(*) FROM sqlite_master", &ret_identity->objects))
		return store_sqlite_failed(store, "open profile store", NULL, err);
	return 0;
}

static bool is_empty(const struct identity *identity)
{
	return identity->application == 0 && identity->version == 0 && identity->objects == 0;
}

static bool is_old(const struct identity *identity)
{
	return identity->application == APPLICATION_ID && identity->version > 0 &&
	       identity->version < SCHEMA_VERSION;
}

static int accept(const struct sqlite_store *store, const struct identity *identity,
		  struct error *err)
{
	if (identity->application != APPLICATION_ID)
		return fail(err, -EINVAL,
			    "cannot open profile store '%s': it is the database of another program",
			    store->path);
	if (identity->version > SCHEMA_VERSION) {
		fail(err, 0,
		     "cannot open profile store '%s': a newer bosc wrote it (version %lld "
		     "of its tables, this bosc knows %lld)",
		     store->path, (long long)identity->version, (long long)SCHEMA_VERSION);
		return fail_hint(err, -ENOTSUP, "the newer bosc, or another store (--store PATH)");
	}
	if (identity->version != SCHEMA_VERSION)
		return fail(err, -EBADMSG,
			    "cannot open profile store '%s': the database is damaged", store->path);
	return 0;
}

/* Another program that opens the file at the same moment makes this fail at once, and SQLite does
 * not wait here as it does elsewhere. An SQLite status. */
static int use_log(const struct sqlite_store *store)
{
	int r = SQLITE_BUSY;

	for (int waited_ms = 0; waited_ms < BUSY_MS && r == SQLITE_BUSY; waited_ms += 10) {
		if (waited_ms)
			usleep(10000);
		r = store_sqlite_execute(store, "PRAGMA journal_mode = WAL");
	}
	return r;
}

/* From a version to today's. */
static int take_steps(const struct sqlite_store *store, int64_t version, struct error *err)
{
	bool is_renewed = version >= RENEWED_VERSION;
	int r;

	for (int64_t step = version; step < (int64_t)ARRAY_SIZE(steps); step++)
		if (store_sqlite_execute(store, steps[step]))
			return store_sqlite_failed(store, "make profile store", NULL, err);
	r = is_renewed ? 0 : store_sqlite_renew(store, err);
	if (r < 0)
		return r;
	for (int64_t step = is_renewed ? version - RENEWED_VERSION : 0;
	     step < (int64_t)ARRAY_SIZE(later_steps); step++)
		if (store_sqlite_execute(store, later_steps[step]))
			return store_sqlite_failed(store, "make profile store", NULL, err);
	return 0;
}

/* Makes the tables, or those that are missing. Somebody else may do the same at the same moment, so
 * what it is is asked again inside. */
static int make_tables(const struct sqlite_store *opened, struct identity *identity,
		       struct error *err)
{
	_cleanup_rollback_ const struct sqlite_store *store = opened;
	int r;

	if (use_log(store) || store_sqlite_execute(store, "BEGIN IMMEDIATE"))
		return store_sqlite_failed(store, "make profile store", NULL, err);
	r = identify(store, identity, err);
	if (r < 0 || (!is_empty(identity) && !is_old(identity)))
		return r;
	r = take_steps(store, identity->version, err);
	if (r < 0)
		return r;
	if (store_sqlite_execute(store, "COMMIT"))
		return store_sqlite_failed(store, "make profile store", NULL, err);
	return identify(store, identity, err);
}

/* Closing would move a log that was left behind into the database: not into a strange one. */
static void keep_log(const struct sqlite_store *store, int keep)
{
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL);
}

/* A database is input like any other: it may have been made to hurt who opens it. */
static void distrust(const struct sqlite_store *store)
{
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	store_sqlite_execute(store, "PRAGMA cell_size_check = ON");
}

/* All three answers come from the same moment, or a store that is just being made would look like
 * something else. */
static int look(const struct sqlite_store *opened, struct identity *ret_identity, struct error *err)
{
	_cleanup_rollback_ const struct sqlite_store *store = opened;

	if (store_sqlite_execute(store, "BEGIN"))
		return store_sqlite_failed(store, "open profile store", NULL, err);
	return identify(store, ret_identity, err);
}

/* -ESTALE, without a sentence: the tables are old, and only a writer may change that. */
static int start(const struct sqlite_store *store, bool write, struct error *err)
{
	struct identity identity;
	int r;

	sqlite3_busy_timeout(store->db, BUSY_MS);
	keep_log(store, 1);
	distrust(store);
	r = look(store, &identity, err);
	if (r < 0)
		return r;
	if (is_empty(&identity) && !write)
		return fail(err, -ENOENT, "profile store '%s' is empty", store->path);
	if (is_old(&identity) && !write)
		return -ESTALE;
	if (is_empty(&identity) || is_old(&identity))
		r = make_tables(store, &identity, err);
	if (r == 0)
		r = accept(store, &identity, err);
	if (r < 0)
		return r;
	keep_log(store, 0);
	if (store_sqlite_execute(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL") ||
	    (write && use_log(store)))
		return store_sqlite_failed(store, "open profile store", NULL, err);
	return 0;
}

/* SQLite gives the log and its index the mode of the database. The umask cannot widen a mode
 * but may narrow it, even to one that shuts out the owner. */
static int create_file(const char *path, struct error *err)
{
	_cleanup_close_ int fd = -1;

	if (strcmp(path, STORE_DEFAULT) == 0) {
		char folder[] = STORE_DEFAULT;

		*strrchr(folder, '/') = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return fail(err, -errno, "cannot make folder '%s': %s", folder,
				    strerror(errno));
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return fail(err, -errno, "cannot make profile store '%s': %s", path,
			    strerror(errno));
	return 0;
}

/* SQLite would say "unable to open database file" to all of this, and wait for a pipe. */
static int check_file(const char *path, bool write, struct error *err)
{
	int status = 0;
	struct stat file;

	if (stat(path, &file) < 0 ||
	    faccessat(AT_FDCWD, path, write ? R_OK | W_OK : R_OK, AT_EACCESS) < 0)
		status = errno;
	else if (S_ISDIR(file.st_mode))
		status = EISDIR;
	else if (!S_ISREG(file.st_mode))
		return fail(err, -EINVAL, "cannot open profile store '%s': it is no regular file",
			    path);
	if (status == 0)
		return 0;
	fail(err, 0, "cannot open profile store '%s': %s", path, strerror(status));
	if (status == ENOENT)
		return fail_hint(err, -status, "bosc learn, which makes it, or --store PATH");
	return -status;
}

/* A log's index cannot be made on a read-only file system, and without a log is not needed: then
 * SQLite may take the file as one that nobody changes. */
static bool is_immutable(const char *path)
{
	_cleanup_free_ char *log = NULL;
	struct statvfs system;
	struct stat file;

	if (statvfs(path, &system) < 0 || !(system.f_flag & ST_RDONLY))
		return false;
	if (asprintf(&log, "%s-wal", path) < 0)
		return false;
	return stat(log, &file) < 0 || file.st_size == 0;
}

/* Writes the URI of an absolute path to `uri`, of at least 3 bytes for each of the path and 32. */
static void write_uri(const char *path, bool immutable, char *uri)
{
	uri = stpcpy(uri, "file://");
	for (; *path; path++) {
		if (strchr("%?#", *path))
			uri += sprintf(uri, "%%%02X", (unsigned char)*path);
		else
			*uri++ = *path;
	}
	strcpy(uri, immutable ? "?immutable=1" : "");
}

static int connect_file(struct sqlite_store *store, bool write, struct error *err)
{
	_cleanup_free_ char *uri = malloc(3 * strlen(store->path) + 32);
	/* One thread uses it: without locks a large profile loads a fifth faster. */
	int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_URI |
		    SQLITE_OPEN_NOMUTEX;

	if (!uri)
		return fail(err, -ENOMEM, "cannot open profile store '%s': %s", store->path,
			    strerror(ENOMEM));
	write_uri(store->path, !write && is_immutable(store->path), uri);
	if (sqlite3_open_v2(uri, &store->db, flags, NULL) != SQLITE_OK)
		return store_sqlite_failed(store, "open profile store", NULL, err);
	return start(store, write, err);
}

/* The path is made absolute because SQLite gives a meaning to "" and to ":memory:". */
int store_sqlite_open(const char *where, bool write, void **ret_backend, struct error *err)
{
	struct sqlite_store *store;
	int r = 0;

	if (write && access(where, F_OK) < 0 && errno == ENOENT)
		r = create_file(where, err);
	if (r == 0)
		r = check_file(where, write, err);
	if (r < 0)
		return r;
	store = calloc(1, sizeof(*store));
	if (store)
		store->path = realpath(where, NULL);
	if (!store || !store->path) {
		free(store);
		return fail(err, -errno, "cannot open profile store '%s': %s", where,
			    strerror(errno));
	}
	r = connect_file(store, write, err);
	if (r == -ESTALE) {
		sqlite3_close(store->db);
		store->db = NULL;
		r = connect_file(store, true, err);
	}
	if (r < 0) {
		store_sqlite_close(store);
		return r;
	}
	*ret_backend = store;
	return 0;
}
