/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../core/rules.h"
#include "sensor.skel.h"
#include "source_live_internal.h"
#include "util.h"

struct exec_key live_exec_key(uint32_t target, const struct profile_exec *exec)
{
	struct exec_key key = { .rules = target };

	memcpy(key.path, exec->path, sizeof(key.path));
	if (key.path[0] != '/')
		key.inode = exec->inode;
	return key;
}

int live_execs_put(struct source_live *live, uint32_t target, const struct profile *profile,
		   struct error *err)
{
	uint64_t count = 0;

	for (size_t i = 0; i < profile->exec_count; i++) {
		struct exec_key key = live_exec_key(target, &profile->execs[i]);

		if (!bpf_map__update_elem(live->sensor->maps.execs, &key, sizeof(key), &count,
					  sizeof(count), BPF_ANY))
			continue;
		if (errno == E2BIG)
			return fail(err, -ENOSPC,
				    "there is no room in the sensor for the %zu executables of the "
				    "profile '%s'",
				    profile->exec_count, profile->name);
		return fail(err, -errno, "cannot hand the profile '%s' to the sensor: %s",
			    profile->name, strerror(errno));
	}
	return 0;
}

/* The weights of the target's calls. They are kept for the profile that may take the place of this
 * one, so that what was met by the one is known to have been met by the other. */
static int draw_secret(struct source_live *live, uint32_t target, struct error *err)
{
	if (!live->secret[target])
		live->secret[target] = calloc(CODE_COUNT, sizeof(*live->secret[target]));
	if (!live->secret[target])
		return fail(err, -ENOMEM, "cannot draw random weights: no memory");
	return source_secret(live->secret[target], err);
}

/* Takes a target out again of which no call was seen. */
static void take_back(struct source_live *live, uint32_t target, const struct profile *profile)
{
	live_bags_take(live, rules_at(live, target), profile);
	for (size_t i = 0; i < profile->exec_count; i++) {
		struct exec_key key = live_exec_key(target, &profile->execs[i]);

		bpf_map__delete_elem(live->sensor->maps.execs, &key, sizeof(key), 0);
	}
	((struct target *)live->targets.memory)[target] = (struct target){ 0 };
}

int source_live_target(struct source *source, uint32_t target, const struct profile *profile,
		       uint32_t *places, struct error *err)
{
	struct source_live *live = live_of(source);
	struct rules *rules = rules_at(live, target);
	struct target *at = &((struct target *)live->targets.memory)[target];
	int status = draw_secret(live, target, err);

	if (status < 0)
		return status;
	if (live->sensor->rodata->mode == MODE_MONITOR)
		rules_monitor(rules, profile, live->secret[target]);
	else
		rules_learn(rules, profile, live->secret[target]);
	at->part = 1;
	at->lost_bags += live_bags_put(live, rules, profile, places);
	if (live->sensor->rodata->mode == MODE_MONITOR)
		live_bags_heat(live, rules, profile);
	status = live_execs_put(live, target, profile, err);
	if (status < 0)
		take_back(live, target, profile);
	return status;
}

int source_live_cgroup(struct source *source, uint64_t key, uint32_t target, bool root,
		       struct error *err)
{
	struct cgroup_set *cgroups = live_of(source)->sensor->bss->cgroups;
	struct target *at = &((struct target *)live_of(source)->targets.memory)[target];
	uint32_t owner = cgroups_owner(cgroups, key), wanted = target | (root ? CGROUP_ROOT : 0);

	if (owner == wanted || owner == (target | CGROUP_ROOT))
		return CGROUP_WAS_BOUND;
	if (owner & CGROUP_ROOT)
		return CGROUP_OTHERS;
	if (cgroups_put(cgroups, key, wanted))
		return owner == target ? CGROUP_WAS_BOUND : CGROUP_BOUND;
	__atomic_fetch_add(&at->lost_cgroups, 1, __ATOMIC_RELAXED);
	return fail(err, -ENOSPC, "cannot watch one more cgroup: the sensor's table is full");
}

uint32_t source_live_owner(struct source *source, uint64_t key)
{
	return cgroups_find(live_of(source)->sensor->bss->cgroups, key);
}

int source_live_name(struct source *source, const char *name, uint32_t target, struct error *err)
{
	struct source_live *live = live_of(source);
	char key[TASK_NAME_SIZE] = { 0 };

	if (strlen(name) >= sizeof(key))
		return fail(err, -ENAMETOOLONG, "cannot watch the task '%s': the name is too long",
			    name);
	memcpy(key, name, strlen(name));
	if (bpf_map__update_elem(live->sensor->maps.task_names, key, sizeof(key), &target,
				 sizeof(target), BPF_ANY) < 0)
		return fail(err, -errno, "cannot watch the task '%s': %s", name, strerror(errno));
	return 0;
}

