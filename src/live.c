/* SPDX-License-Identifier: BSD-2-Clause */
#include "live.h"

#include <errno.h>

#include "live_all.h"
#include "live_await.h"
#include "live_bind.h"
#include "live_missed.h"
#include "live_pending.h"
#include "live_privileges.h"
#include "live_seek.h"
#include "live_watch.h"
#include "progress.h"
#include "util.h"

static int add_spec(struct live *live, const struct target_spec *spec, struct error *err)
{
	struct watch *watch;

	if (spec->kind == TARGET_ALL || spec->kind == TARGET_CONTAINER)
		live->containers = true;
	if (spec->kind == TARGET_ALL) {
		live->all = true;
		return 0;
	}
	watch = watch_new(spec->kind, spec->what);
	if (!watch)
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", spec->what);
	return live_watch_add(live, watch, err);
}

static uint64_t known_bags(const struct live *live)
{
	uint64_t known = 0;

	for (size_t i = 0; i < live->count; i++)
		known += live->watches[i]->profile->bag_count;
	return known;
}

/* Beside the known bags there must be room for those that will be learnt, or come with a
 * container's profile; and bags that are counted cannot be moved to make room. */
static uint64_t bag_room(const struct live *live)
{
	bool roomy = live->settings.mode == MODE_LEARN || live->settings.count_bags || live->all ||
		     live->pending_count;

	return known_bags(live) + (roomy ? 1u << 18 : 0);
}

/* What the sensor must look at depends on what kinds of targets there are. */
static void settle(struct live *live)
{
	struct live_settings *settings = &live->settings;

	for (size_t i = 0; i < live->options->spec_count; i++) {
		switch (live->options->specs[i].kind) {
		case TARGET_CONTAINER:
		case TARGET_ALL:
		case TARGET_CGROUP:
			settings->announce = true;
			settings->in_unified = live->mounts.unified[0];
			settings->in_pids = live->mounts.pids[0];
			break;
		default:
			settings->by_task = true;
		}
	}
	settings->targets = live->all ? TARGETS_MAX - 1 : (uint32_t)live->options->spec_count;
	settings->wake_fd = live->signals.fd;
	settings->bag_room = bag_room(live);
	settings->met_room = MET_ROOM;
	settings->spare_room = known_bags(live) + SPARE_ROOM;
	if (!settings->window)
		settings->window = live->options->window ? live->options->window : WINDOW_DEFAULT;
}

static int on_event(const struct event *event, size_t size, void *context, struct error *err)
{
	struct live *live = context;

	if (event->kind == EVENT_CGROUP)
		return live_bind_event(live, (const struct event_cgroup *)event, err);
	if (!event->target || event->target > live->count)
		return 0;
	if (live->settings.mode == MODE_MONITOR)
		live_seek_names(live);
	return live->user->event(live, live->watches[event->target - 1], event, size, err);
}

static bool same_target(const struct watch *a, const struct watch *b)
{
	return (a->home && a->home == b->home) ||
	       (a->container.id[0] && !strcmp(a->container.id, b->container.id));
}

/* What belongs to two watches would be seen by one of them only. */
static int check_distinct(const struct live *live, struct error *err)
{
	for (size_t i = 0; i < live->named; i++)
		for (size_t j = 0; j < i; j++)
			if (same_target(live->watches[j], live->watches[i]))
				return fail(err, -EINVAL, "'%s' and '%s' are the same target",
					    live->watches[j]->called, live->watches[i]->called);
	return 0;
}

static int prepare_all(struct live *live, struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < live->count && status >= 0;) {
		status = live_watch_prepare(live, live->watches[i], err);
		if (status != -EAGAIN) {
			i++;
			continue;
		}
		live_pending_put(live, i);
		status = 0;
	}
	return status;
}

