/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kind of store must be able to do; only the store's own files include this. A backend
 * keeps profiles as entries, what a list of them shows, and runs, a row each. It knows nothing of
 * what is in a run, or what makes a profile good: store.c does, the same for every backend.
 *
 * Whatever is read or written between begin() and end() is of one moment and happens as a whole or
 * not at all. Between the two calls of a writer nobody else writes to the same profile.
 */
#ifndef BOSC_STORE_BACKEND_H
#define BOSC_STORE_BACKEND_H

#include "store.h"

/* A run as bytes; the texts and bytes belong to whoever made it. */
struct store_row {
	const char *id;
	const char *head; /* JSON: the run without its content */
	const void *content;
	size_t content_size;
	uint64_t sum;	  /* of head and content (store_row.h) */
	uint64_t windows; /* for the entry */
};

/* Takes a row, which is gone when it returns; not 0 ends the reading and becomes its result. */
typedef int store_take(const struct store_row *row, void *context, struct error *err);

struct store_ops {
	/* -EHOSTDOWN: its server is away, but the backend is there all the same, for again(). */
	int (*open)(const char *where, bool write, void **ret_backend, struct error *err);
	void (*close)(void *backend);

	/* `name` is the profile that will be written, "": alarms only, NULL: nothing will. */
	int (*begin)(void *backend, const char *name, struct error *err);

	/* Keeps what was written, or with `keep` false forgets it, which cannot fail. */
	int (*end)(void *backend, bool keep, struct error *err);

	/* -ENOENT, without a sentence, when there is no such profile. */
	int (*entry)(void *backend, const char *name, struct store_entry *ret_entry,
		     struct error *err);

	/* All runs of the profile, or the one of that id. */
	int (*runs)(void *backend, const char *name, const char *id, store_take *take,
		    void *context, struct error *err);

	/* Adds or replaces; the entry comes before its runs. */
	int (*put_entry)(void *backend, const struct store_entry *entry, struct error *err);
	int (*put_run)(void *backend, const char *name, const struct store_row *row,
		       struct error *err);

	int (*list)(void *backend, struct store_entry **ret_entries, size_t *ret_count,
		    struct error *err);

	/* -ENOENT, without a sentence, when there is no such profile. */
	int (*remove)(void *backend, const char *name, struct error *err);

	/* Looks through the whole storage, which may take long. Returns whether it is sound, and
	 * says in `what` what is wrong with it. */
	bool (*is_sound)(void *backend, char *what, size_t size);

	/* One that is there already, by its id, stays; between begin() and end(), or before
	 * post(). */
	int (*put_alarm)(void *backend, const struct store_alarm *alarm, struct error *err);
	int (*remove_alarm)(void *backend, const char *id, struct error *err);

	/* How many there are, of those that are in a file; and removes the oldest until only `most`
	 * are left, and says how many that were. NULL for others. */
	int (*count_alarms)(void *backend, uint64_t *ret_count, struct error *err);
	int (*trim_alarms)(void *backend, uint64_t most, uint64_t *ret_gone, struct error *err);

	/* Those that fit, the latest `limit`, by time. */
	int (*alarms)(void *backend, const struct store_query *query, store_take_alarm *take,
		      void *context, struct error *err);

	/*
	 * Of those that are on a server; NULL for others. Each function of such a store fails with
	 * -EHOSTDOWN once the server is away, and whether what was being written is kept is then
	 * not known.
	 */

	/* Which store it is, as it may be said to anybody. */
	const char *(*place)(void *backend);

	/* Connects; without `wait` returns at once, and is to be called until it has. 1: connected,
	 * 0: not yet. */
	int (*again)(void *backend, bool wait, struct error *err);

	/* Whether who asks has something to watch meanwhile: then a server that is silent for a
	 * second, or takes longer than two for a change, counts as away. */
	void (*hurry)(void *backend, bool hurry);

	/* Sends the alarms that were put, and returns at once. Whatever is asked next waits for
	 * them. */
	int (*post)(void *backend, struct error *err);

	/* Whether they are there; waits for that so long at most. 1: they are, 0: not yet. */
	int (*posted)(void *backend, uint64_t wait_ns, struct error *err);

	/* From now on hears of changes, until the server is away. */
	int (*listen)(void *backend, struct error *err);

	/* The name of a profile that was changed by anybody. 1: there was one, 0: there is none. */
	int (*heard)(void *backend, char ret_name[PROFILE_TEXT], struct error *err);
};

extern const struct store_ops store_sqlite, store_postgres;

struct store {
	const struct store_ops *ops;
	void *backend;
	char where[PROFILE_TEXT]; /* for messages */
	uint64_t alarms_put;
	bool trimmed;	     /* what that came to was said */
	struct fleet *fleet; /* of a store on a server, which has no backend itself (fleet.h) */
};

/* Opens the store alone: of one on a server nothing is kept here. -EHOSTDOWN: the server is away,
 * but the store is there all the same. */
int store_open_alone(const char *where, bool write, struct store **ret_store, struct error *err);

/* Keeps an alarm, however many there are. */
int store_add_alarm(struct store *store, const struct store_alarm *alarm, struct error *err);

/* Makes the store's profile of that name be this one, which has all its runs. */
int store_replace(struct store *store, const struct profile *profile, struct error *err);

/* Removes the profile of that name, if its runs are still the same. */
int store_remove_same(struct store *store, const struct profile *profile, struct error *err);

#endif
