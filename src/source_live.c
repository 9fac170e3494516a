/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables that the sensor reads on its fast path are mapped into this process, so that filling
 * them and reading counters costs no system call. A cgroup's or a bag's entry is written so that
 * the kernel sees it whole or not at all: the key, or the hash, comes last.
 */
#include "source_live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "../core/bagtable.h"
#include "../core/rules.h"
#include "sensor.skel.h"
#include "util.h"

struct mapping {
	void *memory;
	size_t size;
};

struct source_live {
	struct source source;
	struct sensor_bpf *sensor;
	struct ring_buffer *ring;
	source_sink *sink;
	void *context;
	struct error *err;
	int wake_fd;
	int status; /* of the sink, during a poll */
	uint32_t mask;
	struct mapping threads, cgroups, targets, rules, bags, counts, feeds;
};

/* What libbpf said last; it says more than its errno. */
static char libbpf_said[512];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		vsnprintf(libbpf_said, sizeof(libbpf_said), format, args);
	return 0;
}

static struct source_live *live_of(const struct source *source)
{
	return (struct source_live *)source;
}

static int load_failed(int status, struct error *err)
{
	libbpf_said[strcspn(libbpf_said, "\n")] = '\0';
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0) {
		fail(err, -ENOTSUP,
		     "cannot load the sensor: this kernel has no type information "
		     "('/sys/kernel/btf/vmlinux')");
		return fail_hint(err, -ENOTSUP,
				 "a kernel built with CONFIG_DEBUG_INFO_BTF=y; every "
				 "kernel of Debian 12 and later is");
	}
	if (status == -EPERM) { /* EACCES is the verifier's refusal */
		fail(err, status, "cannot load the sensor: %s", strerror(-status));
		return fail_hint(err, status,
				 "run as root, or with the capabilities CAP_BPF, "
				 "CAP_PERFMON and CAP_SYS_RESOURCE");
	}
	return fail(err, status, "cannot load the sensor: %s%s%s", strerror(-status),
		    libbpf_said[0] ? ": " : "", libbpf_said);
}

static int map_table(struct bpf_map *map, struct mapping *mapping, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);

	mapping->size = (size + page - 1) / page * page;
	mapping->memory = mmap(NULL, mapping->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			       bpf_map__fd(map), 0);
	if (mapping->memory != MAP_FAILED)
		return 0;
	mapping->memory = NULL;
	return fail(err, -errno, "cannot map the sensor's table '%s': %s", bpf_map__name(map),
		    strerror(errno));
}

static int map_tables(struct source_live *live, struct error *err)
{
	struct {
		struct bpf_map *map;
		struct mapping *mapping;
	} const tables[] = {
		{ live->sensor->maps.threads, &live->threads },
		{ live->sensor->maps.cgroups, &live->cgroups },
		{ live->sensor->maps.targets, &live->targets },
		{ live->sensor->maps.rules, &live->rules },
		{ live->sensor->maps.bags, &live->bags },
		{ live->sensor->maps.counts, &live->counts },
		{ live->sensor->maps.feeds, &live->feeds },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		int status = map_table(tables[i].map, tables[i].mapping, err);

		if (status < 0)
			return status;
	}
	return 0;
}

static int on_ring(void *context, void *data, size_t size)
{
	struct source_live *live = context;

	live->status = live->sink(data, size, live->context, live->err);
	return live->status;
}

static int live_poll(struct source *source, int timeout_ms, struct error *err)
{
	struct source_live *live = live_of(source);
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(live->ring), .events = POLLIN },
		{ .fd = live->wake_fd, .events = POLLIN },
	};
	int status;

	live->err = err;
	live->status = 0;
	if (poll(fds, ARRAY_SIZE(fds), timeout_ms) < 0 && errno != EINTR)
		return fail(err, -errno, "cannot wait for the sensor: %s", strerror(errno));
	status = ring_buffer__consume(live->ring);
	if (live->status < 0)
		return live->status;
	if (status < 0)
		return fail(err, status, "cannot read from the sensor: %s", strerror(-status));
	return 1;
}

