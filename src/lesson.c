/* SPDX-License-Identifier: BSD-2-Clause */
#include "lesson.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "../core/merge.h"
#include "../core/novelty.h"
#include "../core/numbers.h"
#include "host.h"
#include "progress.h"
#include "util.h"
#include "uuid.h"
#include "version.h"

int lesson_run(struct profile *profile, const char *source, struct error *err)
{
	struct profile_run *run = profile_run(profile);
	struct utsname host;

	if (!run)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", profile->name);
	uname(&host);
	uuid_make(run->id);
	snprintf(run->source, sizeof(run->source), "%s", source);
	host_name(run->host);
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
	if (options->window && options->window != profile->window) {
		fail(err, -EINVAL, "the profile '%s' has windows of %u calls, not %u",
		     profile->name, profile->window, options->window);
		return fail_hint(err, -EINVAL, "another name, by --profile");
	}
	return watch_check_profile(profile, options, err);
}

int lesson_prepare(struct watch *watch, struct store *store, const struct options *options,
		   const char *name, const char *source, struct error *err)
{
	int status;

	if (strlen(name) >= PROFILE_TEXT) {
		fail(err, 0, "cannot learn '%s': a profile's name has 1 to %d bytes", name,
		     PROFILE_TEXT - 1);
		return fail_hint(err, -ENAMETOOLONG, "another name, by --profile");
	}
	status = store_load(store, name, &watch->profile, err);
	if (status < 0 && status != -ENOENT)
		return status;
	if (status == -ENOENT) {
		watch->profile = profile_new(name,
					     options->window ? options->window : WINDOW_DEFAULT);
		if (!watch->profile)
			return fail(err, -ENOMEM, "cannot learn '%s': no memory", name);
		return lesson_run(watch->profile, source, err);
	}
	status = check_fit(watch->profile, options, err);
	return status < 0 ? status : lesson_run(watch->profile, source, err);
}

int lesson_begin(struct watch *watch, struct source *source, const struct options *options,
		 const uint32_t *places, struct error *err)
{
	struct learner_limits limits = {
		.quiet_windows = options->quiet_windows,
		.quiet_ns = options->quiet_ns,
		.unseen = options->unseen,
	};

	if (learner_begin(&watch->learner, watch->profile, &limits, places,
			  source->now_ns(source)) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	source->part(source, watch->index, (uint32_t)watch->profile->history_count);
	return 0;
}

void lesson_tick(struct watch *watch, struct source *source)
{
	struct profile_run *run = &watch->profile->runs[watch->profile->run_count - 1];
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
	watch->done = learner_is_done(&watch->learner, now_ns, run->why, sizeof(run->why));
}

void lesson_note(struct watch *watch)
{
	struct profile *profile = watch->profile;
	struct profile_run *run = &profile->runs[profile->run_count - 1];
	const struct container *container = &watch->container;

	run->ended_s = (uint64_t)time(NULL);
	run->joined_late = watch->late && !watch->started;
	profile_text(run->container, sizeof(run->container), container->id);
	profile_text(run->image, sizeof(run->image), container->image);
	profile_text(run->digest, sizeof(run->digest), container->digest);
	profile_text(run->command, sizeof(run->command), container->command);
	profile_settle(profile);
}

bool lesson_save_is_due(struct lesson_saves *saves)
{
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);

	if (now_ns - saves->at_ns < LESSON_CHECKPOINT_NS)
		return false;
	saves->at_ns = now_ns;
	saves->told = saves->failed;
	saves->failed = false;
	return true;
}

void lesson_saved(struct lesson_saves *saves, int status, const struct error *why)
{
	if (status >= 0)
		return;
	if (!saves->told && !saves->failed)
		progress_note("%s; bosc learns on, and tries again", why->text);
	saves->failed = true;
}

int lesson_save_going(struct watch *watch, struct store *store, struct error *err)
{
	struct profile *profile = watch->profile;
	struct profile_run *run = &profile->runs[profile->run_count - 1];

	run->state = PROFILE_LEARNING;
	snprintf(run->why, sizeof(run->why), "its learning goes on, or was killed");
	lesson_note(watch);
	profile_unseal(run);
	return store_checkpoint(store, profile, run, err);
}

int lesson_checkpoint(struct watch *watch, struct store *store, struct error *err)
{
	if (!watch->learner.windows)
		return 0;
	if (novelty_judge(watch->profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	return lesson_save_going(watch, store, err);
}

/* What became of the run. */
static void settle_state(struct watch *watch, const char *why)
{
	struct profile_run *run = &watch->profile->runs[watch->profile->run_count - 1];
	double unseen = profile_unseen(watch->profile);

	run->state = watch->done ? PROFILE_LEARNT : PROFILE_PARTIAL;
	run->unseen_ppb = (uint64_t)(watch->learner.limits.unseen * 1e9 + 0.5);
	if (watch->done)
		return;
	if (watch->learner.lost)
		snprintf(run->why, sizeof(run->why), "%s, and at least %llu event%s lost", why,
			 (unsigned long long)watch->learner.lost, plural_were(watch->learner.lost));
	else
		snprintf(run->why, sizeof(run->why), "%s, unseen share %.1e", why, unseen);
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
	if (novelty_judge(watch->profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	if (source->view && source->view(source, watch->index, watch->profile) < 0)
		return fail(err, -ENOMEM, "cannot learn '%s': no memory", watch->profile->name);
	settle_state(watch, why);
	lesson_note(watch);
	return 0;
}

int lesson_end(struct watch *watch, struct source *source, struct store *store, const char *why,
	       struct error *err)
{
	int status = lesson_settle(watch, source, why, err);

	return status < 0 ? status : lesson_save(watch, store, err);
}

int lesson_save(struct watch *watch, struct store *store, struct error *err)
{
	struct profile *profile = watch->profile;
	int status;

	profile_unseal(&profile->runs[profile->run_count - 1]);
	status = store_save(store, profile, err);
	if (status < 0)
		store_keep(store, profile);
	return status;
}
