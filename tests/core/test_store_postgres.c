/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PostgreSQL store and the server: what it is refused for, in a sentence that gives nothing
 * away; many who make the tables at once; a server that ends in the middle; news of changes.
 */
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../../src/store_backend.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"

static bool is_there;

static int setup(void **state)
{
	if (enter_folder(state) < 0)
		return -1;
	setenv("BOSC_FLEET", folder, 1);
	is_there = server_begin();
	return 0;
}

static int teardown(void **state)
{
	if (is_there)
		server_do("stop");
	return leave_folder(state);
}

static void need_server(void)
{
	if (!is_there)
		skip();
}

/* A store without what a host keeps of it. */
static struct store *open_alone(const char *where, bool write)
{
	struct store *store = NULL;
	struct error err = { 0 };

	if (store_open_alone(where, write, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

/* Refused, and nothing secret said; nor the user's name, which is part of the login. */
static void refused(const char *where, int status, const char *text)
{
	struct store *store = NULL;
	struct error err = { 0 };
	int r = store_open_alone(where, true, &store, &err);

	if (r != status || !strstr(err.text, text))
		fail_msg("%d instead of %d, '%s' instead of '%s'", r, status, err.text, text);
	assert_null(strstr(err.text, "secret"));
	assert_null(strstr(err.hint, "secret"));
	assert_null(strstr(err.text, "locked"));
	assert_null(strchr(err.text, '\n'));
	store_close_p(&store);
}

static void test_addresses(void **state)
{
	char where[256];
	(void)state;

	refused("postgresql://locked:secret@h/db", -EINVAL, "its address holds a password");
	refused("postgres://h/db?password=secret", -EINVAL, "its address holds a password");
	refused("postgresql://h/db?sslpassword=secret", -EINVAL, "its address holds a password");
	refused("postgresql://locked:secret@[h/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://h/db?secret=secret", -EINVAL, "is not one that libpq understands");
	refused("postgresql://h:secret/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://locked:sec/ret@h/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://locked:1/secret@h/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://locked:secret%40h/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://locked@:se@cret@h/db", -EINVAL, "is not one that libpq understands");
	refused("postgresql://h/db?sslmode=some", -EPROTO, "invalid sslmode value");
	refused("postgresql:///?service=none", -EPROTO, "definition of service \"none\" not found");
	need_server();
	snprintf(where, sizeof(where), "postgresql://locked@127.0.0.1:%d/db", server_port + 1);
	refused(where, -EHOSTDOWN, "Connection refused");
	refused(server_address("locked", ""), -EACCES, "the server wants a password");
	setenv("PGPASSWORD", "secret wrong", 1);
	refused(server_address("locked", ""), -EACCES, "the server refuses the password");
	unsetenv("PGPASSWORD");
	refused(server_address("stranger", ""), -EACCES, "refuses this user from here");
	refused(server_address("bosc", "sslmode=require"), -EPROTO, "does not support SSL");
	refused(server_address("bosc", "dbname=none"), -ENODATA, "has no such database");
}

static void test_password_file(void **state)
{
	FILE *file;
	(void)state;

	need_server();
	server_sql("GRANT CREATE ON DATABASE postgres TO locked");
	file = fopen("pgpass", "w");
	fprintf(file, "127.0.0.1:%d:*:locked:secret\n", server_port);
	fclose(file);
	chmod("pgpass", 0600);
	setenv("PGPASSFILE", "pgpass", 1);
	store_close(open_alone(server_address("locked", ""), true));
	unsetenv("PGPASSFILE");
	server_sql("DROP SCHEMA bosc CASCADE");
}

static void test_permissions(void **state)
{
	struct store *store = NULL;
	struct error err = { 0 };
	struct profile *profile;
	(void)state;

	need_server();
	assert_int_equal(store_open_alone(server_address("bosc", ""), false, &store, &err),
			 -ENOENT);
	assert_non_null(strstr(err.text, "is empty"));
	refused(server_address("reader", ""), -EACCES, "cannot make profile store");
	store_close(open_alone(server_address("bosc", ""), true));
	refused(server_address("reader", ""), -EACCES, "has no permission for that");
	server_sql("GRANT USAGE ON SCHEMA bosc TO reader; "
		   "GRANT SELECT ON ALL TABLES IN SCHEMA bosc TO reader");
	store = open_alone(server_address("reader", ""), true);
	profile = sample_profile(1, "p", 3);
	assert_int_equal(store_save(store, profile, &err), -EACCES);
	assert_non_null(strstr(err.text, "has no permission for that"));
	profile_free(profile);
	assert_int_equal(store_load(store, "p", NULL, &err), -ENOENT);
	store_close(store);
}

static void test_versions(void **state)
{
	(void)state;

	need_server();
	store_close(open_alone(server_address("bosc", ""), true));
	server_sql("UPDATE bosc.store SET version = 99");
	refused(server_address("bosc", ""), -ENOTSUP, "a newer bosc wrote it (version 99");
	server_sql("DROP SCHEMA bosc CASCADE; CREATE SCHEMA bosc; CREATE TABLE bosc.store (a int)");
	refused(server_address("bosc", ""), -EBADMSG, "has not the tables of a profile store");
	server_sql("DROP SCHEMA bosc CASCADE");
}

/* Hosts that begin with an empty database at the same moment all find a store. */
static void test_made_by_many(void **state)
{
	pid_t children[12];
	(void)state;

	need_server();
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		struct store *store = NULL;
		struct error err;

		children[i] = fork();
		if (children[i])
			continue;
		if (store_open_alone(server_address("bosc", ""), true, &store, &err) == 0)
			_exit(0);
		fprintf(stderr, "%s\n", err.text);
		_exit(1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		int status;

		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
}

/* A limit of the server's on waiting, reached while another holds the profile. */
static void assert_held(const char *limit, int status)
{
	struct store *holder, *store;
	struct profile *profile = sample_profile(1, "held", 3);
	struct error err = { 0 };
	char options[64];

	need_server();
	snprintf(options, sizeof(options), "options=-c%%20%s%%3D200", limit);
	holder = open_alone(server_address("bosc", ""), true);
	store = open_alone(server_address("bosc", options), true);
	assert_int_equal(holder->ops->begin(holder->backend, "held", &err), 0);
	assert_int_equal(store_save(store, profile, &err), status);
	assert_non_null(strstr(err.text, limit));
	assert_int_equal(holder->ops->end(holder->backend, false, &err), 0);
	save(store, profile);
	store_close(holder);
	store_close(store);
	profile_free(profile);
}

static void test_statement_timeout(void **state)
{
	(void)state;
	assert_held("statement_timeout", -ETIMEDOUT);
}

static void test_lock_timeout(void **state)
{
	(void)state;
	assert_held("lock_timeout", -EBUSY);
}

static void reach(struct store *store)
{
	struct error err = { 0 };
	int r = store->ops->again(store->backend, true, &err);

	if (r != 1)
		fail_msg("%d: %s", r, err.text);
}

static void test_ended_in_the_middle(void **state)
{
	struct profile *profile = sample_profile(1, "middle", 30), *loaded = NULL;
	struct store *store;
	struct error err = { 0 };
	struct store_entry entry = { .name = "middle", .window = 8 };
	(void)state;

	need_server();
	store = open_alone(server_address("bosc", ""), true);
	assert_int_equal(store->ops->begin(store->backend, "middle", &err), 0);
	assert_int_equal(store->ops->put_entry(store->backend, &entry, &err), 0);
	assert_int_equal(server_do("kill"), 0);
	assert_int_equal(store->ops->put_entry(store->backend, &entry, &err), -EHOSTDOWN);
	assert_int_equal(store->ops->end(store->backend, false, &err), 0);
	assert_int_equal(store_save(store, profile, &err), -EHOSTDOWN);
	assert_int_equal(store->ops->again(store->backend, true, &err), -EHOSTDOWN);
	assert_int_equal(server_do("start"), 0);
	reach(store);
	assert_int_equal(store_load(store, "middle", &loaded, &err), -ENOENT);
	save(store, profile);
	assert_int_equal(store->ops->begin(store->backend, "middle", &err), 0);
	server_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
		   "application_name = 'bosc'");
	assert_int_equal(store->ops->put_entry(store->backend, &entry, &err), -EHOSTDOWN);
	assert_non_null(strstr(err.text, ": the "));
	reach(store);
	loaded = load(store, "middle");
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	profile_free(profile);
	store_close(store);
}

static void assert_heard(struct store *store, const char *wanted)
{
	char name[PROFILE_TEXT] = "";
	struct error err = { 0 };
	int r = 0;

	for (int i = 0; i < 100 && !r; i++) {
		r = store->ops->heard(store->backend, name, &err);
		usleep(r ? 0 : 10000);
	}
	assert_int_equal(r, 1);
	assert_string_equal(name, wanted);
}

static void test_news(void **state)
{
	static const char *const names[] = { "plain", "quo'te", "\xff\x80", "back\\slash\n" };
	struct store *listener, *store;
	char name[PROFILE_TEXT];
	struct error err = { 0 };
	int r = 0;
	(void)state;

	need_server();
	listener = open_alone(server_address("bosc", ""), false);
	store = open_alone(server_address("bosc", ""), true);
	assert_int_equal(listener->ops->listen(listener->backend, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct profile *profile = sample_profile(1, names[i], 3);

		save(store, profile);
		assert_heard(listener, names[i]);
		profile_free(profile);
	}
	assert_int_equal(store_remove(store, "none", &err), -ENOENT);
	assert_int_equal(store_remove(store, "plain", &err), 0);
	assert_heard(listener, "plain");
	assert_int_equal(listener->ops->heard(listener->backend, name, &err), 0);
	server_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
		   "application_name = 'bosc'");
	for (int i = 0; i < 100 && r == 0; i++) {
		usleep(10000);
		r = listener->ops->heard(listener->backend, name, &err);
	}
	assert_int_equal(r, -EHOSTDOWN);
	assert_int_equal(store_remove(store, "quo'te", &err), -EHOSTDOWN);
	reach(listener);
	reach(store);
	assert_int_equal(listener->ops->listen(listener->backend, &err), 0);
	assert_int_equal(store_remove(store, "quo'te", &err), 0);
	assert_heard(listener, "quo'te");
	store_close(listener);
	store_close(store);
}

/* What somebody changed there by hand is no profile any more. */
static void test_damage(void **state)
{
	static const char *const changes[] = {
		"UPDATE bosc.run SET head = replace(head, 'host', 'hose')",
		"UPDATE bosc.run SET content = content || '\\\\x00'",
		"UPDATE bosc.run SET sum = sum + 1",
		"UPDATE bosc.profile SET runs = runs + 1",
		"UPDATE bosc.profile SET state = 99",
		"DELETE FROM bosc.run",
	};
	struct profile *profile = sample_profile(1, "damaged", 30), *loaded = NULL;
	struct store *store;
	struct error err = { 0 };
	(void)state;

	need_server();
	store = open_alone(server_address("bosc", ""), true);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		save(store, profile);
		server_sql(changes[i]);
		assert_int_equal(store_load(store, "damaged", &loaded, &err), -EBADMSG);
		assert_non_null(strstr(err.text, "profile 'damaged' in 'postgresql://127.0.0.1:"));
		assert_int_equal(store_remove(store, "damaged", &err), 0);
	}
	profile_free(profile);
	store_close(store);
}

#ifndef __SANITIZE_ADDRESS__ /* which takes all addresses for itself */
/* An alarm is kept as it is, or not at all: there is memory for its text, but not for a copy. */
static void test_alarm_without_memory(void **state)
{
	const size_t size = 64 << 20;
	char *text = malloc(size);
	const struct store_alarm alarm = {
		"id", 2000000000 * NS_PER_S, "h", text, "p", "r", 1, "{}"
	};
	struct store *store;
	struct rlimit before, few = { 0 };
	struct error err = { 0 };
	unsigned long pages = 0;
	FILE *stat = fopen("/proc/self/statm", "r");
	(void)state;

	need_server();
	store = open_alone(server_address("bosc", ""), true);
	memset(text, 'x', size);
	text[size - 1] = '\0';
	assert_int_equal(fscanf(stat, "%lu", &pages), 1);
	fclose(stat);
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	few = before;
	few.rlim_cur = pages * (unsigned long)getpagesize() + 2 * size;
	assert_int_equal(setrlimit(RLIMIT_AS, &few), 0);
	assert_int_equal(store->ops->begin(store->backend, "", &err), 0);
	assert_int_equal(store->ops->put_alarm(store->backend, &alarm, &err), -ENOMEM);
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
	assert_int_equal(store->ops->end(store->backend, false, &err), 0);
	store_close(store);
	free(text);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_password_file),
		cmocka_unit_test(test_permissions),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_made_by_many),
		cmocka_unit_test(test_statement_timeout),
		cmocka_unit_test(test_lock_timeout),
		cmocka_unit_test(test_ended_in_the_middle),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_damage),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(test_alarm_without_memory),
#endif
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
