/* SPDX-License-Identifier: BSD-2-Clause */
#include "work.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

#define STEPS (1u << 20) /* before the random calls come again */

const long work_kinds[WORK_KINDS_MAX] = {
	SYS_getpid,  SYS_getppid, SYS_getuid, SYS_getgid, SYS_geteuid, SYS_getegid,
	SYS_gettid,  SYS_getpgid, SYS_getsid, SYS_umask,  SYS_capget,  SYS_sched_getscheduler,
	SYS_openat,  SYS_read,	  SYS_write,  SYS_close,  SYS_mmap,    SYS_munmap,
	SYS_connect, SYS_accept,  SYS_socket, SYS_fstat,  SYS_lseek,   SYS_futex,
};

const uint8_t work_cycle[WORK_CYCLE_STEPS] = {
	0, 1, 2, 3, 4, 5, 6, 0, 2, 2, 1, 3, 0, 6, 5, 4, 0, 1, 3, 3, 2, 6, 6, 5,
};

struct member {
	struct crew *crew;
	pthread_t thread;
	size_t index, step;
	double ns;
};

struct crew {
	pthread_barrier_t begin, end;
	const uint8_t *steps; /* indices of kinds */
	size_t step_count;
	size_t calls; /* 0: the end */
	size_t count;
	int *tids;
	struct member *members;
};

static void member_work(struct member *member)
{
	const struct crew *crew = member->crew;
	double started = bench_cpu_ns();
	size_t step = member->step % crew->step_count;

	for (size_t i = 0; i < crew->calls; i++) {
		syscall(work_kinds[crew->steps[step]], 0);
		if (++step == crew->step_count)
			step = 0;
	}
	member->step = step;
	member->ns = bench_cpu_ns() - started;
}

static void *member_run(void *context)
{
	struct member *member = context;
	struct crew *crew = member->crew;

	crew->tids[member->index] = gettid();
	pthread_barrier_wait(&crew->end);
	for (;;) {
		pthread_barrier_wait(&crew->begin);
		if (!crew->calls)
			return NULL;
		member_work(member);
		pthread_barrier_wait(&crew->end);
	}
}

struct crew *crew_new(size_t threads)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew)
		abort();
	crew->members = calloc(threads, sizeof(*crew->members));
	crew->tids = calloc(threads, sizeof(*crew->tids));
	crew->count = threads;
	pthread_barrier_init(&crew->begin, NULL, (unsigned int)threads + 1);
	pthread_barrier_init(&crew->end, NULL, (unsigned int)threads + 1);
	for (size_t i = 0; i < threads; i++) {
		crew->members[i] = (struct member){ .crew = crew, .index = i, .step = i * 7919 };
		if (pthread_create(&crew->members[i].thread, NULL, member_run, &crew->members[i]))
			abort();
	}
	pthread_barrier_wait(&crew->end);
	return crew;
}

void crew_free(struct crew *crew)
{
	crew->calls = 0;
	pthread_barrier_wait(&crew->begin);
	for (size_t i = 0; i < crew->count; i++)
		pthread_join(crew->members[i].thread, NULL);
	free(crew->members);
	free(crew->tids);
	free(crew);
}

const int *crew_tids(const struct crew *crew)
{
	return crew->tids;
}

static const uint8_t *random_steps(void)
{
	static uint8_t steps[STEPS];
	uint64_t state = 88172645463325252u;

	for (size_t i = 0; i < STEPS && !steps[STEPS - 1]; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		steps[i] = (uint8_t)((state >> 32) * WORK_RANDOM_KINDS >> 32);
	}
	return steps;
}

double crew_work(struct crew *crew, enum work work, size_t calls)
{
	double ns = 0;

	crew->steps = work == WORK_RANDOM ? random_steps() : work_cycle;
	crew->step_count = work == WORK_RANDOM ? STEPS : WORK_CYCLE_STEPS;
	crew->calls = calls;
	pthread_barrier_wait(&crew->begin);
	pthread_barrier_wait(&crew->end);
	for (size_t i = 0; i < crew->count; i++)
		ns += crew->members[i].ns;
	return ns / (double)calls / (double)crew->count;
}
