/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_await.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util.h"

static int await_called(struct live *live, const struct watch *watch, struct error *err,
			const char *format, ...)
{
	_cleanup_free_ char *name = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&name, format, arguments);
	va_end(arguments);
	if (length < 0)
		return fail(err, -ENOMEM, "cannot wait for '%s': no memory", watch->called);
	while (length > 1 && name[length - 1] == '/')
		name[--length] = '\0';
	return source_live_await(live->source, name, watch->index, err);
}

/* What is behind the mount point, from the slash on; NULL: it lies elsewhere. */
static const char *below(const char *mount, const char *path)
{
	size_t length = strlen(mount);

	return length && !strncmp(path, mount, length) && path[length] == '/' ? path + length
									      : NULL;
}

/* As cgroup_resolve() understands it. */
static int await_cgroup(struct live *live, const struct watch *watch, struct error *err)
{
	const char *called = watch->called, *path = NULL;
	int status;

	if (!strchr(called, '/')) {
		status = await_called(live, watch, err, "%s", called);
		return status < 0 ? status : await_called(live, watch, err, "%s.service", called);
	}
	if (called[0] != '/')
		return await_called(live, watch, err, "/%s", called);
	path = below(live->mounts.unified, called);
	if (!path)
		path = below(live->mounts.pids, called);
	return path ? await_called(live, watch, err, "%s", path) : 0;
}

int live_await(struct live *live, const struct watch *watch, struct error *err)
{
	if (watch->kind == TARGET_TASK)
		return source_live_name(live->source, watch->called, watch->index, err);
	return watch->kind == TARGET_CGROUP ? await_cgroup(live, watch, err) : 0;
}
