/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the live tests watch: a program that makes just the calls that a test wants, and says so on
 * its command line. It is linked statically, for few calls of its own at the start.
 *
 *     subject GATE MODE [NUMBER|NAME] [NUMBER] [SECONDS]
 *
 * GATE is a file; the work begins when it exists. "-" waits for nothing. getppid stands for work,
 * because nothing else calls it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *gate;

static void wait_for_gate(void)
{
	while (strcmp(gate, "-") != 0 && access(gate, F_OK) != 0)
		usleep(5000);
}

static void work(long times)
{
	while (times-- > 0)
		syscall(SYS_getppid);
}

static void *work_in_thread(void *times)
{
	wait_for_gate();
	work((long)times);
	return NULL;
}

/* Each thread is joined before the end, so that none is cut short. */
static void threads(long count, long times)
{
	pthread_t *thread = calloc((size_t)count, sizeof(*thread));

	for (long i = 0; i < count; i++)
		if (pthread_create(&thread[i], NULL, work_in_thread, (void *)times))
			exit(1);
	for (long i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	free(thread);
}

/* Processes that live for three calls, so many at once. */
static void forks(long count, long at_once)
{
	long running = 0;

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0)
			exit(1);
		if (child == 0) {
			work(3);
			_exit(0);
		}
		if (++running == at_once) {
			wait(NULL);
			running--;
		}
	}
	while (running-- > 0)
		wait(NULL);
}

/* Works at leisure until it is killed. */
static void beat(void)
{
	for (;;) {
		work(20);
		usleep(2000);
	}
}

/* A tree of two processes with three and two threads, waiting for the gate. */
static void tree(long times)
{
	pid_t child = fork();

	threads(child ? 2 : 1, times);
	wait_for_gate();
	work(times);
	if (child)
		wait(NULL);
}

static void renamed(const char *name)
{
	prctl(PR_SET_NAME, name);
	work(100);
}

/* As a 32-bit program calls: number 20 of that table is getpid. */
static void ia32(long times)
{
#ifdef __x86_64__
	while (times-- > 0) {
		long result;

		__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
	}
#else
	(void)times;
#endif
}

static void *execute(void *self)
{
	execl(self, self, "-", "work", "50", (char *)NULL);
	return NULL;
}

/* Whoever executes ends all other threads and takes over the process's id. */
static void execute_in_thread(char *self)
{
	pthread_t thread;

	work(5);
	if (pthread_create(&thread, NULL, execute, self) == 0)
		for (;;)
			pause();
}

/* As runc sets a container up: under its name, in the container's cgroup already, and executing
 * itself by a file descriptor; only then does it execute the container's command. */
static void set_up(char *self, const char *name, long times)
{
	char *again[] = { self, "-", "set-up-2", NULL };
	int fd = open(self, O_RDONLY | O_CLOEXEC);
	int procs = open(getenv("PROCS"), O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_NAME, name);
	if (write(procs, "0", 1) != 1)
		exit(1);
	work(times);
	fexecve(fd, again, environ);
}

static void set_up_2(char *self)
{
	work(1000);
	execl(self, self, "-", "work", "7", (char *)NULL);
}

/* A program that asks where it is when it starts, works, rests, and then asks so many times
 * again. */
static void settle(long times, long again, unsigned int seconds)
{
	char path[4096];

	do {
		if (!getcwd(path, sizeof(path)))
			exit(1);
		work(times);
		sleep(seconds);
		times = seconds = 0;
	} while (again-- > 0);
}

/* Does what the letters in the file say, one after the other: 'a' is work, the others a call of
 * their own. */
static void orders(const char *path)
{
	static const long calls[] = { SYS_getppid, SYS_getuid, SYS_getgid };
	int fd = open(path, O_RDONLY);
	char letter;

	while (read(fd, &letter, 1) == 1)
		for (int i = 0; letter >= 'a' && letter <= 'c' && i < 20; i++)
			syscall(calls[letter - 'a']);
}

static long busy_rounds, busy_calls;

static void *work_until_gate(void *unused)
{
	long rounds = 0;

	do {
		work(999);
		__atomic_fetch_add(&busy_calls, 1000, __ATOMIC_RELAXED);
		rounds++;
	} while (access(gate, F_OK) != 0 || rounds < busy_rounds);
	return unused;
}

/* Works in so many threads, so many rounds and until the gate is there, and says how many calls
 * they made of it. */
static void busy(long count, long rounds)
{
	pthread_t *thread = calloc((size_t)count, sizeof(*thread));

	busy_rounds = rounds;
	for (long i = 0; i < count; i++)
		if (pthread_create(&thread[i], NULL, work_until_gate, NULL))
			exit(1);
	for (long i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	free(thread);
	dprintf(STDERR_FILENO, "made %ld calls\n", busy_calls);
}

static void crash(void)
{
	*(volatile int *)16 = 1;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[2] : "";
	const char *word = argc > 3 ? argv[3] : "1";
	long first = atol(word), second = argc > 4 ? atol(argv[4]) : 1;

	gate = argc > 1 ? argv[1] : "-";
	if (!strcmp(mode, "tree"))
		tree(first);
	else if (strcmp(mode, "busy") != 0)
		wait_for_gate();
	if (!strcmp(mode, "work"))
		work(first);
	else if (!strcmp(mode, "threads"))
		threads(first, second);
	else if (!strcmp(mode, "forks"))
		forks(first, second);
	else if (!strcmp(mode, "rename"))
		renamed(word);
	else if (!strcmp(mode, "ia32"))
		ia32(first);
	else if (!strcmp(mode, "exec"))
		execute_in_thread(argv[0]);
	else if (!strcmp(mode, "set-up"))
		set_up(argv[0], word, second);
	else if (!strcmp(mode, "set-up-2"))
		set_up_2(argv[0]);
	else if (!strcmp(mode, "beat"))
		beat();
	else if (!strcmp(mode, "settle"))
		settle(first, second, argc > 5 ? (unsigned int)atol(argv[5]) : 0);
	else if (!strcmp(mode, "orders"))
		orders(word);
	else if (!strcmp(mode, "busy"))
		busy(first, second);
	else if (!strcmp(mode, "crash"))
		crash();
	else if (strcmp(mode, "tree") != 0)
		return 2;
	return 0;
}
