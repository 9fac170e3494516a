/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store in bad days: killed while it saves, no room, read while it is written, bytes changed
 * on the disk. A profile then is as it was saved, or it is refused; it is never another one. Rows
 * changed by hand are in test_store_rows.c.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static bool may_mount;

static int setup(void **state)
{
	may_mount = unshare(CLONE_NEWNS) == 0 &&
		    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return enter_folder(state);
}

/* Loads what must be there and be equal. */
static void assert_stored(const char *path, const struct profile *wanted)
{
	struct store *store = open_store(path, false);
	struct profile *profile = NULL;
	struct error err = { 0 };

	if (store_load(store, wanted->name, &profile, &err) < 0)
		fail_msg("%s", err.text);
	assert_same_profile(wanted, profile);
	profile_free(profile);
	store_close(store);
}

/* The states that the savers below go through: the seed tells them apart. */
#define STATES 4

static struct profile *states[STATES];

static void make_states(void)
{
	for (uint64_t i = 0; i < STATES; i++)
		states[i] = sample_profile(10 + i, "p", 300 + 400 * i);
}

static void free_states(void)
{
	for (size_t i = 0; i < STATES; i++)
		profile_free(states[i]);
}

/* Which state the store holds; fails when it is none. */
static size_t stored_state(struct store *store)
{
	struct profile *profile = NULL;
	struct error err = { 0 };
	size_t found = 0;

	if (store_load(store, "p", &profile, &err) < 0)
		fail_msg("%s", err.text);
	while (found < STATES && states[found]->bag_count != profile->bag_count)
		found++;
	assert_true(found < STATES);
	assert_same_profile(states[found], profile);
	profile_free(profile);
	return found;
}

static pid_t start_saver(const char *path)
{
	pid_t child = fork();
	struct store *store;
	struct error err;

	assert_true(child >= 0);
	if (child > 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not stop its saver */
	if (store_open(path, true, &store, &err) < 0)
		_exit(1);
	for (size_t i = 0;; i++)
		if (store_save(store, states[i % STATES], &err) < 0)
			_exit(1);
}

/* Saves the first state; how long it took. */
static uint64_t save_first(const char *path)
{
	struct store *store = open_store(path, true);
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);

	save(store, states[0]);
	store_close(store);
	return clock_ns(CLOCK_MONOTONIC) - begun_ns;
}

/* The savers live for up to about six saves each. */
static void test_kill(void **state)
{
	uint64_t seed = (uint64_t)getpid(), save_us;
	unsigned int seen = 0;
	(void)state;

	make_states();
	save_us = save_first("kill.db") / 1000;
	for (int i = 0; i < 20; i++) {
		pid_t child = start_saver("kill.db");
		struct store *store;
		int status;

		usleep((useconds_t)(2000 + sample_random(&seed) % (6 * save_us)));
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		store = open_store("kill.db", false);
		seen |= 1u << stored_state(store);
		store_close(store);
	}
	assert_true(seen & (seen - 1)); /* more than one state: the savers did save */
	free_states();
}

static void test_reader_beside_writer(void **state)
{
	struct store *store;
	unsigned int seen = 0;
	pid_t child;
	int status;
	(void)state;

	make_states();
	store = open_store("both.db", true);
	save(store, states[0]);
	child = start_saver("both.db");
	for (int i = 0; i < 100; i++)
		seen |= 1u << stored_state(store);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_true(seen & (seen - 1));
	store_close(store);
	free_states();
}

/* Two that begin with no file at the same moment both find a store. */
static void test_made_by_many(void **state)
{
	pid_t children[6];
	(void)state;

	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
			struct store *store;
			struct error err;

			children[i] = fork();
			if (children[i] > 0)
				continue;
			if (store_open("many.db", true, &store, &err) == 0)
				_exit(0);
			fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
			int status;

			waitpid(children[i], &status, 0);
			assert_int_equal(status, 0);
		}
		store_close(open_store("many.db", true));
		unlink("many.db");
		unlink("many.db-wal");
		unlink("many.db-shm");
	}
}

static void test_disk_full(void **state)
{
	struct profile *small = sample_profile(7, "p", 100);
	struct profile *large = sample_profile(8, "p", 20000);
	struct store *store = NULL;
	struct error err = { 0 };
	(void)state;

	if (!may_mount || mkdir("full", 0700) < 0 ||
	    mount("t", "full", "tmpfs", 0, "size=256k") < 0) {
		print_message("SKIP: cannot mount: %s\n", strerror(errno));
		profile_free(small);
		profile_free(large);
		skip();
	}
	store = open_store("full/a.db", true);
	save(store, small);
	assert_int_equal(store_save(store, large, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left on device"));
	assert_stored("full/a.db", small);
	store_close(store);
	assert_stored("full/a.db", small);

	/* Not even room for an empty store. */
	assert_int_equal(system("! cat /dev/zero > full/rest 2> /dev/null"), 0);
	assert_int_equal(store_open("full/b.db", true, &store, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left on device"));
	umount("full");
	profile_free(small);
	profile_free(large);
}

static char *read_whole(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "r");
	struct stat status;
	char *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	*ret_size = (size_t)status.st_size;
	bytes = malloc(*ret_size);
	assert_int_equal(fread(bytes, 1, *ret_size, file), *ret_size);
	fclose(file);
	return bytes;
}

static void write_whole(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Whether the changed file is refused; what it gives otherwise must be the profile itself. */
static bool is_refused(const char *path, const struct profile *wanted)
{
	struct store *store = NULL;
	struct profile *profile = NULL;
	struct error err = { 0 };
	int r = store_open(path, false, &store, &err);

	if (r == 0)
		r = store_load(store, wanted->name, &profile, &err);
	if (r == 0)
		assert_same_profile(wanted, profile);
	else
		assert_true(strlen(err.text) > 0);
	profile_free(profile);
	store_close_p(&store);
	return r < 0;
}

static void test_changed_bytes(void **state)
{
	struct profile *profile = sample_profile(17, "p", 400);
	struct store *store = open_store("whole.db", true);
	size_t refused = 0;
	size_t tried = 0;
	size_t size;
	char *bytes;
	(void)state;

	save(store, profile);
	store_close(store);
	bytes = read_whole("whole.db", &size);
	for (size_t at = 0; at < size; at += at < 200 ? 1 : 61) {
		char kept = bytes[at];

		bytes[at] = (char)(kept ^ (1 << at % 8));
		write_whole("changed.db", bytes, size);
		refused += is_refused("changed.db", profile);
		tried++;
		bytes[at] = kept;
	}
	assert_true(refused > tried / 4); /* the rest is room that holds nothing */
	for (size_t cut = 0; cut + 4096 <= size; cut += 1511) { /* a page may end in such room */
		write_whole("changed.db", bytes, cut);
		assert_true(is_refused("changed.db", profile));
	}
	free(bytes);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),	      cmocka_unit_test(test_reader_beside_writer),
		cmocka_unit_test(test_made_by_many),  cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_changed_bytes),
	};

	return cmocka_run_group_tests(tests, setup, leave_folder);
}
