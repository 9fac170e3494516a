/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk, the keys, -g and whether a cgroup is empty, on trees that stand for the two
 * hierarchies.
 */
#include <fcntl.h>

#include "cgroup_trees.h"

struct visits {
	char text[1024];
	const char *remove; /* while it is visited, this directory vanishes */
	int stop_at, count;
};

static int note(const char *path, const char *relative, void *context)
{
	struct visits *visits = context;
	size_t length = strlen(visits->text);

	assert_string_equal(path + strlen(path) - strlen(relative) + (relative[1] ? 0 : 1),
			    relative[1] ? relative : "");
	snprintf(visits->text + length, sizeof(visits->text) - length, "%s ", relative);
	if (visits->remove) {
		assert_int_equal(rmdir(visits->remove), 0);
		visits->remove = NULL;
	}
	return ++visits->count == visits->stop_at ? 42 : 0;
}

/* A walk that passes over nothing. */
static int walk(const struct trees *trees, const char *path, cgroup_visit *visit, void *context)
{
	struct error unread;
	int status = cgroup_walk(&trees->mounts, path, visit, context, &unread);

	assert_string_equal(status == -EINVAL ? "" : unread.text, "");
	return status;
}

static void test_walk(void **state)
{
	const struct trees *trees = *state;
	struct visits visits = { 0 }, part = { 0 }, first = { .stop_at = 2 };
	_cleanup_free_ char *path = at(trees, "u/docker/" ID "/");

	assert_int_equal(walk(trees, trees->mounts.unified, note, &visits), 0);
	assert_string_equal(visits.text, "/ /docker /docker/" ID " /docker/" ID "/inner ");

	assert_int_equal(walk(trees, path, note, &part), 0);
	assert_string_equal(part.text, "/docker/" ID " /docker/" ID "/inner ");

	assert_int_equal(walk(trees, trees->mounts.unified, note, &first), 42);
	assert_string_equal(first.text, "/ /docker ");
}

static int note_but_below(const char *path, const char *relative, void *context)
{
	note(path, relative, context);
	return !strcmp(relative, "/docker") ? CGROUP_SKIP : 0;
}

static void test_walk_skips(void **state)
{
	const struct trees *trees = *state;
	struct visits visits = { 0 };
	struct error unread;

	assert_int_equal(cgroup_walk_all(&trees->mounts, note_but_below, &visits, &unread), 0);
	assert_int_equal(visits.count, 6);
	assert_null(strstr(visits.text, ID));
	assert_non_null(strstr(visits.text, "/old/deep"));
}

static void test_walk_all(void **state)
{
	const struct trees *trees = *state;
	struct cgroup_mounts only_unified = trees->mounts;
	struct visits both = { 0 }, one = { 0 };
	struct error unread;

	assert_int_equal(cgroup_walk_all(&trees->mounts, note, &both, &unread), 0);
	assert_int_equal(both.count, 8);
	only_unified.pids[0] = '\0';
	assert_int_equal(cgroup_walk_all(&only_unified, note, &one, &unread), 0);
	assert_int_equal(one.count, 4);
}

static void test_walk_of_what_vanishes(void **state)
{
	const struct trees *trees = *state;
	_cleanup_free_ char *path = at(trees, "u/docker/" ID);
	_cleanup_free_ char *inner = at(trees, "u/docker/" ID "/inner");
	_cleanup_free_ char *beside = at(trees, "uX");
	struct visits visits = { .remove = inner }, none = { 0 };

	assert_int_equal(walk(trees, path, note, &visits), 0);
	assert_string_equal(visits.text, "/docker/" ID " ");

	assert_int_equal(walk(trees, inner, note, &none), 0);
	assert_int_equal(walk(trees, trees->root, note, &none), -EINVAL);
	assert_int_equal(walk(trees, beside, note, &none), -EINVAL);
	assert_int_equal(none.count, 0);
}

/* What is made while its parent is visited is visited too. */
static int note_and_make(const char *path, const char *relative, void *context)
{
	_cleanup_free_ char *child = NULL;

	if (!strcmp(relative, "/docker")) {
		assert_true(asprintf(&child, "%s/new", path) > 0);
		assert_int_equal(mkdir(child, 0700), 0);
	}
	return note(path, relative, context);
}

