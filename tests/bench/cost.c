/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a system call costs, in CPU time of the thread that makes it: without a sensor, under an
 * EMPTY program on the same tracepoint, and under bosc's sensor with all its rules, loaded as the
 * program loads it. The three take turns of some milliseconds, so that whatever else the machine
 * does hits all alike; a figure is the median of the rounds with its quartiles, as a multiple of
 * what EMPTY adds.
 *
 *     cost EMPTY.bpf.o ROUNDS SCENE…
 *     cost hold FILE.bpf.o       a program alone, until standard input ends; reads its events
 *     cost traced FILE.bpf.o     whether something hangs on system calls already: prints 1 or 0
 *     cost plain CALLS           the calls alone; prints what one took
 *     cost forks COUNT           short programs one after the other; prints what one took, in us
 *
 * A scene is WORK:KINDS:THREADS:TARGETS:ROLE: cycle or random; the profile has all bags of so many
 * kinds of calls; ROLE is watched, learnt or bystander. Prints a JSON object a line.
 */
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "src/source_live_internal.h"
#include "src/util.h"
#include "bench.h"
#include "profile.h"
#include "work.h"

#include "sensor.skel.h" /* behind the sensor's structures */

#define CALLS	   20000u /* of all threads, in one turn */
#define ROUNDS_MAX 1000u

struct scene {
	const char *text;
	enum work work;
	uint32_t kinds;
	uint32_t threads;
	uint32_t targets;
	bool learn, bystander;
};

struct turns {
	double none, empty, bosc; /* ns a call */
};

static int ignore_event(const struct event *event, size_t size, void *context, struct error *err)
{
	(void)event;
	(void)size;
	(void)context;
	(void)err;
	return 0;
}

static struct source *open_sensor(const struct scene *scene, const struct profile *profile)
{
	struct live_settings settings = {
		.mode = scene->learn ? MODE_LEARN : MODE_MONITOR,
		.window = profile->window,
		.bag_room = profile->bag_count * (scene->bystander ? scene->targets : 1) +
			    (scene->learn ? 1u << 18 : 0),
		.met_room = MET_ROOM,
		.targets = scene->targets,
		.in_unified = true,
		.by_task = true,
		.wake_fd = -1,
	};
	struct error err = { 0 };
	struct source *source;

	if (source_live_open(&settings, ignore_event, NULL, &source, &err) < 0)
		bench_give_up(err.text);
	for (uint32_t target = 1; target <= scene->targets; target++)
		if ((scene->bystander || target == 1) &&
		    (source_live_target(source, target, profile, NULL, &err) < 0 ||
		     source_live_cgroup(source, (uint64_t)(target + 1000000) << 1, target, true,
					&err) < 0))
			bench_give_up(err.text);
	return source;
}

/* Everything but the program of the system calls, which takes turns. */
static void attach_others(struct source *source)
{
	struct sensor_bpf *sensor = live_of(source)->sensor;
	struct bpf_program *program;

	bpf_object__for_each_program(program, sensor->obj)
	{
		if (program == sensor->progs.on_sys_enter || !bpf_program__autoattach(program))
			continue;
		if (!bpf_program__attach(program))
			bench_give_up("cannot attach the sensor");
	}
}

static void adopt_crew(struct source *source, const struct crew *crew, uint32_t threads)
{
	struct error err = { 0 };

	for (uint32_t i = 0; i < threads; i++)
		if (source_live_adopt(source, (uint32_t)crew_tids(crew)[i], 1, ADOPT_TASK, &err) <
		    0)
			bench_give_up(err.text);
}

/* The one program of an object file, and its map of events; -1: it has none. */
static struct bpf_program *load_program(const char *path, int *ret_events)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object || bpf_object__load(object) < 0)
		bench_give_up("cannot load a program to compare with");
	*ret_events = bpf_object__find_map_fd_by_name(object, "events");
	return bpf_object__next_program(object, NULL);
}

static double turn(const struct scene *scene, struct crew *crew, struct bpf_program *program)
{
	size_t calls = CALLS / scene->threads + 20;
	struct bpf_link *link = program ? bpf_program__attach(program) : NULL;
	double ns;

	if (program && !link)
		bench_give_up("cannot attach a program");
	/* What was attached waited for the processors, and others used their caches meanwhile. */
	crew_work(crew, scene->work, 3 * calls);
	ns = crew_work(crew, scene->work, calls);
	bpf_link__destroy(link);
	return ns;
}

