/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which profile a container is held against that has none of its own, and what is said of an image
 * that may not be the one that was learnt.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../../src/util.h"
#include "../../src/verdict.h"

#include <cmocka.h> /* behind error.h: it has a macro fail */

#include "store_file.h"
#include "test_folder.h"
#include "told.h"

#define ONE   "sha256:1111111111111111"
#define OTHER "sha256:2222222222222222"

static struct profile *make_profile(const char *name, const char *image, const char *digest)
{
	const struct bag bag = { .code = { 1, 2 } };
	struct profile *profile = profile_new(name, 2);
	struct profile_run *run;
	struct utsname host;

	assert_non_null(profile);
	uname(&host);
	strcpy(profile->arch, host.machine);
	strcpy(profile->image, image);
	strcpy(profile->digest, digest);
	assert_true(profile_bag(profile, &bag, 0, NULL) >= 0);
	run = profile_run(profile);
	assert_non_null(run);
	strcpy(run->id, name);
	strcpy(run->image, image);
	strcpy(run->digest, digest);
	run->state = PROFILE_LEARNT;
	return profile;
}

static void keep(struct store *store, const char *name, const char *image, const char *digest)
{
	struct profile *profile = make_profile(name, image, digest);

	save(store, profile);
	profile_free(profile);
}

static struct watch *make_watch(const char *name, const char *image, const char *digest)
{
	struct watch *watch = watch_new(TARGET_CONTAINER, name);

	assert_non_null(watch);
	strcpy(watch->container.id, "0123456789ab");
	strcpy(watch->container.name, name);
	strcpy(watch->container.image, image);
	strcpy(watch->container.digest, digest);
	return watch;
}

/* The container is held against the profile of that name, and `why` is told; NULL: against none. */
static void check_choice(struct store *store, const char *name, const char *image,
			 const char *digest, const char *wanted, const char *why)
{
	static const struct options options = { 0 };
	_cleanup_(watch_free_p) struct watch *watch = make_watch(name, image, digest);
	struct verdict *verdict = calloc(1, sizeof(*verdict));
	struct error err = { 0 };
	int status;

	assert_non_null(verdict);
	assert_int_equal(verdict_open(verdict, &options, store, &err), 0);
	told_begin();
	status = verdict_prepare(verdict, watch, &err);
	told_end();
	if (status != (wanted ? 0 : -ENOENT))
		fail_msg("'%s' (%s %s): %d %s", name, image, digest, status, err.text);
	if (wanted)
		assert_string_equal(watch->profile->name, wanted);
	if (why ? !strstr(told, why) : strstr(told, "of its own") != NULL)
		fail_msg("'%s' (%s %s): it says: %s", name, image, digest, told);
	assert_int_equal(verdict_close(verdict, &err), 0);
	free(verdict);
}

static void test_choice(void **state)
{
	struct store *store = open_store("choice.db", true);

	(void)state;
	keep(store, "own", "own:1", ONE);
	keep(store, "by-digest", "else:1", OTHER);
	keep(store, "by-name", "web:1", ONE);
	keep(store, "nameless", "", "");
	check_choice(store, "own", "web:1", OTHER, "own", NULL);
	check_choice(
		store, "new", "web:1", OTHER, "by-digest",
		"'new' has no profile of its own: it is held against 'by-digest', of the same image else:1");
	check_choice(
		store, "new", "web:1", "sha256:3", "by-name",
		"'new' has no profile of its own: it is held against 'by-name', of an image of the same "
		"name, web:1");
	check_choice(store, "new", "web:1", "", "by-name", "of an image of the same name, web:1");
	check_choice(store, "new", "web:2", "", NULL, NULL);
	check_choice(store, "new", "", "", NULL, NULL);
	store_close(store);
}

/* What is said of a container that is held against that profile; NULL: nothing. */
static void check_note(const char *image, const char *digest, const char *learnt_image,
		       const char *learnt_digest, const char *wanted)
{
	_cleanup_(watch_free_p) struct watch *watch = make_watch("web", image, digest);

	watch->profile = make_profile("web", learnt_image, learnt_digest);
	told_begin();
	verdict_note_image(watch);
	told_end();
	if (wanted ? !strstr(told, wanted) : told[0] != '\0')
		fail_msg("%s %s, learnt %s %s: %s", image, digest, learnt_image, learnt_digest,
			 told);
}

static void test_note(void **state)
{
	(void)state;
	check_note("web:1", ONE, "web:1", ONE, NULL);
	check_note("web:2", ONE, "web:1", ONE, NULL);
	check_note(
		"web:1", OTHER, "web:1", ONE,
		"the image of 'web' is not the one that the profile 'web' was learnt from (web:1 "
		"sha256:111111111111, now web:1 sha256:222222222222)");
	check_note(
		"web:2", ONE, "web:1", "",
		"the image of 'web' may have changed: the profile 'web' was learnt from web:1, and now "
		"it is web:2");
	check_note("web:2", "", "web:1", ONE, "the image of 'web' may have changed");
	check_note("web:2", "", "web:1", "", "the image of 'web' may have changed");
	check_note("web:1", ONE, "web:1", "", "there is no digest of it from then");
	check_note("web:1", "", "web:1", ONE, "there is no digest of it from now");
	check_note("web:1", "", "web:1", "", NULL);
	check_note("web:1", ONE, "", "", NULL);
	check_note("", "", "web:1", ONE, NULL);
	check_note("", "", "", "", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_choice, enter_folder, leave_folder),
		cmocka_unit_test(test_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
