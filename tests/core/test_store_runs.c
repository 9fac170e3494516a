/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several who save one profile: each adds its runs to what is there, and none loses what another
 * saved, or what people said of a run meanwhile.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

/* A profile of some of another's runs. */
static struct profile *runs_of(const struct profile *all, unsigned int which)
{
	struct profile *some = profile_new(all->name, all->window);
	const char *why;

	for (size_t i = 0; i < all->run_count; i++)
		if (which >> i & 1)
			assert_non_null(profile_run_copy(some, &all->runs[i]));
	assert_int_equal(profile_rebuild(some, &why), 0);
	return some;
}

/* Whoever saves adds to what is there, be it what others saved meanwhile, or what it has itself. */
static void test_added_up(void **state)
{
	struct store *store = open_store("added.db", true);
	struct profile *all = sample_profile(7, "p", 60), *loaded, *other;
	struct error err = { 0 };
	(void)state;

	assert_int_equal(all->run_count, 4);
	for (unsigned int i = 0; i < 3; i++) {
		static const unsigned int which[] = { 3, 6, 12 };
		struct profile *some = runs_of(all, which[i]);

		save(store, some);
		profile_free(some);
	}
	loaded = load(store, "p");
	assert_same_profile(loaded, all);
	profile_free(loaded);
	other = sample_profile(8, "p", 10);
	assert_int_equal(store_save(store, other, &err), -EINVAL);
	assert_non_null(strstr(err.text, "cannot add to the profile 'p': their windows have"));
	loaded = load(store, "p");
	assert_same_profile(loaded, all);
	profile_free(loaded);
	profile_free(other);
	profile_free(all);
	store_close(store);
}

/* A run that is being learnt is saved again and again, and what is said of it meanwhile stays. */
static void test_checkpoints(void **state)
{
	struct store *store = open_store("checkpoints.db", true);
	struct profile *profile = sample_profile(7, "p", 60), *before = runs_of(profile, 3);
	struct profile_run *run = &profile->runs[3];
	struct store_entry entry, first;
	struct profile *loaded;
	struct error err = { 0 };
	(void)state;

	save(store, before);
	run->windows = 1;
	assert_int_equal(store_checkpoint(store, profile, run, &err), 0);
	loaded = load(store, "p");
	assert_int_equal(store_entry(store, "p", &first, &err), 0);
	assert_int_equal(first.windows, profile_windows(loaded));
	assert_int_equal(first.bags, loaded->bag_count);
	profile_free(loaded);
	for (run->windows = 2; run->windows < 4; run->windows++)
		assert_int_equal(store_checkpoint(store, profile, run, &err), 0);
	run->windows--;
	assert_int_equal(store_entry(store, "p", &entry, &err), 0);
	assert_int_equal(entry.runs, 3);
	assert_int_equal(entry.version, 4);
	assert_int_equal(entry.bags, profile->bag_count);
	assert_int_equal(entry.windows, first.windows + 2);
	loaded = load(store, "p");
	assert_int_equal(loaded->run_count, 3);
	strcpy(loaded->runs[2].withdrawer, "ann");
	loaded->runs[2].withdrawn_s = 1;
	save(store, loaded);
	profile_free(loaded);
	run->windows++;
	assert_int_equal(store_checkpoint(store, profile, run, &err), 0);
	save(store, profile);
	loaded = load(store, "p");
	assert_int_equal(loaded->run_count, 4);
	assert_string_equal(loaded->runs[3].id, run->id);
	assert_string_equal(loaded->runs[3].withdrawer, "ann");
	assert_int_equal(loaded->runs[3].windows, 4);
	profile_free(loaded);
	profile_free(before);
	profile_free(profile);
	store_close(store);
}

/* The first checkpoint makes the profile, with all that it was learnt on. */
static void test_first_checkpoint(void **state)
{
	struct store *store = open_store("first.db", true);
	struct profile *profile = sample_profile(7, "p", 60), *loaded;
	struct profile *other = sample_profile(8, "p", 5);
	struct error err = { 0 };
	(void)state;

	assert_int_equal(store_checkpoint(store, profile, &profile->runs[3], &err), 0);
	loaded = load(store, "p");
	assert_same_profile(profile, loaded);
	assert_int_equal(store_checkpoint(store, other, &other->runs[0], &err), -EINVAL);
	assert_non_null(strstr(err.text, "their windows have different sizes"));
	profile_free(loaded);
	profile_free(profile);
	profile_free(other);
	store_close(store);
}

/* The list says of the profile what loading it does. */
static void assert_listed(struct store *store, enum profile_state state)
{
	struct profile *loaded = load(store, "p");
	struct store_entry entry;
	struct error err = { 0 };

	assert_int_equal(store_entry(store, "p", &entry, &err), 0);
	assert_int_equal(loaded->state, state);
	assert_int_equal(entry.state, state);
	assert_string_equal(entry.why, loaded->why);
	profile_free(loaded);
}

static void sum_up(struct profile *profile)
{
	const char *why = "";

	if (profile_rebuild(profile, &why) < 0)
		fail_msg("%s", why);
}

