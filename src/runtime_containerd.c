/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * containerd tells of its containers behind its socket. It also keeps the bundle of each container whose
 * task lives in NAMESPACE/ID below its state, and makes it before the cgroup: that tells nearly the
 * same, but the image, where the socket does not answer. Those of a Docker engine, in the namespace
 * "moby", are Docker's to tell of.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "containerd.h"
#include "runtime.h"
#include "util.h"

/* Debian's and most others', k3s', k0s', MicroK8s', and that which a Docker engine starts itself. */
static const struct {
	const char *state, *socket;
} places[] = {
	{ "/run/containerd", "/run/containerd/containerd.sock" },
	{ "/run/k3s/containerd", "/run/k3s/containerd/containerd.sock" },
	{ "/run/k0s/containerd", "/run/k0s/containerd.sock" },
	{ "/var/snap/microk8s/common/run/containerd",
	  "/var/snap/microk8s/common/run/containerd.sock" },
	{ "/run/docker/containerd/daemon", "/run/docker/containerd/containerd.sock" },
};

#define TASKS "io.containerd.runtime.v2.task"

static int add_bundle(const char *folder, const char *name, void *context)
{
	const char *slash = strrchr(folder, '/');
	char path[RUNTIME_PATH], id[CONTAINER_ID];
	struct container *container;
	int status;

	containerd_id(id, slash + 1, name);
	status = container_list_claim(context, id, "containerd", &container);
	if (!container)
		return status;
	if (!container_id_is_hex(name))
		CONTAINER_TEXT(container->name, id);
	if (snprintf(path, sizeof(path), "%s/%s/config.json", folder, name) < (int)sizeof(path))
		runtime_spec_file(container, path);
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

/* -ENOENT: nobody listens there. */
static int list_socket(struct container_list *list, const char *socket, struct error *err)
{
	char path[RUNTIME_PATH];

	runtime_path(path, "%s", socket);
	return access(path, F_OK) ? -ENOENT : containerd_ask(path, list, err);
}

static int containerd_list(struct container_list *list, struct error *err)
{
	char path[RUNTIME_PATH];
	int found = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int asked = list_socket(list, places[i].socket, err), status;

		runtime_path(path, "%s/" TASKS, places[i].state);
		status = runtime_each(path, add_namespace, list);
		if (status == -ENOMEM || asked == -ENOMEM)
			return -ENOMEM;
		if (!status || !asked)
			status = 0;
		else
			status = asked;
		if (status == -EHOSTDOWN || (!status && found == -ENOENT))
			found = status;
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
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		runtime_path(path, "%s/" TASKS "/%s/config.json", places[i].state, both);
		if (access(path, F_OK))
			continue;
		strcpy(ret_id, both);
		return true;
	}
	return false;
}

const struct runtime runtime_containerd = { .list = containerd_list, .knows = containerd_knows };