static void test_walk_of_what_appears(void **state)
{
	const struct trees *trees = *state;
	struct visits visits = { 0 };

	assert_int_equal(walk(trees, trees->mounts.unified, note_and_make, &visits), 0);
	assert_non_null(strstr(visits.text, " /docker/new "));
}

static int count_only(const char *path, const char *relative, void *context)
{
	(void)path;
	(void)relative;
	++*(int *)context;
	return 0;
}

static void make_deep(const char *below)
{
	int fd = open(below, O_RDONLY | O_DIRECTORY), next;
	char name[201];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int depth = 0; depth < 25; depth++, fd = next) {
		assert_int_equal(mkdirat(fd, name, 0700), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		close(fd);
	}
	close(fd);
}

/* Deeper than a path can say: the walk says so, and visits all the rest. No unit is looked for
 * there. */
static void test_walk_of_a_deep_tree(void **state)
{
	const struct trees *trees = *state;
	struct error unread;
	char path[CGROUP_PATH];
	int count = 0;

	make_deep(trees->mounts.unified);
	assert_int_equal(cgroup_walk_all(&trees->mounts, count_only, &count, &unread), 0);
	assert_int_equal(count, 8 + 20);
	assert_non_null(strstr(unread.text, "cannot read the cgroup '/tmp/"));
	assert_non_null(strstr(unread.text, "…': what is in it lies too deep"));
	assert_int_equal(cgroup_resolve(&trees->mounts, "none", path, &unread), -ENOENT);
}

/* What may not be read is passed over and said; a unit may be just there. */
static void test_walk_of_what_may_not_be_read(void **state)
{
	const struct trees *trees = *state;
	const char *const open_to_all[] = {
		"", "u", "u/docker", "pids", "pids/docker", "pids/old", "pids/old/deep"
	};
	_cleanup_free_ char *closed = at(trees, "u/docker/" ID);
	struct error unread, err = { 0 };
	uid_t user = geteuid();
	char path[CGROUP_PATH];
	int count = 0, walked, unit, other;

	for (size_t i = 0; i < ARRAY_SIZE(open_to_all); i++) {
		_cleanup_free_ char *folder = at(trees, open_to_all[i]);

		assert_int_equal(chmod(folder, 0755), 0);
	}
	assert_int_equal(chmod(closed, 0), 0);
	assert_int_equal(seteuid(user ? user : 65534), 0);
	walked = cgroup_walk_all(&trees->mounts, count_only, &count, &unread);
	unit = cgroup_resolve(&trees->mounts, "none", path, &err);
	other = cgroup_resolve(&trees->mounts, "deep", path, &(struct error){ 0 });
	assert_int_equal(seteuid(user), 0);
	chmod(closed, 0700);
	assert_int_equal(walked, 0);
	assert_int_equal(count, 7);
	assert_non_null(strstr(unread.text, "/docker/" ID "': Permission denied"));
	assert_int_equal(unit, -EACCES);
	assert_non_null(strstr(err.text, "cannot look for the cgroup 'none': cannot read the "));
	assert_int_equal(other, 0);
}

static void check_key(const struct trees *trees, const char *name, uint64_t in_v1)
{
	_cleanup_free_ char *path = at(trees, name);
	struct error err = { 0 };
	struct stat status;
	uint64_t key;

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(cgroup_key(&trees->mounts, path, &key, &err), 0);
	assert_int_equal(key, (uint64_t)status.st_ino << 1 | in_v1);
}

