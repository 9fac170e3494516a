/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_missed.h"

#include "live_bind.h"
#include "live_seek.h"
#include "util.h"

#define PAUSE_NS NS_PER_S

struct look {
	struct live *live;
	struct error *err;
	bool there[TARGETS_MAX]; /* the home of the watch with this index - 1 */
};

void live_missed(struct live *live)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	if (!live->missed_ns)
		live->missed_ns = now_ns > live->rested_ns ? now_ns : live->rested_ns;
}

uint64_t live_missed_due(const struct live *live)
{
	return live->missed_ns ? live->missed_ns : UINT64_MAX;
}

static int note_home(const char *path, const char *relative, void *context)
{
	struct look *look = context;
	struct error vanished;
	uint64_t key;

	(void)relative;
	if (cgroup_key(&look->live->mounts, path, &key, &vanished) < 0)
		return 0;
	for (size_t i = 0; i < look->live->count; i++)
		look->there[i] |= look->live->watches[i]->home == key;
	return 0;
}

static void forget_homes(struct look *look)
{
	struct live *live = look->live;
	struct error unread; /* what could never be read is no home */

	if (cgroup_walk_all(&live->mounts, note_home, look, &unread) < 0)
		return;
	for (size_t i = 0; i < live->count; i++)
		if (!look->there[i])
			live->watches[i]->home = 0;
}

static int bind_paths(struct live *live, struct error *err)
{
	char path[CGROUP_PATH];
	struct error unknown;
	int status = 0;

	for (size_t i = 0; i < live->count && status >= 0; i++) {
		struct watch *watch = live->watches[i];

		if (watch->kind == TARGET_CGROUP && !watch->home &&
		    cgroup_resolve(&live->mounts, watch->called, path, &unknown) >= 0)
			status = live_bind_new_home(live, watch, path, err);
	}
	return status;
}

/* What is within a container's cgroup is that container's. */
static int bind_container(const char *path, const char *relative, void *context)
{
	const struct look *look = context;
	struct live *live = look->live;
	struct container container;
	struct error vanished;
	char id[CONTAINER_ID];
	uint32_t owner;
	uint64_t key;

	if (!container_at(relative, id) || cgroup_key(&live->mounts, path, &key, &vanished) < 0)
		return 0;
	owner = source_live_owner(live->source, key);
	if (owner && live->watches[owner - 1]->kind == TARGET_CONTAINER)
		return 0;
	live_bind_describe(live, id, &container);
	return live_bind_container(live, &container, path, look->err);
}

int live_missed_again(struct live *live, struct error *err)
{
	uint64_t lost = live->source->lost(live->source, 0);
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	struct look look = { .live = live, .err = err };
	int status;

	if (lost != live->lost_news)
		live_missed(live);
	live->lost_news = lost;
	if (now_ns < live_missed_due(live))
		return 0;
	forget_homes(&look);
	status = bind_paths(live, err);
	if (status >= 0 && live->containers)
		status = live_bind_walk(live, bind_container, &look);
	live->missed_ns = 0;
	live->rested_ns = live_seek_next(now_ns, PAUSE_NS);
	return status;
}
