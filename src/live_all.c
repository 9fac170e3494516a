/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_all.h"

#include <errno.h>
#include <string.h>

#include "live_bind.h"
#include "live_watch.h"
#include "progress.h"

struct walk {
	struct live *live;
	struct error *err;
};

static struct watch *watch_by_id(const struct live *live, const char *id)
{
	for (size_t i = 0; i < live->count; i++)
		if (live->watches[i]->kind == TARGET_CONTAINER &&
		    !strcmp(live->watches[i]->container.id, id))
			return live->watches[i];
	return NULL;
}

/* A container that cannot be watched, because there is no profile of it or no room for one more
 * target, must not end the watching of the others. */
int live_all_bind(struct live *live, const struct container *container, const char *path,
		  struct error *err)
{
	struct watch *watch = watch_by_id(live, container->id);
	int status;

	if (watch)
		return live_bind_home(live, watch, path, err);
	status = live_watch_container(live, container, &watch, err);
	if (status >= 0)
		return live_bind_home(live, watch, path, err);
	if (status != -ENOENT && status != -ENOSPC && status != -ENODATA)
		return status;
	progress_note("the container '%s' is not watched: %s",
		      container->name[0] ? container->name : container->id, err->text);
	return 0;
}

static int bind_if_container(const char *path, const char *relative, void *context)
{
	const struct walk *walk = context;
	struct container container;
	char id[CONTAINER_ID];

	if (!container_at(relative, id))
		return 0;
	live_bind_describe(walk->live, id, &container);
	return live_all_bind(walk->live, &container, path, walk->err);
}

int live_all_first(struct live *live, struct error *err)
{
	struct walk walk = { .live = live, .err = err };

	return cgroup_walk_all(&live->mounts, bind_if_container, &walk);
}
