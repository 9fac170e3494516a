/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_pending.h"

#include <errno.h>
#include <string.h>

#include "live_bind.h"
#include "live_watch.h"
#include "progress.h"

/* Takes one out of a row of watches, and gives it back. */
static struct watch *take(struct watch **row, size_t *count, size_t place)
{
	struct watch *watch = row[place];

	memmove(&row[place], &row[place + 1], (--*count - place) * sizeof(struct watch *));
	return watch;
}

void live_pending_put(struct live *live, size_t place)
{
	struct watch *watch = take(live->watches, &live->count, place);

	for (size_t i = place; i < live->count; i++)
		live->watches[i]->index = (uint32_t)i + 1;
	live->named = live->count;
	if (live->all)
		watch_free(watch);
	else
		live->pending[live->pending_count++] = watch;
}

static size_t place_of(const struct live *live, const struct container *container)
{
	size_t place = 0;

	while (place < live->pending_count &&
	       !container_is_called(container, live->pending[place]->called))
		place++;
	return place;
}

bool live_pending_is(const struct live *live, const struct container *container)
{
	return place_of(live, container) < live->pending_count;
}

int live_pending_bind(struct live *live, const struct container *container, const char *path,
		      struct error *err)
{
	struct watch *watch = take(live->pending, &live->pending_count, place_of(live, container));
	int status;

	live_watch_is(watch, container);
	status = live_watch_enter(live, watch, err);
	if (status >= 0) {
		live->named = live->count;
		return live_bind_new_home(live, watch, path, err);
	}
	if (status == -ENOMEM || (!live->count && !live->pending_count))
		return status;
	progress_note("the container '%s' is not watched: %s", container->name, err->text);
	return 0;
}

struct walk {
	struct live *live;
	struct error *err;
};

static int bind_if_pending(const char *path, const char *relative, void *context)
{
	const struct walk *walk = context;
	struct container container;
	char id[CONTAINER_ID];

	if (!walk->live->pending_count || !container_at(relative, id))
		return 0;
	live_bind_describe(walk->live, id, &container);
	if (!live_pending_is(walk->live, &container))
		return 0;
	return live_pending_bind(walk->live, &container, path, walk->err);
}

int live_pending_running(struct live *live, struct error *err)
{
	struct walk walk = { .live = live, .err = err };

	return live->pending_count ? live_bind_walk(live, bind_if_pending, &walk) : 0;
}

bool live_pending_known(const struct live *live)
{
	struct container found;
	struct error unknown;

	for (size_t i = 0; i < live->pending_count; i++)
		if (!container_find(&live->known, live->pending[i]->called, &found, &unknown))
			return true;
	return false;
}

void live_pending_free(struct live *live)
{
	while (live->pending_count)
		watch_free(live->pending[--live->pending_count]);
}