int live_open(struct live *live, const struct options *options, enum sensor_mode mode,
	      bool count_bags, const struct live_user *user, void *context, struct error *err)
{
	int status;

	*live = (struct live){ .options = options, .user = user, .context = context };
	live->settings.mode = mode;
	live->settings.count_bags = count_bags;
	live->settings.targets = SPECS_MAX;
	live->signals.fd = live->signals.pipe = -1;
	status = cgroup_mounts_read(&live->mounts, err);
	if (status < 0 && status != -ENOENT)
		return status;
	status = signals_open(&live->signals, err);
	live->signals.anew = user->asked != NULL;
	for (size_t i = 0; i < options->spec_count && status >= 0; i++)
		status = add_spec(live, &options->specs[i], err);
	live->named = live->count;
	if (status >= 0)
		status = live_privileges_check(live, err);
	if (status >= 0)
		status = live_seek_first(live, err);
	if (status >= 0)
		status = check_distinct(live, err);
	if (status >= 0)
		status = prepare_all(live, err);
	if (status < 0)
		return status;
	settle(live);
	status = source_live_open(&live->settings, on_event, live, &live->source, err);
	for (size_t i = 0; i < live->count && status >= 0; i++)
		status = user->begin(live, live->watches[i], err);
	return status;
}

static void note_waiting(const struct live *live)
{
	for (size_t i = 0; i < live->count; i++)
		if (!live->watches[i]->met)
			progress_note("waiting for '%s' to start", watch_name(live->watches[i]));
	for (size_t i = 0; i < live->pending_count; i++)
		progress_note("waiting for '%s' to start", live->pending[i]->called);
	if (live->all && !live->count)
		progress_note("waiting for a container to start");
}

int live_start(struct live *live, struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < live->count && status >= 0; i++)
		status = live_await(live, live->watches[i], err);
	if (status >= 0)
		status = source_live_attach(live->source, err);
	if (status >= 0 && source_live_unseen(live->source))
		progress_note("not seen: %s", source_live_unseen(live->source));
	if (status >= 0)
		status = live_bind_named(live, err);
	if (status >= 0)
		status = check_distinct(live, err);
	if (status >= 0)
		status = live_pending_running(live, err);
	if (status >= 0 && live->all)
		status = live_all_first(live, err);
	if (status >= 0)
		status = live_privileges_give_up(live, err);
	if (status >= 0)
		note_waiting(live);
	return status;
}

/* False in `*ret_more`: the user, or the started command, has ended. */
static int live_poll(struct live *live, int timeout_ms, bool *ret_more, struct error *err)
{
	int status = live->source->poll(live->source, live_seek_wait(live, timeout_ms), err);

	if (status >= 0)
		status = live_seek_again(live, err);
	if (status >= 0)
		status = live_all_again(live, err);
	if (status >= 0)
		status = live_missed_again(live, err);
	*ret_more = !signals_check(&live->signals);
	if (status >= 0 && signals_asked(&live->signals))
		status = live->user->asked(live, err);
	return status < 0 ? status : 0;
}

int live_run(struct live *live, uint64_t pause_ns,
	     int (*tick)(struct live *live, struct error *err), struct error *err)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC), ticked_ns = now_ns;
	uint64_t max_ns = live->options->max_ns;
	uint64_t end_ns = max_ns ? now_ns + max_ns : UINT64_MAX;
	bool more = true;
	int status;

	while (more && !live->over && now_ns < end_ns) {
		uint64_t wait_ns = pause_ns ? pause_ns : NS_PER_S;

		if (end_ns - now_ns < wait_ns)
			wait_ns = end_ns - now_ns;
		status = live_poll(live, (int)(wait_ns / NS_PER_MS) + 1, &more, err);
		now_ns = clock_ns(CLOCK_MONOTONIC);
		if (status >= 0 && tick && now_ns - ticked_ns >= pause_ns) {
			ticked_ns = now_ns;
			status = tick(live, err);
		}
		if (status < 0)
			return status;
	}
	status = live->source->drain(live->source, err);
	return status < 0 ? status : 0;
}

void live_close(struct live *live)
{
	if (live->source)
		live->source->close(live->source);
	for (size_t i = 0; i < live->count; i++)
		watch_free(live->watches[i]);
	live_pending_free(live);
	signals_close(&live->signals);
	container_list_free(&live->known);
	free(live->refusals);
	live->source = NULL;
	live->count = 0;
}
