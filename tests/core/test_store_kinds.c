/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every kind of store must do, tried with each: what goes in comes out, whatever the names and
 * counts; who learns at the same moment loses nothing; alarms are kept once.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>

#include "../../core/merge.h"
#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"
#include "store_alarms.h"

static const char *address;

/* Whether one of its runs is not withdrawn: without any, nothing says of what architecture it
 * is. */
static bool counts(const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if (profile_run_counts(&profile->runs[i]))
			return true;
	return false;
}

static void test_round_trip(void **state)
{
	static const char *const names[] = {
		"plain",       "with space", "quo'te\"s",	 "a/b/../c",
		"new\nline",   "%s",	     "\xff\x80",	 "ü",
		"back\\slash", "\\x41",	     "\xf0\x9f\x90\x98", "\xed\xa0\x80",
		"\xc3",
	};
	(void)state;

	for (uint64_t seed = 0; seed < 2 * ARRAY_SIZE(names); seed++) {
		const char *name = names[seed % ARRAY_SIZE(names)];
		struct profile *profile = sample_profile(seed, name, seed * 10);
		struct store *store = open_store(address, true);
		struct profile *loaded;
		struct error err;

		if (!counts(profile)) {
			profile_free(profile);
			store_close(store);
			continue;
		}
		store_remove(store, name, &err);
		save(store, profile);
		loaded = load(store, name);
		assert_same_profile(profile, loaded);
		profile_free(loaded);
		store_close(store);
		store = open_store(address, false);
		loaded = load(store, name);
		assert_same_profile(profile, loaded);
		profile_free(loaded);
		profile_free(profile);
		store_close(store);
	}
}

/* A store with nothing in it. */
static struct store *open_empty(void)
{
	struct store *store = open_store(address, true);
	struct store_entry *entries = NULL;
	struct error err = { 0 };
	size_t count;

	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(store_remove(store, entries[i].name, &err), 0);
	free(entries);
	return store;
}

