/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coming back to a server while something is watched: another thread connects, for looking up a
 * name, which libpq does in one piece, may take as long as it likes, and so may a server that is
 * reached but does not answer. The thread has a store of its own, and so nothing in common with the
 * one that waits for it but how many of the two still need the attempt: who leaves last frees it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "store_postgres.h"
#include "util.h"

struct attempt {
	struct postgres_store *store; /* the thread's, until it has left */
	struct error err;
	int status;
	atomic_int owners;
};

static void leave(struct attempt *attempt)
{
	if (atomic_fetch_sub(&attempt->owners, 1) > 1)
		return;
	if (attempt->store)
		postgres_close(attempt->store);
	free(attempt);
}

static void *make_attempt(void *context)
{
	struct attempt *attempt = context;

	attempt->status = postgres_connect(attempt->store, &attempt->err);
	leave(attempt);
	return NULL;
}

static struct postgres_store *store_like(const struct postgres_store *store)
{
	struct postgres_store *other = calloc(1, sizeof(*other));

	if (!other)
		return NULL;
	other->address = strdup(store->address);
	memcpy(other->place, store->place, sizeof(other->place));
	other->write = store->write;
	other->answer_ms = store->answer_ms;
	other->patience_ns = store->patience_ns;
	if (other->address)
		return other;
	free(other);
	return NULL;
}

/* The signals of the program are not the thread's to take. */
static int start_thread(struct attempt *attempt)
{
	pthread_t thread;
	sigset_t all, before;
	int status;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&thread, NULL, make_attempt, attempt);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (status == 0)
		pthread_detach(thread);
	return status;
}

static int begin_attempt(struct postgres_store *store, struct error *err)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	int status = ENOMEM;

	if (attempt) {
		atomic_init(&attempt->owners, 2);
		attempt->store = store_like(store);
	}
	if (attempt && attempt->store)
		status = start_thread(attempt);
	if (status == 0) {
		store->attempt = attempt;
		return 0;
	}
	if (attempt) {
		atomic_store(&attempt->owners, 1);
		leave(attempt);
	}
	return postgres_lost(store, "reach", NULL, strerror(status), err);
}

static int end_attempt(struct postgres_store *store, struct error *err)
{
	struct attempt *attempt = store->attempt;
	int status;

	if (atomic_load(&attempt->owners) > 1)
		return 0;
	status = attempt->status;
	if (status < 0) {
		*err = attempt->err;
	} else {
		store->conn = attempt->store->conn;
		store->ready = true;
		store->limits = attempt->store->limits;
		attempt->store->conn = NULL;
	}
	postgres_abandon(store);
	return status < 0 ? status : 1;
}

void postgres_abandon(struct postgres_store *store)
{
	if (store->attempt)
		leave(store->attempt);
	store->attempt = NULL;
}

int postgres_again(void *backend, bool wait, struct error *err)
{
	struct postgres_store *store = backend;
	int r;

	if (store->ready)
		return 1;
	if (!wait)
		return store->attempt ? end_attempt(store, err) : begin_attempt(store, err);
	postgres_abandon(store);
	r = postgres_connect(store, err);
	return r < 0 ? r : 1;
}

void postgres_hurry(void *backend, bool hurry)
{
	struct postgres_store *store = backend;
	struct error ignored;

	store->answer_ms = hurry ? POSTGRES_HURRY_MS : POSTGRES_PATIENCE_MS;
	if (store->ready && store->limits)
		postgres_limit_waiting(store, &ignored);
}
