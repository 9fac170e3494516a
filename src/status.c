/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "../core/numbers.h"
#include "cgroup.h"
#include "container.h"
#include "store.h"
#include "util.h"

#define FIRST_PID_NAMESPACE 0xEFFFFFFCu /* the kernel's PROC_PID_INIT_INO */
#define KERNEL_LEAST	    "6.1"
#define MEMORY_LEAST_KB	    (160ull << 10)

void feature_is(struct feature *feature, enum feature_state state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	feature->state = state;
	vsnprintf(feature->fact, sizeof(feature->fact), format, args);
	va_end(args);
}

void feature_cure(struct feature *feature, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(feature->cure, sizeof(feature->cure), format, args);
	va_end(args);
}

void feature_failed(struct feature *feature, const struct error *err)
{
	char *more;

	feature_is(feature, FEATURE_NO, "%.500s", err->text);
	feature_cure(feature, "%s", err->hint);
	more = strstr(feature->cure, "'bosc status'");
	if (more)
		*more = '\0';
	if (more && more - feature->cure >= 2 && !memcmp(more - 2, "; ", 2))
		more[-2] = '\0';
}

const char *feature_state_name(enum feature_state state)
{
	static const char *const names[] = {
		[FEATURE_YES] = "yes",
		[FEATURE_PARTLY] = "partly",
		[FEATURE_NO] = "no",
		[FEATURE_UNKNOWN] = "unknown",
	};

	return names[state];
}

static void look_kernel(struct feature *feature, const struct options *options)
{
	unsigned int major = 0, minor = 0;
	struct utsname host;

	(void)options;
	uname(&host);
	feature_is(feature, FEATURE_YES, "%s %s, %s", host.sysname, host.release, host.machine);
	if (sscanf(host.release, "%u.%u", &major, &minor) == 2 && (major > 6 || minor >= 1) &&
	    major >= 6)
		return;
	feature->state = FEATURE_PARTLY;
	feature_cure(feature, "Linux " KERNEL_LEAST " or later; the sensor was made for no older");
}

/* bosc compares what the kernel says of tasks with what /proc says of them. */
static void look_pid_namespace(struct feature *feature, const struct options *options)
{
	struct stat status;

	(void)options;
	if (stat("/proc/self/ns/pid", &status) < 0) {
		feature_is(feature, FEATURE_NO, "cannot look at '/proc/self/ns/pid': %s",
			   strerror(errno));
		feature_cure(feature, "mount -t proc none /proc");
		return;
	}
	if (status.st_ino == FIRST_PID_NAMESPACE) {
		feature_is(feature, FEATURE_YES, "the host's");
		return;
	}
	feature_is(feature, FEATURE_NO,
		   "one of its own, where processes have other numbers than in the kernel");
	feature_cure(feature, "bosc on the host, or in a container with --pid=host");
}

static void look_cgroups(struct feature *feature, const struct options *options)
{
	struct cgroup_mounts mounts;
	struct error err = { 0 };

	(void)options;
	if (cgroup_mounts_read(&mounts, &err) < 0) {
		feature_failed(feature, &err);
		return;
	}
	feature_is(feature, FEATURE_YES, "%s%.200s%s%s%.200s%s", mounts.unified[0] ? "v2 at " : "",
		   mounts.unified, mounts.unified[0] && mounts.pids[0] ? ", " : "",
		   mounts.pids[0] ? "v1 pids at " : "", mounts.pids,
		   mounts.unified[0] && mounts.pids[0] ? " (hybrid)" : "");
}

/* How many containers each runtime has. */
static void count_containers(const struct container_list *list, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->count && length < size; i++) {
		const char *runtime = list->all[i].runtime;
		size_t before = 0, count = 0;

		for (size_t other = 0; other < list->count; other++) {
			bool same = !strcmp(list->all[other].runtime, runtime);

			count += same;
			before += same && other < i;
		}
		if (!before)
			length += (size_t)snprintf(text + length, size - length, "%s%zu of %s",
						   length ? ", " : "", count, runtime);
	}
}

static void look_containers(struct feature *feature, const struct options *options)
{
	_cleanup_list_ struct container_list list = { 0 };
	char text[256];
	int status = container_list_all(&list);

	(void)options;
	count_containers(&list, text, sizeof(text));
	if (status == 0) {
		feature_is(feature, FEATURE_YES, "%s", text[0] ? text : "none is there now");
		return;
	}
	if (status == -ENOENT) {
		feature_is(feature, FEATURE_PARTLY, "no container runtime is known here");
		return;
	}
	feature_failed(feature, &list.reason);
	feature->state = FEATURE_PARTLY;
	if (strstr(list.reason.text, strerror(EACCES)))
		feature_cure(feature, "run as root, or as a member of the socket's group (docker)");
}

