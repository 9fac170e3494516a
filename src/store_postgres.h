/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the PostgreSQL store share: store_postgres.c is the store,
 * store_postgres_connect.c reaches the server, store_postgres_again.c comes back to it,
 * store_postgres_open.c makes the tables, store_postgres_ask.c asks and says what went wrong,
 * store_postgres_alarm.c keeps alarms. Nobody else includes this, so nobody else sees libpq-fe.h.
 *
 * Text is kept as text, so that it can be read and searched there. PostgreSQL takes no bytes that
 * are no UTF-8, but a name may hold such: each of them, and the backslash, is kept as \xNN.
 */
#ifndef BOSC_STORE_POSTGRES_H
#define BOSC_STORE_POSTGRES_H

#include <libpq-fe.h>
#include <stdio.h>

#include "store_backend.h"

#define POSTGRES_CHANNEL \
	"bosc_profile" /* NOTIFY: the name of a profile that changed, as it is kept */

#define POSTGRES_LOCK_MS     10000 /* to wait for others' changes, of which several may come */
#define POSTGRES_PATIENCE_MS 30000 /* and for any answer: longer, so that they are told apart */
#define POSTGRES_HURRY_MS    1000  /* the same where something is watched meanwhile */
#define POSTGRES_CHANGE_MS   2000  /* for a whole change then */
#define POSTGRES_POST_MS     3000  /* for an answer that nobody waits for */

#define ALARM_COLUMNS 8

/* Alarms until the end of their transaction: the text of an array for each column. */
struct alarm_columns {
	FILE *stream[ALARM_COLUMNS];
	char *text[ALARM_COLUMNS];
	size_t size[ALARM_COLUMNS];
	size_t count;
};

/* Alarms on their way to the server. */
struct post {
	enum {
		POST_NONE,
		POST_OUT,
		POST_ANSWERED
	} state;
	uint64_t since_ns;
	int status;
	struct error err;
};

struct postgres_store {
	PGconn *conn;		  /* NULL: away */
	char *address;		  /* as it was given; without a password */
	char place[PROFILE_TEXT]; /* postgresql://HOST:PORT/DATABASE, for messages */
	bool write;
	bool ready;		    /* connected, and the tables are known */
	char writing[PROFILE_TEXT]; /* the profile that is written; empty: none */
	uint64_t patience_ns;	    /* how long connecting may take */
	int answer_ms;		    /* how long the server may be silent when it is asked */
	uint64_t until_ns;	    /* what is being written may take; 0: as long as it does */
	bool limits;		    /* the lock_timeout is bosc's, not the user's */
	struct attempt *attempt;    /* to come back to the server; NULL: none */
	struct alarm_columns alarms;
	struct post post;
};

#define ASK_MAX 13

/* The values of a statement's $1, $2 …, in their order. */
struct ask {
	const char *value[ASK_MAX];
	char *owned[ASK_MAX];
	int size[ASK_MAX];
	int binary[ASK_MAX];
	int count;
	bool binary_result;
	bool no_memory;
};

void ask_text(struct ask *ask, const char *text);		 /* escaped; NULL: null */
void ask_plain(struct ask *ask, const char *text);		 /* as it is; the caller's */
void ask_number(struct ask *ask, uint64_t number);		 /* from 2^63 on a negative one */
void ask_bytes(struct ask *ask, const void *bytes, size_t size); /* the caller's */

static inline void clear_p(PGresult **result)
{
	PQclear(*result);
}

#define _cleanup_result_ _cleanup_(clear_p)

/*
 * Runs a statement. On failure says "cannot DOING 'NAME' in 'PLACE': " and why, and returns the
 * errno that comes nearest, negative: -EHOSTDOWN when the server is away, or went away. The values
 * are used up in any case; `ask` may be NULL, and so may `name` and `ret_result`.
 */
int postgres_ask(struct postgres_store *store, struct ask *ask, const char *sql, const char *doing,
		 const char *name, PGresult **ret_result, struct error *err);

/* The same in two parts: without waiting for the answer, which is in store->post when
 * postgres_answered() is true. That waits so long at most. */
int postgres_send(struct postgres_store *store, struct ask *ask, const char *sql, const char *doing,
		  const char *name, struct error *err);
bool postgres_answered(struct postgres_store *store, uint64_t wait_ns);

/* Values of a result's row, as text unless said otherwise. */
uint64_t postgres_number(const PGresult *result, int row, int column);
uint64_t postgres_binary_number(const PGresult *result, int row, int column);
char *postgres_escape(const char *text); /* the caller's; NULL: no memory */
void postgres_unescape(const char *from, char *ret_text, size_t size);
void postgres_text(const PGresult *result, int row, int column, char *ret_text, size_t size);

/* Closes the connection and says that the server went away while DOING. -EHOSTDOWN. */
int postgres_lost(struct postgres_store *store, const char *doing, const char *name,
		  const char *why, struct error *err);

/* Connects, which waits for all that it needs. */
int postgres_connect(struct postgres_store *store, struct error *err);

/* The connection is there: sees to the tables. */
int postgres_accept(struct postgres_store *store, struct error *err);

/* Bounds how long the server may wait for others' changes, unless the user did. */
int postgres_limit_waiting(struct postgres_store *store, struct error *err);

int postgres_open(const char *where, bool write, void **ret_backend, struct error *err);
int postgres_again(void *backend, bool wait, struct error *err);
void postgres_hurry(void *backend, bool hurry);
void postgres_abandon(struct postgres_store *store); /* an attempt to come back, if there is one */
void postgres_close(void *backend);

int postgres_put_alarm(void *backend, const struct store_alarm *alarm, struct error *err);
int postgres_post(void *backend, struct error *err);
int postgres_posted(void *backend, uint64_t wait_ns, struct error *err);
int postgres_write_alarms(struct postgres_store *store, struct error *err);
void postgres_forget_alarms(struct postgres_store *store);
int postgres_remove_alarm(void *backend, const char *id, struct error *err);
int postgres_alarms(void *backend, const struct store_query *query, store_take_alarm *take,
		    void *context, struct error *err);

#endif
