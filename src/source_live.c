/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables that the sensor reads on its fast path are mapped into this process, so that filling
 * them and reading counters costs no system call. A cgroup's or a bag's entry is written so that
 * the kernel sees it whole or not at all: it is one word, or the hash comes last.
 */
#include "source_live_internal.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "../core/bagtable.h"
#include "../core/rules.h"
#include "privileges.h"
#include "sensor.skel.h"
#include "util.h"

/* What libbpf said last; it says more than its errno. */
static char libbpf_said[512];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		vsnprintf(libbpf_said, sizeof(libbpf_said), format, args);
	return 0;
}

static int load_failed(int status, struct error *err)
{
	unsigned int missing = privileges_missing(PRIVILEGES_SENSOR);

	libbpf_said[strcspn(libbpf_said, "\n")] = '\0';
	if (!source_live_has_types()) {
		fail(err, -ENOTSUP,
		     "cannot load the sensor: this kernel has no type information "
		     "('/sys/kernel/btf/vmlinux')");
		return fail_hint(err, -ENOTSUP,
				 "a kernel built with CONFIG_DEBUG_INFO_BTF=y; every "
				 "kernel of Debian 12 and later is ('bosc status' says more)");
	}
	if (status == -EPERM && missing) /* EACCES is the verifier's refusal */
		return privileges_fail(err, missing, "load the sensor");
	missing = privileges_missing(PRIVILEGE_SYS_ADMIN);
	if (status == -EINVAL && missing && source_live_needs_admin())
		return privileges_fail(err, missing, "load the sensor");
	fail(err, status, "cannot load the sensor: %s%s%s", strerror(-status),
	     libbpf_said[0] ? ": " : "", libbpf_said);
	return fail_hint(err, status,
			 "'bosc status', which says what this kernel and these privileges allow");
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

/* What no sink returns: the ring is left for now. */
#define ENOUGH (-ECANCELED)

#define POLL_NS	    (NS_PER_S / 20)
#define POLL_EVENTS 32 /* between two looks at the clock */

/* The ring's order is that of its reservations; an event gets its time a moment later. */
#define DRAIN_NS (NS_PER_S / 100)

static int on_ring(void *context, void *data, size_t size)
{
	struct source_live *live = context;
	const struct event *event = data;

	live->status = live->sink(event, size, live->context, live->err);
	if (live->status < 0)
		return live->status;
	if (live->draining)
		return event->ns > live->until_ns ? ENOUGH : 0;
	if (++live->taken % POLL_EVENTS || clock_ns(CLOCK_MONOTONIC) < live->until_ns)
		return 0;
	return ENOUGH;
}

/* Until all is read, or on_ring() has enough. */
static int consume(struct source_live *live, struct error *err)
{
	int status;

	live->err = err;
	live->status = 0;
	status = ring_buffer__consume(live->ring);
	live->left = status == ENOUGH && live->status >= 0;
	if (live->status < 0)
		return live->status;
	if (status < 0 && !live->left)
		return fail(err, status, "cannot read from the sensor: %s", strerror(-status));
	return 1;
}

/* What the sensor takes for the time: while a test feeds it, that of the last step. */
static uint64_t sensor_ns(const struct source_live *live)
{
	const struct feed *fed = live->feeds.memory;

	return live->sensor->rodata->feeding ? fed->ns : clock_ns(CLOCK_MONOTONIC);
}

static int live_drain(struct source *source, struct error *err)
{
	struct source_live *live = live_of(source);

	live->draining = true;
	live->until_ns = sensor_ns(live) + DRAIN_NS;
	return consume(live, err);
}

static int live_poll(struct source *source, int timeout_ms, struct error *err)
{
	struct source_live *live = live_of(source);
	struct pollfd fds[] = {
		{ .fd = ring_buffer__epoll_fd(live->ring), .events = POLLIN },
		{ .fd = live->wake_fd, .events = POLLIN },
	};

	if (poll(fds, ARRAY_SIZE(fds), live->left ? 0 : timeout_ms) < 0 && errno != EINTR)
		return fail(err, -errno, "cannot wait for the sensor: %s", strerror(errno));
	live->draining = false;
	live->until_ns = clock_ns(CLOCK_MONOTONIC) + POLL_NS;
	return consume(live, err);
}

static void live_target(struct source *source, uint32_t target, struct target *ret_target)
{
	struct source_live *live = live_of(source);
	const struct thread_keys *keys = live->sensor->bss->thread_keys;
	const struct thread_set *sets = live->sensor->bss->threads;

	*ret_target = ((const struct target *)live->targets.memory)[target];
	for (size_t i = 0; i < THREAD_SETS; i++)
		for (size_t way = 0; way < THREAD_WAYS; way++)
			if (keys[i].key[way] && sets[i].way[way].target == target)
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
	return rules_at(live_of(source), target);
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
	struct mapping *mappings[] = { &live->targets, &live->rules, &live->bags, &live->counts,
				       &live->feeds };

	ring_buffer__free(live->ring);
	for (size_t i = 0; i < ARRAY_SIZE(live->secret); i++)
		free(live->secret[i]);
	for (size_t i = 0; i < ARRAY_SIZE(mappings); i++)
		if (mappings[i]->memory)
			munmap(mappings[i]->memory, mappings[i]->size);
	sensor_bpf__destroy(live->sensor);
	free(live);
}

static const struct source live_source = {
	.poll = live_poll,
	.drain = live_drain,
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
	uint32_t known = bagtable_buckets(settings->bag_room);
	uint32_t met = settings->mode == MODE_MONITOR ? bagtable_buckets(settings->met_room) : 0;
	uint32_t spare = settings->mode == MODE_MONITOR ? bagtable_buckets(settings->spare_room)
							: 0;
	uint32_t buckets = known + met + spare;
	uint32_t places = 2;

	while (places < settings->targets + 1)
		places *= 2;
	sensor->rodata->mode = settings->mode;
	sensor->rodata->window_size = settings->window;
	sensor->rodata->bag_buckets = known;
	sensor->rodata->met_buckets = met;
	sensor->rodata->spare_buckets = spare;
	sensor->rodata->all_buckets = buckets;
	sensor->rodata->target_mask = places - 1;
	live->rules_size = settings->mode == MODE_MONITOR ? offsetof(struct rules, count)
							  : sizeof(struct rules);
	sensor->rodata->rules_size = live->rules_size;
	sensor->rodata->in_unified = settings->in_unified;
	sensor->rodata->in_pids = settings->in_pids;
	sensor->rodata->by_task = settings->by_task;
	sensor->rodata->count_bags = settings->count_bags;
	sensor->rodata->announce_cgroups = settings->announce;
	sensor->rodata->feeding = settings->feeding;
	bpf_map__set_value_size(sensor->maps.bags, buckets * sizeof(struct bag_bucket));
	bpf_map__set_value_size(sensor->maps.counts,
				(counted ? buckets : 1) * sizeof(struct bag_counts));
	bpf_map__set_value_size(sensor->maps.rules, places * live->rules_size);
	bpf_map__set_max_entries(sensor->maps.targets, settings->targets + 1);
	if (settings->mode == MODE_RECORD)
		bpf_map__set_max_entries(sensor->maps.events, 64 * 1024 * 1024);
	bpf_program__set_autoload(sensor->progs.feed_run, settings->feeding);
	bpf_program__set_autoattach(sensor->progs.feed_run, false);
	bpf_program__set_autoattach(sensor->progs.adopt, false);
	bpf_program__set_autoattach(sensor->progs.measure, false);
	bpf_program__set_autoattach(sensor->progs.on_operation, false);
}

/* Lets the sensor see where the kernel keeps the registers of a system call. */
static int measure_stack(struct source_live *live, struct error *err)
{
	uint64_t args[1] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = args, .ctx_size_in = sizeof(args));
	uint64_t at;

	if (bpf_prog_test_run_opts(bpf_program__fd(live->sensor->progs.measure), &run) < 0)
		return fail(err, -errno, "cannot run the sensor: %s", strerror(errno));
	at = live->sensor->bss->stack_registers;
	if (at < 1u << (STACK_SHIFT - 1) || at >= 1u << 20)
		return fail(
			err, -ENOTSUP,
			"cannot run the sensor: this kernel's stacks are of a kind that it does "
			"not know (registers at %llu)",
			(unsigned long long)at);
	return 0;
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
	if (status >= 0)
		status = measure_stack(live, err);
	if (status < 0)
		return status;
	live->ring = ring_buffer__new(bpf_map__fd(live->sensor->maps.events), on_ring, live, NULL);
	if (!live->ring)
		return fail(err, -errno, "cannot read from the sensor: %s", strerror(errno));
	*ret_source = source;
	source = NULL;
	return 0;
}