static void print_scene(const struct scene *scene, const struct turns *turns, size_t rounds,
			size_t bags, const struct target *target)
{
	double values[4][ROUNDS_MAX];

	for (size_t i = 0; i < rounds; i++) {
		values[0][i] = turns[i].none;
		values[1][i] = turns[i].empty;
		values[2][i] = turns[i].bosc;
		values[3][i] = (turns[i].bosc - turns[i].none) / (turns[i].empty - turns[i].none);
	}
	printf("{\"scene\": \"%s\", \"rounds\": %zu, \"bags\": %zu, \"calls\": %llu, "
	       "\"lost\": %llu, ",
	       scene->text, rounds, bags, (unsigned long long)target->calls,
	       (unsigned long long)target_lost(target));
	bench_print_spread("none_ns", values[0], rounds, ", ");
	bench_print_spread("empty_ns", values[1], rounds, ", ");
	bench_print_spread("bosc_ns", values[2], rounds, ", ");
	bench_print_spread("times_empty", values[3], rounds, "}\n");
	fflush(stdout);
}

static void run_scene(const struct scene *scene, struct bpf_program *empty, size_t rounds)
{
	struct profile *profile = bench_profile(scene->learn ? 0 : scene->kinds);
	struct source *source = open_sensor(scene, profile);
	struct bpf_program *sensor = live_of(source)->sensor->progs.on_sys_enter;
	struct crew *crew = crew_new(scene->threads);
	static struct turns turns[ROUNDS_MAX];
	struct target target;

	attach_others(source);
	if (!scene->bystander)
		adopt_crew(source, crew, scene->threads);
	for (size_t i = 0; i < rounds; i++) {
		turns[i].none = turn(scene, crew, NULL);
		turns[i].empty = turn(scene, crew, empty);
		turns[i].bosc = turn(scene, crew, sensor);
		turns[i].empty = (turns[i].empty + turn(scene, crew, empty)) / 2;
		turns[i].none = (turns[i].none + turn(scene, crew, NULL)) / 2;
	}
	source->target(source, 1, &target);
	print_scene(scene, turns, rounds, profile->bag_count, &target);
	crew_free(crew);
	source->close(source);
	profile_free(profile);
}

static struct scene parse_scene(const char *text)
{
	struct scene scene = { .text = text };
	char work[16], role[16];

	if (sscanf(text, "%15[^:]:%u:%u:%u:%15s", work, &scene.kinds, &scene.threads,
		   &scene.targets, role) != 5 ||
	    scene.kinds > WORK_KINDS_MAX || !scene.threads || !scene.targets ||
	    scene.targets >= TARGETS_MAX)
		bench_give_up("a scene is WORK:KINDS:THREADS:TARGETS:ROLE");
	scene.work = strcmp(work, "random") ? WORK_CYCLE : WORK_RANDOM;
	scene.learn = !strcmp(role, "learnt");
	scene.bystander = !strcmp(role, "bystander");
	return scene;
}

static int count_event(void *context, void *data, size_t size)
{
	(void)data;
	*(size_t *)context += size;
	return 0;
}

/* For what is measured from outside. */
static int hold(const char *path)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	struct ring_buffer *ring = NULL;
	size_t received = 0;
	int events;
	struct bpf_program *program = load_program(path, &events);

	if (!bpf_program__attach(program))
		bench_give_up("cannot attach a program");
	if (events >= 0)
		ring = ring_buffer__new(events, count_event, &received, NULL);
	puts("ready");
	fflush(stdout);
	while (poll(&input, 1, ring ? 0 : -1) == 0)
		ring_buffer__poll(ring, 100);
	return 0;
}

static int traced(const char *path)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	int events;
	struct bpf_program *program = load_program(path, &events);

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &run) < 0)
		bench_give_up("cannot look whether something hangs on system calls");
	printf("%u\n", run.retval);
	return 0;
}

static int plain(size_t calls)
{
	struct crew *crew = crew_new(1);

	printf("%.3f\n", crew_work(crew, WORK_CYCLE, calls));
	crew_free(crew);
	return 0;
}

static double used_us(int who)
{
	struct rusage used;

	getrusage(who, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int forks(size_t count)
{
	char *const words[] = { "true", NULL };

	for (size_t i = 0; i < count; i++) {
		pid_t child;
		int status;

		if (posix_spawn(&child, "/bin/true", NULL, NULL, words, NULL) ||
		    waitpid(child, &status, 0) < 0 || status)
			bench_give_up("cannot run /bin/true");
	}
	printf("%.3f\n", (used_us(RUSAGE_SELF) + used_us(RUSAGE_CHILDREN)) / (double)count);
	return 0;
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 3 ? (size_t)atol(argv[2]) : 0;
	struct bpf_program *empty;
	int events;

	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "traced"))
		return traced(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "plain"))
		return plain((size_t)atol(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "forks"))
		return forks((size_t)atol(argv[2]));
	if (rounds < 3 || rounds > ROUNDS_MAX)
		bench_give_up("cost EMPTY.bpf.o ROUNDS SCENE…");
	empty = load_program(argv[1], &events);
	for (int i = 3; i < argc; i++) {
		struct scene scene = parse_scene(argv[i]);

		run_scene(&scene, empty, rounds);
	}
	return 0;
}
