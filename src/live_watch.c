/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_watch.h"

#include <errno.h>
#include <string.h>

#define SHORT_ID 12 /* digits of a container's id, where it has no name */

int live_watch_add(struct live *live, struct watch *watch, struct error *err)
{
	if (live->count == live->settings.targets) {
		watch_free(watch);
		return fail(err, -ENOSPC, "cannot watch more than %u targets at once",
			    live->settings.targets);
	}
	live->watches[live->count++] = watch;
	watch->index = (uint32_t)live->count;
	return 0;
}

int live_watch_prepare(struct live *live, struct watch *watch, struct error *err)
{
	int status = live->user->prepare(live, watch, err);

	if (status < 0)
		return status;
	if (!live->settings.window)
		live->settings.window = watch->profile->window;
	if (live->settings.window == watch->profile->window)
		return 0;
	return fail(err, -EINVAL, "the profile '%s' has windows of %u calls, but %u are asked for",
		    watch->profile->name, watch->profile->window, live->settings.window);
}

int live_watch_enter(struct live *live, struct watch *watch, struct error *err)
{
	int status = live_watch_prepare(live, watch, err);

	if (status < 0) {
		watch_free(watch);
		return status;
	}
	status = live_watch_add(live, watch, err);
	if (status < 0)
		return status;
	status = live->user->begin(live, watch, err);
	if (status < 0) {
		live->count--;
		watch_free(watch);
	}
	return status;
}

int live_watch_container(struct live *live, const struct container *container,
			 struct watch **ret_watch, struct error *err)
{
	const char *name = container->name[0] ? container->name : container->id;
	struct watch *watch = watch_new(TARGET_CONTAINER, name);
	int status;

	if (!watch)
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", name);
	watch->container = *container;
	if (!container->name[0] && container_id_is_hex(container->id))
		watch->called[SHORT_ID] = '\0';
	status = live_watch_enter(live, watch, err);
	if (status < 0)
		return status;
	*ret_watch = watch;
	return 0;
}

void live_watch_is(struct watch *watch, const struct container *container)
{
	bool same = !strcmp(watch->container.id, container->id);

	if (same && !container->name[0])
		return;
	watch->container = *container;
	if (same)
		return;
	watch->renamed = false;
	watch->met = false;
}

void live_watch_met(struct live *live, struct watch *watch)
{
	bool first = !watch->met;

	watch->met = true;
	if (first && live->user->met)
		live->user->met(live, watch);
}
