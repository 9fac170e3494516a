/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../core/paper.h"

struct watch *watch_new(enum target_kind kind, const char *called)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->kind = kind;
	watch->called = strdup(called);
	if (watch->called)
		return watch;
	free(watch);
	return NULL;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	learner_end(&watch->learner);
	watch_forget_former(watch);
	profile_free(watch->profile);
	free(watch->places);
	free(watch->fold);
	free(watch->called);
	free(watch);
}

void watch_forget_former(struct watch *watch)
{
	profile_free(watch->former.profile);
	free(watch->former.fold);
	watch->former.profile = NULL;
	watch->former.fold = NULL;
}

void watch_renew(struct watch *watch, struct profile *profile, uint16_t *fold, uint32_t *places)
{
	watch_forget_former(watch);
	watch->former.profile = watch->profile;
	watch->former.fold = watch->fold;
	free(watch->places);
	watch->profile = profile;
	watch->fold = fold;
	watch->places = places;
	watch->generation++;
}

void watch_profile_name(const char *called, bool paper, char ret_name[WATCH_NAME])
{
	bool prefixed = !strncmp(called, WATCH_PAPER, strlen(WATCH_PAPER));

	snprintf(ret_name, WATCH_NAME, "%s%s", paper && !prefixed ? WATCH_PAPER : "", called);
}

int watch_check_profile(const struct profile *profile, const struct options *options,
			struct error *err)
{
	struct utsname host;

	if (paper_owns(profile) != options->paper)
		return fail(err, -EINVAL, "the profile '%s' is of %s method", profile->name,
			    options->paper ? "bosc's own" : "the paper's");
	uname(&host);
	if (!options->trace && strcmp(profile->arch, host.machine) != 0)
		return fail(err, -EINVAL, "the profile '%s' is of the architecture '%s', not '%s'",
			    profile->name, profile->arch, host.machine);
	return 0;
}

int watch_check_recording(const struct profile *profile, const char *path, const char *arch,
			  struct error *err)
{
	if (!arch[0] || !profile->arch[0] || !strcmp(arch, profile->arch))
		return 0;
	return fail(err, -EINVAL,
		    "'%s' is of the architecture '%s', but the profile '%s' is of '%s'", path, arch,
		    profile->name, profile->arch);
}

const char *watch_name(const struct watch *watch)
{
	return watch->container.name[0] ? watch->container.name : watch->called;
}
