/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Profiles in a PostgreSQL database, for many hosts at once. Whoever writes a profile locks its row
 * first, which is made for that when it is not there: with the version 0, which nobody else sees,
 * for it is written over or forgotten before the transaction ends. So writers of one profile come
 * one after the other, those of others at once, and none is stopped by a reader.
 *
 * A change is told to who listens when it is there to be read, by NOTIFY inside of its transaction.
 */
#include "store_postgres.h"

#include <errno.h>
#include <string.h>

#include "util.h"

static int postgres_begin(void *backend, const char *name, struct error *err)
{
	struct postgres_store *store = backend;
	struct ask lock = { 0 };
	struct error ignored;
	int r;

	if (!name)
		return postgres_ask(store, NULL, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
				    "read", NULL, NULL, err);
	if (!store->write)
		return fail(err, -EROFS, "cannot write to '%s': it is open for reading only",
			    store->place);
	snprintf(store->writing, sizeof(store->writing), "%s", name);
	if (store->answer_ms == POSTGRES_HURRY_MS)
		store->until_ns = clock_ns(CLOCK_MONOTONIC) + POSTGRES_CHANGE_MS * NS_PER_MS;
	r = postgres_ask(store, NULL, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "write to",
			 NULL, NULL, err);
	if (r < 0)
		store->until_ns = 0;
	if (r < 0 || !name[0])
		return r;
	ask_text(&lock, name);
	r = postgres_ask(store, &lock,
			 "INSERT INTO bosc.profile (name, version, state, why, image, digest,"
			 " saved_s, \"window\", windows, bags, runs)"
			 " VALUES ($1, 0, 0, '', '', '', 0, 0, 0, 0, 0)"
			 " ON CONFLICT (name) DO UPDATE SET version = profile.version",
			 "change profile", name, NULL, err);
	if (r < 0 && store->conn)
		postgres_ask(store, NULL, "ROLLBACK", "write to", NULL, NULL, &ignored);
	if (r < 0)
		store->until_ns = 0;
	return r;
}

static int announce(struct postgres_store *store, struct error *err)
{
	struct ask ask = { 0 };

	if (!store->writing[0])
		return 0;
	ask_text(&ask, store->writing);
	return postgres_ask(store, &ask, "SELECT pg_notify('" POSTGRES_CHANNEL "', $1)",
			    "change profile", store->writing, NULL, err);
}

static int postgres_end(void *backend, bool keep, struct error *err)
{
	struct postgres_store *store = backend;
	struct error ignored;
	int r = 0;

	if (keep)
		r = postgres_write_alarms(store, err);
	if (keep && r == 0)
		r = announce(store, err);
	if (keep && r == 0)
		r = postgres_ask(store, NULL, "COMMIT", "write to", NULL, NULL, err);
	if (store->conn && PQtransactionStatus(store->conn) != PQTRANS_IDLE)
		postgres_ask(store, NULL, "ROLLBACK", "write to", NULL, NULL, &ignored);
	postgres_forget_alarms(store);
	store->writing[0] = '\0';
	store->until_ns = 0;
	return r;
}

#define ENTRY                                                                            \
	"SELECT name, image, digest, why, state, saved_s, version, windows, bags, runs," \
	" \"window\" FROM bosc.profile WHERE version > 0"

static int read_entry(const struct postgres_store *store, const PGresult *result, int row,
		      struct store_entry *entry, struct error *err)
{
	uint64_t state = postgres_number(result, row, 4);
	uint64_t window = postgres_number(result, row, 10);

	*entry = (struct store_entry){ 0 };
	postgres_text(result, row, 0, entry->name, sizeof(entry->name));
	postgres_text(result, row, 1, entry->image, sizeof(entry->image));
	postgres_text(result, row, 2, entry->digest, sizeof(entry->digest));
	postgres_text(result, row, 3, entry->why, sizeof(entry->why));
	if (state >= PROFILE_STATES || window < 1 || window > WINDOW_MAX)
		return fail(err, -EBADMSG,
			    "profile '%s' in '%s' is damaged: its entry holds a value that no "
			    "profile has",
			    entry->name, store->place);
	entry->state = (enum profile_state)state;
	entry->saved_s = postgres_number(result, row, 5);
	entry->version = postgres_number(result, row, 6);
	entry->windows = postgres_number(result, row, 7);
	entry->bags = postgres_number(result, row, 8);
	entry->runs = (uint32_t)postgres_number(result, row, 9);
	entry->window = (uint32_t)window;
	return 0;
}

static int postgres_entry(void *backend, const char *name, struct store_entry *ret_entry,
			  struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	struct postgres_store *store = backend;
	struct ask ask = { 0 };
	int r;

	ask_text(&ask, name);
	r = postgres_ask(store, &ask, ENTRY " AND name = $1", "load profile", name, &result, err);
	if (r < 0)
		return r;
	return PQntuples(result) ? read_entry(store, result, 0, ret_entry, err) : -ENOENT;
}

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct store_entry *)a)->name, ((const struct store_entry *)b)->name);
}

/* Sorted here, because the server sorts names as they are kept. */
static int postgres_list(void *backend, struct store_entry **ret_entries, size_t *ret_count,
			 struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	_cleanup_free_ struct store_entry *entries = NULL;
	struct postgres_store *store = backend;
	int count, r = postgres_ask(store, NULL, ENTRY, "list", NULL, &result, err);

	if (r < 0)
		return r;
	count = PQntuples(result);
	entries = calloc((size_t)count + 1, sizeof(*entries));
	if (!entries)
		return fail(err, -ENOMEM, "cannot list '%s': %s", store->place, strerror(ENOMEM));
	for (int i = 0; i < count; i++)
		entries[i].damaged = read_entry(store, result, i, &entries[i], err) < 0;
	qsort(entries, (size_t)count, sizeof(*entries), compare_entries);
	*ret_entries = entries;
	*ret_count = (size_t)count;
	entries = NULL;
	return 0;
}

