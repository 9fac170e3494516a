/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two trees of plain directories that stand for the two hierarchies of cgroups. There an inode
 * number stands for the cgroup's id.
 */
#ifndef BOSC_TESTS_CGROUP_TREES_H
#define BOSC_TESTS_CGROUP_TREES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* Before cmocka, which has a macro fail(). */
#include "../../src/cgroup.h"
#include "../../src/util.h"

#include <cmocka.h>

#define ID "0f3c9a7be1d24586a0b1c2d3e4f5061728394a5b6c7d8e9f0123456789abcdef"

/* Two hierarchies made of plain directories. */
struct trees {
	char root[64];
	struct cgroup_mounts mounts;
};

static inline char *at(const struct trees *trees, const char *path)
{
	char *full = NULL;

	assert_true(asprintf(&full, "%s/%s", trees->root, path) > 0);
	return full;
}

static inline void make(const struct trees *trees, const char *path, const char *text)
{
	_cleanup_free_ char *full = at(trees, path);
	_cleanup_fclose_ FILE *file = NULL;

	if (!text) {
		assert_int_equal(mkdir(full, 0700), 0);
		return;
	}
	file = fopen(full, "w");
	assert_non_null(file);
	fputs(text, file);
}

static inline int make_trees(void **state)
{
	struct trees *trees = calloc(1, sizeof(*trees));

	strcpy(trees->root, "/tmp/bosc-test-XXXXXX");
	assert_non_null(mkdtemp(trees->root));
	snprintf(trees->mounts.unified, CGROUP_PATH, "%s/u", trees->root);
	snprintf(trees->mounts.pids, CGROUP_PATH, "%s/pids", trees->root);
	make(trees, "u", NULL);
	make(trees, "u/docker", NULL);
	make(trees, "u/docker/" ID, NULL);
	make(trees, "u/docker/" ID "/inner", NULL);
	make(trees, "u/docker/" ID "/cgroup.procs", "");
	make(trees, "pids", NULL);
	make(trees, "pids/docker", NULL);
	make(trees, "pids/old", NULL);
	make(trees, "pids/old/deep", NULL);
	make(trees, "pids/old/cgroup.procs", "");
	make(trees, "pids/old/deep/cgroup.procs", "4711\n");
	make(trees, "other", NULL);
	*state = trees;
	return 0;
}

static inline int remove_trees(void **state)
{
	struct trees *trees = *state;
	char command[128];
	int status;

	snprintf(command, sizeof(command), "rm -rf '%s'", trees->root);
	status = system(command);
	free(trees);
	return status;
}

#define ON_TREES(test) cmocka_unit_test_setup_teardown(test, make_trees, remove_trees)

#endif
