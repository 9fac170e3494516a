/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the cgroup hierarchies are mounted.
 */
#include <errno.h>
#include <string.h>

#include "cgroup.h"
#include "util.h"

/* The fields of a line of mountinfo that count here. */
struct mount_line {
	const char *root;
	char *point;
	const char *type;
	char *options;
};

static bool mount_line_split(char *line, struct mount_line *ret_mount)
{
	char *field[6], *next;

	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return false;
	}
	do
		next = strsep(&line, " ");
	while (next && strcmp(next, "-"));
	ret_mount->root = field[3];
	ret_mount->point = field[4];
	ret_mount->type = strsep(&line, " ");
	strsep(&line, " ");
	ret_mount->options = line;
	return line != NULL;
}

/* The kernel writes blanks, line ends and backslashes as three octal digits. */
static void unescape(char *text)
{
	const char *from = text;

	while (*from) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*text++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
					 (from[3] - '0'));
			from += 4;
		} else {
			*text++ = *from++;
		}
	}
	*text = '\0';
}

static bool has_option(char *options, const char *wanted)
{
	const char *option;

	while ((option = strsep(&options, ",")))
		if (!strcmp(option, wanted))
			return true;
	return false;
}

/* How much of its hierarchy a mount shows: 0 for a part of it, 1 from the root of this cgroup
 * namespace ("/"), and more by each step above that ("/../.."). */
static int mount_extent(const char *root)
{
	int extent = 1;

	for (; !strncmp(root, "/..", 3); root += 3)
		extent++;
	return !strcmp(root, extent == 1 ? "/" : "") ? extent : 0;
}

static void mount_offer(const struct mount_line *mount, char *point, int *extent)
{
	int offered = mount_extent(mount->root);

	if (point[0] && offered <= *extent)
		return;
	unescape(mount->point);
	if (strlen(mount->point) >= CGROUP_PATH)
		return;
	strcpy(point, mount->point);
	*extent = offered;
}

int cgroup_mounts_parse(FILE *mountinfo, struct cgroup_mounts *ret_mounts)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	struct mount_line mount;
	int unified = 0, pids = 0;

	ret_mounts->unified[0] = ret_mounts->pids[0] = '\0';
	while (getline(&line, &size, mountinfo) >= 0) {
		if (!mount_line_split(line, &mount))
			continue;
		if (!strcmp(mount.type, "cgroup2"))
			mount_offer(&mount, ret_mounts->unified, &unified);
		else if (!strcmp(mount.type, "cgroup") && has_option(mount.options, "pids"))
			mount_offer(&mount, ret_mounts->pids, &pids);
	}
	return ret_mounts->unified[0] || ret_mounts->pids[0] ? 0 : -ENOENT;
}

int cgroup_mounts_read(struct cgroup_mounts *ret_mounts, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/mountinfo", "re");

	if (!file)
		return fail(err, -errno, "cannot open '/proc/self/mountinfo': %s", strerror(errno));
	if (!cgroup_mounts_parse(file, ret_mounts))
		return 0;
	fail(err, -ENOENT, "no cgroup hierarchy is mounted, neither the unified one nor pids");
	return fail_hint(err, -ENOENT, "mount -t cgroup2 none /sys/fs/cgroup");
}
