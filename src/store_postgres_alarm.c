/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The alarms of all hosts. One that is sent twice, since its host does not know whether it arrived,
 * is kept once. All alarms of a transaction go in one statement, an array a column: the way to the
 * server may be long.
 */
#include <errno.h>
#include <string.h>

#include "store_postgres.h"
#include "util.h"

/* A value of an array, as PostgreSQL reads it: "…", with a backslash before quotes and
 * backslashes. */
static void put_quoted(FILE *stream, const char *text)
{
	fputc('"', stream);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', stream);
		fputc(*text, stream);
	}
	fputc('"', stream);
}

static bool put_text(FILE *stream, const char *text)
{
	_cleanup_free_ char *escaped = postgres_escape(text);

	if (escaped)
		put_quoted(stream, escaped);
	return escaped;
}

static int no_memory(const struct postgres_store *store, struct error *err)
{
	return fail(err, -ENOMEM, "cannot keep an alarm in '%s': %s", store->place,
		    strerror(ENOMEM));
}

int postgres_put_alarm(void *backend, const struct store_alarm *alarm, struct error *err)
{
	struct postgres_store *store = backend;
	struct alarm_columns *columns = &store->alarms;
	FILE *to[ALARM_COLUMNS];

	for (int i = 0; i < ALARM_COLUMNS; i++) {
		if (!columns->stream[i])
			columns->stream[i] = open_memstream(&columns->text[i], &columns->size[i]);
		if (!columns->stream[i])
			return no_memory(store, err);
		to[i] = columns->stream[i];
		fputc(columns->count ? ',' : '{', to[i]);
	}
	columns->count++;
	fprintf(to[1], "%lld", (long long)alarm->time_ns);
	if (!put_text(to[0], alarm->id) || !put_text(to[2], alarm->host) ||
	    !put_text(to[3], alarm->target) || !put_text(to[4], alarm->profile) ||
	    !put_text(to[5], alarm->rule))
		return no_memory(store, err);
	fprintf(to[6], "%u", alarm->severity);
	put_quoted(to[7], alarm->line);
	return 0;
}

void postgres_forget_alarms(struct postgres_store *store)
{
	for (int i = 0; i < ALARM_COLUMNS; i++) {
		if (store->alarms.stream[i])
			fclose(store->alarms.stream[i]);
		free(store->alarms.text[i]);
	}
	store->alarms = (struct alarm_columns){ 0 };
}

static const char insert[] =
	"INSERT INTO bosc.alarm (id, time_ns, host, target, profile, rule, severity, line)"
	" SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[],"
	" $6::text[], $7::integer[], $8::text[]) ON CONFLICT (id) DO NOTHING";

static int ask_columns(struct postgres_store *store, struct ask *ask, struct error *err)
{
	for (int i = 0; i < ALARM_COLUMNS; i++) {
		fputc('}', store->alarms.stream[i]);
		if (fflush(store->alarms.stream[i]))
			return no_memory(store, err);
		ask_plain(ask, store->alarms.text[i]);
	}
	return 0;
}

int postgres_write_alarms(struct postgres_store *store, struct error *err)
{
	struct ask ask = { 0 };
	int r;

	if (!store->alarms.count)
		return 0;
	r = ask_columns(store, &ask, err);
	return r < 0 ? r : postgres_ask(store, &ask, insert, "keep alarms in", NULL, NULL, err);
}

int postgres_post(void *backend, struct error *err)
{
	struct postgres_store *store = backend;
	struct ask ask = { 0 };
	int r = store->alarms.count ? ask_columns(store, &ask, err) : 0;

	if (r == 0 && store->alarms.count)
		r = postgres_send(store, &ask, insert, "keep alarms in", NULL, err);
	postgres_forget_alarms(store);
	return r;
}

int postgres_posted(void *backend, uint64_t wait_ns, struct error *err)
{
	struct postgres_store *store = backend;
	struct post *post = &store->post;

	if (!store->conn)
		return postgres_lost(store, "keep alarms in", NULL, "the server is away", err);
	if (!postgres_answered(store, wait_ns)) {
		if (clock_ns(CLOCK_MONOTONIC) - post->since_ns < POSTGRES_POST_MS * NS_PER_MS)
			return 0;
		return postgres_lost(store, "keep alarms in", NULL, "the server does not answer",
				     err);
	}
	*err = post->err;
	post->state = POST_NONE;
	return post->status < 0 ? post->status : 1;
}

int postgres_remove_alarm(void *backend, const char *id, struct error *err)
{
	struct ask ask = { 0 };

	ask_text(&ask, id);
	return postgres_ask(backend, &ask, "DELETE FROM bosc.alarm WHERE id = $1",
			    "remove an alarm from", NULL, NULL, err);
}

static int take_alarm(const PGresult *result, int row, store_take_alarm *take, void *context,
		      struct error *err)
{
	char id[STORE_ALARM_ID], host[PROFILE_TEXT], target[PROFILE_TEXT], profile[PROFILE_TEXT],
		rule[PROFILE_TEXT];
	struct store_alarm alarm = {
		.id = id,
		.time_ns = postgres_number(result, row, 1),
		.host = host,
		.target = target,
		.profile = profile,
		.rule = rule,
		.severity = (uint32_t)postgres_number(result, row, 6),
		.line = PQgetvalue(result, row, 7),
	};

	postgres_text(result, row, 0, id, sizeof(id));
	postgres_text(result, row, 2, host, sizeof(host));
	postgres_text(result, row, 3, target, sizeof(target));
	postgres_text(result, row, 4, profile, sizeof(profile));
	postgres_text(result, row, 5, rule, sizeof(rule));
	return take(&alarm, context, err);
}

int postgres_alarms(void *backend, const struct store_query *query, store_take_alarm *take,
		    void *context, struct error *err)
{
	_cleanup_result_ PGresult *result = NULL;
	struct ask ask = { 0 };
	int r;

	ask_number(&ask, query->since_ns);
	ask_number(&ask, query->min_severity);
	ask_text(&ask, query->host);
	ask_text(&ask, query->profile);
	ask_text(&ask, query->rule);
	ask_number(&ask, query->limit);
	r = postgres_ask(backend, &ask,
			 "SELECT * FROM (SELECT id, time_ns, host, target, profile, rule,"
			 " severity, line FROM bosc.alarm WHERE time_ns >= $1 AND severity >= $2"
			 " AND ($3::text IS NULL OR host = $3)"
			 " AND ($4::text IS NULL OR profile = $4)"
			 " AND ($5::text IS NULL OR rule = $5)"
			 " ORDER BY time_ns DESC, id DESC LIMIT $6) AS latest ORDER BY time_ns, id",
			 "read the alarms in", NULL, &result, err);
	for (int i = 0; r == 0 && i < PQntuples(result); i++)
		r = take_alarm(result, i, take, context, err);
	return r;
}
