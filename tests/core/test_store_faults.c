/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store in bad days: killed while it saves, no room, read while it is written. A profile then
 * is as it was saved last, or as it was just being saved; it is never another one.
 */
#include <errno.h>
#include <fcntl.h>
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

/* What a store holds as a run is learnt on a sound profile, from one checkpoint to the next. */
#define STATES 24

static struct profile *states[STATES];

static void make_state(size_t i)
{
	struct profile *profile = sample_profile(7, "p", 300), *content;
	struct profile_run *run = profile_run(profile);
	const char *why;

	strcpy(run->id, "learning");
	strcpy(run->source, RUN_LIVE);
	run->windows = i + 1;
	content = sample_content(100 + i, "p", profile->arch, profile->window, 40 * i);
	assert_int_equal(content_encode(content, &run->content, &run->content_size), 0);
	profile_free(content);
	assert_int_equal(profile_rebuild(profile, &why), 0);
	states[i] = profile;
}

static void make_states(void)
{
	for (size_t i = 0; i < STATES; i++)
		make_state(i);
}

static void free_states(void)
{
	for (size_t i = 0; i < STATES; i++)
		profile_free(states[i]);
}

static struct profile_run *learning(struct profile *profile)
{
	return &profile->runs[profile->run_count - 1];
}

static int save_state(struct store *store, size_t i, struct error *err)
{
	return store_checkpoint(store, states[i], learning(states[i]), err);
}

/* Which state the store holds; fails when it is none. */
static size_t stored_state(struct store *store)
{
	struct profile *profile = load(store, "p");
	size_t found = learning(profile)->windows - 1;

	assert_true(found < STATES);
	assert_same_profile(states[found], profile);
	profile_free(profile);
	return found;
}

static size_t state_in(const char *path)
{
	struct store *store = open_store(path, false);
	size_t found = stored_state(store);

	store_close(store);
	return found;
}

/* Saves the first ones into a new store; how long that took. */
static uint64_t save_first(const char *path, size_t count)
{
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	struct error err = { 0 };
	struct store *store;
	char command[64];

	snprintf(command, sizeof(command), "rm -f %s*", path);
	assert_int_equal(system(command), 0);
	store = open_store(path, true);
	for (size_t i = 0; i < count; i++)
		if (save_state(store, i, &err) < 0)
			fail_msg("%s", err.text);
	store_close(store);
	return clock_ns(CLOCK_MONOTONIC) - begun_ns;
}

/* Saves the others and tells of each when it is saved; then it waits for its end. */
static pid_t start_saver(const char *path, int told)
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
	for (size_t i = 1; i < STATES; i++)
		if (save_state(store, i, &err) < 0 || write(told, "", 1) != 1)
			_exit(1);
	pause();
	_exit(1);
}

static void end_saver(pid_t child)
{
	int status;

	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

/* The state that the saver told of last. */
static size_t read_told(int told)
{
	char bytes[STATES];
	ssize_t count = read(told, bytes, sizeof(bytes));

	return count > 0 ? (size_t)count : 0;
}

/* Killed at any moment, what was saved last is there, or what was just being saved. */
static void test_kill(void **state)
{
	uint64_t seed = (uint64_t)getpid(), all_us;
	size_t between = 0;
	(void)state;

	make_states();
	all_us = save_first("kill.db", STATES) / 1000;
	for (int i = 0; i < 25; i++) {
		size_t told, found;
		pid_t child;
		int ends[2];

		save_first("kill.db", 1);
		assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
		child = start_saver("kill.db", ends[1]);
		usleep((useconds_t)(sample_random(&seed) % all_us));
		end_saver(child);
		told = read_told(ends[0]);
		close(ends[0]);
		close(ends[1]);
		found = state_in("kill.db");
		if (found != told && found != told + 1)
			fail_msg("state %zu is there, though %zu was saved", found, told);
		between += told > 0 && told + 1 < STATES;
	}
	assert_true(between > 3); /* else nothing was shown */
	free_states();
}

/* A reader finds one state after the other, each whole. */
static void test_reader_beside_writer(void **state)
{
	size_t found = 0, before = 0, seen = 1;
	struct store *store;
	pid_t child;
	int ends[2];
	(void)state;

	make_states();
	save_first("both.db", 1);
	store = open_store("both.db", false);
	assert_int_equal(stored_state(store), 0);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	child = start_saver("both.db", ends[1]);
	while (found < STATES - 1) {
		found = stored_state(store);
		assert_true(found >= before);
		seen += found > before;
		before = found;
		assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
	}
	end_saver(child);
	close(ends[0]);
	close(ends[1]);
	assert_true(seen > 2);
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

/* A disk of so many kB; whether there is one. */
static bool mount_disk(unsigned int size_kb)
{
	char options[32];

	snprintf(options, sizeof(options), "size=%uk", size_kb);
	mkdir("disk", 0700);
	if (may_mount && mount("t", "disk", "tmpfs", 0, options) == 0)
		return true;
	print_message("SKIP: cannot mount: %s\n", strerror(errno));
	return false;
}

/* Saves until nothing more fits; then that what was saved last is there, and goes on with room. */
static size_t fill_disk(void)
{
	struct store *store = open_store("disk/a.db", true);
	struct error err = { 0 };
	size_t saved = 0;
	int r = 0;

	while (saved < STATES && (r = save_state(store, saved, &err)) == 0)
		saved++;
	if (r < 0) {
		assert_int_equal(r, -ENOSPC);
		assert_non_null(strstr(err.text, "No space left on device"));
	}
	if (saved) {
		assert_int_equal(stored_state(store), saved - 1);
		store_close(store);
		assert_int_equal(state_in("disk/a.db"), saved - 1);
		store = open_store("disk/a.db", true);
	}
	assert_int_equal(mount("t", "disk", "tmpfs", MS_REMOUNT, "size=16m"), 0);
	for (size_t i = saved; i < STATES; i++)
		assert_int_equal(save_state(store, i, &err), 0);
	assert_int_equal(stored_state(store), STATES - 1);
	store_close(store);
	return saved;
}

static void test_disk_full(void **state)
{
	size_t full = 0, first = STATES;
	(void)state;

	make_states();
	for (unsigned int size_kb = 200; size_kb < 1400; size_kb += 100) {
		size_t saved;

		if (!mount_disk(size_kb)) {
			free_states();
			skip();
		}
		saved = fill_disk();
		full += saved < STATES;
		first = saved < first ? saved : first;
		umount("disk");
	}
	assert_true(full > 5 && first < 3);
	free_states();
}

/* Not even room for an empty store. */
static void test_disk_full_before(void **state)
{
	struct store *store = NULL;
	struct error err = { 0 };
	(void)state;

	if (!mount_disk(64))
		skip();
	assert_int_equal(system("! cat /dev/zero > disk/rest 2> /dev/null"), 0);
	assert_int_equal(store_open("disk/b.db", true, &store, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "No space left on device"));
	umount("disk");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kill),	     cmocka_unit_test(test_reader_beside_writer),
		cmocka_unit_test(test_made_by_many), cmocka_unit_test(test_disk_full_before),
		cmocka_unit_test(test_disk_full),
	};

	return cmocka_run_group_tests(tests, setup, leave_folder);
}
