/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store and what the system allows: another user's file, a file system that is read-only, and
 * the folder that the store is kept in unless one is named.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/store.h"
#include "../../src/util.h"
#include "sample_profile.h"
#include "store_file.h" /* behind error.h: cmocka has a macro fail */
#include "test_folder.h"

static bool may_mount;

static int setup(void **state)
{
	may_mount = unshare(CLONE_NEWNS) == 0 &&
		    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return enter_folder(state) == 0 && chmod(folder, 0755) == 0 ? 0 : -1;
}

static void test_no_permission(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("SKIP: only root can become nobody\n");
		skip();
	}
	store_close(open_store("root.db", true));
	assert_int_equal(seteuid(65534), 0);
	assert_refused("root.db", false, -EACCES, "Permission denied");
	assert_refused("root.db", true, -EACCES, "Permission denied");
	assert_refused("nobody.db", true, -EACCES, "Permission denied");
	assert_int_equal(seteuid(0), 0);
}

static void test_read_only_system(void **state)
{
	struct profile *profile = sample_profile(1, "p", 30);
	struct profile *loaded;
	struct store *store;
	struct error err;
	(void)state;

	if (!may_mount || mkdir("ro", 0700) < 0 || mount("t", "ro", "tmpfs", 0, "size=1m") < 0) {
		print_message("SKIP: cannot mount: %s\n", strerror(errno));
		profile_free(profile);
		skip();
	}
	store = open_store("ro/#%.db", true);
	save(store, profile);
	store_close(store);
	assert_int_equal(mount("t", "ro", NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_int_equal(store_open("ro/#%.db", false, &store, &err), 0);
	loaded = load(store, "p");
	assert_same_profile(profile, loaded);
	store_close(store);
	assert_refused("ro/#%.db", true, -EROFS, "Read-only file system");
	assert_refused("ro/new.db", true, -EROFS, "Read-only file system");
	umount("ro");
	profile_free(loaded);
	profile_free(profile);
}

static void test_default(void **state)
{
	struct store *store;
	(void)state;

	if (!may_mount || mount("t", "/var/lib", "tmpfs", 0, "size=1m") < 0) {
		print_message("SKIP: cannot mount: %s\n", strerror(errno));
		skip();
	}
	assert_refused(NULL, false, -ENOENT, STORE_DEFAULT);
	store = open_store(NULL, true);
	assert_mode("/var/lib/bosc", 0700);
	assert_mode(STORE_DEFAULT, 0600);
	store_close(store);
	umount("/var/lib");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_permission),
		cmocka_unit_test(test_read_only_system),
		cmocka_unit_test(test_default),
	};

	return cmocka_run_group_tests(tests, setup, leave_folder);
}
