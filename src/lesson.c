/* SPDX-License-Identifier: BSD-2-Clause */
#include "lesson.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "../core/novelty.h"
#include "../core/paper.h"
#include "util.h"
#include "version.h"

/* A random UUID, version 4. */
static void run_id(char *ret_id, size_t size)
{
	unsigned char byte[16] = { 0 };
	size_t end = 0;

	if (getrandom(byte, sizeof(byte), 0) != sizeof(byte))
		memcpy(byte, &(uint64_t){ clock_ns(CLOCK_REALTIME) }, sizeof(uint64_t));
	byte[6] = (byte[6] & 0x0f) | 0x40;
	byte[8] = (byte[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++) {
		const char *dash = i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";

		end += (size_t)snprintf(ret_id + end, size - end, "%s%02x", dash, byte[i]);
	}
}

static int add_run(struct profile *profile, const char *source, struct error *err)
{
	struct profile_run *run = profile_run(profile);
	struct utsname host;

	if (!run)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", profile->name);
	uname(&host);
	run_id(run->id, sizeof(run->id));
	snprintf(run->source, sizeof(run->source), "%s", source);
	snprintf(run->host, sizeof(run->host), "%s", host.nodename);
	snprintf(run->kernel, sizeof(run->kernel), "%s", host.release);
	snprintf(run->version, sizeof(run->version), "%s", BOSC_VERSION);
	run->started_s = run->ended_s = (uint64_t)time(NULL);
	if (!profile->arch[0])
		snprintf(profile->arch, sizeof(profile->arch), "%.15s", host.machine);
	return 0;
}

static int check_fit(const struct profile *profile, const struct options *options,
		     struct error *err)
{
	struct utsname host;

	uname(&host);
	if (paper_owns(profile) != options->paper)
		return fail(err, -EINVAL, "the profile '%s' is of %s method", profile->name,
			    options->paper ? "bosc's own" : "the paper's");
	if (options->window && options->window != profile->window) {
		fail(err, -EINVAL, "the profile '%s' has windows of %u calls, not %u",
		     profile->name, profile->window, options->window);
		return fail_hint(err, -EINVAL, "another name, by --profile");
	}
	if (!options->trace && strcmp(profile->arch, host.machine) != 0)
		return fail(err, -EINVAL, "the profile '%s' is of the architecture '%s', not '%s'",
			    profile->name, profile->arch, host.machine);
	return 0;
}

int lesson_prepare(struct watch *watch, struct store *store, const struct options *options,
		   const char *name, const char *source, struct error *err)
{
	int status = store_load(store, name, &watch->profile, err);

	if (status < 0 && status != -ENOENT)
		return status;
	if (status == -ENOENT) {
		watch->profile = profile_new(name,
					     options->window ? options->window : WINDOW_DEFAULT);
		if (!watch->profile)
			return fail(err, -ENOMEM, "cannot learn '%s': no memory", name);
		watch->profile->state = PROFILE_PARTIAL;
		return add_run(watch->profile, source, err);
	}
	status = check_fit(watch->profile, options, err);
	return status < 0 ? status : add_run(watch->profile, source, err);
}

int lesson_begin(struct watch *watch, struct source *source, const struct options *options,
		 const uint32_t *places, struct error *err)
{
	struct learner_limits limits = {
		.quiet_windows = options->quiet_windows,
		.quiet_ns = options->quiet_ns,
		.unseen = options->unseen,
	};

	watch->learnt_before = watch->profile->state == PROFILE_LEARNT;
	if (learner_begin(&watch->learner, watch->profile, &limits, places,
			  source->now_ns(source)) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	source->part(source, watch->index, (uint32_t)watch->profile->history_count);
	return 0;
}

void lesson_tick(struct watch *watch, struct source *source)
{
	uint64_t now_ns = source->now_ns(source);
	struct target target;
	uint32_t part;

	source->target(source, watch->index, &target);
	if (source->lost(source, 0) > watch->learner.missed)
		watch->learner.missed = source->lost(source, 0);
	if (!watch->learner.started_ns && target.calls)
		watch->learner.started_ns = watch->learner.new_ns = now_ns;
	learner_sync(&watch->learner, &target, source->rules(source, watch->index), source->count,
		     source, now_ns);
	if (source->judged)
		source->judged(source, watch->index,
			       &watch->profile->history[watch->profile->history_count - 1]);
	part = learner_next_part(&watch->learner);
	if (part)
		source->part(source, watch->index, part);
	watch->done = learner_is_done(&watch->learner, now_ns, watch->profile->why,
				      sizeof(watch->profile->why));
}

/* The container's identity is that of the last run. */
void lesson_note(struct watch *watch)
{
	struct profile *profile = watch->profile;
	const struct container *container = &watch->container;

	profile->runs[profile->run_count - 1].ended_s = (uint64_t)time(NULL);
	profile->runs[profile->run_count - 1].joined_late = watch->late;
	if (!container->id[0])
		return;
	snprintf(profile->container, sizeof(profile->container), "%s", container->id);
	if (container->image[0])
		snprintf(profile->image, sizeof(profile->image), "%s", container->image);
	if (container->digest[0])
		snprintf(profile->digest, sizeof(profile->digest), "%s", container->digest);
	if (container->command[0])
		snprintf(profile->command, sizeof(profile->command), "%s", container->command);
}

int lesson_checkpoint(struct watch *watch, struct store *store, struct error *err)
{
	struct profile *profile = watch->profile;

	if (!watch->learner.windows)
		return 0;
	lesson_note(watch);
	if (novelty_judge(profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", profile->name);
	profile->state = PROFILE_LEARNING;
	snprintf(profile->why, sizeof(profile->why), "its learning goes on, or was killed");
	return store_save(store, profile, err);
}

/* A profile that was learnt before stays so through a run that found little and lost nothing. */
static void settle_state(struct watch *watch, const char *why)
{
	struct profile *profile = watch->profile;
	double unseen = profile_unseen(profile);

	profile->state = PROFILE_LEARNT;
	if (watch->done)
		return;
	if (watch->learnt_before && !watch->learner.lost &&
	    unseen <= watch->learner.limits.unseen) {
		snprintf(profile->why, sizeof(profile->why),
			 "learnt in an earlier run, unseen share %.1e", unseen);
		return;
	}
	profile->state = PROFILE_PARTIAL;
	if (watch->learner.lost)
		snprintf(profile->why, sizeof(profile->why),
			 "%s, and at least %llu events were lost", why,
			 (unsigned long long)watch->learner.lost);
	else
		snprintf(profile->why, sizeof(profile->why), "%s, unseen share %.1e", why, unseen);
}

int lesson_settle(struct watch *watch, struct source *source, const char *why, struct error *err)
{
	/* What was learnt stays so, though a new bag may come while it is saved. */
	if (!watch->done)
		lesson_tick(watch, source);
	if (!watch->learner.windows) {
		fail(err, -ENODATA, "nothing was learnt: '%s' made no call of its own",
		     watch_name(watch));
		return fail_hint(err, -ENODATA,
				 watch->met ? "give it work to do while it is learnt"
					    : "start it while bosc waits");
	}
	lesson_note(watch);
	if (novelty_judge(watch->profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	if (source->view && source->view(source, watch->index, watch->profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	settle_state(watch, why);
	return 0;
}

int lesson_end(struct watch *watch, struct source *source, struct store *store, const char *why,
	       struct error *err)
{
	int status = lesson_settle(watch, source, why, err);

	return status < 0 ? status : store_save(store, watch->profile, err);
}
