/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store whose bytes changed on the disk, or that was cut short: its profile is as it was, or it
 * is refused. Rows that were changed by hand are in test_store_rows.c.
 */
#include <sys/stat.h>

#include "../../src/store.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static char *read_whole(const char *path, size_t *ret_size)
{
	FILE *file = fopen(path, "r");
	struct stat status;
	char *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	*ret_size = (size_t)status.st_size;
	bytes = malloc(*ret_size);
	assert_int_equal(fread(bytes, 1, *ret_size, file), *ret_size);
	fclose(file);
	return bytes;
}

static void write_whole(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Whether the changed file is refused; what it gives otherwise must be the profile itself. */
static bool is_refused(const char *path, const struct profile *wanted)
{
	struct store *store = NULL;
	struct profile *profile = NULL;
	struct error err = { 0 };
	int r = store_open(path, false, &store, &err);

	if (r == 0)
		r = store_load(store, wanted->name, &profile, &err);
	if (r == 0)
		assert_same_profile(wanted, profile);
	else
		assert_true(strlen(err.text) > 0);
	profile_free(profile);
	store_close_p(&store);
	return r < 0;
}

static void test_changed_bytes(void **state)
{
	struct profile *profile = sample_profile(17, "p", 60);
	struct store *store = open_store("whole.db", true);
	size_t refused = 0;
	size_t tried = 0;
	size_t size;
	char *bytes;
	(void)state;

	save(store, profile);
	store_close(store);
	bytes = read_whole("whole.db", &size);
	for (size_t at = 0; at < size; at += at < 200 ? 1 : 149) {
		char kept = bytes[at];

		bytes[at] = (char)(kept ^ (1 << at % 8));
		write_whole("changed.db", bytes, size);
		refused += is_refused("changed.db", profile);
		tried++;
		bytes[at] = kept;
	}
	assert_true(refused > tried / 4); /* the rest is room that holds nothing */
	for (size_t cut = 0; cut + 4096 <= size; cut += 1511) { /* a page may end in such room */
		write_whole("changed.db", bytes, cut);
		assert_true(is_refused("changed.db", profile));
	}
	free(bytes);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_bytes),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
