/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host of a fleet, and its server, for a test: begin_test() has the server run, empty, and the
 * host keep nothing yet. To be included behind those that test_fleet.c includes.
 */
#ifndef BOSC_TESTS_FLEET_HOST_H
#define BOSC_TESTS_FLEET_HOST_H

static bool is_there;

static inline int setup(void **state)
{
	if (enter_folder(state) < 0)
		return -1;
	setenv("BOSC_FLEET", "keep/of/all", 1);
	is_there = server_begin();
	return 0;
}

static inline int teardown(void **state)
{
	if (is_there)
		server_do("stop");
	return leave_folder(state);
}

static inline const char *begin_test(void)
{
	if (!is_there)
		skip();
	assert_int_equal(server_do("start"), 0);
	assert_int_equal(system("rm -rf keep"), 0);
	server_sql("DROP SCHEMA IF EXISTS bosc CASCADE");
	return server_address("bosc", "");
}

/* Until the server is found to be there, or not. */
static inline void await_server(struct store *store, bool there)
{
	for (int i = 0; i < 400 && !store_away(store) != there; i++) {
		char name[PROFILE_TEXT];

		store_tick(store);
		if (!there)
			store_heard(store, name);
		usleep(50000);
	}
	assert_int_equal(!store_away(store), there);
}

/* What a run learns is known by its windows. */
static inline struct profile *learnt(const char *name, uint64_t seed, uint64_t windows)
{
	struct profile *profile = profile_new(name, 8);
	const char *why = "";

	strcpy(profile->arch, "x86_64");
	sample_learn(seed, profile, 20);
	snprintf(profile->runs[0].id, sizeof(profile->runs[0].id), "run %d", (int)seed);
	profile->runs[0].windows = windows;
	profile->runs[0].withdrawn_s = 0;
	if (profile_rebuild(profile, &why) < 0)
		fail_msg("the test's own profile is wrong: %s", why);
	return profile;
}

static inline void learn(struct store *store, const char *name, uint64_t seed, uint64_t windows)
{
	struct profile *profile = learnt(name, seed, windows);
	struct error err = { 0 };

	if (store_checkpoint(store, profile, &profile->runs[0], &err) < 0)
		fail_msg("%s", err.text);
	profile_free(profile);
}

static inline uint64_t windows_of(const struct profile *profile)
{
	uint64_t windows = 0;

	for (size_t i = 0; i < profile->run_count; i++)
		windows += profile->runs[i].windows;
	return windows;
}

/* How many runs, and windows in all, the server has. */
static inline void assert_has(const char *where, const char *name, uint64_t runs, uint64_t windows)
{
	struct store *store = open_store(where, false);
	struct profile *profile;

	assert_null(store_away(store));
	profile = load(store, name);
	assert_int_equal(profile->run_count, runs);
	assert_int_equal(windows_of(profile), windows);
	profile_free(profile);
	store_close(store);
}

#endif
