/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What /proc says of this process, of a child whose name is hostile and whose executable is
 * deleted, and of processes that are gone.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../../src/proc.h"
#include "../../src/util.h"

#define PATH_SIZE 4096

/* A pid that certainly belongs to nobody: that of a child which was waited for. */
static int gone_pid(void)
{
	int pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void kill_p(const int *pid)
{
	kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
}

/* A child of this process under that name, which sleeps. */
static int start_child(const char *comm)
{
	int ready[2], pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NAME, comm);
		close(ready[0]);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return pid;
}

static void test_self(void **state)
{
	char path[PATH_SIZE], wanted[PATH_SIZE] = "", comm[PROC_COMM], name[PROC_COMM];

	(void)state;
	assert_true(readlink("/proc/self/exe", wanted, sizeof(wanted) - 1) > 0);
	assert_int_equal(proc_exe(getpid(), path, sizeof(path)), 0);
	assert_string_equal(path, wanted);
	assert_int_equal(proc_exe(getpid(), path, strlen(wanted) + 1), 0);
	assert_int_equal(proc_exe(getpid(), path, strlen(wanted)), -ENAMETOOLONG);
	prctl(PR_GET_NAME, name);
	assert_int_equal(proc_comm(getpid(), comm), 0);
	assert_string_equal(comm, name);
	assert_int_equal(proc_parent(getpid()), getppid());
	assert_int_equal(proc_parent(1), 0);
	assert_true(proc_has_executed(getpid()));
}

static void test_hostile_name(void **state)
{
	_cleanup_(kill_p) int child = start_child(") Z 1 (a\n\n");
	char comm[PROC_COMM];

	(void)state;
	assert_int_equal(proc_parent(child), getpid());
	assert_int_equal(proc_comm(child, comm), 0);
	assert_string_equal(comm, ") Z 1 (a\n\n");
	assert_false(proc_has_executed(child));
}

static void test_longest_name(void **state)
{
	_cleanup_(kill_p) int child = start_child("fifteen letters");
	char comm[PROC_COMM];

	(void)state;
	assert_int_equal(proc_comm(child, comm), 0);
	assert_string_equal(comm, "fifteen letters");
}

static void test_deleted_executable(void **state)
{
	char file[] = "/tmp/bosc-sleep-XXXXXX", command[128], path[PATH_SIZE];
	_cleanup_close_ int fd = mkstemp(file);
	_cleanup_(kill_p) int child = -1;

	(void)state;
	snprintf(command, sizeof(command), "cat /bin/sleep >'%s' && chmod 700 '%s'", file, file);
	assert_int_equal(system(command), 0);
	close(fd);
	fd = -1;
	child = vfork();
	if (!child) {
		execl(file, file, "60", NULL);
		_exit(1);
	}
	unlink(file);
	assert_int_equal(proc_exe(child, path, sizeof(path)), 0);
	assert_string_equal(path, file);
}

static void test_gone(void **state)
{
	int pid = gone_pid();
	char text[PATH_SIZE];

	(void)state;
	assert_int_equal(proc_exe(pid, text, sizeof(text)), -ESRCH);
	assert_int_equal(proc_comm(pid, text), -ESRCH);
	assert_int_equal(proc_parent(pid), -ESRCH);
	assert_false(proc_has_executed(pid));
	assert_int_equal(proc_threads(pid, NULL, NULL), 0);
}

struct search {
	int wanted, found, visits, status;
};

static int look(int pid, void *context)
{
	struct search *search = context;

	search->visits++;
	if (pid != search->wanted)
		return 0;
	search->found++;
	return search->status;
}

static void *wait_at(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

static void test_threads(void **state)
{
	struct search all = { .wanted = getpid() }, stops = { .wanted = getpid(), .status = 7 };
	pthread_barrier_t barrier;
	pthread_t thread;

	(void)state;
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, wait_at, &barrier);
	pthread_barrier_wait(&barrier);
	assert_int_equal(proc_threads(getpid(), look, &all), 0);
	assert_int_equal(all.found, 1);
	assert_int_equal(all.visits, 2);
	assert_int_equal(proc_threads(getpid(), look, &stops), 7);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
}

static void test_each(void **state)
{
	struct search self = { .wanted = getpid() }, first = { .wanted = 1, .status = 7 };

	(void)state;
	assert_int_equal(proc_each(look, &self), 0);
	assert_int_equal(self.found, 1);
	assert_true(self.visits > 1);
	assert_int_equal(proc_each(look, &first), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_self),	     cmocka_unit_test(test_hostile_name),
		cmocka_unit_test(test_longest_name), cmocka_unit_test(test_deleted_executable),
		cmocka_unit_test(test_gone),	     cmocka_unit_test(test_threads),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
