/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_seek.h"

#include <errno.h>
#include <string.h>

#include "live_all.h"
#include "live_bind.h"
#include "live_missed.h"
#include "live_pending.h"
#include "live_watch.h"
#include "progress.h"
#include "util.h"

#define SEEK_NS	 (2 * NS_PER_S)
#define NAMES_NS (5 * NS_PER_S)

/* A tenth of the time at most is spent waiting for runtimes, or a store, that answer slowly. */
#define SLOWLY 10

uint64_t live_seek_next(uint64_t begun_ns, uint64_t pause_ns)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	return now_ns + pause_ns + SLOWLY * (now_ns - begun_ns);
}

static int list_all(struct live *live, struct error *err)
{
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);

	container_list_free(&live->known);
	live->known = (struct container_list){ 0 };
	container_list_all(&live->known);
	live->seek_ns = live_seek_next(begun_ns, SEEK_NS);
	if (live->known.status != -ENOMEM)
		return 0;
	*err = live->known.reason;
	return -ENOMEM;
}

int live_seek_first(struct live *live, struct error *err)
{
	int status = live->containers ? list_all(live, err) : 0;

	for (size_t i = 0; i < live->count && status >= 0; i++) {
		struct watch *watch = live->watches[i];

		if (watch->kind != TARGET_CONTAINER)
			continue;
		status = container_find(&live->known, watch->called, &watch->container, err);
		if (status == -EEXIST)
			return status;
		if (status == -EHOSTDOWN)
			progress_note("%s%s%s", err->text, err->hint[0] ? "; try: " : "",
				      err->hint);
		status = 0;
	}
	return status;
}

static bool is_sought(const struct watch *watch)
{
	return watch->kind == TARGET_CONTAINER && !watch->home;
}

static bool seeks(const struct live *live)
{
	for (size_t i = 0; i < live->named; i++)
		if (is_sought(live->watches[i]))
			return true;
	return live->pending_count;
}

int live_seek_wait(const struct live *live, int timeout_ms)
{
	uint64_t due_ns = seeks(live) ? live->seek_ns : UINT64_MAX;
	uint64_t now_ns;
	int wait_ms;

	if (live->names_ns && live->names_ns < due_ns)
		due_ns = live->names_ns;
	if (live_missed_due(live) < due_ns)
		due_ns = live_missed_due(live);
	if (live_all_due(live) < due_ns)
		due_ns = live_all_due(live);
	if (due_ns == UINT64_MAX)
		return timeout_ms;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	wait_ms = now_ns < due_ns ? (int)((due_ns - now_ns) / NS_PER_MS) + 1 : 0;
	return timeout_ms >= 0 && timeout_ms < wait_ms ? timeout_ms : wait_ms;
}

void live_seek_names(struct live *live)
{
	if (live->containers && !live->names_ns)
		live->names_ns = clock_ns(CLOCK_MONOTONIC) + NAMES_NS;
}

void live_seek_rename(struct watch *watch, const struct container *container)
{
	if (!container->name[0] || !strcmp(container->name, watch->container.name))
		return;
	progress_note("the container '%s' is called '%s' now", watch_name(watch), container->name);
	watch->container = *container;
	watch->renamed = true;
}

static int look_at_names(struct live *live, struct error *err)
{
	int status = list_all(live, err);

	live->names_ns = 0;
	for (size_t i = 0; i < live->count && status >= 0; i++) {
		struct watch *watch = live->watches[i];
		const struct container *known = watch->home
							? container_list_find(&live->known,
									      watch->container.id)
							: NULL;

		if (known)
			live_seek_rename(watch, known);
	}
	return status;
}

/* Whose the container is: it was named otherwise when it started, or is named twice. NULL:
 * nobody's. */
static const struct watch *taken_by(const struct live *live, const struct container *container)
{
	for (size_t i = 0; i < live->count; i++)
		if (live->watches[i]->home &&
		    !strcmp(live->watches[i]->container.id, container->id))
			return live->watches[i];
	return NULL;
}

static void note_taken(struct watch *watch, const struct watch *by)
{
	if (!watch->taken)
		progress_note("'%s' is the container that is watched as '%s'", watch->called,
			      by->called);
	watch->taken = true;
}

static int look_for_sought(struct live *live, struct error *err)
{
	int status = list_all(live, err);

	for (size_t i = 0; i < live->named && status >= 0; i++) {
		struct watch *watch = live->watches[i];
		const struct watch *by;
		struct container found;
		struct error unknown;

		if (!is_sought(watch) ||
		    container_find(&live->known, watch->called, &found, &unknown) < 0)
			continue;
		by = taken_by(live, &found);
		if (by) {
			note_taken(watch, by);
			continue;
		}
		live_watch_is(watch, &found);
		status = live_bind_running(live, watch, err);
	}
	if (status >= 0 && live_pending_known(live))
		status = live_pending_running(live, err);
	return status;
}

int live_seek_again(struct live *live, struct error *err)
{
	uint64_t now_ns;
	int status = 0;

	if (!live->names_ns && !seeks(live))
		return 0;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	if (live->names_ns && now_ns >= live->names_ns)
		status = look_at_names(live, err);
	if (status >= 0 && seeks(live) && now_ns >= live->seek_ns)
		status = look_for_sought(live, err);
	return status;
}