static void live_target(struct source *source, uint32_t target, struct target *ret_target)
{
	struct source_live *live = live_of(source);
	const struct thread_set *sets = live->threads.memory;

	*ret_target = ((const struct target *)live->targets.memory)[target];
	for (size_t i = 0; i < THREAD_SETS; i++)
		for (size_t way = 0; way < THREAD_WAYS; way++)
			if (sets[i].way[way].tid && sets[i].way[way].target == target)
				ret_target->calls += sets[i].way[way].calls;
}

static uint64_t live_lost(struct source *source, uint32_t target)
{
	return target_lost(&((const struct target *)live_of(source)->targets.memory)[target]);
}

static uint64_t live_count(void *source, uint32_t place)
{
	const struct bag_counts *counts = live_of(source)->counts.memory;

	return counts[place / BUCKET_WAYS].count[place % BUCKET_WAYS];
}

static const struct rules *live_rules(struct source *source, uint32_t target)
{
	return &((const struct rules *)live_of(source)->rules.memory)[target];
}

static void live_part(struct source *source, uint32_t target, uint32_t part)
{
	struct target *at = &((struct target *)live_of(source)->targets.memory)[target];

	at->part = part;
}

static uint64_t live_now_ns(struct source *source)
{
	(void)source;
	return clock_ns(CLOCK_MONOTONIC);
}

static void live_close(struct source *source)
{
	struct source_live *live = live_of(source);
	struct mapping *mappings[] = { &live->threads, &live->cgroups, &live->targets, &live->rules,
				       &live->bags,    &live->counts,  &live->feeds };

	ring_buffer__free(live->ring);
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
		if (mappings[i]->memory)
			munmap(mappings[i]->memory, mappings[i]->size);
	sensor_bpf__destroy(live->sensor);
	free(live);
}

static const struct source live_source = {
	.poll = live_poll,
	.target = live_target,
	.lost = live_lost,
	.count = live_count,
	.rules = live_rules,
	.part = live_part,
	.parent = source_proc_parent,
	.now_ns = live_now_ns,
	.close = live_close,
};

static void live_configure(struct source_live *live, const struct live_settings *settings)
{
	struct sensor_bpf *sensor = live->sensor;
	bool counted = settings->count_bags || settings->mode == MODE_LEARN;
	uint32_t buckets = bagtable_buckets(settings->bag_room);

	live->mask = buckets - 1;
	sensor->rodata->mode = settings->mode;
	sensor->rodata->window_size = settings->window;
	sensor->rodata->bag_mask = live->mask;
	sensor->rodata->in_unified = settings->in_unified;
	sensor->rodata->in_pids = settings->in_pids;
	sensor->rodata->by_task = settings->by_task;
	sensor->rodata->count_bags = settings->count_bags;
	sensor->rodata->announce_cgroups = settings->announce;
	sensor->rodata->feeding = settings->feeding;
	bpf_map__set_max_entries(sensor->maps.bags, buckets);
	bpf_map__set_max_entries(sensor->maps.counts, counted ? buckets : 1);
	bpf_map__set_max_entries(sensor->maps.targets, settings->targets + 1);
	bpf_map__set_max_entries(sensor->maps.rules, settings->targets + 1);
	if (settings->mode == MODE_RECORD)
		bpf_map__set_max_entries(sensor->maps.events, 64 * 1024 * 1024);
	bpf_program__set_autoload(sensor->progs.feed_run, settings->feeding);
	bpf_program__set_autoattach(sensor->progs.feed_run, false);
	bpf_program__set_autoattach(sensor->progs.adopt, false);
}

int source_live_open(const struct live_settings *settings, source_sink *sink, void *context,
		     struct source **ret_source, struct error *err)
{
	_cleanup_(source_close_p) struct source *source = NULL;
	struct source_live *live = calloc(1, sizeof(*live));
	int status;

