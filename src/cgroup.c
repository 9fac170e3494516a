/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds the cgroups of this machine.
 */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

#define HANDLE_KERNFS 0xfe /* FILEID_KERNFS of linux/exportfs.h, which user space does not get */

static bool is_below(const char *path, const char *mount)
{
	size_t length = strlen(mount);

	return length && !strncmp(path, mount, length) &&
	       (path[length] == '/' || path[length] == '\0');
}

/* The mount point in which `path` lies, or NULL. One may be mounted inside the other. */
static const char *mount_of(const struct cgroup_mounts *mounts, const char *path)
{
	bool unified = is_below(path, mounts->unified), pids = is_below(path, mounts->pids);

	if (unified && pids)
		return is_below(mounts->pids, mounts->unified) ? mounts->pids : mounts->unified;
	if (unified)
		return mounts->unified;
	return pids ? mounts->pids : NULL;
}

/* The kernel's kn->id. Only the file handle has all 64 bits of it on every architecture; the inode
 * number has them where ino_t is as wide. */
static int kernfs_id(const char *path, uint64_t *ret_id)
{
	struct {
		struct file_handle head;
		unsigned char id[sizeof(uint64_t)];
	} handle = { .head.handle_bytes = sizeof(handle.id) };
	struct stat status;
	int mount;

	if (!name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0) &&
	    handle.head.handle_type == HANDLE_KERNFS &&
	    handle.head.handle_bytes == sizeof(handle.id)) {
		memcpy(ret_id, handle.id, sizeof(*ret_id));
		return 0;
	}
	if (stat(path, &status))
		return -errno;
	*ret_id = status.st_ino;
	return 0;
}

int cgroup_key(const struct cgroup_mounts *mounts, const char *path, uint64_t *ret_key,
	       struct error *err)
{
	const char *mount = mount_of(mounts, path);
	uint64_t id = 0;
	int status;

	if (!mount)
		return fail(err, -EINVAL, "'%s' lies in no cgroup hierarchy", path);
	status = kernfs_id(path, &id);
	if (status)
		return fail(err, status, "cannot read the id of cgroup '%s': %s", path,
			    strerror(-status));
	*ret_key = id << 1 | (mount == mounts->pids);
	return 0;
}

struct walk {
	const char *mount;
	cgroup_visit *visit;
	void *context;
	struct error *unread; /* its text is empty until something is passed over */
	bool denied;	      /* and not only because it lies too deep */
};

#define SHOWN 400 /* of a path that may be longer than a sentence */

static int pass_over(const struct walk *walk, const char *path, const char *why)
{
	if (!walk->unread->text[0])
		fail(walk->unread, 0, "cannot read the cgroup '%.*s%s': %s", SHOWN, path,
		     strlen(path) > SHOWN ? "…" : "", why);
	return 0;
}

static bool has_vanished(int error)
{
	return error == ENOENT || error == ENODEV;
}

static int pass_over_denied(struct walk *walk, const char *path)
{
	if (has_vanished(errno))
		return 0;
	if (!walk->denied)
		walk->unread->text[0] = '\0';
	walk->denied = true;
	return pass_over(walk, path, strerror(errno));
}

struct names {
	struct dirent **entry;
	int count;
};

static void names_free(const struct names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->entry[i]);
	free(names->entry);
}

