/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables on the server: whether they are bosc's, and making or renewing them. Several hosts may
 * do so at the same moment, so it is done by one after the other, and looked at again by each. What
 * a newer bosc wrote is left as it is.
 */
#include <errno.h>
#include <string.h>

#include "store_postgres.h"
#include "util.h"

#define MAKING_LOCK "1651471203" /* "bosc": who holds it makes or renews the tables */

/* Step n leads from version n to n + 1. A step that was ever released does not change. */
static const char *const steps[] = {
	"CREATE TABLE bosc.store (version integer NOT NULL);"
	"INSERT INTO bosc.store VALUES (0);"
	"CREATE TABLE bosc.profile (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
	" name text COLLATE \"C\" NOT NULL UNIQUE, version bigint NOT NULL,"
	" state integer NOT NULL, why text NOT NULL, image text NOT NULL, digest text NOT NULL,"
	" saved_s bigint NOT NULL, \"window\" integer NOT NULL, windows bigint NOT NULL,"
	" bags bigint NOT NULL, runs bigint NOT NULL);"
	"CREATE TABLE bosc.run (profile bigint NOT NULL REFERENCES bosc.profile ON DELETE CASCADE,"
	" id text COLLATE \"C\" NOT NULL, head text NOT NULL, content bytea NOT NULL,"
	" sum bigint NOT NULL, PRIMARY KEY (profile, id));"
	"CREATE TABLE bosc.alarm (id text COLLATE \"C\" PRIMARY KEY, time_ns bigint NOT NULL,"
	" host text NOT NULL, target text NOT NULL, profile text NOT NULL, rule text NOT NULL,"
	" severity integer NOT NULL, line text NOT NULL);"
	"CREATE INDEX alarm_time ON bosc.alarm (time_ns)",
};

#define SCHEMA_VERSION ((uint64_t)ARRAY_SIZE(steps))

/* Asked of the catalog itself: to_regclass() may remember for a whole transaction that there was
 * none. */
static const char find_store[] =
	"SELECT count(*) FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS place"
	" ON place.oid = relnamespace WHERE nspname = 'bosc' AND relname = 'store'";

/* The version of the tables; 0: there are none. */
static int ask_version(struct postgres_store *store, uint64_t *ret_version, struct error *err)
{
	_cleanup_result_ PGresult *there = NULL, *version = NULL;
	int r = postgres_ask(store, NULL, find_store, "open profile store", NULL, &there, err);

	*ret_version = 0;
	if (r < 0 || !postgres_number(there, 0, 0))
		return r;
	r = postgres_ask(store, NULL, "SELECT max(version) FROM bosc.store", "open profile store",
			 NULL, &version, err);
	if (r == 0)
		*ret_version = postgres_number(version, 0, 0);
	return r;
}

static int run_step(struct postgres_store *store, const char *sql, struct error *err)
{
	_cleanup_free_ char *copy = strdup(sql);
	char *rest = copy;
	int r = 0;

	if (!copy)
		return fail(err, -ENOMEM, "cannot make profile store '%s': %s", store->place,
			    strerror(ENOMEM));
	for (char *one = strsep(&rest, ";"); one && r == 0; one = strsep(&rest, ";"))
		r = postgres_ask(store, NULL, one, "make profile store", NULL, NULL, err);
	return r;
}

/* Who may not make a schema may still use one that somebody made for bosc. */
static const char make_schema[] =
	"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'bosc')"
	" THEN CREATE SCHEMA bosc; END IF; END $$";

/* Inside the transaction, where nobody else does the same. */
static int make_tables(struct postgres_store *store, uint64_t *ret_version, struct error *err)
{
	int r = postgres_ask(store, NULL, "SELECT pg_advisory_xact_lock(" MAKING_LOCK ")",
			     "make profile store", NULL, NULL, err);

	if (r == 0)
		r = ask_version(store, ret_version, err);
	if (r < 0 || *ret_version >= SCHEMA_VERSION)
		return r;
	r = postgres_ask(store, NULL, make_schema, "make profile store", NULL, NULL, err);
	for (uint64_t step = *ret_version; step < SCHEMA_VERSION && r == 0; step++)
		r = run_step(store, steps[step], err);
	if (r == 0) {
		struct ask ask = { 0 };

		ask_number(&ask, SCHEMA_VERSION);
		r = postgres_ask(store, &ask, "UPDATE bosc.store SET version = $1",
				 "make profile store", NULL, NULL, err);
	}
	*ret_version = SCHEMA_VERSION;
	return r == -EACCES ? fail_hint(err, r,
					"GRANT CREATE ON DATABASE … TO the role, or "
					"bosc learn once as a role that may")
			    : r;
}

static int renew(struct postgres_store *store, uint64_t *ret_version, struct error *err)
{
	struct error ignored;
	int r = postgres_ask(store, NULL, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
			     "make profile store", NULL, NULL, err);

	if (r == 0)
		r = make_tables(store, ret_version, err);
	if (r == 0)
		r = postgres_ask(store, NULL, "COMMIT", "make profile store", NULL, NULL, err);
	if (r < 0 && store->conn)
		postgres_ask(store, NULL, "ROLLBACK", "make profile store", NULL, NULL, &ignored);
	return r;
}

/* Unless the user set it: who waits for others' changes shall hear of it from the server, and
 * before the server counts as away. */
int postgres_limit_waiting(struct postgres_store *store, struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	struct ask ask = { 0 };
	int r;

	ask_number(&ask, store->answer_ms > POSTGRES_LOCK_MS ? POSTGRES_LOCK_MS
							     : (uint64_t)store->answer_ms / 2);
	ask_plain(&ask, store->limits ? "true" : "false");
	r = postgres_ask(store, &ask,
			 "SELECT set_config('lock_timeout', $1, false)"
			 " WHERE $2::boolean OR current_setting('lock_timeout') = '0'",
			 "open profile store", NULL, &result, err);
	store->limits = r == 0 && PQntuples(result);
	return r;
}

int postgres_accept(struct postgres_store *store, struct error *err)
{
	uint64_t version;
	int r = store->write ? postgres_limit_waiting(store, err) : 0;

	if (r == 0)
		r = ask_version(store, &version, err);
	if (r == 0 && version < SCHEMA_VERSION && (store->write || version))
		r = renew(store, &version, err);
	if (r < 0)
		return r;
	if (!version) {
		fail(err, 0, "profile store '%s' is empty", store->place);
		return fail_hint(err, -ENOENT, "bosc learn, which makes its tables");
	}
	if (version > SCHEMA_VERSION) {
		fail(err, 0,
		     "cannot open profile store '%s': a newer bosc wrote it (version %llu of its "
		     "tables, this bosc knows %llu)",
		     store->place, (unsigned long long)version, (unsigned long long)SCHEMA_VERSION);
		return fail_hint(err, -ENOTSUP, "the newer bosc, or another store (--store)");
	}
	store->ready = true;
	return 0;
}