	if (!live)
		return fail(err, -ENOMEM, "cannot load the sensor: no memory");
	live->source = live_source;
	source = &live->source;
	live->sink = sink;
	live->context = context;
	live->wake_fd = settings->wake_fd;
	libbpf_set_print(keep_warning);
	live->sensor = sensor_bpf__open();
	if (!live->sensor)
		return load_failed(-errno, err);
	live_configure(live, settings);
	status = sensor_bpf__load(live->sensor);
	if (status < 0)
		return load_failed(status, err);
	status = map_tables(live, err);
	if (status < 0)
		return status;
	live->ring = ring_buffer__new(bpf_map__fd(live->sensor->maps.events), on_ring, live, NULL);
	if (!live->ring)
		return fail(err, -errno, "cannot read from the sensor: %s", strerror(errno));
	*ret_source = source;
	source = NULL;
	return 0;
}

static int load_bags(struct source_live *live, const struct rules *rules,
		     const struct profile *profile, uint32_t *places)
{
	int missing = 0;

	for (size_t i = 0; i < profile->bag_count; i++) {
		uint64_t hash = bag_hash(&profile->bags[i].bag, profile->window, rules->weight);
		uint32_t place = bagtable_insert(live->bags.memory, live->mask, hash);

		missing += place == BAG_NO_PLACE;
		if (places)
			places[i] = place;
	}
	return missing;
}

static int load_execs(struct source_live *live, uint32_t target, const struct profile *profile,
		      struct error *err)
{
	uint64_t count = 0;

	for (size_t i = 0; i < profile->exec_count; i++) {
		struct exec_key key = { .rules = target };

		memcpy(key.path, profile->execs[i].path, sizeof(key.path));
		if (key.path[0] != '/')
			key.inode = profile->execs[i].inode;
		if (bpf_map__update_elem(live->sensor->maps.execs, &key, sizeof(key), &count,
					 sizeof(count), BPF_ANY) < 0)
			return fail(err, -errno, "cannot hand the profile '%s' to the sensor: %s",
				    profile->name, strerror(errno));
	}
	return 0;
}

int source_live_target(struct source *source, uint32_t target, const struct profile *profile,
		       uint32_t *places, struct error *err)
{
	struct source_live *live = live_of(source);
	struct rules *rules = &((struct rules *)live->rules.memory)[target];
	struct target *at = &((struct target *)live->targets.memory)[target];
	uint64_t secret[CODE_COUNT];
	int status = source_secret(secret, err);

	if (status < 0)
		return status;
	if (live->sensor->rodata->mode == MODE_MONITOR)
		rules_monitor(rules, profile, secret);
	else
		rules_learn(rules, profile, secret);
	at->active = 1;
	at->part = 1;
	at->lost_bags += (uint64_t)load_bags(live, rules, profile, places);
	return load_execs(live, target, profile, err);
}

int source_live_cgroup(struct source *source, uint64_t key, uint32_t target, struct error *err)
{
	struct source_live *live = live_of(source);
	struct cgroup_set *set = (struct cgroup_set *)live->cgroups.memory +
				 ((key >> 1) & (CGROUP_SETS - 1));

	for (size_t i = 0; i < CGROUP_WAYS; i++) {
		if (set->way[i].key && set->way[i].key != key)
			continue;
		set->way[i].target = target;
		__atomic_store_n(&set->way[i].key, key, __ATOMIC_RELEASE);
		return 0;
	}
	return fail(err, -ENOSPC, "cannot watch one more cgroup: the sensor's table is full");
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

int source_live_adopt(struct source *source, uint32_t tid, uint32_t tgid, uint32_t target,
		      enum adoption how, struct error *err)
{
	struct source_live *live = live_of(source);
	uint64_t args[] = { tid, tgid, target, how == ADOPT_COMMAND, how != ADOPT_MEMBER };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));

	if (bpf_prog_test_run_opts(bpf_program__fd(live->sensor->progs.adopt), &run) < 0)
		return fail(err, -errno, "cannot watch the thread %u: %s", tid, strerror(errno));
	return 0;
}

/* The two programs that user space runs itself are not for attaching. */
int source_live_attach(struct source *source, struct error *err)
{
	struct sensor_bpf *sensor = live_of(source)->sensor;
	int status = sensor_bpf__attach(sensor);

	if (status < 0)
		return fail(err, status, "cannot attach the sensor: %s", strerror(-status));
	return 0;
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