static int is_cgroup(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* `path` has CGROUP_PATH bytes and is lengthened in place. The names are read first and the
 * directory closed, so that a deep tree does not use up the file descriptors. */
static int walk_tree(struct walk *walk, char *path)
{
	_cleanup_(names_free) struct names names = { 0 };
	size_t length = strlen(path), mount = strlen(walk->mount);
	int status;

	if (access(path, F_OK))
		return pass_over_denied(walk, path);
	status = walk->visit(path, path[mount] ? path + mount : "/", walk->context);
	if (status)
		return status == CGROUP_SKIP ? 0 : status;
	names.count = scandir(path, &names.entry, is_cgroup, NULL);
	if (names.count < 0)
		return pass_over_denied(walk, path);
	for (int i = 0; i < names.count && !status; i++) {
		if (length + strlen(names.entry[i]->d_name) + 2 > CGROUP_PATH) {
			pass_over(walk, path, "what is in it lies too deep");
			continue;
		}
		path[length] = '/';
		strcpy(path + length + 1, names.entry[i]->d_name);
		status = walk_tree(walk, path);
		path[length] = '\0';
	}
	return status;
}

static int walk_from(struct walk *walk, const char *path)
{
	char place[CGROUP_PATH];
	size_t length = strlen(path);

	if (length >= sizeof(place))
		return pass_over(walk, path, "it lies too deep");
	memcpy(place, path, length + 1);
	while (length > strlen(walk->mount) && place[length - 1] == '/')
		place[--length] = '\0';
	return walk_tree(walk, place);
}

int cgroup_walk(const struct cgroup_mounts *mounts, const char *path, cgroup_visit *visit,
		void *context, struct error *ret_unread)
{
	struct walk walk = { mount_of(mounts, path), visit, context, ret_unread, false };

	*ret_unread = (struct error){ 0 };
	if (!walk.mount)
		return fail(ret_unread, -EINVAL, "'%s' lies in no cgroup hierarchy", path);
	return walk_from(&walk, path);
}

int cgroup_walk_all(const struct cgroup_mounts *mounts, cgroup_visit *visit, void *context,
		    struct error *ret_unread)
{
	const char *roots[] = { mounts->unified, mounts->pids };
	int status = 0;

	*ret_unread = (struct error){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(roots) && !status; i++) {
		struct walk walk = { roots[i], visit, context, ret_unread, false };

		if (roots[i][0])
			status = walk_from(&walk, roots[i]);
	}
	return status;
}

/* Whether mount/name is a cgroup of that hierarchy: ".." and symbolic links are followed, and must
 * not lead out of it. `ret_path` has CGROUP_PATH bytes. */
static bool resolve_below(const char *mount, const char *name, char *ret_path)
{
	_cleanup_free_ char *joined = NULL, *real = NULL;
	struct stat status;

	if (!mount[0] || asprintf(&joined, "%s/%s", mount, name) < 0)
		return false;
	real = realpath(joined, NULL);
	if (!real || !is_below(real, mount) || strlen(real) >= CGROUP_PATH)
		return false;
	if (stat(real, &status) || !S_ISDIR(status.st_mode))
		return false;
	strcpy(ret_path, real);
	return true;
}

/* The cgroups that have a unit's name, in one hierarchy. */
struct unit_search {
	const char *name;
	char *ret_path;
	size_t count;
	char both[2][CGROUP_PATH]; /* of the first two, to be told apart */
};

static bool is_unit(const char *last, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(last, name, length) &&
	       (!last[length] || !strcmp(last + length, ".service"));
}

static int note_unit(const char *path, const char *relative, void *context)
{
	struct unit_search *search = context;
	const char *slash = strrchr(relative, '/');

	if (!slash || !slash[1] || !is_unit(slash + 1, search->name))
		return 0;
	if (search->count < 2)
		snprintf(search->both[search->count], CGROUP_PATH, "%s", relative);
	if (!search->count++)
		snprintf(search->ret_path, CGROUP_PATH, "%s", path);
	return 0;
}

/* A unit of systemd, wherever its cgroup is: "ssh.service", or "ssh". None lies too deep: whoever
 * may make cgroups, as some containers may, must not keep others from being looked for. */
static int resolve_unit(const struct cgroup_mounts *mounts, const char *name, char *ret_path,
			struct error *err)
{
	const char *hierarchies[] = { mounts->unified, mounts->pids };
	struct unit_search search = { .name = name, .ret_path = ret_path };
	struct error unread = { 0 };
	struct walk walk = { NULL, note_unit, &search, &unread, false };

	if (!name[0] || strchr(name, '/'))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(hierarchies) && !search.count; i++) {
		walk.mount = hierarchies[i];
		if (walk.mount[0])
			walk_from(&walk, walk.mount);
	}
	if (!search.count && walk.denied)
		return fail(err, -EACCES, "cannot look for the cgroup '%.200s': %.700s", name,
			    unread.text);
	if (search.count < 2)
		return search.count ? 0 : -ENOENT;
	fail(err, -EEXIST, "'%s' is the name of %zu cgroups: %.300s, %.300s%s", name, search.count,
	     search.both[0], search.both[1], search.count > 2 ? ", …" : "");
	return fail_hint(err, -EEXIST, "the path of one of them");
}

int cgroup_resolve(const struct cgroup_mounts *mounts, const char *name, char *ret_path,
		   struct error *err)
{
	_cleanup_free_ char *real = name[0] == '/' ? realpath(name, NULL) : NULL;
	const char *mount = real ? mount_of(mounts, real) : NULL;
	int status;

	if (mount && resolve_below(mount, real + strlen(mount), ret_path))
		return 0;
	if (name[0] && !mount &&
	    (resolve_below(mounts->unified, name, ret_path) ||
	     resolve_below(mounts->pids, name, ret_path)))
		return 0;
	status = resolve_unit(mounts, name, ret_path, err);
	if (status != -ENOENT)
		return status;
	fail(err, -ENOENT, "there is no cgroup '%s'", name);
	return fail_hint(err, -ENOENT, "a directory below '%s', or a unit of systemd",
			 mounts->unified[0] ? mounts->unified : mounts->pids);
}

bool cgroup_is_called(const char *path, const char *name)
{
	return is_unit(strrchr(path, '/') + 1, name);
}

bool cgroup_may_come(const struct cgroup_mounts *mounts, const char *name)
{
	_cleanup_free_ char *real = name[0] == '/' ? realpath(name, NULL) : NULL;

	return name[0] && !strstr(name, "..") && (!real || mount_of(mounts, real));
}
