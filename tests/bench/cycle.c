/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dearest thing that can be watched: a program that does nothing but cheap system calls, in a
 * cycle of 24. Prints the CPU time of one call in nanoseconds.
 *
 *     cycle CALLS
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const long calls[24] = {
	SYS_getpid, SYS_getppid, SYS_getuid,  SYS_getgid,  SYS_geteuid, SYS_getegid,
	SYS_gettid, SYS_getpid,	 SYS_getuid,  SYS_getuid,  SYS_getppid, SYS_getgid,
	SYS_getpid, SYS_gettid,	 SYS_getegid, SYS_geteuid, SYS_getpid,	SYS_getppid,
	SYS_getgid, SYS_getgid,	 SYS_getuid,  SYS_gettid,  SYS_gettid,	SYS_getegid,
};

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000000;
	double started_ns;

	if (count <= 0)
		return 2;
	started_ns = cpu_ns();
	for (long i = 0; i < count; i++)
		syscall(calls[i % 24]);
	printf("%.2f\n", (cpu_ns() - started_ns) / (double)count);
	return 0;
}
