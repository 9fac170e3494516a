/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The features of the kernel. Whether the sensor works is found by loading it; all other lines
 * explain why it does not, or say it to whoever may not try.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cgroup.h"
#include "privileges.h"
#include "source_live.h"
#include "status.h"
#include "util.h"

#define TYPES	 "/sys/kernel/btf/vmlinux"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define URING	 "io_uring_submit_" /* its event has another name before Linux 6.4 */

void status_types(struct feature *feature, const struct options *options)
{
	struct stat status;

	(void)options;
	if (!source_live_has_types() || stat(TYPES, &status) < 0) {
		feature_is(feature, FEATURE_NO, "'" TYPES "' %s",
			   access(TYPES, F_OK)	 ? "is not there"
			   : access(TYPES, R_OK) ? "cannot be read"
						 : "is empty");
		feature_cure(feature, "a kernel built with CONFIG_DEBUG_INFO_BTF=y, as Debian's "
				      "are; in a container, the host's /sys");
		return;
	}
	feature_is(feature, FEATURE_YES, "'" TYPES "', %.1f MB", (double)status.st_size / 1e6);
}

/* A number that the kernel tells below /proc/sys; -1: it does not. */
static int setting(const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	int value;

	return file && fscanf(file, "%d", &value) == 1 ? value : -1;
}

/* Whoever has no capability is refused before the command is looked at, where that is the rule. */
void status_bpf(struct feature *feature, const struct options *options)
{
	int refusal = syscall(SYS_bpf, -1, NULL, 0) < 0 ? errno : 0;
	int disabled = setting("/proc/sys/kernel/unprivileged_bpf_disabled");

	(void)options;
	if (refusal == ENOSYS) {
		feature_is(feature, FEATURE_NO, "this kernel has no bpf()");
		feature_cure(feature, "a kernel built with CONFIG_BPF_SYSCALL=y");
	} else if (refusal == EPERM && !privileges_missing(PRIVILEGES_SENSOR)) {
		feature_is(feature, FEATURE_NO, "a seccomp filter or a security module forbids it");
		feature_cure(feature, "bosc on the host, or in a container with "
				      "--security-opt seccomp=unconfined");
	} else if (setting("/proc/sys/net/core/bpf_jit_enable") == 0) {
		feature_is(feature, FEATURE_PARTLY, "it is interpreted, which is slow");
		feature_cure(feature, "sysctl net.core.bpf_jit_enable=1");
	} else if (disabled > 0) {
		feature_is(feature, FEATURE_YES,
			   "for CAP_BPF only (kernel.unprivileged_bpf_disabled = %d)", disabled);
	} else {
		feature_is(feature, FEATURE_YES, "some of it for everybody, bosc's for CAP_BPF");
	}
}

void status_capabilities(struct feature *feature, const struct options *options)
{
	const unsigned int all = PRIVILEGES_SENSOR | PRIVILEGES_CGROUP | PRIVILEGES_NAME;
	unsigned int missing = privileges_missing(all);
	const char *without = "";
	struct error err;

	(void)options;
	if (!missing) {
		char names[PRIVILEGES_TEXT];

		feature_is(feature, FEATURE_YES, "%s", privileges_names(all, names));
		return;
	}
	if (!(missing & PRIVILEGES_SENSOR))
		without = missing & PRIVILEGES_CGROUP ? ": no -c, -g, -t and --all" : ": no -t";
	privileges_fail(&err, missing, "watch");
	feature_failed(feature, &err);
	if (missing == PRIVILEGE_DAC_READ_SEARCH)
		feature->state = FEATURE_PARTLY;
	memmove(feature->fact, feature->fact + strlen("cannot watch: "),
		strlen(feature->fact) + 1 - strlen("cannot watch: "));
	strncat(feature->fact, without, sizeof(feature->fact) - strlen(feature->fact) - 1);
}

