/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms go into a store and come out of it again, each once. To be included behind cmocka.h, and
 * error.h before it.
 */
#ifndef BOSC_TESTS_STORE_ALARMS_H
#define BOSC_TESTS_STORE_ALARMS_H

#include <errno.h>
#include <string.h>

#include "../../src/store.h"
#include "../../src/util.h"

static inline void keep(struct store *store, const char *id, uint64_t s, const char *host,
			const char *rule, uint32_t severity)
{
	const struct store_alarm alarm = {
		.id = id,
		.time_ns = s * NS_PER_S,
		.host = host,
		.target = "web\xff",
		.profile = "pro'file",
		.rule = rule,
		.severity = severity,
		.line = "{\"reason\":\"it called \\\\x41\"}",
	};
	struct error err = { 0 };

	if (store_put_alarm(store, &alarm, &err) < 0)
		fail_msg("%s", err.text);
	store_tick(store);
}

/* The ids of the alarms that fit, one after the other. */
static inline int take_id(const struct store_alarm *alarm, void *context, struct error *err)
{
	(void)err;
	assert_string_equal(alarm->target, "web\xff");
	assert_string_equal(alarm->profile, "pro'file");
	assert_string_equal(alarm->line, "{\"reason\":\"it called \\\\x41\"}");
	strcat(context, alarm->id);
	return 0;
}

static inline const char *found(struct store *store, const struct store_query *query)
{
	static char ids[64];
	struct error err = { 0 };

	ids[0] = '\0';
	if (store_alarms(store, query, take_id, ids, &err) < 0)
		fail_msg("%s", err.text);
	return ids;
}

static inline int refuse(const struct store_alarm *alarm, void *context, struct error *err)
{
	(void)alarm;
	(void)context;
	return (fail)(err, -ECANCELED, "enough");
}

/* In a store without any. */
static inline void try_alarms(struct store *store)
{
	struct error err;

	assert_string_equal(found(store, &(struct store_query){ .limit = 9 }), "");
	keep(store, "b", 2000000002, "two", "frame", 1);
	keep(store, "a", 2000000001, "one", "new-call", 2);
	keep(store, "c", 2000000003, "one", "new-exec", 3);
	keep(store, "b", 2000000009, "three", "frame", 1);
	assert_string_equal(found(store, &(struct store_query){ .limit = 9 }), "abc");
	assert_string_equal(found(store, &(struct store_query){ .limit = 2 }), "bc");
	assert_string_equal(found(store, &(struct store_query){ .limit = 9, .host = "one" }), "ac");
	assert_string_equal(found(store, &(struct store_query){ .limit = 9, .rule = "frame" }),
			    "b");
	assert_string_equal(found(store, &(struct store_query){ .limit = 9, .min_severity = 2 }),
			    "ac");
	assert_string_equal(
		found(store, &(struct store_query){ .limit = 9, .profile = "pro'file" }), "abc");
	assert_string_equal(found(store, &(struct store_query){ .limit = 9, .profile = "x" }), "");
	assert_string_equal(
		found(store,
		      &(struct store_query){ .limit = 9, .since_ns = 2000000002 * NS_PER_S }),
		"bc");
	assert_int_equal(
		store_alarms(store, &(struct store_query){ .limit = 9 }, refuse, NULL, &err),
		-ECANCELED);
	assert_string_equal(err.text, "enough");
	assert_string_equal(found(store, &(struct store_query){ .limit = 9 }), "abc");
}

#endif