/* A run of which nothing was lost or taken back. */
static void add_run(struct profile *profile, uint64_t seed, enum profile_state state,
		    const char *why)
{
	struct profile_run *run;

	sample_learn(seed, profile, 5);
	run = &profile->runs[profile->run_count - 1];
	run->state = state;
	run->order = profile->run_count;
	run->lost = run->reviewed_s = run->withdrawn_s = run->joined_late = 0;
	run->reviewer[0] = run->withdrawer[0] = 0;
	run->unseen_ppb = 1000000000;
	strcpy(run->source, RUN_LIVE);
	strcpy(run->why, why);
}

/* What a run that goes on makes of the profile is listed while it does. */
static void test_listed(void **state)
{
	struct store *store = open_store("listed.db", true);
	struct profile *profile = profile_new("p", 8);
	struct error err = { 0 };
	(void)state;

	strcpy(profile->arch, "x86_64");
	add_run(profile, 1, PROFILE_PARTIAL, "interrupted");
	sum_up(profile);
	save(store, profile);
	assert_listed(store, PROFILE_PARTIAL);
	add_run(profile, 2, PROFILE_LEARNING, "it goes on");
	sum_up(profile);
	assert_int_equal(store_checkpoint(store, profile, &profile->runs[1], &err), 0);
	assert_listed(store, PROFILE_LEARNING);
	profile->runs[1].state = PROFILE_LEARNT;
	strcpy(profile->runs[1].why, "enough");
	profile->runs[1].ended_s++;
	sum_up(profile);
	save(store, profile);
	assert_listed(store, PROFILE_LEARNT);

	add_run(profile, 3, PROFILE_LEARNING, "it goes on");
	for (uint64_t lost = 0; lost < 2; lost++) {
		profile->runs[2].lost = lost;
		profile->runs[2].windows++;
		sum_up(profile);
		assert_int_equal(store_checkpoint(store, profile, &profile->runs[2], &err), 0);
		assert_listed(store, lost ? PROFILE_LEARNING : PROFILE_LEARNT);
	}
	profile_free(profile);
	store_close(store);
}

/* Two machines of different kinds begin with the same profile at once. The first to save makes it;
 * the other is told why its calls cannot be added, and what is there stays. */
static void test_mixed(void **state)
{
	struct store *store = open_store("mixed.db", true);
	struct profile *here = sample_profile(7, "p", 60), *there = profile_new("p", here->window);
	struct profile *loaded;
	struct error err = { 0 };
	(void)state;

	strcpy(there->arch, "aarch64");
	sample_learn(9, there, 5);
	assert_int_equal(store_checkpoint(store, here, &here->runs[3], &err), 0);
	assert_int_equal(store_checkpoint(store, there, &there->runs[0], &err), -EINVAL);
	assert_string_equal(err.text,
			    "cannot add to the profile 'p': they are of different architectures");
	assert_int_equal(store_save(store, there, &err), -EINVAL);
	assert_non_null(strstr(err.text, "different architectures"));
	loaded = load(store, "p");
	assert_same_profile(here, loaded);
	profile_free(loaded);
	profile_free(there);
	profile_free(here);
	store_close(store);
}

#define LEARNERS 6

/* One that learns a run from scratch, saves it five times on the way, and ends. */
static void learn(unsigned int which)
{
	struct profile *profile = sample_profile(7, "p", 60);
	struct profile_run *run = &profile->runs[which % 4];
	struct store *store = NULL;
	struct error err;

	snprintf(run->id, sizeof(run->id), "learner %u", which);
	run->order = 10 + which;
	if (store_open("many.db", true, &store, &err) < 0)
		_exit(1);
	for (run->windows = 1; run->windows <= 5; run->windows++)
		if (store_checkpoint(store, profile, run, &err) < 0)
			_exit(2);
	if (store_save(store, profile, &err) < 0)
		_exit(3);
	store_close(store);
	_exit(0);
}

static void test_at_once(void **state)
{
	struct profile *loaded;
	struct store *store;
	pid_t children[LEARNERS];
	(void)state;

	store_close(open_store("many.db", true));
	for (unsigned int i = 0; i < LEARNERS; i++) {
		children[i] = fork();
		if (!children[i])
			learn(i);
	}
	for (unsigned int i = 0; i < LEARNERS; i++) {
		int status;

		waitpid(children[i], &status, 0);
		assert_int_equal(status, 0);
	}
	store = open_store("many.db", false);
	loaded = load(store, "p");
	assert_int_equal(loaded->run_count, 4 + LEARNERS);
	for (unsigned int i = 0; i < LEARNERS; i++) {
		char id[32];

		snprintf(id, sizeof(id), "learner %u", i);
		assert_string_equal(loaded->runs[4 + i].id, id);
		assert_int_equal(loaded->runs[4 + i].windows, 6);
	}
	profile_free(loaded);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_added_up),
		cmocka_unit_test(test_checkpoints),
		cmocka_unit_test(test_first_checkpoint),
		cmocka_unit_test(test_listed),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
