/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of the kinds of store, and what holds for all of them: only a profile that passes
 * profile_check() goes in, and only one that passes it and has the sum that it went in with comes
 * out. So a file that was cut short, edited by hand or changed by a failing disk is refused
 * instead of judging a container by half a profile. The sum (FNV-1a) finds accidents; it is no
 * seal against somebody who may write the store.
 */
#include "store_backend.h"

#include <errno.h>
#include <string.h>

#include "util.h"

struct store {
	const struct store_ops *ops;
	void *backend;
	char where[PROFILE_TEXT]; /* for messages */
};

/* The first row whose prefix fits; what no row takes is a path. */
static const struct store_kind {
	const char *prefix;
	const struct store_ops *ops; /* NULL: not in this build */
	const char *name;
} kinds[] = {
	{ "sqlite:", &store_sqlite, "SQLite" },
	{ "postgresql://", NULL, "PostgreSQL" },
	{ "postgres://", NULL, "PostgreSQL" },
};

static const struct store_kind *kind_of(const char *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(where, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	return NULL;
}

const char *store_file(const char *where)
{
	const struct store_kind *kind = kind_of(where ? where : STORE_DEFAULT);

	if (!where)
		return STORE_DEFAULT;
	if (kind && kind->ops != &store_sqlite)
		return NULL;
	return where + (kind ? strlen(kind->prefix) : 0);
}

/* An address may hold a password, so the message about a missing backend does not repeat it. */
int store_open(const char *where, bool write, struct store **ret_store, struct error *err)
{
	const struct store_kind *kind = kind_of(where ? where : STORE_DEFAULT);
	struct store *store;
	int r;

	if (!where)
		where = STORE_DEFAULT;
	if (kind && !kind->ops) {
		fail(err, 0, "cannot open the %s store: this build has no %s store yet", kind->name,
		     kind->name);
		return fail_hint(err, -ENOTSUP, "--store PATH, a file of its own");
	}
	if (kind)
		where += strlen(kind->prefix);
	store = calloc(1, sizeof(*store));
	if (!store)
		return fail(err, -ENOMEM, "cannot open profile store '%s': %s", where,
			    strerror(ENOMEM));
	store->ops = kind ? kind->ops : &store_sqlite;
	snprintf(store->where, sizeof(store->where), "%s", where);
	r = store->ops->open(where, write, &store->backend, err);
	if (r < 0) {
		free(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store->ops->close(store->backend);
	free(store);
}

static void sum_bytes(uint64_t *sum, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		*sum = (*sum ^ byte[i]) * 0x100000001b3ull;
}

static void sum_text(uint64_t *sum, const char *text)
{
	sum_bytes(sum, text, strlen(text) + 1);
}

/* Byte by byte, so that the sum is the same on every machine. */
static void sum_number(uint64_t *sum, uint64_t number)
{
	for (unsigned int shift = 0; shift < 64; shift += 8)
		*sum = (*sum ^ ((number >> shift) & 0xff)) * 0x100000001b3ull;
}

static void sum_run(uint64_t *sum, const struct profile_run *run)
{
	sum_text(sum, run->id);
	sum_text(sum, run->source);
	sum_text(sum, run->host);
	sum_text(sum, run->kernel);
	sum_text(sum, run->version);
	sum_number(sum, run->started_s);
	sum_number(sum, run->ended_s);
	sum_number(sum, run->calls);
	sum_number(sum, run->windows);
	sum_number(sum, run->new_bags);
	sum_number(sum, run->lost);
	sum_number(sum, run->joined_late);
}

/* Numbers that not every bosc knew: what was saved before they existed had a sum without them, and
 * has 0. */
static void sum_counts(uint64_t *sum, const uint64_t *counts, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!counts[i])
			continue;
		sum_number(sum, i);
		sum_number(sum, counts[i]);
	}
}

static void sum_scores(uint64_t *sum, const uint32_t scores[SCORE_BINS])
{
	uint64_t counts[SCORE_BINS];

	for (uint32_t bin = 0; bin < SCORE_BINS; bin++)
		counts[bin] = scores[bin];
	sum_counts(sum, counts, SCORE_BINS);
}

static void sum_part(uint64_t *sum, const struct profile_part *part)
{
	sum_number(sum, part->windows_before);
	sum_number(sum, part->frame_most);
	sum_number(sum, part->fresh_most);
	/* As with sum_counts(); the text keeps the two apart. */
	if (part->logged) {
		sum_text(sum, "logged");
		sum_number(sum, part->logged);
	}
	if (part->level_most)
		sum_number(sum, part->level_most);
	sum_scores(sum, part->scores);
}

static void sum_bag(uint64_t *sum, const struct profile_bag *known, uint32_t window)
{
	for (uint32_t i = 0; i < window; i++)
		sum_number(sum, known->bag.code[i]);
	sum_number(sum, known->count);
	sum_number(sum, known->first_run);
	sum_number(sum, known->last_run);
	sum_number(sum, known->part);
	if (known->again)
		sum_number(sum, known->again);
}

static void sum_sights(uint64_t *sum, const struct profile *profile)
{
	for (size_t i = 0; i < profile->sight_count; i++) {
		sum_number(sum, profile->sights[i].bag);
		sum_number(sum, profile->sights[i].thread);
		sum_number(sum, profile->sights[i].at);
		sum_number(sum, profile->sights[i].part);
	}
	if (profile->threads)
		sum_number(sum, profile->threads);
}

static void sum_repertoire(uint64_t *sum, const struct repertoire *repertoire)
{
	for (const uint16_t *code = repertoire->codes; *code; code++)
		sum_number(sum, *code);
	sum_number(sum, repertoire->threads);
	sum_number(sum, repertoire->part);
}

/* Nothing where nothing was learnt of it: see sum_counts(). */
static void sum_view(uint64_t *sum, const struct profile *profile)
{
	const struct repertoires *repertoires = &profile->repertoires;

	for (size_t i = 0; i < profile->gram_count; i++) {
		sum_number(sum, profile->grams[i].calls);
		sum_number(sum, profile->grams[i].count);
	}
	for (size_t i = 0; i < repertoires->count; i++)
		sum_repertoire(sum, &repertoires->all[i]);
	if (repertoires->threads)
		sum_number(sum, repertoires->threads);
	sum_counts(sum, repertoires->users, CODE_COUNT);
}

static void sum_head(uint64_t *sum, const struct profile *profile)
{
	sum_text(sum, profile->name);
	sum_text(sum, profile->arch);
	sum_text(sum, profile->image);
	sum_text(sum, profile->digest);
	sum_text(sum, profile->container);
	sum_text(sum, profile_state_name(profile->state));
	sum_text(sum, profile->why);
	sum_number(sum, profile->window);
	sum_number(sum, profile->signals);
	/* As with sum_counts(). */
	if (profile->confirmed_parts)
		sum_number(sum, profile->confirmed_parts);
	if (profile->programs)
		sum_number(sum, profile->programs);
	if (profile->command[0])
		sum_text(sum, profile->command);
}

static uint64_t profile_sum(const struct profile *profile)
{
	uint64_t sum = 0xcbf29ce484222325ull;

	sum_head(&sum, profile);
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		sum_number(&sum, profile->calls[code]);
	sum_counts(&sum, profile->start_calls, CODE_COUNT);
	sum_number(&sum, profile->run_count);
	for (size_t i = 0; i < profile->run_count; i++)
		sum_run(&sum, &profile->runs[i]);
	sum_number(&sum, profile->exec_count);
	for (size_t i = 0; i < profile->exec_count; i++) {
		sum_text(&sum, profile->execs[i].path);
		sum_number(&sum, profile->execs[i].inode);
		sum_number(&sum, profile->execs[i].count);
	}
	sum_number(&sum, profile->history_count);
	for (size_t i = 0; i < profile->history_count; i++)
		sum_part(&sum, &profile->history[i]);
	sum_number(&sum, profile->bag_count);
	for (size_t i = 0; i < profile->bag_count; i++)
		sum_bag(&sum, &profile->bags[i], profile->window);
	sum_sights(&sum, profile);
	sum_view(&sum, profile);
	return sum;
}

int store_save(struct store *store, const struct profile *profile, struct error *err)
{
	const char *why;

	if (profile_check(profile, &why) < 0)
		return fail(err, -EINVAL, "cannot save profile '%s': %s", profile->name, why);
	return store->ops->save(store->backend, profile, clock_ns(CLOCK_REALTIME) / NS_PER_S,
				profile_sum(profile), err);
}

/* A damaged profile makes it likely that more is damaged: the hint says how far it goes. */
static int hint_damage(struct store *store, int status, struct error *err)
{
	char what[256];

	if (store->ops->is_sound(store->backend, what, sizeof(what)))
		return fail_hint(err, status,
				 "remove this profile and learn it again; the rest "
				 "of the store is sound");
	return fail_hint(err, status,
			 "restore '%s' from a backup, or remove it and learn again; "
			 "the whole store is damaged: %s",
			 store->where, what);
}

static int check_loaded(struct store *store, const struct profile *profile, const char *name,
			uint64_t sum, struct error *err)
{
	const char *why;

	if (profile_check(profile, &why) < 0)
		return fail(err, -EBADMSG, "profile '%s' in '%s' is damaged: %s", name,
			    store->where, why);
	if (strcmp(profile->name, name) != 0 || profile_sum(profile) != sum)
		return fail(err, -EBADMSG,
			    "profile '%s' in '%s' is damaged: it is not as it was saved", name,
			    store->where);
	return 0;
}

int store_load(struct store *store, const char *name, struct profile **ret_profile,
	       struct error *err)
{
	struct profile *profile = NULL;
	uint64_t sum;
	int r;

	r = store->ops->load(store->backend, name, &profile, &sum, err);
	if (r == 0)
		r = check_loaded(store, profile, name, sum, err);
	if (r == 0) {
		*ret_profile = profile;
		return 0;
	}
	profile_free(profile);
	return r == -EBADMSG ? hint_damage(store, r, err) : r;
}

int store_list(struct store *store, struct store_entry **ret_entries, size_t *ret_count,
	       struct error *err)
{
	return store->ops->list(store->backend, ret_entries, ret_count, err);
}

int store_remove(struct store *store, const char *name, struct error *err)
{
	return store->ops->remove(store->backend, name, err);
}
