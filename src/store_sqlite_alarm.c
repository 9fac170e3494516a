/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms in an SQLite database.
 */
#include "store_sqlite.h"

#include "util.h"

int store_sqlite_put_alarm(void *backend, const struct store_alarm *alarm, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store,
			     "INSERT INTO alarm (id, time_ns, host, target, profile, rule,"
			     " severity, line) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
			     " ON CONFLICT (id) DO NOTHING",
			     &statement);
	sqlite3_bind_text(statement, 1, alarm->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (int64_t)alarm->time_ns);
	sqlite3_bind_text(statement, 3, alarm->host, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, alarm->target, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, alarm->profile, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, alarm->rule, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 7, alarm->severity);
	sqlite3_bind_text(statement, 8, alarm->line, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "keep an alarm in", NULL, err);
	return 0;
}

int store_sqlite_remove_alarm(void *backend, const char *id, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store, "DELETE FROM alarm WHERE id = ?", &statement);
	sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "remove an alarm from", NULL, err);
	return 0;
}

int store_sqlite_count_alarms(void *backend, uint64_t *ret_count, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store, "SELECT count(*) FROM alarm", &statement);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return store_sqlite_failed(store, "read the alarms in", NULL, err);
	*ret_count = (uint64_t)sqlite3_column_int64(statement, 0);
	return 0;
}

int store_sqlite_trim_alarms(void *backend, uint64_t most, uint64_t *ret_gone, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;

	store_sqlite_prepare(store,
			     "DELETE FROM alarm WHERE id IN (SELECT id FROM alarm ORDER BY"
			     " time_ns, id LIMIT max(0, (SELECT count(*) FROM alarm) - ?))",
			     &statement);
	sqlite3_bind_int64(statement, 1, (int64_t)most);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return store_sqlite_failed(store, "remove alarms from", NULL, err);
	*ret_gone = (uint64_t)sqlite3_changes(store->db);
	return 0;
}

static const char *text_of(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? text : "";
}

static int take_alarm(sqlite3_stmt *statement, store_take_alarm *take, void *context,
		      struct error *err)
{
	struct store_alarm alarm = {
		.id = text_of(statement, 0),
		.time_ns = (uint64_t)sqlite3_column_int64(statement, 1),
		.host = text_of(statement, 2),
		.target = text_of(statement, 3),
		.profile = text_of(statement, 4),
		.rule = text_of(statement, 5),
		.severity = (uint32_t)sqlite3_column_int64(statement, 6),
		.line = text_of(statement, 7),
	};

	return take(&alarm, context, err);
}

int store_sqlite_alarms(void *backend, const struct store_query *query, store_take_alarm *take,
			void *context, struct error *err)
{
	const struct sqlite_store *store = backend;
	_cleanup_finalize_ sqlite3_stmt *statement = NULL;
	int r;

	store_sqlite_prepare(store,
			     "SELECT * FROM (SELECT id, time_ns, host, target, profile, rule,"
			     " severity, line FROM alarm WHERE time_ns >= ?1 AND severity >= ?2"
			     " AND (host = ?3 OR ?3 IS NULL) AND (profile = ?4 OR ?4 IS NULL)"
			     " AND (rule = ?5 OR ?5 IS NULL) ORDER BY time_ns DESC, id DESC"
			     " LIMIT ?6) ORDER BY time_ns, id",
			     &statement);
	sqlite3_bind_int64(statement, 1, (int64_t)query->since_ns);
	sqlite3_bind_int64(statement, 2, query->min_severity);
	sqlite3_bind_text(statement, 3, query->host, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, query->profile, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, query->rule, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6, (int64_t)query->limit);
	while ((r = sqlite3_step(statement)) == SQLITE_ROW) {
		int status = take_alarm(statement, take, context, err);

		if (status)
			return status;
	}
	return r == SQLITE_DONE ? 0 : store_sqlite_failed(store, "read the alarms in", NULL, err);
}
