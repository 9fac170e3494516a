/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asking the server. Nothing here waits for ever: a server that sends and takes no byte for a while
 * is as good as away, for whoever asks has a container to watch.
 */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "../core/numbers.h"
#include "store_postgres.h"
#include "util.h"

/* How many bytes a character of UTF-8 has; 0: it is none. PostgreSQL takes no surrogates, and
 * nothing that could be written shorter or is above 10FFFF. */
static size_t utf8_length(const unsigned char *text)
{
	size_t length = text[0] < 0x80	 ? 1
			: text[0] < 0xc2 ? 0
			: text[0] < 0xe0 ? 2
			: text[0] < 0xf0 ? 3
			: text[0] < 0xf5 ? 4
					 : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

char *postgres_escape(const char *text)
{
	const unsigned char *from = (const unsigned char *)text;
	char *escaped = malloc(4 * strlen(text) + 1), *to = escaped;

	while (escaped && *from) {
		size_t length = *from == '\\' ? 0 : utf8_length(from);

		if (length) {
			to = mempcpy(to, from, length);
			from += length;
		} else {
			to += sprintf(to, "\\x%02x", *from++);
		}
	}
	if (escaped)
		*to = '\0';
	return escaped;
}

static void add(struct ask *ask, const void *value, size_t size, bool binary)
{
	ask->value[ask->count] = value;
	ask->size[ask->count] = (int)size;
	ask->binary[ask->count++] = binary;
}

static void add_owned(struct ask *ask, char *text)
{
	ask->no_memory |= !text;
	ask->owned[ask->count] = text;
	add(ask, text, 0, false);
}

void ask_text(struct ask *ask, const char *text)
{
	if (text)
		add_owned(ask, postgres_escape(text));
	else
		add(ask, NULL, 0, false);
}

void ask_plain(struct ask *ask, const char *text)
{
	add(ask, text, 0, false);
}

void ask_number(struct ask *ask, uint64_t number)
{
	char *text = NULL;

	if (asprintf(&text, "%lld", (long long)number) < 0)
		text = NULL;
	add_owned(ask, text);
}

void ask_bytes(struct ask *ask, const void *bytes, size_t size)
{
	add(ask, bytes ? bytes : "", size, true);
}

static void ask_free(const struct ask *ask)
{
	for (int i = 0; i < ask->count; i++)
		free(ask->owned[i]);
}

uint64_t postgres_number(const PGresult *result, int row, int column)
{
	return (uint64_t)strtoll(PQgetvalue(result, row, column), NULL, 10);
}

uint64_t postgres_binary_number(const PGresult *result, int row, int column)
{
	uint64_t number = 0;

	if (PQgetlength(result, row, column) == sizeof(number))
		memcpy(&number, PQgetvalue(result, row, column), sizeof(number));
	return be64toh(number);
}

void postgres_unescape(const char *from, char *ret_text, size_t size)
{
	size_t end = 0;

	while (*from && end + 1 < size) {
		if (from[0] == '\\' && from[1] == 'x' && isxdigit(from[2]) && isxdigit(from[3])) {
			char digits[] = { from[2], from[3], '\0' };

			ret_text[end++] = (char)strtoul(digits, NULL, 16);
			from += 4;
		} else {
			ret_text[end++] = *from++;
		}
	}
	ret_text[end] = '\0';
}

void postgres_text(const PGresult *result, int row, int column, char *ret_text, size_t size)
{
	postgres_unescape(PQgetvalue(result, row, column), ret_text, size);
}

/* The errors of a server that a user can do something about, by the beginning of their SQLSTATE. */
static const struct reason {
	const char *code;
	int status;
	const char *text; /* NULL: what the server says */
} reasons[] = {
	{ "57014", ETIMEDOUT, "the server ended it after its statement_timeout" },
	{ "57P", EHOSTDOWN, "the server shuts down" },
	{ "08", EHOSTDOWN, "the connection broke" },
	{ "55P03", EBUSY, "others keep it locked (lock_timeout)" },
	{ "40", EBUSY, "others changed the same at the same moment" },
	{ "25006", EROFS, "the server takes no changes" },
	{ "0A000", EROFS, NULL }, /* a standby says so of a transaction that shall write */
	{ "42501", EACCES, "the server's user has no permission for that" },
	{ "42P01", EBADMSG, "the database has not the tables of a profile store" },
	{ "42703", EBADMSG, "the database has not the tables of a profile store" },
	{ "3F000", EBADMSG, "the database has not the tables of a profile store" },
	{ "53100", ENOSPC, "the server's disk is full" },
	{ "53200", ENOMEM, "the server has no memory left" },
	{ "53", EBUSY, NULL },
	{ "22", EINVAL, "its encoding cannot hold a name (a database of UTF8 can)" },
	{ "XX001", EBADMSG, "the server's data are damaged" },
	{ "XX002", EBADMSG, "the server's data are damaged" },
};

static void say(const struct postgres_store *store, const char *doing, const char *name,
		const char *why, struct error *err)
{
	if (name)
		fail(err, 0, "cannot %s '%s' in '%s': %s", doing, name, store->place, why);
	else
		fail(err, 0, "cannot %s '%s': %s", doing, store->place, why);
}

int postgres_lost(struct postgres_store *store, const char *doing, const char *name,
		  const char *why, struct error *err)
{
	PQfinish(store->conn);
	store->conn = NULL;
	store->ready = false;
	store->post.state = POST_NONE;
	say(store, doing, name, why, err);
	return -EHOSTDOWN;
}

static int refused(struct postgres_store *store, const PGresult *result, const char *doing,
		   const char *name, struct error *err)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const struct reason *reason = NULL;

	for (size_t i = 0; code && i < ARRAY_SIZE(reasons) && !reason; i++)
		if (!strncmp(code, reasons[i].code, strlen(reasons[i].code)))
			reason = &reasons[i];
	if ((reason && reason->status == EHOSTDOWN) || PQstatus(store->conn) == CONNECTION_BAD)
		return postgres_lost(store, doing, name,
				     reason && reason->text ? reason->text
							    : "the server ended the connection",
				     err);
	if (reason && reason->text)
		text = reason->text;
	say(store, doing, name, text ? text : "the server does not say why", err);
	return reason ? -reason->status : -EIO;
}

