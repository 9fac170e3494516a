/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc alarms: what monitors kept in the store, of all hosts that share it, the latest last.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "commands.h"
#include "json.h"
#include "severity.h"
#include "sink.h"
#include "store.h"
#include "util.h"

struct output {
	bool json;
	size_t count;
};

/* The alarm as it was told, with its id and host. */
static int put_json(const struct store_alarm *alarm, struct error *err)
{
	_cleanup_json_ json_t *told = json_loads(alarm->line, 0, NULL);
	_cleanup_json_ json_t *object = json_pack(
		"{s:o, s:o}", "id", sink_json_text(alarm->id, strlen(alarm->id)), "host",
		sink_json_text(alarm->host, strlen(alarm->host)));

	if (!json_is_object(told))
		return fail(err, -EBADMSG, "an alarm in the store is damaged: it is no JSON");
	if (!object || json_object_update_missing(object, told) < 0)
		return fail(err, -ENOMEM, "cannot print an alarm: no memory");
	json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	printf("\n");
	return 0;
}

static void put_column(const char *text, int width)
{
	int length = (int)strlen(text);

	sink_text_safe(stdout, text, strlen(text));
	printf("%*s  ", length < width ? width - length : 0, "");
}

/* A line of a table: enough to know where to look. */
static int put_text(const struct store_alarm *alarm, struct error *err)
{
	_cleanup_json_ json_t *told = json_loads(alarm->line, 0, NULL);
	const char *reason = json_string_value(json_object_get(told, "reason"));
	char moment[32];

	(void)err;
	sink_time(alarm->time_ns, moment);
	moment[10] = ' ';
	moment[19] = '\0';
	printf("%s  ", moment);
	put_column(alarm->severity < SEVERITY_COUNT ? severity_name(alarm->severity) : "?", 8);
	put_column(alarm->host, 15);
	put_column(alarm->target, 15);
	put_column(alarm->rule, 12);
	sink_text_safe(stdout, reason ? reason : "", reason ? strlen(reason) : 0);
	printf("\n");
	return 0;
}

static int put_alarm(const struct store_alarm *alarm, void *context, struct error *err)
{
	struct output *output = context;

	if (output->json)
		return put_json(alarm, err);
	if (!output->count++)
		printf("%-19s  %-8s  %-15s  %-15s  %-12s  %s\n", "TIME (UTC)", "SEVERITY", "HOST",
		       "TARGET", "RULE", "REASON");
	return put_text(alarm, err);
}

int cmd_alarms(const struct options *options, struct error *err)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	struct output output = { .json = options->json };
	struct store_query query = {
		.host = options->host,
		.profile = options->profile,
		.rule = options->rule,
		.min_severity = (uint32_t)options->min_severity,
		.limit = options->limit,
	};
	uint64_t now_ns = clock_ns(CLOCK_REALTIME);
	int status = store_open(options->store, false, &store, err);

	if (options->since_ns)
		query.since_ns = number_subtract(now_ns, options->since_ns);
	return status < 0 ? status : store_alarms(store, &query, put_alarm, &output, err);
}
