/* SPDX-License-Identifier: BSD-2-Clause */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "util.h"

static void signals_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

static bool has_terminal(void)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0;
}

/* As under nohup. */
static bool ignores_hang_up(void)
{
	struct sigaction before;

	return sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

int signals_open(struct signals *ret_signals, struct error *err)
{
	sigset_t set;

	signals_set(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	*ret_signals = (struct signals){
		.pipe = -1,
		.terminal = has_terminal() && !ignores_hang_up(),
		.parent = getppid(),
	};
	ret_signals->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (ret_signals->fd < 0)
		return fail(err, -errno, "cannot wait for signals: %s", strerror(errno));
	return 0;
}

void signals_close(struct signals *signals)
{
	if (signals->pipe >= 0)
		close(signals->pipe);
	if (signals->fd >= 0)
		close(signals->fd);
	signals->pipe = signals->fd = -1;
}

static void signals_reap(struct signals *signals)
{
	if (!signals->child || waitpid(signals->child, NULL, WNOHANG) != signals->child)
		return;
	signals->child = 0;
	signals->stop = true;
}

/*
 * Whether a SIGHUP says that the terminal is gone. The kernel takes it from every process of the
 * session and tells those in the foreground and the shell, which passes it on to its jobs. Who
 * sends one later, to a process that outlived its terminal, means something else.
 */
static bool is_hang_up(const struct signals *signals, const struct signalfd_siginfo *came)
{
	pid_t sender = (pid_t)came->ssi_pid;

	if (!signals->terminal || has_terminal())
		return false;
	return came->ssi_code == SI_KERNEL || sender == signals->parent || sender == getsid(0);
}

bool signals_check(struct signals *signals)
{
	struct signalfd_siginfo came;

	while (read(signals->fd, &came, sizeof(came)) == sizeof(came)) {
		if (came.ssi_signo == SIGCHLD)
			signals_reap(signals);
		else if (came.ssi_signo == SIGHUP && signals->anew && !is_hang_up(signals, &came))
			signals->asked = true;
		else
			signals->stop = true;
	}
	return signals->stop;
}

bool signals_asked(struct signals *signals)
{
	bool asked = signals->asked;

	signals->asked = false;
	return asked;
}

static void __attribute__((noreturn)) child_run(int gate, char **command)
{
	sigset_t none;
	char byte;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &byte, 1) != 1)
		_exit(127);
	prctl(PR_SET_PDEATHSIG, 0);
	execvp(command[0], command);
	dprintf(STDERR_FILENO, "bosc: cannot start '%s': %s\n", command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int signals_start(struct signals *signals, char **command, struct error *err)
{
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) < 0)
		return fail(err, -errno, "cannot start '%s': %s", command[0], strerror(errno));
	signals->child = fork();
	if (signals->child == 0) {
		close(gate[1]);
		child_run(gate[0], command);
	}
	close(gate[0]);
	signals->pipe = gate[1];
	if (signals->child < 0) {
		signals->child = 0;
		return fail(err, -errno, "cannot start '%s': %s", command[0], strerror(errno));
	}
	return 0;
}

void signals_release(struct signals *signals)
{
	if (signals->pipe < 0)
		return;
	if (write(signals->pipe, "g", 1) != 1)
		signals->stop = true;
	close(signals->pipe);
	signals->pipe = -1;
}
