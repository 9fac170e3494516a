/* SPDX-License-Identifier: BSD-2-Clause */
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "alarm.h"
#include "progress.h"
#include "sink.h"
#include "source_trace.h"
#include "util.h"

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
	table_free(&verdict->processes);
	return status;
}

void verdict_restart(struct verdict *verdict)
{
	verdict->told[0] = 0;
	verdict->met.count = 0;
	verdict->latencies = 0;
	table_free(&verdict->processes);
}

/* The names under which the watch's profile may stand, the likeliest first. */
static int load_profile(struct verdict *verdict, struct watch *watch, struct error *err)
{
	const char *names[] = { verdict->options->profile ? verdict->options->profile
							  : watch_name(watch),
				verdict->options->profile ? NULL : watch->called };
	int status = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(names) && names[i] && status == -ENOENT; i++)
		status = store_load(verdict->store, names[i], &watch->profile, err);
	if (status != -ENOENT)
		return status;
	fail(err, status, "there is no profile '%s': it was never learnt", names[0]);
	return fail_hint(err, status, "bosc learn, with the same target");
}

static int check_profile(const struct verdict *verdict, const struct profile *profile,
			 struct error *err)
{
	struct utsname host;

	uname(&host);
	if (!profile->bag_count) {
		fail(err, -ENODATA, "the profile '%s' holds no bags: %s", profile->name,
		     profile->why);
		return fail_hint(err, -ENODATA, "bosc learn, with the same target");
	}
	if (!verdict->options->trace && strcmp(profile->arch, host.machine) != 0)
		return fail(err, -EINVAL, "the profile '%s' is of the architecture '%s', not '%s'",
			    profile->name, profile->arch, host.machine);
	if (profile->state != PROFILE_LEARNT)
		progress_note("the profile '%s' is %s (%s): expect false alarms", profile->name,
			      profile_state_name(profile->state), profile->why);
	return 0;
}

int verdict_prepare(struct verdict *verdict, struct watch *watch, struct error *err)
{
	int status = load_profile(verdict, watch, err);

	if (status < 0)
		return status;
	status = check_profile(verdict, watch->profile, err);
	if (status < 0)
		return status;
	watch->places = calloc(watch->profile->bag_count, sizeof(*watch->places));
	watch->fold = calloc(CODE_COUNT, sizeof(*watch->fold));
	if (!watch->places || !watch->fold)
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", watch_name(watch));
	profile_fold(watch->profile, watch->fold);
	return 0;
}

static void note_latency(struct verdict *verdict, uint64_t latency_ns)
{
	if (verdict->latencies < LATENCIES_KEPT)
		verdict->latency_ns[verdict->latencies++] = latency_ns;
}

static int tell(struct verdict *verdict, const struct alarm *alarm, struct error *err)
{
	const struct sink *sink = verdict->options->json ? &sink_json : &sink_text;
	int status;

	progress_clear();
	status = sink->alarm(stdout, alarm);
	if (status < 0)
		return fail(err, status, "cannot write an alarm: %s", strerror(-status));
	status = verdict->file ? sink_json.alarm(verdict->file, alarm) : 0;
	if (status < 0)
		return fail(err, status, "cannot write an alarm into '%s': %s",
			    verdict->options->json_file, strerror(-status));
	return 0;
}

/* A process that executed another program is told of anew. */
static bool was_told(struct verdict *verdict, const struct event_alarm *event)
{
	uint64_t *told = table_at(&verdict->processes, event->tgid, event->start_ns);
	bool before = told && *told && event->rule != RULE_NEW_EXEC;

	if (told)
		*told = 1;
	return before;
}

static int on_alarm(struct verdict *verdict, struct watch *watch, const struct event_alarm *event,
		    struct error *err)
{
	struct alarm alarm = { .incomplete = verdict->source->lost(verdict->source, watch->index) >
					     0 };
	int status;

	if (verdict->options->trace) {
		alarm.unix_ns = source_trace_unix_ns(verdict->source, event->head.ns);
	} else {
		alarm.latency_ns = clock_ns(CLOCK_MONOTONIC) - event->head.ns;
		alarm.unix_ns = clock_ns(CLOCK_REALTIME) - alarm.latency_ns;
	}
	alarm.also = was_told(verdict, event) || event->repeats;
	alarm_complete(&alarm, event, watch, verdict->arch);
	status = tell(verdict, &alarm, err);
	if (!verdict->options->trace)
		note_latency(verdict, clock_ns(CLOCK_MONOTONIC) - event->head.ns);
	if (!event->repeats)
		verdict->told[watch->index - 1]++;
	verdict->found++;
	return status;
}

/* -v: an unknown bag, whose count stands at its place in the source until the end. */
static int on_met(struct verdict *verdict, struct watch *watch, const struct event_bag *event,
		  struct error *err)
{
	if (verdict->met.count == verdict->met.room) {
		size_t room = verdict->met.room ? verdict->met.room * 2 : 256;
		struct original_bag *grown = reallocarray(verdict->met.bags, room, sizeof(*grown));

		if (!grown)
			return fail(err, -ENOMEM, "cannot keep the monitored bags: no memory");
		verdict->met.bags = grown;
		verdict->met.room = room;
	}
	verdict->met.bags[verdict->met.count++] = (struct original_bag){
		.bag = bag_of_window(&event->window, watch->profile->window),
		.count = event->place,
		.target = watch->index,
	};
	return 0;
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
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
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

/* The tables of the original: known bags as far as they were seen, then the unknown ones. */
static int put_tables(struct verdict *verdict, struct watch *watch, uint64_t mismatches,
		      struct error *err)
{
	const struct profile *profile = watch->profile;
	size_t count;
	int status;
	_cleanup_free_ struct original_bag *bags = calloc(
		profile->bag_count + verdict->met.count + 1, sizeof(*bags));

	if (!bags)
		return fail(err, -ENOMEM, "cannot print the monitored bags: no memory");
	count = known_bags(verdict, watch, bags);
	for (size_t i = 0; i < verdict->met.count; i++) {
		if (verdict->met.bags[i].target != watch->index)
			continue;
		bags[count] = verdict->met.bags[i];
		bags[count++].count = verdict->source->count(verdict->source,
							     (uint32_t)verdict->met.bags[i].count);
	}
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
	struct summary summary = { .watch = watch, .why = why };
	struct target target;
	int status = 0;

	verdict->source->target(verdict->source, watch->index, &target);
	summary.calls = target.calls;
	summary.windows = target.calls - target.unjudged;
	summary.mismatches = target.mismatches;
	summary.alarms = verdict->told[watch->index - 1];
	summary.repeats = target.alarms - summary.alarms;
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
	progress_clear();
	status = (options->json ? &sink_json : &sink_text)->summary(stdout, &summary);
	if (status < 0)
		return fail(err, status, "cannot write the summary: %s", strerror(-status));
	status = verdict->file ? sink_json.summary(verdict->file, &summary) : 0;
	if (status < 0)
		return fail(err, status, "cannot write the summary into '%s': %s",
			    options->json_file, strerror(-status));
	return 0;
}
