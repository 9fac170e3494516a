/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where profiles are kept. A store is a row of functions, so that another backend is one file,
 * one row in store_open.c and one run of the same test.
 *
 * Every write is atomic: after a crash at any moment a profile is there as it was saved last, or
 * not at all. Saving adds runs to those that are there (core/merge.h), so that several learners, on
 * several machines, may save the same profile at once and nothing of it is lost.
 */
#ifndef BOSC_STORE_H
#define BOSC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/profile.h"
#include "error.h"

#define STORE_DEFAULT "/var/lib/bosc/bosc.db"

struct store;

struct store_entry {
	char name[PROFILE_TEXT];
	char image[PROFILE_TEXT];
	char digest[PROFILE_TEXT]; /* of the image */
	char why[PROFILE_TEXT];
	enum profile_state state;
	uint64_t saved_s; /* UNIX time */
	uint64_t version; /* counts the changes since it was made */
	uint64_t windows;
	uint64_t bags;
	uint32_t runs;
	uint32_t window; /* calls in one */
	bool damaged;	 /* it holds what no profile has: its name alone is sure (store_list()) */
};

#define STORE_ALARM_ID 40

/* An alarm that is kept. The texts are whoever's made it. */
struct store_alarm {
	const char *id;	  /* a random UUID */
	uint64_t time_ns; /* UNIX time */
	const char *host;
	const char *target;
	const char *profile;
	const char *rule;  /* its word */
	uint32_t severity; /* enum severity */
	const char *line;  /* what monitor --json writes of it, without the end of the line */
};

/* Which alarms are wanted. A text that is NULL fits all. */
struct store_query {
	uint64_t since_ns; /* UNIX time */
	const char *host;
	const char *profile;
	const char *rule;
	uint32_t min_severity;
	uint64_t limit;
};

/* Takes an alarm, which is gone when it returns; not 0 ends the reading and becomes its result. */
typedef int store_take_alarm(const struct store_alarm *alarm, void *context, struct error *err);

/*
 * A store on a server goes on without it (fleet.h): opening, loading and saving do not fail because
 * the server is away; a profile of which there is no copy is -ENOENT then. What needs the server is
 * -EHOSTDOWN. The next four are for those who use a store for long; for a file they do nothing.
 */

/* Looks after the connection, and sends what waits for it. To be called about once a second. */
void store_tick(struct store *store);

/* From now on something is watched meanwhile, which shall not wait for a server. */
void store_hurry(struct store *store);

/* The same; and store_heard() says what anybody changes. */
void store_listen(struct store *store);

/* A profile that may have changed; the empty name: all of them. False: there is no news. */
bool store_heard(struct store *store, char ret_name[PROFILE_TEXT]);

/* Whether the store is on a server. */
bool store_is_shared(const struct store *store);

/* Why its server is away; NULL: it is not. */
const char *store_away(const struct store *store);

/* -EINVAL: the address is neither a path nor one of a kind of store that is known. Not even its
 * sentence holds more of it than the scheme, as there may be a password. */
int store_check(const char *where, struct error *err);

/* Whether what came to this may come to something else later, with nobody's doing. */
bool store_may_yet(int status);

/* The file that the store is, as a path; NULL: it is none. */
const char *store_file(const char *where);

/* Opens "PATH", "sqlite:PATH" or, NULL, the default. With `write` a missing file is made (mode
 * 0600), and the directory of the default as well; without, a missing file is -ENOENT. */
int store_open(const char *where, bool write, struct store **ret_store, struct error *err);
void store_close(struct store *store);
static inline void store_close_p(struct store **store)
{
	if (*store)
		store_close(*store);
}

/* Seals the profile's runs and adds them to the profile of that name; of a run that is there the
 * state that went further stays, and what people said of it. -EINVAL: what is there is not of the
 * same kind. The profile keeps its own runs only. */
int store_save(struct store *store, struct profile *profile, struct error *err);

/* The same of one of the profile's runs, which is still being learnt: cheaper, as the others are
 * not looked at. */
int store_checkpoint(struct store *store, struct profile *profile, struct profile_run *run,
		     struct error *err);

/* Where the store is on a server: keeps the profile on this machine, since saving it failed, until
 * the server takes it. */
void store_keep(struct store *store, struct profile *profile);

/* Only what the list shows. -ENOENT, without a sentence, when there is none. */
int store_entry(struct store *store, const char *name, struct store_entry *ret_entry,
		struct error *err);

/* -ENOENT when there is none. A profile that is not as it was saved is -EBADMSG. */
int store_load(struct store *store, const char *name, struct profile **ret_profile,
	       struct error *err);

/* All profiles by name, also those whose entry is damaged; the caller frees the array. */
int store_list(struct store *store, struct store_entry **ret_entries, size_t *ret_count,
	       struct error *err);

#define STORE_ALARMS_MAX 100000u /* in a file */

/* Keeps an alarm. One on a server is kept on this machine first, and sent by store_tick(). In a
 * file, the oldest make room. */
int store_put_alarm(struct store *store, const struct store_alarm *alarm, struct error *err);

/* Those that fit, the latest `limit` of them, by time. */
int store_alarms(struct store *store, const struct store_query *query, store_take_alarm *take,
		 void *context, struct error *err);

/* -ENOENT when there is none. */
int store_remove(struct store *store, const char *name, struct error *err);

#endif
