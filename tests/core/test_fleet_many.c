/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fleet of some size: a hundred hosts, a process each, save what they learnt of a thousand
 * profiles at once, and all of it is there, on a slow machine by way of their outboxes. What it
 * took is printed; docs/fleet.md has the figures of one machine.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "../../src/store_backend.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"

#define HOSTS_MANY 100
#define PROFILES   1000
#define EACH	   30 /* profiles that a host learns; so three hosts learn each */
#define SHARED	   "all"

#ifndef __SANITIZE_ADDRESS__
#define BAGS 1000 /* at most, of a run; as large as real ones */
#else
#define BAGS 50 /* whose figures say nothing */
#endif

static bool is_there;

static int setup(void **state)
{
	if (enter_folder(state) < 0)
		return -1;
	is_there = server_begin();
	return 0;
}

static int teardown(void **state)
{
	if (is_there)
		server_do("stop");
	return leave_folder(state);
}

/* What one host learnt of a profile: a run. */
static struct profile *learnt(const char *name, uint64_t host)
{
	struct profile *profile = profile_new(name, 8);
	struct profile_run *run;
	const char *why = "";

	snprintf(profile->arch, sizeof(profile->arch), "x86_64");
	sample_learn(1000 + host, profile, BAGS);
	run = &profile->runs[0];
	snprintf(run->id, sizeof(run->id), "host %d", (int)host);
	run->withdrawn_s = 0;
	run->windows = 1000 + host;
	if (profile_rebuild(profile, &why) < 0)
		fail_msg("the test's own profile is wrong: %s", why);
	return profile;
}

static int save_run(struct store *store, const char *name, uint64_t host)
{
	struct profile *profile = learnt(name, host);
	struct error err = { 0 };
	int status = store_save(store, profile, &err);

	if (status < 0)
		fprintf(stderr, "%s\n", err.text);
	profile_free(profile);
	return status;
}

/* The store as a host of the fleet has it. NULL: why is said. */
static struct store *open_as(uint64_t host)
{
	struct store *store = NULL;
	struct error err = { 0 };
	char keeps[32];

	snprintf(keeps, sizeof(keeps), "host %d", (int)host);
	setenv("BOSC_FLEET", keeps, 1);
	if (store_open(server_address("bosc", ""), true, &store, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	return store;
}

/* Waits until all are there to begin at once. */
static int learn_all(uint64_t host, int gate)
{
	struct store *store = open_as(host);
	char name[32], byte;
	int status = 0;

	if (!store || read(gate, &byte, 1) != 0)
		return 1;
	for (uint64_t i = 0; i < EACH && status == 0; i++) {
		snprintf(name, sizeof(name), "profile %03d", (int)((host * 10 + i) % PROFILES));
		status = save_run(store, name, host);
	}
	if (status == 0)
		status = save_run(store, SHARED, host);
	store_close(store);
	return status < 0;
}

static double run_hosts(void)
{
	pid_t children[HOSTS_MANY];
	uint64_t begun_ns;
	int gate[2];

	assert_int_equal(pipe(gate), 0);
	for (size_t i = 0; i < HOSTS_MANY; i++) {
		children[i] = fork();
		if (children[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(gate[1]);
		_exit(learn_all(i, gate[0]));
	}
	close(gate[0]);
	sleep(2);
	begun_ns = clock_ns(CLOCK_MONOTONIC);
	close(gate[1]);
	for (size_t i = 0; i < HOSTS_MANY; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	return (double)(clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1e9;
}

/* Returns the bytes of its runs. */
static size_t assert_sum(struct store *store, const char *name, uint64_t runs)
{
	struct profile *profile = load(store, name);
	uint64_t windows = 0;
	size_t bytes = 0;

	assert_int_equal(profile->run_count, runs);
	for (size_t i = 0; i < profile->run_count; i++) {
		windows += profile->runs[i].windows;
		bytes += profile->runs[i].content_size;
		assert_int_equal(profile->runs[i].windows - 1000, atoi(profile->runs[i].id + 5));
	}
	assert_true(runs != HOSTS_MANY || windows == 1000 * runs + runs * (runs - 1) / 2);
	profile_free(profile);
	return bytes;
}

/* What a server as slow as the machine did not take in time is sent by each host's next bosc. */
static void send_rest(void)
{
	for (uint64_t host = 0; host < HOSTS_MANY; host++) {
		struct store *store = open_as(host);

		assert_non_null(store);
		store_close(store);
	}
}

static void test_many(void **state)
{
	struct store_entry *entries = NULL;
	struct store *store = NULL;
	struct error err = { 0 };
	uint64_t begun_ns;
	size_t count, bytes = 0;
	double took_s;

	(void)state;
	if (!is_there)
		skip();
	took_s = run_hosts();
	print_message("# %d saves by %d hosts: %.1f a second\n", HOSTS_MANY * (EACH + 1),
		      HOSTS_MANY, HOSTS_MANY * (EACH + 1) / took_s);
	send_rest();
	assert_int_equal(store_open_alone(server_address("bosc", ""), false, &store, &err), 0);
	begun_ns = clock_ns(CLOCK_MONOTONIC);
	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	print_message("# %zu profiles listed in %.1f ms\n", count,
		      (double)(clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1e6);
	assert_int_equal(count, PROFILES + 1);
	begun_ns = clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < count; i++) {
		bool shared = !strcmp(entries[i].name, SHARED);

		assert_int_equal(entries[i].runs, shared ? HOSTS_MANY : 3);
		assert_true(entries[i].version >= entries[i].runs);
		bytes += assert_sum(store, entries[i].name, entries[i].runs);
	}
	print_message("# a run has %.1f KB\n", (double)bytes / 1e3 / (HOSTS_MANY * (EACH + 1)));
	print_message("# loaded in %.2f ms each\n",
		      (double)(clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1e6 / (double)count);
	free(entries);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_many) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
