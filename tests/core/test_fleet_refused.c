/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server does not take from a host of its fleet: what it never will is put aside, what it may take
 * later waits.
 */
#include <errno.h>

#include "../../src/fleet.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"
#include "postgres_server.h"
#include "fleet_host.h"

static int count_profiles(const char *file)
{
	struct store *store = open_store(file, false);
	struct store_entry *entries = NULL;
	struct error err = { 0 };
	size_t count = 0;

	assert_int_equal(store_list(store, &entries, &count, &err), 0);
	free(entries);
	store_close(store);
	return (int)count;
}

/* What the server cannot add is put aside, each of its kind; the rest is sent. */
static void test_refused(void **state)
{
	const char *where = begin_test();
	struct store *store = open_store(where, true);
	struct profile *other, *loaded;
	struct error err = { 0 };
	const char *why;
	(void)state;

	learn(store, "p", 1, 100);
	profile_free(load(store, "p"));
	for (uint32_t window = 5; window < 7; window++) {
		server_do("stop");
		other = profile_new("p", window);
		strcpy(other->arch, "x86_64");
		sample_learn(window, other, 3);
		assert_int_equal(profile_rebuild(other, &why), 0);
		assert_int_equal(store_save(store, other, &err), 0);
		profile_free(other);
		learn(store, "q", window, 100);
		loaded = load(store, "p");
		assert_int_equal(loaded->window, 8);
		profile_free(loaded);
		server_do("start");
		store_close(store);
		store = open_store(where, true);
	}
	store_close(store);
	assert_has(where, "p", 1, 100);
	assert_has(where, "q", 2, 200);
	assert_int_equal(
		system("mkdir seen && cp keep/of/all/*-outbox.db seen/outbox && "
		       "cp keep/of/all/*-1.refused seen/1 && cp keep/of/all/*-2.refused seen/2 &&"
		       " ! ls keep/of/all/*-3.refused 2>/dev/null"),
		0);
	assert_int_equal(count_profiles("seen/outbox"), 0);
	assert_int_equal(count_profiles("seen/1"), 1);
	assert_int_equal(count_profiles("seen/2"), 1);
	assert_int_equal(system("rm -r seen"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
