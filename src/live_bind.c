/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_bind.h"

#include <errno.h>
#include <string.h>

#include "../core/numbers.h"
#include "live_adopt.h"
#include "live_all.h"
#include "live_missed.h"
#include "live_pending.h"
#include "live_seek.h"
#include "live_watch.h"
#include "progress.h"
#include "util.h"

struct binding {
	struct live *live;
	struct watch *watch;
	struct error *err;
	const char *root; /* the path of the target's own cgroup */
	uint32_t others;  /* the target whose own that is as well; 0: none */
};

/* What there is no room for must not end the watching of all else; its losses are the target's. */
static void note_unwatched(struct watch *watch)
{
	if (watch->crowded)
		return;
	watch->crowded = true;
	progress_note("'%s' has more cgroups than the sensor has room for: some are not watched",
		      watch_name(watch));
}

/* Nor must what cannot be read. */
static void note_unread(struct live *live, struct watch *watch, const struct error *unread)
{
	source_live_miss(live->source, watch->index);
	if (watch->unread)
		return;
	watch->unread = true;
	progress_note("'%s' is watched in part only: %s", watch_name(watch), unread->text);
}

static int bind_one_cgroup(const char *path, const char *relative, void *context)
{
	struct binding *binding = context;
	struct error vanished;
	uint64_t key;
	bool root = !strcmp(path, binding->root);
	int status;

	(void)relative;
	if (cgroup_key(&binding->live->mounts, path, &key, &vanished) < 0)
		return 0;
	status = source_live_cgroup(binding->live->source, key, binding->watch->index, root,
				    binding->err);
	if (status == CGROUP_WAS_BOUND)
		return 0;
	if (status == CGROUP_OTHERS && root)
		binding->others = source_live_owner(binding->live->source, key);
	if (status == CGROUP_OTHERS)
		return CGROUP_SKIP;
	if (status == -ENOSPC)
		note_unwatched(binding->watch);
	if (status < 0)
		return status == -ENOSPC ? 0 : status;
	return live_adopt_members(binding->live, binding->watch, path, binding->err);
}

/* Binds the cgroup at `path` and all below it but what is another target's. */
static int bind_cgroup(struct live *live, struct watch *watch, const char *path, struct error *err)
{
	struct binding binding = { .live = live, .watch = watch, .err = err, .root = path };
	struct error unread;
	int status = cgroup_walk(&live->mounts, path, bind_one_cgroup, &binding, &unread);

	if (status >= 0 && unread.text[0])
		note_unread(live, watch, &unread);
	if (status >= 0 && binding.others)
		progress_note("'%s' is not watched as such: it is the same as '%s'",
			      watch_name(watch), watch_name(live->watches[binding.others - 1]));
	else if (status >= 0)
		live_watch_met(live, watch);
	return status;
}

int live_bind_walk(struct live *live, cgroup_visit *visit, void *context)
{
	struct error unread;
	int status = cgroup_walk_all(&live->mounts, visit, context, &unread);

	if (unread.text[0] && !live->unread)
		progress_note("a container may be missed: %s", unread.text);
	live->unread |= unread.text[0] != '\0';
	return status;
}

/* Whether the container is the one that the user named; or made anew under the same name. */
static bool is_named(const struct watch *watch, const struct container *container)
{
	const struct container *met = &watch->container;

	if (watch->kind != TARGET_CONTAINER)
		return false;
	if (!met->id[0])
		return container_is_called(container, watch->called);
	return !strcmp(met->id, container->id) || !strcmp(container->name, watch->called) ||
	       (met->name[0] && !watch->renamed && !strcmp(container->name, met->name));
}

int live_bind_home(struct live *live, struct watch *watch, const char *path, struct error *err)
{
	struct error vanished;

	if (cgroup_key(&live->mounts, path, &watch->home, &vanished) < 0)
		return 0;
	if (watch->kind == TARGET_CGROUP)
		source_live_home(live->source, watch->index, watch->home);
	return bind_cgroup(live, watch, path, err);
}

int live_bind_new_home(struct live *live, struct watch *watch, const char *path, struct error *err)
{
	bool late = watch->late;
	int status;

	watch->late = false;
	status = live_bind_home(live, watch, path, err);
	watch->started |= !watch->late;
	watch->late |= late;
	return status;
}

void live_bind_describe(const struct live *live, const char *id, struct container *ret_container)
{
	const struct container *known = container_list_find(&live->known, id);

	if (known)
		*ret_container = *known;
	else
		container_describe(id, ret_container);
}

/* Of a walk over all cgroups: binds each that is the watch's container. */
static int bind_if_named(const char *path, const char *relative, void *context)
{
	struct binding *binding = context;
	struct watch *watch = binding->watch;
	struct container container;
	char id[CONTAINER_ID];

	if (!container_at(relative, id))
		return 0;
	if (watch->container.id[0] && strcmp(watch->container.id, id) != 0)
		return 0;
	live_bind_describe(binding->live, id, &container);
	if (!is_named(watch, &container))
		return 0;
	live_watch_is(watch, &container);
	return live_bind_home(binding->live, watch, path, binding->err);
}

static int bind_path(struct live *live, struct watch *watch, struct error *err)
{
	char path[CGROUP_PATH];
	int status = cgroup_resolve(&live->mounts, watch->called, path, err);

	if (status == -ENOENT && cgroup_may_come(&live->mounts, watch->called))
		return 0;
	return status < 0 ? status : live_bind_home(live, watch, path, err);
}