static void test_key(void **state)
{
	const struct trees *trees = *state;
	_cleanup_free_ char *gone = at(trees, "pids/gone");
	struct error err = { 0 };
	uint64_t key;

	check_key(trees, "u/docker", 0);
	check_key(trees, "pids/docker", 1);
	assert_int_equal(cgroup_key(&trees->mounts, gone, &key, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/gone': No such file"));
	assert_int_equal(cgroup_key(&trees->mounts, "/proc", &key, &err), -EINVAL);
	assert_non_null(strstr(err.text, "'/proc' lies in no cgroup hierarchy"));
}

/* One hierarchy mounted within the other: the inner one has the path. */
static void test_key_of_nested_mounts(void **state)
{
	const struct trees *trees = *state;
	struct cgroup_mounts nested = trees->mounts;
	struct error err = { 0 };
	uint64_t key;

	snprintf(nested.unified, CGROUP_PATH, "%s", trees->root);
	assert_int_equal(cgroup_key(&nested, nested.pids, &key, &err), 0);
	assert_int_equal(key & 1, 1);
	assert_int_equal(cgroup_key(&nested, trees->mounts.unified, &key, &err), 0);
	assert_int_equal(key & 1, 0);
}

static void test_resolve(void **state)
{
	const struct trees *trees = *state;
	const struct cgroup_mounts *mounts = &trees->mounts;
	const struct {
		const char *name, *mount, *below;
	} good[] = {
		{ "/docker", mounts->unified, "/docker" },
		{ "docker", mounts->unified, "/docker" },
		{ "docker/", mounts->unified, "/docker" },
		{ "old/deep", mounts->pids, "/old/deep" },
		{ "/old/../old", mounts->pids, "/old" },
		{ "/", mounts->unified, "" },
	};
	const char *bad[] = { "",	  "none",
			      "../other", "/docker/../../other",
			      "/tmp",	  "docker/cgroup.events" };
	_cleanup_free_ char *absolute = at(*state, "pids/docker/"), *other = at(*state, "other");
	char path[CGROUP_PATH];
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		size_t length = strlen(good[i].mount);

		assert_int_equal(cgroup_resolve(mounts, good[i].name, path, &err), 0);
		assert_memory_equal(path, good[i].mount, length);
		assert_string_equal(path + length, good[i].below);
	}
	assert_int_equal(cgroup_resolve(mounts, absolute, path, &err), 0);
	absolute[strlen(absolute) - 1] = '\0';
	assert_string_equal(path, absolute);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(cgroup_resolve(mounts, bad[i], path, &err), -ENOENT);
		assert_non_null(strstr(err.text, "there is no cgroup '"));
		assert_non_null(strstr(err.hint, mounts->unified));
	}
	assert_int_equal(cgroup_resolve(mounts, other, path, &err), -ENOENT);
}

/* By a unit's name, wherever it is; the unified hierarchy first. */
static void test_resolve_unit(void **state)
{
	const char *const folders[] = {
		"u/system.slice",
		"u/system.slice/ssh.service",
		"pids/system.slice",
		"pids/system.slice/ssh.service",
		"u/a.slice",
		"u/a.slice/a-b.slice",
		"pids/a.slice",
		"u/a.slice/a-b.slice/job.scope",
		"pids/a.slice/b.slice",
	};
	const struct {
		const char *name, *found;
	} units[] = {
		{ "ssh.service", "/u/system.slice/ssh.service" },
		{ "ssh", "/u/system.slice/ssh.service" },
		{ "job.scope", "/u/a.slice/a-b.slice/job.scope" },
		{ "b.slice", "/pids/a.slice/b.slice" },
	};
	const struct trees *trees = *state;
	char path[CGROUP_PATH];
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		make(trees, folders[i], NULL);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		assert_int_equal(cgroup_resolve(&trees->mounts, units[i].name, path, &err), 0);
		assert_string_equal(path + strlen(trees->root), units[i].found);
		assert_true(cgroup_is_called(path, units[i].name));
		assert_false(cgroup_is_called(path, "another"));
	}
	assert_int_equal(cgroup_resolve(&trees->mounts, "ss", path, &err), -ENOENT);
	assert_int_equal(cgroup_resolve(&trees->mounts, "slice/ssh", path, &err), -ENOENT);
	make(trees, "u/a.slice/ssh.service", NULL);
	assert_int_equal(cgroup_resolve(&trees->mounts, "ssh", path, &err), -EEXIST);
	assert_non_null(strstr(err.text, "'ssh' is the name of 2 cgroups: /"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TREES(test_walk),
		ON_TREES(test_walk_skips),
		ON_TREES(test_walk_all),
		ON_TREES(test_walk_of_what_vanishes),
		ON_TREES(test_walk_of_what_appears),
		ON_TREES(test_walk_of_a_deep_tree),
		ON_TREES(test_walk_of_what_may_not_be_read),
		ON_TREES(test_key),
		ON_TREES(test_key_of_nested_mounts),
		ON_TREES(test_resolve),
		ON_TREES(test_resolve_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