/* Whether the file can be made: in its folder, or for the default in a folder that is made, too. */
static bool can_be_made(const char *path)
{
	char folder[4096];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		return !faccessat(AT_FDCWD, ".", W_OK, AT_EACCESS);
	slash[slash == folder] = '\0';
	if (!faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS))
		return true;
	if (errno != ENOENT || strcmp(path, STORE_DEFAULT) != 0)
		return false;
	*strrchr(folder, '/') = '\0';
	return !faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS);
}

static void store_missing(struct feature *feature, const char *path)
{
	if (can_be_made(path)) {
		feature_is(feature, FEATURE_YES, "'%.400s' is not there yet; bosc learn makes it",
			   path);
		return;
	}
	feature_is(feature, FEATURE_NO, "'%.400s' is not there and cannot be made: %s", path,
		   strerror(errno));
	feature_cure(feature, "run as root, or --store PATH in a folder that can be written");
}

static void store_there(struct feature *feature, const char *path, size_t count)
{
	bool writable = !path || !faccessat(AT_FDCWD, path, W_OK, AT_EACCESS);

	feature_is(feature, writable ? FEATURE_YES : FEATURE_PARTLY,
		   "%s%.400s%s%zu profile%s, readable %s", path ? "'" : "", path ? path : "",
		   path ? "', " : "", count, plural(count),
		   writable ? "and writable" : "only: bosc monitor works, bosc learn does not");
	if (!writable)
		feature_cure(feature, "run as root, or --store PATH, a file that can be written");
}

static void look_store(struct feature *feature, const struct options *options)
{
	_cleanup_(store_close_p) struct store *store = NULL;
	_cleanup_free_ struct store_entry *entries = NULL;
	const char *path = store_file(options->store);
	struct error err = { 0 };
	size_t count = 0;
	int status;

	if (path && faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) < 0 && errno == ENOENT) {
		store_missing(feature, path);
		return;
	}
	status = store_open(options->store, false, &store, &err);
	if (status >= 0 && store_away(store)) {
		feature_is(feature, FEATURE_PARTLY, "%.400s", store_away(store));
		feature_cure(feature, "its server, and the way to it; until then bosc goes on with "
				      "what this machine keeps");
		return;
	}
	if (status >= 0)
		status = store_list(store, &entries, &count, &err);
	if (status >= 0) {
		store_there(feature, path, count);
		return;
	}
	if (status == -ENOENT) {
		feature_is(feature, FEATURE_YES, "%.400s; bosc learn fills it", err.text);
		return;
	}
	feature_failed(feature, &err);
	if (!err.hint[0])
		feature_cure(feature, "run as root, or --store PATH, another one");
}

static void look_memory(struct feature *feature, const struct options *options)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long free_kb = 0;
	char line[128];

	(void)options;
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &free_kb) == 1)
			break;
	if (!free_kb) {
		feature_is(feature, FEATURE_UNKNOWN, "'/proc/meminfo' does not say");
		return;
	}
	feature_is(feature, free_kb < MEMORY_LEAST_KB ? FEATURE_PARTLY : FEATURE_YES,
		   "%llu MB available; bosc takes about 30, 80 while recording", free_kb >> 10);
	if (free_kb < MEMORY_LEAST_KB)
		feature_cure(feature, "a machine, or a service, with more memory");
}

/* The rows of the table. A feature more is a line more. */
static const struct look {
	const char *name, *title;
	bool needed;
	void (*look)(struct feature *feature, const struct options *options);
} looks[] = {
	{ "kernel", "kernel", false, look_kernel },
	{ "types", "type information", true, status_types },
	{ "bpf", "BPF", true, status_bpf },
	{ "capabilities", "capabilities", true, status_capabilities },
	{ "lockdown", "lockdown", true, status_lockdown },
	{ "tracepoints", "tracepoints", true, status_tracepoints },
	{ "io_uring", "io_uring", false, status_uring },
	{ "sensor", "sensor", true, status_sensor },
	{ "pid_namespace", "pid namespace", true, look_pid_namespace },
	{ "cgroups", "cgroups", true, look_cgroups },
	{ "engine", "container names", false, look_containers },
	{ "store", "store", true, look_store },
	{ "memory", "memory", false, look_memory },
};

bool status_look(const struct options *options, status_visit *visit, void *context)
{
	bool ready = true;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct feature feature = {
			.name = looks[i].name,
			.title = looks[i].title,
			.needed = looks[i].needed,
		};

		looks[i].look(&feature, options);
		ready = ready && !(feature.needed && feature.state == FEATURE_NO);
		visit(&feature, context);
	}
	return ready;
}