/* Whether the cgroup that was just made is the one that the user named; it may be one of the same
 * name as before. To search all cgroups for a unit takes longer than systemd does to execute its
 * command: the first of the name is taken, and no other while that is there. */
static bool is_meant(const struct live *live, const struct watch *watch, const char *path,
		     bool by_name)
{
	char meant[CGROUP_PATH];
	struct error unused;

	if (watch->kind != TARGET_CGROUP)
		return false;
	if (!strchr(watch->called, '/'))
		return by_name && !watch->home && cgroup_is_called(path, watch->called);
	return cgroup_resolve(&live->mounts, watch->called, meant, &unused) == 0 &&
	       !strcmp(meant, path);
}

static int bind_command(struct live *live, struct watch *watch, struct error *err)
{
	int status = signals_start(&live->signals, live->options->words, err);

	if (status < 0)
		return status;
	status = source_live_adopt(live->source, (uint32_t)live->signals.child, watch->index,
				   ADOPT_COMMAND, err);
	if (status < 0)
		return status;
	live_watch_met(live, watch);
	signals_release(&live->signals);
	return 0;
}

int live_bind_running(struct live *live, struct watch *watch, struct error *err)
{
	struct binding binding = { .live = live, .watch = watch, .err = err };

	switch (watch->kind) {
	case TARGET_CONTAINER:
		return live_bind_walk(live, bind_if_named, &binding);
	case TARGET_TASK:
		return live_adopt_named(live, watch, err);
	case TARGET_PID:
		return live_adopt_pid(live, watch, err);
	case TARGET_CGROUP:
		return bind_path(live, watch, err);
	case TARGET_COMMAND:
		return bind_command(live, watch, err);
	case TARGET_ALL:
		break;
	}
	return 0;
}

struct turn {
	struct watch *watch;
	size_t depth; /* how long its cgroup's path is */
};

static int compare_turns(const void *a, const void *b)
{
	const struct turn *one = a, *other = b;
	int order = number_compare(other->depth, one->depth);

	return order ? order : number_compare(one->watch->index, other->watch->index);
}

/* What lies within another target is bound first, so that no thread of it is the other's for a
 * moment. */
int live_bind_named(struct live *live, struct error *err)
{
	struct turn turns[SPECS_MAX];
	char path[CGROUP_PATH];
	struct error unknown;
	int status = 0;

	for (size_t i = 0; i < live->count; i++) {
		turns[i] = (struct turn){ live->watches[i], SIZE_MAX };
		if (live->watches[i]->kind != TARGET_CGROUP)
			continue;
		status = cgroup_resolve(&live->mounts, live->watches[i]->called, path, &unknown);
		turns[i].depth = status < 0 ? 0 : strlen(path);
	}
	status = 0;
	qsort(turns, live->count, sizeof(*turns), compare_turns);
	for (size_t i = 0; i < live->count && status >= 0; i++)
		status = live_bind_running(live, turns[i].watch, err);
	return status;
}

/* A container that has no cgroup any more may be followed by one that runs already, and gets its
 * name. */
static void forget_home(struct live *live, uint64_t key)
{
	for (size_t i = 0; i < live->count; i++)
		if (live->watches[i]->home == key)
			live->watches[i]->home = 0;
}

/* Whether the watch's own container runs still, and has lost the name to this one. Then it is
 * watched on, and its alarms must not be told of the other. */
static bool lost_name(struct watch *watch, const struct container *container)
{
	struct container now;

	if (!watch->home || !watch->container.id[0] || !strcmp(watch->container.id, container->id))
		return false;
	container_describe(watch->container.id, &now);
	if (!now.name[0] || !strcmp(now.name, container->name))
		return false;
	live_seek_rename(watch, &now);
	return true;
}

int live_bind_container(struct live *live, const struct container *container, const char *path,
			struct error *err)
{
	for (size_t i = 0; i < live->count; i++) {
		int status;

		if (!is_named(live->watches[i], container) ||
		    lost_name(live->watches[i], container))
			continue;
		live_watch_is(live->watches[i], container);
		status = live_bind_new_home(live, live->watches[i], path, err);
		return live_all_bound(live, live->watches[i], status, err);
	}
	if (live_pending_is(live, container))
		return live_pending_bind(live, container, path, err);
	return live->all ? live_all_bind(live, container, path, err) : 0;
}

int live_bind_event(struct live *live, const struct event_cgroup *event, struct error *err)
{
	const char *mount = event->key & 1 ? live->mounts.pids : live->mounts.unified;
	struct watch *within = NULL;
	struct container container;
	bool open, meant = false;
	char path[CGROUP_PATH * 2];
	char id[CONTAINER_ID];
	int status = 0;

	if (event->news == CGROUP_GONE)
		forget_home(live, event->key);
	if (event->head.target && event->head.target <= live->count)
		within = live->watches[event->head.target - 1];
	if (event->news == CGROUP_UNWATCHED)
		note_unwatched(within);
	if (event->news != CGROUP_MADE)
		return 0;
	if (strlen(event->path) == sizeof(event->path) - 1) { /* it may have been cut */
		live_missed(live);
		return 0;
	}
	open = !within || within->kind == TARGET_CGROUP; /* in a container, a name means nothing */
	snprintf(path, sizeof(path), "%s%s", mount, event->path);
	for (size_t i = 0; i < live->count && status >= 0; i++)
		if (is_meant(live, live->watches[i], path, open)) {
			status = live_bind_new_home(live, live->watches[i], path, err);
			meant = true;
		}
	if (meant || !live->containers || !open || !container_at(event->path, id))
		return status;
	container_describe(id, &container);
	return live_bind_container(live, &container, path, err);
}