static void test_list_and_remove(void **state)
{
	struct store *store = open_empty();
	struct store_entry *entries = NULL, entry;
	struct profile *a = sample_profile(3, "a'a", 30);
	struct profile *b = sample_profile(5,
					   "\xff"
					   "b",
					   1);
	struct error err = { 0 };
	size_t count;
	(void)state;

	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	assert_int_equal(count, 0);
	free(entries);
	save(store, b);
	save(store, a);
	save(store, a);
	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(entries[0].name, "a'a");
	assert_string_equal(entries[0].image, a->image);
	assert_string_equal(entries[0].digest, a->digest);
	assert_string_equal(entries[0].why, a->why);
	assert_int_equal(entries[0].state, a->state);
	assert_int_equal(entries[0].window, a->window);
	assert_int_equal(entries[0].windows, profile_windows(a));
	assert_int_equal(entries[0].bags, a->bag_count);
	assert_int_equal(entries[0].runs, a->run_count);
	assert_int_equal(entries[0].version, 2);
	assert_true(entries[0].saved_s > 1700000000);
	assert_string_equal(entries[1].name, "\xff"
					     "b");
	assert_int_equal(entries[1].version, 1);
	free(entries);

	assert_int_equal(store_remove(store, "a", &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no profile 'a'"));
	assert_int_equal(store_entry(store, "a", &entry, &err), -ENOENT);
	assert_int_equal(store_remove(store, "a'a", &err), 0);
	assert_int_equal(store_load(store, "a'a", &a, &err), -ENOENT);
	profile_free(load(store, "\xff"
				 "b"));
	store_close(store);
	profile_free(a);
	profile_free(b);
}

static void test_bad_profile_is_not_saved(void **state)
{
	struct profile *profile = sample_profile(1, "bad", 3);
	struct store *store = open_store(address, true);
	struct profile *loaded = NULL;
	struct error err;
	(void)state;

	profile->bags[1].last_run = 99;
	assert_int_equal(store_save(store, profile, &err), -EINVAL);
	assert_int_equal(store_load(store, "bad", &loaded, &err), -ENOENT);
	store_close(store);
	profile_free(profile);
}

/* What does not go together is refused, and what is there stays. */
static void test_strangers(void **state)
{
	struct profile *profile = sample_profile(2, "same", 30), *loaded;
	struct profile *other = sample_profile(2, "same", 30);
	struct store *store = open_store(address, true);
	struct error err;
	(void)state;

	save(store, profile);
	profile_free(other);
	for (uint64_t seed = 3;; seed++) {
		other = sample_profile(seed, "same", 3);
		if (other->window != profile->window)
			break;
		profile_free(other);
	}
	assert_int_equal(store_save(store, other, &err), -EINVAL);
	loaded = load(store, "same");
	assert_same_profile(profile, loaded);
	profile_free(loaded);
	profile_free(other);
	profile_free(profile);
	store_close(store);
}

static void test_reader_cannot_write(void **state)
{
	struct profile *profile = sample_profile(1, "p", 3);
	struct store *store = open_store(address, true);
	struct error err;
	(void)state;

	save(store, profile);
	store_close(store);
	assert_int_equal(store_open(address, false, &store, &err), 0);
	assert_int_equal(store_save(store, profile, &err), -EROFS);
	assert_non_null(strstr(err.text, "reading only"));
	assert_int_equal(store_remove(store, "p", &err), -EROFS);
	profile_free(load(store, "p"));
	store_close(store);
	profile_free(profile);
}

#define LEARNERS 8
#define SAVES	 5

/* What a host has learnt by its n-th save: so many runs, each with a number of windows of its
 * own. */
static struct profile *learnt_by(uint64_t host, uint64_t n)
{
	struct profile *profile = profile_new("many", 8);
	const char *why = "";

	strcpy(profile->arch, "x86_64");
	for (uint64_t run = 0; run <= n; run++) {
		struct profile_run *own;

		sample_learn(10000 + 100 * host + run, profile, 20);
		own = &profile->runs[profile->run_count - 1];
		snprintf(own->id, sizeof(own->id), "host %d, run %d", (int)host, (int)run);
		own->order = run; /* so that it stays the last */
	}
	if (profile_rebuild(profile, &why) < 0)
		fail_msg("the test's own profile is wrong: %s", why);
	return profile;
}

/* Saves as the host does; the last two times as a checkpoint of the last run. */
static int learn(uint64_t host)
{
	struct store *store = NULL;
	struct error err = { 0 };
	int status = store_open(address, true, &store, &err);

	for (uint64_t n = 0; n < SAVES && status == 0; n++) {
		struct profile *profile = learnt_by(host, n);
		struct profile_run *run = &profile->runs[profile->run_count - 1];

		status = n + 2 < SAVES ? store_save(store, profile, &err)
				       : store_checkpoint(store, profile, run, &err);
		profile_free(profile);
	}
	if (status < 0)
		fprintf(stderr, "%s\n", err.text);
	store_close(store);
	return status < 0;
}

/* Without a lock, most of the runs would be written over by those who read before. */
static void test_many_learners(void **state)
{
	struct store *store = open_empty();
	struct profile *whole = profile_new("many", 8), *loaded;
	pid_t learners[LEARNERS];
	const char *why = "";
	(void)state;

	for (size_t i = 0; i < LEARNERS; i++) {
		learners[i] = fork();
		if (learners[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(learn(i));
	}
	strcpy(whole->arch, "x86_64");
	for (size_t i = 0; i < LEARNERS; i++) {
		struct profile *own = learnt_by(i, SAVES - 1);
		int status;

		assert_int_equal(waitpid(learners[i], &status, 0), learners[i]);
		assert_int_equal(status, 0);
		assert_int_equal(profile_merge(whole, own, &why), 0);
		profile_free(own);
	}
	loaded = load(store, "many");
	assert_int_equal(loaded->run_count, LEARNERS * SAVES);
	assert_same_profile(whole, loaded);
	profile_free(loaded);
	profile_free(whole);
	store_close(store);
}

/* Reads what was there at one moment, however much is written meanwhile. */
static void test_reader_beside_writers(void **state)
{
	struct store *store = open_empty();
	size_t most = 0, runs;
	struct profile *loaded;
	pid_t learner;
	int status;
	(void)state;

	learner = fork();
	if (!learner) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(learn(1) || learn(2));
	}
	while (waitpid(learner, &status, WNOHANG) == 0) {
		struct error err;

		status = store_load(store, "many", &loaded, &err);
		if (status == -ENOENT)
			continue;
		if (status < 0)
			fail_msg("%s", err.text);
		runs = loaded->run_count;
		assert_true(runs >= most);
		most = runs;
		profile_free(loaded);
	}
	assert_int_equal(status, 0);
	store_close(store);
}

static void test_alarms(void **state)
{
	struct store *store = open_empty();
	(void)state;

	try_alarms(store);
	store_close(store);
}

/* All of them on one kind of store. */
static int run_on(const char *name, const char *where)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_list_and_remove),
		cmocka_unit_test(test_bad_profile_is_not_saved),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_reader_cannot_write),
		cmocka_unit_test(test_many_learners),
		cmocka_unit_test(test_reader_beside_writers),
		cmocka_unit_test(test_alarms),
	};

	address = where;
	return _cmocka_run_group_tests(name, tests, ARRAY_SIZE(tests), NULL, NULL);
}

int main(void)
{
	int failed;

	if (enter_folder(NULL) < 0)
		return 1;
	setenv("BOSC_FLEET", folder, 1);
	failed = run_on("sqlite", "sqlite:kinds.db");
	if (server_begin()) {
		failed += run_on("postgres", server_address("bosc", ""));
		server_do("stop");
	}
	return leave_folder(NULL) < 0 || failed;
}
