/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * containerd tells of its containers behind its socket. It also keeps the bundle of each container
 * whose task lives in NAMESPACE/ID below its state, and makes it before the cgroup: that tells
 * nearly the same, but the image, where the socket does not answer. Those of a Docker engine, in
 * the namespace "moby", are Docker's to tell of.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "containerd.h"
#include "runtime.h"
#include "util.h"

struct place {
	char state[RUNTIME_PATH], socket[RUNTIME_PATH];
};

/* Debian's and most others', k3s', k0s', MicroK8s', and that which a Docker engine starts
 * itself. */
static const struct {
	const char *state, *socket;
} usual[] = {
	{ "/run/containerd", "/run/containerd/containerd.sock" },
	{ "/run/k3s/containerd", "/run/k3s/containerd/containerd.sock" },
	{ "/run/k0s/containerd", "/run/k0s/containerd.sock" },
	{ "/var/snap/microk8s/common/run/containerd",
	  "/var/snap/microk8s/common/run/containerd.sock" },
	{ "/run/docker/containerd/daemon", "/run/docker/containerd/containerd.sock" },
};

#define PLACES (ARRAY_SIZE(usual) + 1)

/* The last is where the machine's settings say, if they do. */
static void find_place(size_t i, struct place *ret_place)
{
	char settings[RUNTIME_PATH], state[RUNTIME_PATH], socket[RUNTIME_PATH];

	if (i < ARRAY_SIZE(usual)) {
		runtime_path(ret_place->state, "%s", usual[i].state);
		runtime_path(ret_place->socket, "%s", usual[i].socket);
		return;
	}
	runtime_path(settings, "/etc/containerd/config.toml");
	if (!runtime_toml(settings, "", "state", state))
		strcpy(state, usual[0].state);
	if (!runtime_toml(settings, "grpc", "address", socket))
		snprintf(socket, sizeof(socket), "%.*s/containerd.sock", RUNTIME_PATH - 20, state);
	runtime_path(ret_place->state, "%s", state);
	runtime_path(ret_place->socket, "%s", socket);
}

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

/* By its socket, and by its bundles those that it did not tell of: one of the two is enough. */
static int list_place(struct container_list *list, const struct place *place, struct error *err)
{
	struct error unasked = { 0 }, unread = { 0 };
	char tasks[RUNTIME_PATH + sizeof(TASKS)];
	int asked = -ENOENT, files;

	if (!access(place->socket, F_OK))
		asked = containerd_ask(place->socket, list, &unasked);
	snprintf(tasks, sizeof(tasks), "%s/" TASKS, place->state);
	files = runtime_look(list, tasks, add_namespace, list, &unread);
	if (asked == -ENOMEM || files == -ENOMEM)
		return -ENOMEM;
	if (!asked || !files)
		return 0;
	if (!err->text[0])
		*err = asked == -EHOSTDOWN ? unasked : unread;
	return runtime_both(asked, files);
}

static int containerd_list(struct container_list *list, struct error *err)
{
	struct place place;
	int found = -ENOENT;

	for (size_t i = 0; i < PLACES && found != -ENOMEM; i++) {
		find_place(i, &place);
		found = runtime_both(found, list_place(list, &place, err));
	}
	return found;
}

/* "…/NAMESPACE/ID" */
static bool containerd_knows(const char *relative, char ret_id[CONTAINER_ID])
{
	const char *name = strrchr(relative, '/');
	const char *begin = name;
	char path[RUNTIME_PATH + sizeof(TASKS) + CONTAINER_ID + 16], both[CONTAINER_ID];
	struct place place;

	while (begin > relative && begin[-1] != '/')
		begin--;
	if (!name || begin == name ||
	    snprintf(both, sizeof(both), "%s", begin) >= (int)sizeof(both))
		return false;
	for (size_t i = 0; i < PLACES; i++) {
		find_place(i, &place);
		snprintf(path, sizeof(path), "%s/" TASKS "/%s/config.json", place.state, both);
		if (access(path, F_OK))
			continue;
		strcpy(ret_id, both);
		return true;
	}
	return false;
}

const struct runtime runtime_containerd = { .list = containerd_list, .knows = containerd_knows };