int source_live_await(struct source *source, const char *name, uint32_t target, struct error *err)
{
	struct source_live *live = live_of(source);
	char key[CGROUP_NAME_SIZE] = { 0 };

	if (strlen(name) >= sizeof(key) - 1) /* one of its whole size may have been cut */
		return 0;
	memcpy(key, name, strlen(name));
	if (bpf_map__update_elem(live->sensor->maps.cgroup_names, key, sizeof(key), &target,
				 sizeof(target), BPF_ANY) < 0)
		return fail(err, -errno, "cannot wait for the cgroup '%s': %s", name,
			    strerror(errno));
	return 0;
}

void source_live_home(struct source *source, uint32_t target, uint64_t key)
{
	struct target *at = &((struct target *)live_of(source)->targets.memory)[target];

	__atomic_store_n(&at->home, key, __ATOMIC_RELEASE);
}

void source_live_miss(struct source *source, uint32_t target)
{
	struct target *at = &((struct target *)live_of(source)->targets.memory)[target];

	__atomic_fetch_add(&at->lost_threads, 1, __ATOMIC_RELAXED);
}

static int cannot_adopt(uint32_t tid, struct error *err)
{
	return fail(err, -errno, "cannot watch the thread %u: %s", tid, strerror(errno));
}

int source_live_adopt(struct source *source, uint32_t tid, uint32_t target, enum adoption how,
		      struct error *err)
{
	struct source_live *live = live_of(source);
	union bpf_iter_link_info task = { .task.tid = tid };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &task, .link_info_len = sizeof(task));
	struct bpf_link *link;
	_cleanup_close_ int iterator = -1;
	char none;

	live->sensor->bss->adopting = (struct adopt_request){
		.tid = tid,
		.target = target,
		.setup = how == ADOPT_COMMAND,
		.by_task = how != ADOPT_MEMBER,
	};
	link = bpf_program__attach_iter(live->sensor->progs.adopt, &opts);
	if (!link)
		return errno == ESRCH ? 0 : cannot_adopt(tid, err);
	iterator = bpf_iter_create(bpf_link__fd(link));
	bpf_link__destroy(link);
	return iterator < 0 || read(iterator, &none, 1) < 0 ? cannot_adopt(tid, err) : 0;
}

/* The number of this call is in the kernel's table even where io_uring is switched off. */
static bool kernel_has_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL) >= 0 || errno != ENOSYS;
}

const char *const live_operation_events[] = { "io_uring_submit_req", "io_uring_submit_sqe", NULL };

/* By the name that this kernel has for it. What it has no name for is not seen, and said to be. */
static int attach_operations(struct source_live *live, struct error *err)
{
	struct sensor_bpf *sensor = live->sensor;
	struct bpf_link *link = NULL;

	for (const char *const *name = live_operation_events; *name && !link; name++) {
		link = bpf_program__attach_raw_tracepoint(sensor->progs.on_operation, *name);
		if (!link && errno != ENOENT)
			return fail(err, -errno, "cannot attach the sensor to '%s': %s", *name,
				    strerror(errno));
	}
	sensor->links.on_operation = link;
	if (!link && kernel_has_io_uring())
		live->unseen = "operations of io_uring, of whose submission this kernel has no "
			       "tracepoint";
	else if (link && !sensor->bss->operations_known)
		live->unseen = "operations of io_uring, whose numbers this kernel keeps elsewhere";
	return 0;
}

const char *source_live_unseen(const struct source *source)
{
	return live_of(source)->unseen;
}

/* The programs that user space runs itself are not for attaching. */
int source_live_attach(struct source *source, struct error *err)
{
	struct source_live *live = live_of(source);
	int status = sensor_bpf__attach(live->sensor);

	if (status >= 0)
		return attach_operations(live, err);
	fail(err, status, "cannot attach the sensor: %s", strerror(-status));
	return fail_hint(err, status, "'bosc status', which says what this kernel allows");
}

int source_live_feed(struct source *source, const struct feed *step, struct error *err)
{
	struct source_live *live = live_of(source);
	uint64_t args[1] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));

	*(struct feed *)live->feeds.memory = *step;
	if (bpf_prog_test_run_opts(bpf_program__fd(live->sensor->progs.feed_run), &run) < 0)
		return fail(err, -errno, "cannot feed the sensor: %s", strerror(errno));
	return 0;
}
