/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reaching the server. Opening waits for it; a monitor that comes back to its server while it
 * watches leaves it to another thread (store_postgres_again.c).
 *
 * The address is libpq's to understand, with all that its environment, service and password files
 * add. It may hold no password, for everybody can read a command line; and what libpq says of it is
 * not repeated where it could hold more than host, port and database.
 */
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "../core/numbers.h"
#include "store_postgres.h"
#include "util.h"

#define CONNECT_S 5
#define GONE_MS	  10000 /* a server that acknowledges nothing for so long is away */

static void parsed_p(PQconninfoOption **options)
{
	PQconninfoFree(*options);
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
	for (; options && options->keyword; options++)
		if (!strcmp(options->keyword, keyword))
			return options->val ? options->val : "";
	return "";
}

/* False where libpq would take a part of a password for another thing, and say it: one that holds a
 * ':', an '@' or a '/' as it is, or follows a port. An '@' is in no host's name or database's that
 * we could tell. */
static bool is_place(const PQconninfoOption *options)
{
	const char *host = option(options, "host"), *port = option(options, "port");

	return !strchr(host[0] == '@' ? host + 1 : host, '@') &&
	       !strchr(option(options, "hostaddr"), '@') &&
	       !strchr(option(options, "dbname"), '@') && !port[strspn(port, "0123456789,")];
}

static int check_address(const char *where, struct error *err)
{
	_cleanup_(parsed_p) PQconninfoOption *options = PQconninfoParse(where, NULL);

	if (!options || !is_place(options)) {
		fail(err, 0,
		     "cannot open the PostgreSQL store: its address is not one that libpq "
		     "understands");
		return fail_hint(err, -EINVAL,
				 "--store postgresql://HOST:PORT/DATABASE, with "
				 "libpq's settings behind a '?'");
	}
	if (!option(options, "password")[0] && !option(options, "sslpassword")[0])
		return 0;
	fail(err, 0,
	     "cannot open the PostgreSQL store: its address holds a password, which everybody on "
	     "this machine could read in the list of processes");
	return fail_hint(err, -EINVAL,
			 "an address without one, and the password in ~/.pgpass (PGPASSFILE), in a "
			 "service file (PGSERVICE), or in PGPASSWORD");
}

/* What may be said of the server, and tells it from others. */
static void note_place(struct postgres_store *store)
{
	_cleanup_(parsed_p) PQconninfoOption *options = PQconninfo(store->conn);
	const char *host = option(options, "host");
	const char *address = option(options, "hostaddr");

	if (store->place[0])
		return;
	snprintf(store->place, sizeof(store->place), "postgresql://%s:%s/%s",
		 host[0]      ? host
		 : address[0] ? address
			      : "localhost",
		 option(options, "port"), option(options, "dbname"));
	store->patience_ns = (uint64_t)atoi(option(options, "connect_timeout")) * NS_PER_S;
	if (!store->patience_ns)
		store->patience_ns = CONNECT_S * NS_PER_S;
}

/* Why connecting failed, by the SQLSTATE that libpq's long form of the message holds. */
static const struct {
	const char *code;
	int status;
	const char *text, *hint;
} refusals[] = {
	{ "28P01", EACCES, "the server refuses the password", "" },
	{ "28000", EACCES, "the server refuses this user from here",
	  "a role of that name, and a line for it in the server's pg_hba.conf" },
	{ "3D000", ENODATA, "the server has no such database", "createdb, on the server" },
	{ "53300", EHOSTDOWN, "the server has no connection left", NULL },
	{ "57P", EHOSTDOWN, "the server starts or shuts down", NULL },
};

#define PASSWORD_HINT                                                                   \
	"the password in ~/.pgpass (PGPASSFILE), in a service file (PGSERVICE), or in " \
	"PGPASSWORD"

static bool is_code(const char *at)
{
	for (int i = 0; i < 5; i++)
		if (!isdigit((unsigned char)at[i]) && !isupper((unsigned char)at[i]))
			return false;
	return at[5] == ':';
}

/* The SQLSTATE of the last server that was tried: "FATAL:  28P01: …". NULL: none answered. */
static const char *find_code(const char *message)
{
	const char *found = NULL;

	for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  "))
		if (is_code(at + 3))
			found = at + 3;
	return found;
}

/* The reason alone, in one line: "connection to server at "…", port … failed: REASON". */
static void copy_reason(const char *message, char *ret_text, size_t size)
{
	const char *failed = NULL;

	for (const char *at = strstr(message, " failed: "); at; at = strstr(at + 1, " failed: "))
		failed = at + strlen(" failed: ");
	snprintf(ret_text, size, "%s", failed ? failed : message);
	ret_text[strcspn(ret_text, "\n")] = '\0';
}

