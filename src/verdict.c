/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "alarm.h"
#include "../core/numbers.h"
#include "../core/table.h"
#include "progress.h"
#include "sink.h"
#include "source_trace.h"
#include "util.h"

/* How often alarms make the counters be read, at most: that reads the slots of all threads. */
#define SAMPLE_NS (NS_PER_S / 10)

int verdict_open(struct verdict *verdict, const struct options *options, struct store *store,
		 struct error *err)
{
	const char *path = options->json_file;
	int fd;

	*verdict = (struct verdict){ .options = options, .store = store };
	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	verdict->file = fd >= 0 ? fdopen(fd, "a") : NULL;
	if (!verdict->file)
		return fail(err, -errno, "cannot write alarms into '%s': %s", path,
			    strerror(errno));
	return 0;
}

int verdict_close(struct verdict *verdict, struct error *err)
{
	const char *path = verdict->options->json_file;
	int status = 0;

	if (verdict->file && fclose(verdict->file))
		status = fail(err, -errno, "cannot write alarms into '%s': %s", path,
			      strerror(errno));
	free(verdict->met.bags);
	free(verdict->dropped.bags);
	return status;
}

void verdict_restart(struct verdict *verdict)
{
	verdict->tally[0] = (struct tally){ 0 };
	verdict->met.count = verdict->dropped.count = 0;
	verdict->latencies = 0;
	memset(&verdict->incidents, 0, sizeof(verdict->incidents));
}

static void note_latency(struct verdict *verdict, uint64_t latency_ns)
{
	if (verdict->latencies < LATENCIES_KEPT)
		verdict->latency_ns[verdict->latencies++] = latency_ns;
}

/* Where the target stands among the tallies. */
static struct tally *tally_of(struct verdict *verdict, const struct watch *watch)
{
	return &verdict->tally[watch->index - 1];
}

static uint32_t parent_of(void *context, uint32_t tgid)
{
	struct source *source = context;

	return source->parent(source, tgid);
}

/* Its incident, and whether the alarm is to be told or only counted. */
static bool join_incident(struct verdict *verdict, struct watch *watch, struct alarm *alarm)
{
	const struct event_alarm *event = alarm->event;
	struct tally *tally = tally_of(verdict, watch);
	struct incident_process process = {
		.target = watch->index,
		.tgid = event->tgid,
		.parent_tgid = event->parent_tgid,
		.start_ns = event->start_ns,
	};
	bool first, wanted = true;
	struct incident *incident = incident_join(&verdict->incidents, &process, event->head.ns,
						  parent_of, verdict->source, &first);

	if (alarm_rule_is_soft(event->rule))
		wanted = drift_alarm(&watch->drift, incident, event->rule, event->repeats, first);
	tally->folded += !wanted && !event->repeats;
	alarm->folded = tally->folded;
	if (wanted && (int)alarm->severity < verdict->options->min_severity) {
		tally->hidden += !event->repeats;
		wanted = false;
	}
	if (!wanted)
		return false;
	alarm->also = !incident_tell(&verdict->incidents, incident);
	alarm->incident = incident->number;
	tally->incidents += !alarm->also;
	return true;
}

static void set_time(const struct verdict *verdict, struct alarm *alarm, uint64_t ns)
{
	if (verdict->options->trace) {
		alarm->unix_ns = source_trace_unix_ns(verdict->source, ns);
		return;
	}
	alarm->latency_ns = clock_ns(CLOCK_MONOTONIC) - ns;
	alarm->unix_ns = clock_ns(CLOCK_REALTIME) - alarm->latency_ns;
}

static int on_alarm(struct verdict *verdict, struct watch *watch, const struct event_alarm *event,
		    struct error *err)
{
	struct alarm alarm = { .incomplete = verdict->source->lost(verdict->source, watch->index) >
					     0 };
	struct tally *tally = tally_of(verdict, watch);
	int status;

	alarm.event = event;
	alarm.watch = watch;
	alarm.severity = alarm_severity(event);
	if (join_incident(verdict, watch, &alarm)) {
		set_time(verdict, &alarm, event->head.ns);
		alarm_complete(&alarm, event, watch, verdict->arch);
		status = verdict_tell_alarm(verdict, &alarm, err);
		if (!verdict->options->trace)
			note_latency(verdict, clock_ns(CLOCK_MONOTONIC) - event->head.ns);
		tally->told += !event->repeats || !alarm.also;
		verdict->found++;
		if (status < 0)
			return status;
	}
	/* What waited in the ring may be older than the last sample. */
	if (number_subtract(event->head.ns, tally->sampled_ns) < SAMPLE_NS)
		return 0;
	return verdict_tick(verdict, watch, err);
}

/* The command line's clock of a moment of the source's. */
static uint64_t unix_now_ns(const struct verdict *verdict)
{
	if (!verdict->options->trace)
		return clock_ns(CLOCK_REALTIME);
	return source_trace_unix_ns(verdict->source, verdict->source->now_ns(verdict->source));
}

static int tell_drift(struct verdict *verdict, const struct watch *watch, struct error *err)
{
	const struct drift *drift = &watch->drift;
	const struct drift_news news = {
		.watch = watch,
		.unix_ns = unix_now_ns(verdict),
		.windows = drift->sum_windows,
		.mismatches = drift->sum_mismatches,
		.expected = drift->expected,
	};

	return verdict_tell_drift(verdict, &news, err);
}

