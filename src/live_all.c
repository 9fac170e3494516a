/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live_bind.h"
#include "live_seek.h"
#include "live_watch.h"
#include "progress.h"
#include "util.h"

#define AGAIN_NS (5 * NS_PER_S)

/* A container that could not be watched, or not all of it. */
struct refusal {
	struct container container; /* id empty: none */
	const char *how; /* what was said of it last; NULL: nothing since it is watched */
	bool again;	 /* it is tried again */
	bool met;	 /* by the walk that tries it again */
};

/* The latest, so that a container that starts again and again is told of once. */
struct refusals {
	struct refusal of[TARGETS_MAX];
	size_t next;	   /* which of them is overwritten */
	uint64_t again_ns; /* monotonic; when those are tried again for which it helps; 0: none */
};

static const char *const not_yet = "not watched yet";
static const char *const not_watched = "not watched";
static const char *const in_part = "watched in part only";

struct walk {
	struct live *live;
	struct error *err;
};

static struct refusal *refusal_of(const struct live *live, const char *id)
{
	for (size_t i = 0; live->refusals && i < TARGETS_MAX; i++)
		if (!strcmp(live->refusals->of[i].container.id, id))
			return &live->refusals->of[i];
	return NULL;
}

/* Whether it is another matter in a while: who was asked is away, or has no time. */
static bool passes(int status)
{
	return status == -EHOSTDOWN || status == -EBUSY || status == -EAGAIN ||
	       status == -ETIMEDOUT;
}

/* Says why a container is not watched, unless that was said of it. */
static int refuse(struct live *live, const struct container *container, const char *how,
		  struct error *err)
{
	struct refusal *refusal = refusal_of(live, container->id);

	if (!live->refusals)
		live->refusals = calloc(1, sizeof(*live->refusals));
	if (!live->refusals)
		return fail(err, -ENOMEM, "cannot watch every container: no memory");
	if (!refusal) {
		refusal = &live->refusals->of[live->refusals->next++ % TARGETS_MAX];
		*refusal = (struct refusal){ .container = *container };
	}
	refusal->again = how == not_yet;
	if (refusal->again && !live->refusals->again_ns)
		live->refusals->again_ns = clock_ns(CLOCK_MONOTONIC) + AGAIN_NS;
	if (refusal->how && (refusal->again || refusal->how == how))
		return 0;
	refusal->how = how;
	progress_note("the container '%s' is %s: %s",
		      container->name[0] ? container->name : container->id, how, err->text);
	return 0;
}

static void accept(const struct live *live, const char *id)
{
	struct refusal *refusal = refusal_of(live, id);

	if (!refusal)
		return;
	refusal->how = NULL;
	refusal->again = false;
}

/* To take it in anew would pass over what is known of it already, so that is not tried. */
int live_all_bound(struct live *live, struct watch *watch, int status, struct error *err)
{
	if (status >= 0 || status == -ENOMEM || watch->index <= live->named)
		return status;
	source_live_miss(live->source, watch->index);
	return refuse(live, &watch->container, in_part, err);
}

static struct watch *watch_by_id(const struct live *live, const char *id)
{
	for (size_t i = 0; i < live->count; i++)
		if (live->watches[i]->kind == TARGET_CONTAINER &&
		    !strcmp(live->watches[i]->container.id, id))
			return live->watches[i];
	return NULL;
}

/* `made`: its cgroup was just made. */
static int take_in(struct live *live, const struct container *container, const char *path,
		   bool made, struct error *err)
{
	struct watch *watch = watch_by_id(live, container->id);
	int status = watch ? 0 : live_watch_container(live, container, &watch, err);

	if (status == -ENOMEM)
		return status;
	if (status < 0)
		return refuse(live, container, passes(status) ? not_yet : not_watched, err);
	accept(live, container->id);
	status = made ? live_bind_new_home(live, watch, path, err)
		      : live_bind_home(live, watch, path, err);
	return live_all_bound(live, watch, status, err);
}

int live_all_bind(struct live *live, const struct container *container, const char *path,
		  struct error *err)
{
	return take_in(live, container, path, true, err);
}

static int bind_if_container(const char *path, const char *relative, void *context)
{
	const struct walk *walk = context;
	struct container container;
	char id[CONTAINER_ID];

	if (!container_at(relative, id))
		return 0;
	live_bind_describe(walk->live, id, &container);
	return take_in(walk->live, &container, path, false, walk->err);
}

int live_all_first(struct live *live, struct error *err)
{
	struct walk walk = { .live = live, .err = err };

	return live_bind_walk(live, bind_if_container, &walk);
}

uint64_t live_all_due(const struct live *live)
{
	return live->refusals && live->refusals->again_ns ? live->refusals->again_ns : UINT64_MAX;
}

/* One that is in two hierarchies is found twice, and may be watched from the first time on. */
static int bind_if_refused(const char *path, const char *relative, void *context)
{
	const struct walk *walk = context;
	struct container container;
	struct refusal *refusal;
	char id[CONTAINER_ID];

	if (!container_at(relative, id))
		return 0;
	refusal = refusal_of(walk->live, id);
	if (!refusal || !(refusal->again || refusal->met))
		return 0;
	refusal->met = true;
	container = refusal->container;
	return take_in(walk->live, &container, path, false, walk->err);
}

/* What is not there any more is forgotten. Whether one is left to be tried again. */
static bool sort_out(struct refusals *refusals)
{
	bool any = false;

	for (size_t i = 0; i < TARGETS_MAX; i++) {
		struct refusal *refusal = &refusals->of[i];

		if (refusal->again && !refusal->met)
			*refusal = (struct refusal){ 0 };
		refusal->met = false;
		any |= refusal->again;
	}
	return any;
}

int live_all_again(struct live *live, struct error *err)
{
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	struct walk walk = { .live = live, .err = err };
	int status;

	if (begun_ns < live_all_due(live))
		return 0;
	status = live_bind_walk(live, bind_if_refused, &walk);
	live->refusals->again_ns = sort_out(live->refusals) ? live_seek_next(begun_ns, AGAIN_NS)
							    : 0;
	return status;
}