static int postgres_runs(void *backend, const char *name, const char *id, store_take *take,
			 void *context, struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	struct ask ask = { .binary_result = true };
	int r;

	ask_text(&ask, name);
	ask_text(&ask, id);
	r = postgres_ask(backend, &ask,
			 "SELECT run.id, head, content, sum FROM bosc.run JOIN bosc.profile ON"
			 " profile.id = profile WHERE name = $1 AND (run.id = $2 OR $2 IS NULL)"
			 " ORDER BY run.id",
			 "load profile", name, &result, err);
	for (int i = 0; r == 0 && i < PQntuples(result); i++) {
		char run[PROFILE_TEXT];
		struct store_row row = {
			.id = run,
			.head = PQgetvalue(result, i, 1),
			.content = PQgetvalue(result, i, 2),
			.content_size = (size_t)PQgetlength(result, i, 2),
			.sum = postgres_binary_number(result, i, 3),
		};

		postgres_text(result, i, 0, run, sizeof(run));
		r = take(&row, context, err);
	}
	return r;
}

static int postgres_put_entry(void *backend, const struct store_entry *entry, struct error *err)
{
	struct ask ask = { 0 };

	ask_text(&ask, entry->name);
	ask_text(&ask, entry->image);
	ask_text(&ask, entry->digest);
	ask_text(&ask, entry->why);
	ask_number(&ask, entry->state);
	ask_number(&ask, entry->saved_s);
	ask_number(&ask, entry->windows);
	ask_number(&ask, entry->bags);
	ask_number(&ask, entry->runs);
	ask_number(&ask, entry->window);
	return postgres_ask(backend, &ask,
			    "INSERT INTO bosc.profile (name, image, digest, why, state, saved_s,"
			    " windows, bags, runs, \"window\", version)"
			    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)"
			    " ON CONFLICT (name) DO UPDATE SET image = excluded.image,"
			    " digest = excluded.digest, why = excluded.why,"
			    " state = excluded.state, saved_s = excluded.saved_s,"
			    " windows = excluded.windows, bags = excluded.bags,"
			    " runs = excluded.runs, \"window\" = excluded.\"window\","
			    " version = profile.version + 1",
			    "save profile", entry->name, NULL, err);
}

static int postgres_put_run(void *backend, const char *name, const struct store_row *row,
			    struct error *err)
{
	struct ask ask = { 0 };

	ask_text(&ask, name);
	ask_text(&ask, row->id);
	ask_plain(&ask, row->head);
	ask_bytes(&ask, row->content, row->content_size);
	ask_number(&ask, row->sum);
	return postgres_ask(backend, &ask,
			    "INSERT INTO bosc.run (profile, id, head, content, sum)"
			    " SELECT profile.id, $2, $3, $4, $5 FROM bosc.profile WHERE name = $1"
			    " ON CONFLICT (profile, id) DO UPDATE SET head = excluded.head,"
			    " content = excluded.content, sum = excluded.sum"
			    " WHERE run.sum != excluded.sum",
			    "save profile", name, NULL, err);
}

static int postgres_remove(void *backend, const char *name, struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	struct ask ask = { 0 };
	int r;

	ask_text(&ask, name);
	r = postgres_ask(backend, &ask,
			 "DELETE FROM bosc.profile WHERE name = $1 RETURNING version",
			 "remove profile", name, &result, err);
	if (r < 0)
		return r;
	return PQntuples(result) && postgres_number(result, 0, 0) ? 0 : -ENOENT;
}

/* The server looks after its storage itself, and says so where it finds it damaged. */
static bool postgres_is_sound(void *backend, char *what, size_t size)
{
	const struct postgres_store *store = backend;

	snprintf(what, size, "the server is away");
	return store->conn;
}

static const char *postgres_place(void *backend)
{
	const struct postgres_store *store = backend;

	return store->place;
}

static int postgres_listen(void *backend, struct error *err)
{
	struct postgres_store *store = backend;

	if (!store->ready)
		return fail(err, -EHOSTDOWN, "cannot listen to '%s': the server is away",
			    store->place);
	return postgres_ask(store, NULL, "LISTEN " POSTGRES_CHANNEL, "listen to", NULL, NULL, err);
}

static int postgres_heard(void *backend, char ret_name[PROFILE_TEXT], struct error *err)
{
	struct postgres_store *store = backend;
	PGnotify *news;

	if (!store->conn)
		return postgres_lost(store, "listen to", NULL, "the server is away", err);
	if (!PQconsumeInput(store->conn))
		return postgres_lost(store, "listen to", NULL, "the server ended the connection",
				     err);
	news = PQnotifies(store->conn);
	if (!news)
		return 0;
	postgres_unescape(news->extra, ret_name, PROFILE_TEXT);
	PQfreemem(news);
	return 1;
}

const struct store_ops store_postgres = {
	.open = postgres_open,
	.close = postgres_close,
	.begin = postgres_begin,
	.end = postgres_end,
	.entry = postgres_entry,
	.runs = postgres_runs,
	.put_entry = postgres_put_entry,
	.put_run = postgres_put_run,
	.list = postgres_list,
	.remove = postgres_remove,
	.is_sound = postgres_is_sound,
	.put_alarm = postgres_put_alarm,
	.remove_alarm = postgres_remove_alarm,
	.alarms = postgres_alarms,
	.place = postgres_place,
	.again = postgres_again,
	.hurry = postgres_hurry,
	.post = postgres_post,
	.posted = postgres_posted,
	.listen = postgres_listen,
	.heard = postgres_heard,
};
