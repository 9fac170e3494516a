/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The alarms of a store, of whatever kind.
 */
#include <errno.h>

#include "fleet.h"
#include "store_backend.h"

int store_put_alarm(struct store *store, const struct store_alarm *alarm, struct error *err)
{
	int r, ended;

	if (store->fleet)
		return fleet_put_alarm(store->fleet, alarm, err);
	r = store->ops->begin(store->backend, "", err);
	if (r < 0)
		return r;
	r = store->ops->put_alarm(store->backend, alarm, err);
	ended = store->ops->end(store->backend, r >= 0, err);
	return r < 0 ? r : ended;
}

int store_alarms(struct store *store, const struct store_query *query, store_take_alarm *take,
		 void *context, struct error *err)
{
	if (store->fleet)
		return fleet_alarms(store->fleet, query, take, context, err);
	return store->ops->alarms(store->backend, query, take, context, err);
}