int verdict_tick(struct verdict *verdict, struct watch *watch, struct error *err)
{
	struct tally *tally = tally_of(verdict, watch);
	struct target target;

	verdict->source->target(verdict->source, watch->index, &target);
	tally->sampled_ns = verdict->source->now_ns(verdict->source);
	if (!drift_sample(&watch->drift, target.calls - target.unjudged, target.mismatches))
		return 0;
	return tell_drift(verdict, watch, err);
}

static int log_bag(struct bag_log *log, const struct original_bag *bag, struct error *err)
{
	if (log->count == log->room) {
		size_t room = log->room ? log->room * 2 : 256;
		struct original_bag *grown = reallocarray(log->bags, room, sizeof(*grown));

		if (!grown)
			return fail(err, -ENOMEM, "cannot keep the monitored bags: no memory");
		log->bags = grown;
		log->room = room;
	}
	log->bags[log->count++] = *bag;
	return 0;
}

/* -v: an unknown bag, whose count stands at its place in the source until the end. */
static int on_met(struct verdict *verdict, struct watch *watch, const struct event_bag *event,
		  struct error *err)
{
	const struct original_bag met = {
		.bag = bag_of_window(&event->window, watch->profile->window),
		.count = event->place,
		.target = watch->index,
	};

	return log_bag(&verdict->met, &met, err);
}

int verdict_dropped(struct verdict *verdict, const struct watch *watch, const struct bag *bag,
		    uint64_t count, struct error *err)
{
	const struct original_bag dropped = {
		.bag = *bag,
		.count = count,
		.target = watch->index,
	};

	return log_bag(&verdict->dropped, &dropped, err);
}

int verdict_event(struct verdict *verdict, struct watch *watch, const struct event *event,
		  struct error *err)
{
	if (event->kind == EVENT_ALARM)
		return on_alarm(verdict, watch, (const struct event_alarm *)event, err);
	if (event->kind == EVENT_BAG)
		return on_met(verdict, watch, (const struct event_bag *)event, err);
	return 0;
}

static int compare_ns(const void *a, const void *b)
{
	return number_compare(*(const uint64_t *)a, *(const uint64_t *)b);
}

static uint64_t median_latency(struct verdict *verdict)
{
	if (!verdict->latencies)
		return 0;
	qsort(verdict->latency_ns, verdict->latencies, sizeof(uint64_t), compare_ns);
	return verdict->latency_ns[verdict->latencies / 2];
}

/* The known bags with their counts; how many. Bags that differ in rare calls only are one when
 * those are folded, and have one place, which counts once. */
static size_t known_bags(const struct verdict *verdict, const struct watch *watch,
			 struct original_bag *bags)
{
	_cleanup_(table_free) struct table placed = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < watch->profile->bag_count; i++) {
		uint64_t *before;

		if (watch->places[i] == BAG_NO_PLACE)
			continue;
		before = table_at(&placed, watch->places[i], 0);
		if (before && (*before)++)
			continue;
		bags[count].bag = watch->profile->bags[i].bag;
		bags[count++].count = verdict->source->count(verdict->source, watch->places[i]);
	}
	return count;
}

/* Those of the log that are of the watch. */
static size_t logged_bags(const struct bag_log *log, const struct watch *watch,
			  struct original_bag *bags)
{
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++)
		if (log->bags[i].target == watch->index)
			bags[count++] = log->bags[i];
	return count;
}

/* The tables of the original: known bags as far as they were seen, then the unknown ones. */
static int put_tables(struct verdict *verdict, struct watch *watch, uint64_t mismatches,
		      struct error *err)
{
	const struct profile *profile = watch->profile;
	size_t count, met;
	int status;
	_cleanup_free_ struct original_bag *bags = calloc(profile->bag_count + verdict->met.count +
								  verdict->dropped.count + 1,
							  sizeof(*bags));

	if (!bags)
		return fail(err, -ENOMEM, "cannot print the monitored bags: no memory");
	count = known_bags(verdict, watch, bags);
	count += logged_bags(&verdict->dropped, watch, bags + count);
	met = count;
	count += logged_bags(&verdict->met, watch, bags + count);
	for (; met < count; met++)
		bags[met].count = verdict->source->count(verdict->source,
							 (uint32_t)bags[met].count);
	printf("\nMISMATCH %llu\n\n", (unsigned long long)mismatches);
	status = original_normal(stdout, watch->called, profile, err);
	if (status < 0)
		return status;
	return original_monitored(stdout, watch->called, profile, bags, count, err);
}

int verdict_summary(struct verdict *verdict, struct watch *watch, const char *why,
		    struct error *err)
{
	const struct options *options = verdict->options;
	const struct tally *tally = tally_of(verdict, watch);
	struct summary summary = { .watch = watch, .why = why };
	struct target target;
	int status = verdict_tick(verdict, watch, err);

	if (status < 0)
		return status;
	verdict->source->target(verdict->source, watch->index, &target);
	summary.calls = target.calls;
	summary.windows = target.calls - target.unjudged;
	summary.mismatches = target.mismatches;
	summary.alarms = tally->told;
	summary.incidents = tally->incidents;
	summary.hidden = tally->hidden;
	summary.folded = tally->folded;
	summary.unkept = tally->unkept;
	summary.repeats = target.alarms - tally->told - tally->hidden - tally->folded;
	summary.lost = target_lost(&target);
	summary.latency_ns = median_latency(verdict);
	if (summary.lost && !why)
		summary.why = "the sensor could not take in every event";
	if (verdict->source->lost(verdict->source, 0) && !why)
		summary.why = "news of containers was lost: one that started may be unwatched";
	if (options->verbose && !options->json)
		status = put_tables(verdict, watch, target.mismatches, err);
	if (status < 0)
		return status;
	return verdict_conclude(verdict, &summary, err);
}
