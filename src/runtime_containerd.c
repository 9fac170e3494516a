/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * containerd keeps the bundle of each container whose task lives in NAMESPACE/ID below its state, and
 * makes it before the cgroup. That of a Docker engine, in the namespace "moby", is Docker's to tell of.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"
#include "util.h"

/* Debian's and most others', k3s', MicroK8s', and that which a Docker engine starts itself. */
static const char *const states[] = {
	"/run/containerd/io.containerd.runtime.v2.task",
	"/run/k3s/containerd/io.containerd.runtime.v2.task",
	"/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task",
	"/run/docker/containerd/daemon/io.containerd.runtime.v2.task",
};

/* An id is unique in its namespace. One of 64 digits, as Kubernetes and nerdctl draw them, is so
 * everywhere, and the cgroup is named by it alone. */
static void make_id(char ret_id[CONTAINER_ID], const char *namespace, const char *name)
{
	if (container_id_is_hex(name))
		snprintf(ret_id, CONTAINER_ID, "%s", name);
	else
		snprintf(ret_id, CONTAINER_ID, "%s/%s", namespace, name);
}

static int add_bundle(const char *folder, const char *name, void *context)
{
	const char *slash = strrchr(folder, '/');
	char path[RUNTIME_PATH], id[CONTAINER_ID];
	struct container *container;
	int status;

	make_id(id, slash + 1, name);
	status = container_list_claim(context, id, "containerd", &container);
	if (!container)
		return status;
	if (!container_id_is_hex(name))
		CONTAINER_TEXT(container->name, id);
	if (snprintf(path, sizeof(path), "%s/%s/config.json", folder, name) < (int)sizeof(path))
		runtime_spec(container, path);
	return 0;
}

static int add_namespace(const char *folder, const char *name, void *context)
{
	char path[RUNTIME_PATH];
	int status = 0;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		status = runtime_each(path, add_bundle, context);
	return status == -ENOMEM ? status : 0;
}

static int containerd_list(struct container_list *list, struct error *err)
{
	char path[RUNTIME_PATH];
	int found = -ENOENT;

	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		int status;

		runtime_path(path, "%s", states[i]);
		status = runtime_each(path, add_namespace, list);
		if (status == -ENOMEM)
			return status;
		if (!status)
			found = 0;
	}
	return found;
}

/* "…/NAMESPACE/ID" */
static bool containerd_knows(const char *relative, char ret_id[CONTAINER_ID])
{
	const char *name = strrchr(relative, '/');
	const char *begin = name;
	char path[RUNTIME_PATH], both[CONTAINER_ID];

	while (begin > relative && begin[-1] != '/')
		begin--;
	if (!name || begin == name ||
	    snprintf(both, sizeof(both), "%s", begin) >= (int)sizeof(both))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		runtime_path(path, "%s/%s/config.json", states[i], both);
		if (access(path, F_OK))
			continue;
		strcpy(ret_id, both);
		return true;
	}
	return false;
}

const struct runtime runtime_containerd = { .list = containerd_list, .knows = containerd_knows };
