/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of the kinds of store, and which of them an address means.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "fleet.h"
#include "store_backend.h"
#include "util.h"

#define SCHEME_SHOWN 32

/* The first row whose prefix fits; what no row takes is a path. */
static const struct store_kind {
	const char *prefix;
	const struct store_ops *ops; /* without open(): not in this build */
	const char *name;
} kinds[] = {
	{ "sqlite:", &store_sqlite, "SQLite" },
	{ "postgresql://", &store_postgres, "PostgreSQL" },
	{ "postgres://", &store_postgres, "PostgreSQL" },
};

static const struct store_kind *kind_of(const char *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(where, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return &kinds[i];
	return NULL;
}

/* How long the "scheme" of "scheme://…" is, or of "scheme:/…", which somebody mistyped; 0: it has
 * none. */
static size_t scheme_length(const char *where)
{
	size_t length = 0;

	while (isalnum((unsigned char)where[length]) ||
	       (length && strchr("+-.", where[length]) && where[length]))
		length++;
	return length && !strncmp(where + length, ":/", 2) ? length : 0;
}

int store_check(const char *where, struct error *err)
{
	const struct store_kind *kind = where ? kind_of(where) : NULL;
	size_t length = where ? scheme_length(where) : 0;

	if (!length)
		return 0;
	if (kind && kind->ops != &store_sqlite)
		return 0;
	/* "sqlite:///PATH" is how others write it; "sqlite://HOST" is no file. */
	if (kind && (strncmp(where + length, "://", 3) != 0 || where[length + 3] == '/'))
		return 0;
	length += strspn(where + length, ":/");
	fail(err, 0, "cannot open the profile store: bosc knows no store of the form '%.*s…'",
	     (int)(length < SCHEME_SHOWN ? length : SCHEME_SHOWN), where);
	return fail_hint(err, -EINVAL, "--store PATH, or --store postgresql://HOST/DATABASE");
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

/* An address may hold a password, so no message repeats it: its place is what the backend says. */
int store_open_alone(const char *where, bool write, struct store **ret_store, struct error *err)
{
	const struct store_kind *kind = kind_of(where);
	struct store *store;
	int r;

	if (kind && !kind->ops->open) {
		fail(err, 0, "cannot open the %s store: this build has no %s store", kind->name,
		     kind->name);
		return fail_hint(err, -ENOTSUP, "--store PATH, a file of its own");
	}
	store = calloc(1, sizeof(*store));
	if (!store)
		return fail(err, -ENOMEM, "cannot open the profile store: %s", strerror(ENOMEM));
	store->ops = kind ? kind->ops : &store_sqlite;
	if (kind && !store->ops->place)
		where += strlen(kind->prefix);
	r = store->ops->open(where, write, &store->backend, err);
	if (r < 0 && !store->backend) {
		free(store);
		return r;
	}
	snprintf(store->where, sizeof(store->where), "%s",
		 store->ops->place ? store->ops->place(store->backend) : where);
	*ret_store = store;
	return r;
}

static bool is_shared(const char *where)
{
	const struct store_kind *kind = kind_of(where);

	return kind && kind->ops->place;
}

int store_open(const char *where, bool write, struct store **ret_store, struct error *err)
{
	struct store *store;
	int r;

	if (!where)
		where = STORE_DEFAULT;
	if (!is_shared(where))
		return store_open_alone(where, write, ret_store, err);
	store = calloc(1, sizeof(*store));
	if (!store)
		return fail(err, -ENOMEM, "cannot open the profile store: %s", strerror(ENOMEM));
	r = fleet_open(where, write, &store->fleet, err);
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
	if (store->fleet)
		fleet_close(store->fleet);
	else
		store->ops->close(store->backend);
	free(store);
}

void store_tick(struct store *store)
{
	if (store->fleet)
		fleet_tick(store->fleet);
}

void store_hurry(struct store *store)
{
	if (store->fleet)
		fleet_hurry(store->fleet);
}

void store_listen(struct store *store)
{
	if (store->fleet)
		fleet_listen(store->fleet);
}

bool store_heard(struct store *store, char ret_name[PROFILE_TEXT])
{
	return store->fleet && fleet_heard(store->fleet, ret_name);
}

bool store_may_yet(int status)
{
	switch (status) {
	case -EHOSTDOWN:
	case -EBUSY:
	case -ETIMEDOUT:
	case -ENOSPC:
	case -ENOMEM:
	case -EROFS:
	case -EIO:
		return true;
	default:
		return false;
	}
}

bool store_is_shared(const struct store *store)
{
	return store->fleet;
}

const char *store_away(const struct store *store)
{
	return store->fleet ? fleet_away(store->fleet) : NULL;
}
