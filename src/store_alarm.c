/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The alarms of a store, of whatever kind.
 */
#include <errno.h>

#include "fleet.h"
#include "progress.h"
#include "store_backend.h"

#define TRIM_AT_ONCE 1000u /* alarms: a look at how many there are costs as much as keeping some */

int store_add_alarm(struct store *store, const struct store_alarm *alarm, struct error *err)
{
	int ended, r = store->ops->begin(store->backend, "", err);

	if (r < 0)
		return r;
	r = store->ops->put_alarm(store->backend, alarm, err);
	ended = store->ops->end(store->backend, r >= 0, err);
	return r < 0 ? r : ended;
}

/* Where this fails, there is a next time. */
static void trim(struct store *store)
{
	struct error err;
	uint64_t gone = 0;
	int r = store->ops->trim_alarms(store->backend, STORE_ALARMS_MAX - TRIM_AT_ONCE, &gone,
					&err);

	if (store->trimmed || (r == 0 && !gone))
		return;
	store->trimmed = true;
	if (r < 0)
		progress_note("%s", err.text);
	else
		progress_note("'%s' keeps %u alarms: from now on the oldest are removed",
			      store->where, STORE_ALARMS_MAX);
}

int store_put_alarm(struct store *store, const struct store_alarm *alarm, struct error *err)
{
	if (store->fleet)
		return fleet_put_alarm(store->fleet, alarm, err);
	if (store->ops->trim_alarms && store->alarms_put++ % TRIM_AT_ONCE == 0)
		trim(store);
	return store_add_alarm(store, alarm, err);
}

int store_alarms(struct store *store, const struct store_query *query, store_take_alarm *take,
		 void *context, struct error *err)
{
	if (store->fleet)
		return fleet_alarms(store->fleet, query, take, context, err);
	return store->ops->alarms(store->backend, query, take, context, err);
}