/* What no server said: nobody answers, which passes, or the settings do not fit, which does not. */
static int unreached(struct postgres_store *store, const char *message, struct error *err)
{
	bool wrong = strstr(message, "SSL") || strstr(message, "certificate") ||
		     !(strstr(message, "connection to server") ||
		       strstr(message, "could not translate host name"));
	char reason[512];

	copy_reason(message, reason, sizeof(reason));
	postgres_lost(store, "reach", NULL, reason[0] ? reason : "libpq does not say why", err);
	return wrong ? fail_hint(err, -EPROTO, "libpq's settings: sslmode, sslrootcert, service …")
		     : -EHOSTDOWN;
}

static int not_connected(struct postgres_store *store, struct error *err)
{
	_cleanup_free_ char *message = strdup(PQerrorMessage(store->conn));
	const char *code = message ? find_code(message) : NULL;

	if (PQconnectionNeedsPassword(store->conn)) {
		postgres_lost(store, "open profile store", NULL, "the server wants a password",
			      err);
		return fail_hint(err, -EACCES, PASSWORD_HINT);
	}
	for (size_t i = 0; code && i < ARRAY_SIZE(refusals); i++) {
		const char *hint = refusals[i].hint;

		if (strncmp(code, refusals[i].code, strlen(refusals[i].code)) != 0)
			continue;
		postgres_lost(store, "open profile store", NULL, refusals[i].text, err);
		return hint ? fail_hint(err, -refusals[i].status, "%s",
					hint[0] ? hint : PASSWORD_HINT)
			    : -refusals[i].status;
	}
	return unreached(store, code ? code + strlen("28P01: ") : message ? message : "", err);
}

/* A server that vanished without a word is found out in seconds, unless the user set it
 * otherwise. */
static void find_silence(int fd)
{
	const int gone_ms = GONE_MS, on = 1, idle_s = 10, each_s = 5, times = 3;
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	int set_ms = 0;

	if (getpeername(fd, (struct sockaddr *)&peer, &size) < 0 || peer.ss_family == AF_UNIX)
		return;
	size = sizeof(set_ms);
	if (getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &set_ms, &size) < 0 || set_ms)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof(gone_ms));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof(each_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

/* A notice of the server is no error, and standard error not the library's. */
static void ignore_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

static int begin_connecting(struct postgres_store *store, struct error *err)
{
	static const char *const keywords[] = { "dbname", "client_encoding",
						"fallback_application_name", NULL };
	const char *const values[] = { store->address, "UTF8", "bosc", NULL };

	store->conn = PQconnectStartParams(keywords, values, 1);
	if (!store->conn)
		return fail(err, -ENOMEM, "cannot open the PostgreSQL store: %s", strerror(ENOMEM));
	note_place(store);
	PQsetErrorVerbosity(store->conn, PQERRORS_VERBOSE);
	PQsetNoticeProcessor(store->conn, ignore_notice, NULL);
	return PQstatus(store->conn) == CONNECTION_BAD ? not_connected(store, err) : 0;
}

/* One step of connecting, or none until then. 1: connected, 0: not yet. */
static int go_on_connecting(struct postgres_store *store, PostgresPollingStatusType *wanted,
			    uint64_t until_ns, struct error *err)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	struct pollfd wait = { .fd = PQsocket(store->conn) };

	wait.events = *wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
	if (poll(&wait, 1, (int)(number_subtract(until_ns, now_ns) / NS_PER_MS)) <= 0)
		return 0;
	*wanted = PQconnectPoll(store->conn);
	if (*wanted == PGRES_POLLING_FAILED)
		return not_connected(store, err);
	return *wanted == PGRES_POLLING_OK;
}

int postgres_connect(struct postgres_store *store, struct error *err)
{
	PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
	int status = begin_connecting(store, err), r = 0;
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + store->patience_ns;

	while (status == 0 && r == 0) {
		r = go_on_connecting(store, &wanted, until_ns, err);
		if (r == 0 && clock_ns(CLOCK_MONOTONIC) >= until_ns)
			return postgres_lost(store, "reach", NULL, "the server does not answer",
					     err);
	}
	if (status < 0 || r < 0)
		return status < 0 ? status : r;
	PQsetnonblocking(store->conn, 1);
	find_silence(PQsocket(store->conn));
	r = postgres_accept(store, err);
	if (r < 0) {
		PQfinish(store->conn);
		store->conn = NULL;
	}
	return r;
}

int postgres_open(const char *where, bool write, void **ret_backend, struct error *err)
{
	struct postgres_store *store;
	int r = check_address(where, err);

	if (r < 0)
		return r;
	store = calloc(1, sizeof(*store));
	if (store)
		store->address = strdup(where);
	if (!store || !store->address) {
		free(store);
		return fail(err, -ENOMEM, "cannot open the PostgreSQL store: %s", strerror(ENOMEM));
	}
	store->write = write;
	store->answer_ms = POSTGRES_PATIENCE_MS;
	r = postgres_connect(store, err);
	if (r < 0 && r != -EHOSTDOWN) {
		postgres_close(store);
		return r;
	}
	*ret_backend = store;
	return r;
}

void postgres_close(void *backend)
{
	struct postgres_store *store = backend;

	postgres_abandon(store);
	PQfinish(store->conn);
	free(store->address);
	free(store);
}
