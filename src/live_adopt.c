/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_adopt.h"

#include <errno.h>
#include <string.h>

#include "live_watch.h"
#include "proc.h"
#include "util.h"

struct taking {
	struct live *live;
	struct watch *watch;
	struct error *err;
	int pid; /* of the process that is meant; 0: those that are called like the watch */
};

static int adopt_member(int tid, void *context)
{
	struct taking *taking = context;

	return source_live_adopt(taking->live->source, (uint32_t)tid, taking->watch->index,
				 ADOPT_MEMBER, taking->err);
}

static bool ends_in(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return !strcmp(slash ? slash + 1 : path, name);
}

/* Whether the process is the container runtime's, setting the container up. Its comm could be
 * anyone's; its executable is a file of this name, or the copy that the runtime makes of itself: a
 * file in memory, or one mounted nowhere, whose path the kernel gives as the root. Or it is
 * systemd's child, before it executes a unit's command: a systemd that has executed may be what is
 * watched. */
static bool is_runtime(int pid)
{
	static const char *const ends[] = {
		"runc", "crun",		  "lxc-start",	     "lxc-attach",
		"lxd",	"systemd-nspawn", "systemd-executor"
	};
	char path[CGROUP_PATH];
	int status = proc_exe(pid, path, sizeof(path));

	if (status < 0)
		return status == -ESRCH;
	if (ends_in(path, "systemd"))
		return !proc_has_executed(pid);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_in(path, ends[i]))
			return true;
	return !strcmp(path, "/") || strstr(path, "memfd:runc_cloned:") ||
	       strstr(path, "memfd:crun_cloned:");
}

static int each_thread(const struct taking *taking, int pid, proc_visit *visit)
{
	int status;

	taking->err->text[0] = '\0';
	status = proc_threads(pid, visit, (void *)taking);
	if (status >= 0 || taking->err->text[0])
		return status;
	return fail(taking->err, status, "cannot look at the threads of the process %d: %s", pid,
		    strerror(-status));
}

static int adopt_process_member(int pid, void *context)
{
	struct taking *taking = context;

	if (is_runtime(pid))
		return 0;
	taking->watch->late = true;
	return each_thread(taking, pid, adopt_member);
}

static int adopt_thread_member(int tid, void *context)
{
	struct taking *taking = context;

	taking->watch->late = true;
	return adopt_member(tid, taking);
}

/* Each number in a file of the cgroup, which may vanish meanwhile. -EOPNOTSUPP: the kernel does not
 * list that there. */
static int each_listed(struct taking *taking, const char *path, const char *file_name,
		       proc_visit *visit)
{
	char name[CGROUP_PATH + 16];
	_cleanup_fclose_ FILE *file = NULL;
	int status = 0, number;

	snprintf(name, sizeof(name), "%s/%s", path, file_name);
	file = fopen(name, "re");
	errno = file ? 0 : errno;
	while (file && status >= 0 && fscanf(file, "%d", &number) == 1)
		status = visit(number, taking);
	if (status < 0 || (file && !ferror(file)) || errno == ENOENT || errno == ENODEV)
		return status;
	return fail(taking->err, -errno, "cannot read '%s': %s", name, strerror(errno));
}

/* Of a threaded cgroup only the threads are listed. */
int live_adopt_members(struct live *live, struct watch *watch, const char *path, struct error *err)
{
	struct taking taking = { .live = live, .watch = watch, .err = err };
	int status = each_listed(&taking, path, "cgroup.procs", adopt_process_member);

	if (status == -EOPNOTSUPP)
		status = each_listed(&taking, path, "cgroup.threads", adopt_thread_member);
	return status;
}

static int adopt_thread(int tid, void *context)
{
	struct taking *taking = context;

	return source_live_adopt(taking->live->source, (uint32_t)tid, taking->watch->index,
				 ADOPT_TASK, taking->err);
}

/* Takes in all threads of a process. */
static int adopt_process(struct live *live, struct watch *watch, int pid, struct error *err)
{
	struct taking taking = { .live = live, .watch = watch, .err = err };
	int status = proc_threads(pid, adopt_thread, &taking);

	watch->late = true;
	live_watch_met(live, watch);
	return status;
}

/* Named as it was executed, which may be a link, or as the file that runs. */
static bool is_called(int pid, const char *name)
{
	char path[CGROUP_PATH];

	return (proc_execfn(pid, path, sizeof(path)) >= 0 && ends_in(path, name)) ||
	       (proc_exe(pid, path, sizeof(path)) >= 0 && ends_in(path, name));
}

/* Takes in the process if it is meant, or descends from one that is. Those that are forked
 * meanwhile are followed by the sensor. */
static int adopt_if_meant(int pid, void *context)
{
	const struct taking *taking = context;
	int above = pid;

	for (int depth = 0; above > 0 && depth < 4096; depth++) {
		if (taking->pid ? above == taking->pid : is_called(above, taking->watch->called))
			return adopt_process(taking->live, taking->watch, pid, taking->err);
		above = proc_parent(above);
	}
	return 0;
}

int live_adopt_pid(struct live *live, struct watch *watch, struct error *err)
{
	struct taking taking = { .live = live, .watch = watch, .err = err };
	char comm[PROC_COMM];
	int pid = atoi(watch->called);

	if (proc_comm(pid, comm) < 0)
		return fail(err, -ESRCH, "cannot watch the process %s: no such process",
			    watch->called);
	taking.pid = pid;
	return proc_each(adopt_if_meant, &taking);
}

int live_adopt_named(struct live *live, struct watch *watch, struct error *err)
{
	struct taking taking = { .live = live, .watch = watch, .err = err };

	return proc_each(adopt_if_meant, &taking);
}
