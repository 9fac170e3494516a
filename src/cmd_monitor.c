/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc monitor: holds targets against their profiles and tells of every alarm at once. It sleeps
 * while nothing happens, but for a look at the counters once a minute.
 */
#include "cmd_monitor.h"
#include "cmd_monitor_reload.h"

#include <errno.h>

#include "cmd_paper.h"
#include "commands.h"
#include "live.h"
#include "progress.h"
#include "util.h"

#define TICK_NS	      (60 * NS_PER_S)
#define STORE_TICK_NS (1 * NS_PER_S) /* of a store on a server */

static int live_prepare(struct live *live, struct watch *watch, struct error *err)
{
	return verdict_prepare(live->context, watch, err);
}

static int live_begin(struct live *live, struct watch *watch, struct error *err)
{
	struct verdict *verdict = live->context;

	verdict->source = live->source;
	return source_live_target(live->source, watch->index, watch->profile, watch->places, err);
}

static int live_event(struct live *live, struct watch *watch, const struct event *event,
		      size_t size, struct error *err)
{
	(void)size;
	return verdict_event(live->context, watch, event, err);
}

static void live_seen(struct live *live, struct watch *watch)
{
	(void)live;
	progress_note("watching '%s' against the profile '%s'", watch_name(watch),
		      watch->profile->name);
	verdict_note_image(watch);
}

static const struct live_user monitor_user = {
	.prepare = live_prepare,
	.begin = live_begin,
	.event = live_event,
	.met = live_seen,
	.asked = cmd_monitor_reload_all,
};

/* What a store on a server wants once a second, and has to tell. */
static int attend_store(struct live *live, struct error *err)
{
	struct store *store = ((struct verdict *)live->context)->store;

	if (!store_is_shared(store))
		return 0;
	store_tick(store);
	return cmd_monitor_hear(live, err);
}

/* Looks for drift, if the last look is long enough ago. */
static int tick(struct live *live, struct error *err)
{
	struct verdict *verdict = live->context;
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	int status = attend_store(live, err);

	if (status < 0 || now_ns - verdict->looked_ns < TICK_NS)
		return status;
	verdict->looked_ns = now_ns;
	for (size_t i = 0; i < live->count && status >= 0; i++)
		status = verdict_tick(verdict, live->watches[i], err);
	return status;
}

static int monitor_live(struct verdict *verdict, struct error *err)
{
	struct live live;
	int status = live_open(&live, verdict->options, MODE_MONITOR, verdict->options->verbose,
			       &monitor_user, verdict, err);

	if (status >= 0)
		status = live_start(&live, err);
	if (status >= 0)
		store_listen(verdict->store);
	verdict->looked_ns = clock_ns(CLOCK_MONOTONIC);
	if (status >= 0)
		status = live_run(&live, store_is_shared(verdict->store) ? STORE_TICK_NS : TICK_NS,
				  tick, err);
	for (size_t i = 0; i < live.count && status >= 0; i++)
		status = verdict_summary(verdict, live.watches[i], NULL, err);
	live_close(&live);
	return status;
}

/* A file that is not there holds no profile either, and is not made. */
int cmd_monitor_open_store(const struct options *options, struct store **ret_store,
			   struct error *err)
{
	const char *path = store_file(options->store);
	bool write = options->keep_alarms && (!path || access(path, F_OK) == 0);

	return store_open(options->store, write, ret_store, err);
}

int cmd_monitor(const struct options *options, struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	_cleanup_free_ struct verdict *verdict = calloc(1, sizeof(*verdict));
	struct error unwritten;
	int status, closed;

	if (!verdict)
		return fail(err, -ENOMEM, "cannot monitor: no memory");
	status = cmd_monitor_open_store(options, &store, err);
	if (status >= 0)
		status = verdict_open(verdict, options, store, err);
	if (status < 0)
		return status;
	if (options->paper)
		status = cmd_paper_monitor(verdict, err);
	else
		status = options->trace ? cmd_monitor_trace(verdict, err)
					: monitor_live(verdict, err);
	store = verdict->store; /* which may have been opened anew */
	closed = verdict_close(verdict, &unwritten);
	if (status >= 0 && closed < 0) {
		*err = unwritten;
		return closed;
	}
	if (status >= 0)
		status = verdict_check_kept(verdict, err);
	if (status < 0)
		return status;
	return verdict->found ? STATUS_FOUND : 0;
}