/* Sends what is to be sent and takes what comes, for which it waits so long at most. 1: the answer
 * is there, 0: something came, -ETIME: nothing did. */
static int go_on(struct postgres_store *store, int wait_ms)
{
	int unsent = PQflush(store->conn);
	struct pollfd wait = { .fd = PQsocket(store->conn), .events = POLLIN };
	int came;

	if (unsent < 0)
		PQconsumeInput(store->conn); /* the server's last words */
	if (unsent <= 0 && !PQisBusy(store->conn))
		return 1;
	wait.events |= unsent ? POLLOUT : 0;
	came = poll(&wait, 1, wait_ms);
	if (came < 0 && errno == EINTR)
		return 0;
	if (came <= 0)
		return -ETIME;
	if (wait.revents & ~POLLOUT && !PQconsumeInput(store->conn))
		return 1; /* the result says that the connection is gone */
	return 0;
}

/* False: the answer does not come, or not in the time that is left. */
static bool await(struct postgres_store *store)
{
	int r = 0;

	while (r == 0) {
		int wait_ms = store->answer_ms;

		if (store->until_ns) {
			uint64_t left_ns = number_subtract(store->until_ns,
							   clock_ns(CLOCK_MONOTONIC));

			if (!left_ns)
				return false;
			if (left_ns / NS_PER_MS < (uint64_t)wait_ms)
				wait_ms = (int)(left_ns / NS_PER_MS) + 1;
		}
		r = go_on(store, wait_ms);
	}
	return r == 1;
}

/* The last result of a statement; NULL: there is none. The others, of which a statement has one
 * where the connection breaks, are dropped. */
static PGresult *take_result(struct postgres_store *store)
{
	PGresult *last = NULL, *next;

	while ((next = PQgetResult(store->conn))) {
		PQclear(last);
		last = next;
	}
	return last;
}

/* What the answer says. */
static int take_answer(struct postgres_store *store, const char *doing, const char *name,
		       PGresult **ret_result, struct error *err)
{
	_cleanup_result_ PGresult *result = take_result(store);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		return refused(store, result, doing, name, err);
	if (ret_result) {
		*ret_result = result;
		result = NULL;
	}
	return 0;
}

static int no_answer(struct postgres_store *store, const char *doing, const char *name,
		     struct error *err)
{
	bool late = store->until_ns && clock_ns(CLOCK_MONOTONIC) >= store->until_ns;

	return postgres_lost(store, doing, name,
			     late ? "the server is too slow" : "the server does not answer", err);
}

/* What was sent before is answered first. */
static int take_post(struct postgres_store *store, const char *doing, const char *name,
		     struct error *err)
{
	struct post *post = &store->post;

	if (post->state != POST_OUT)
		return 0;
	if (!await(store))
		return no_answer(store, doing, name, err);
	post->state = POST_ANSWERED;
	post->status = take_answer(store, "keep alarms in", NULL, NULL, &post->err);
	return 0;
}

static int send_ask(struct postgres_store *store, struct ask *ask, const char *sql,
		    const char *doing, const char *name, struct error *err)
{
	_cleanup_(ask_free) struct ask values = ask ? *ask : (struct ask){ 0 };
	int r = store->conn ? take_post(store, doing, name, err) : 0;

	if (r < 0)
		return r;
	if (!store->conn)
		return postgres_lost(store, doing, name, "the server is away", err);
	if (values.no_memory) {
		say(store, doing, name, strerror(ENOMEM), err);
		return -ENOMEM;
	}
	if (!PQsendQueryParams(store->conn, sql, values.count, NULL, values.value, values.size,
			       values.binary, values.binary_result))
		return postgres_lost(store, doing, name, "the connection broke", err);
	return 0;
}

int postgres_ask(struct postgres_store *store, struct ask *ask, const char *sql, const char *doing,
		 const char *name, PGresult **ret_result, struct error *err)
{
	int r = send_ask(store, ask, sql, doing, name, err);

	if (r < 0)
		return r;
	if (!await(store))
		return no_answer(store, doing, name, err);
	return take_answer(store, doing, name, ret_result, err);
}

int postgres_send(struct postgres_store *store, struct ask *ask, const char *sql, const char *doing,
		  const char *name, struct error *err)
{
	int r = send_ask(store, ask, sql, doing, name, err);

	if (r == 0)
		store->post = (struct post){ .state = POST_OUT,
					     .since_ns = clock_ns(CLOCK_MONOTONIC) };
	return r;
}

bool postgres_answered(struct postgres_store *store, uint64_t wait_ns)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + wait_ns, left_ns = wait_ns;
	struct error ignored;
	int r = 0;

	while (store->post.state == POST_OUT && r == 0) {
		r = go_on(store, (int)(left_ns / NS_PER_MS));
		left_ns = number_subtract(until_ns, clock_ns(CLOCK_MONOTONIC));
	}
	if (r == 1)
		take_post(store, "", NULL, &ignored);
	return store->post.state != POST_OUT;
}
