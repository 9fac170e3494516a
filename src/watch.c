/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void watch_profile_name(const char *called, bool paper, char ret_name[PROFILE_TEXT])
{
	bool prefixed = !strncmp(called, WATCH_PAPER, strlen(WATCH_PAPER));

	snprintf(ret_name, PROFILE_TEXT, "%s%s", paper && !prefixed ? WATCH_PAPER : "", called);
}

const char *watch_name(const struct watch *watch)
{
	return watch->container.name[0] ? watch->container.name : watch->called;
}