/* The file says "none [integrity] confidentiality". */
void status_lockdown(struct feature *feature, const struct options *options)
{
	_cleanup_fclose_ FILE *file = fopen(LOCKDOWN, "re");
	char text[128] = "", *level, *end;

	(void)options;
	if (!file && errno == ENOENT) {
		feature_is(feature, FEATURE_UNKNOWN,
			   "there is no '" LOCKDOWN "': none is in force, or securityfs is not "
			   "mounted");
		return;
	}
	level = file && fgets(text, sizeof(text), file) ? strchr(text, '[') : NULL;
	end = level ? strchr(level, ']') : NULL;
	if (!end) {
		feature_is(feature, FEATURE_UNKNOWN, "'" LOCKDOWN "' cannot be read");
		return;
	}
	*end = '\0';
	feature_is(feature, FEATURE_YES, "%s", level + 1);
	if (strcmp(level + 1, "confidentiality") != 0)
		return;
	feature_is(feature, FEATURE_NO, "confidentiality: no program may read the kernel's memory");
	feature_cure(feature, "boot without lockdown=confidentiality (integrity is no hindrance)");
}

struct events {
	unsigned int there, missing;
	bool uring, uring_there;
	char names[256]; /* of the missing */
};

/* What may be missing is counted apart: without it less is seen, but the sensor works. */
static void count_event(const char *event, bool there, void *context)
{
	struct events *events = context;
	size_t length = strlen(events->names);

	if (!strncmp(event, URING, strlen(URING))) {
		events->uring = true;
		events->uring_there |= there;
		return;
	}
	events->there += there;
	events->missing += !there;
	if (!there)
		snprintf(events->names + length, sizeof(events->names) - length, "%s%s",
			 length ? ", " : "", event);
}

/* False: the kernel does not tell. */
static bool count_events(struct feature *feature, struct events *events)
{
	*events = (struct events){ 0 };
	if (source_live_events(count_event, events) >= 0)
		return true;
	feature_is(feature, FEATURE_UNKNOWN, "the kernel's type information would tell");
	return false;
}

void status_tracepoints(struct feature *feature, const struct options *options)
{
	struct events events;

	(void)options;
	if (!count_events(feature, &events))
		return;
	feature_is(feature, FEATURE_YES, "all %u that the sensor hangs on", events.there);
	if (!events.missing)
		return;
	feature_is(feature, FEATURE_NO, "this kernel has no %s", events.names);
	feature_cure(feature, "a kernel built with CONFIG_FTRACE_SYSCALLS=y and CONFIG_CGROUPS=y");
}

void status_uring(struct feature *feature, const struct options *options)
{
	struct events events;

	(void)options;
	if (!count_events(feature, &events))
		return;
	if (events.uring_there)
		feature_is(feature, FEATURE_YES, "its operations are seen");
	else
		feature_is(feature, FEATURE_NO, "operations of io_uring are not seen: %s",
			   events.uring ? "this kernel has no tracepoint for them"
					: "this bosc has no program for them");
}

static int ignore_event(const struct event *event, size_t size, void *context, struct error *err)
{
	(void)event;
	(void)size;
	(void)context;
	(void)err;
	return 0;
}

/* As bosc learn does it. No target is ever told, so that nothing is watched. */
static int try_sensor(struct error *err)
{
	_cleanup_(source_close_p) struct source *source = NULL;
	struct live_settings settings = {
		.mode = MODE_LEARN,
		.window = WINDOW_DEFAULT,
		.bag_room = 1 << 18,
		.targets = 1,
		.in_unified = true,
		.in_pids = true,
		.by_task = true,
		.wake_fd = -1,
	};
	int status = source_live_open(&settings, ignore_event, NULL, &source, err);

	return status < 0 ? status : source_live_attach(source, err);
}

void status_sensor(struct feature *feature, const struct options *options)
{
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	struct error err = { 0 };

	(void)options;
	if (try_sensor(&err) >= 0) {
		feature_is(
			feature, FEATURE_YES, "loaded, attached and removed in %llu ms",
			(unsigned long long)((clock_ns(CLOCK_MONOTONIC) - begun_ns) / NS_PER_MS));
		return;
	}
	feature_failed(feature, &err);
	if (privileges_missing(PRIVILEGES_SENSOR))
		strncat(feature->fact, "; whether this kernel takes it is not known",
			sizeof(feature->fact) - strlen(feature->fact) - 1);
}
