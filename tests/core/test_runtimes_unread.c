/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runtimes whose state this user may not read: that is told, with what would help, and no container
 * is said not to be there.
 */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Before cmocka, which has a macro fail(). */
#include "find_container.h"

#include <cmocka.h>

#include "host_files.h"

/* Looks for a container as a user to whom the host's folder is closed. */
static int ask_as_nobody(const char *told)
{
	struct container container;
	struct error err = { 0 };

	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return 1;
	if (find_container("none", &container, &err) != -EHOSTDOWN)
		return 2;
	if (!strstr(err.text, told))
		return 3;
	return !strstr(err.hint, "CAP_DAC_READ_SEARCH");
}

static void check_unread(const char *closed, const char *told)
{
	int status;
	pid_t child;

	assert_int_equal(chmod(closed, 0700), 0);
	child = fork();
	if (!child)
		_exit(ask_as_nobody(told));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(closed, 0755), 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("'%s' closed: %d", closed, status);
}

static void test_unread(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	unsetenv("DOCKER_HOST");
	be_host("podman");
	assert_int_equal(chmod(folder, 0755), 0);
	check_unread("var/lib/containers", "/var/lib/containers/storage': Permission denied");
	check_unread("people/ann",
		     "/people/ann/.local/share/docker/containers': Permission denied");
	check_unread("run/runc", "/run/runc': Permission denied");
	be_host("containerd");
	check_unread("run/containerd",
		     "/run/containerd/io.containerd.runtime.v2.task': Permission");
	be_host("docker");
	check_unread("srv/docker", "/srv/docker/containers': Permission denied");
	be_host("machines");
	check_unread("var/lib/lxc", "/var/lib/lxc': Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unread, enter_folder, leave_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
