/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * podman and CRI-O keep their containers in containers/storage: a list in DRIVER-containers/
 * containers.json, and of each the specification that it is run by. Podman of a user who is not root
 * has such a storage below the user's home.
 */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"
#include "util.h"

#define LIST "containers.json"

struct search {
	struct container_list *list;
	struct error *err;
	int status; /* -ENOENT until a storage is met */
};

static int add(struct search *search, const char *folder, const json_t *entry)
{
	const char *id = json_text(entry, "id"), *image = json_text(entry, "image");
	const char *metadata = json_text(entry, "metadata");
	_cleanup_json_ json_t *more = metadata ? json_loads(metadata, 0, NULL) : NULL;
	struct container *container;
	char path[RUNTIME_PATH];
	int status;

	if (!id)
		return 0;
	/* podman's service may have told of it. */
	status = container_list_claim(search->list, id,
				      json_text(more, "pod-id") ? "cri-o" : "podman", &container);
	if (!container)
		return status;
	CONTAINER_TEXT(container->image, json_text(more, "image-name"));
	if (image)
		snprintf(container->digest, sizeof(container->digest), "sha256:%.200s", image);
	CONTAINER_TEXT(container->name,
		       json_string_value(json_array_get(json_object_get(entry, "names"), 0)));
	if (snprintf(path, sizeof(path), "%s/%s/userdata/config.json", folder, id) <
	    (int)sizeof(path))
		runtime_spec_file(container, path);
	return 0;
}

/* One folder of a storage; those named DRIVER-containers have the list. */
static int visit(const char *storage, const char *name, void *context)
{
	const char *end = strrchr(name, '-');
	struct search *search = context;
	_cleanup_json_ json_t *entries = NULL;
	char folder[RUNTIME_PATH], path[RUNTIME_PATH];
	const json_t *entry;
	size_t i;
	int status = 0;

	if (!end || strcmp(end, "-containers") ||
	    snprintf(folder, sizeof(folder), "%s/%s", storage, name) >= (int)sizeof(folder) ||
	    snprintf(path, sizeof(path), "%s/" LIST, folder) >= (int)sizeof(path))
		return 0;
	entries = runtime_json(path);
	if (!entries && !access(path, F_OK))
		status = fail(
			search->err, -EHOSTDOWN,
			"cannot read the list of containers '%s': it is no JSON, or not for this user",
			path);
	json_array_foreach (entries, i, entry) {
		if (!status)
			status = add(search, folder, entry);
	}
	if (search->status != -EHOSTDOWN || status == -ENOMEM)
		search->status = status;
	return status == -ENOMEM ? status : 0;
}

static int storage_list(struct container_list *list, struct error *err)
{
	struct search search = { .list = list, .err = err, .status = -ENOENT };
	_cleanup_fclose_ FILE *users = NULL;
	char path[RUNTIME_PATH];
	const struct passwd *user;

	runtime_path(path, "/var/lib/containers/storage");
	runtime_each(path, visit, &search);
	runtime_path(path, "/etc/passwd");
	users = fopen(path, "re");
	while (users && search.status != -ENOMEM && (user = fgetpwent(users))) {
		if (user->pw_dir[0] != '/')
			continue;
		runtime_path(path, "%s/.local/share/containers/storage", user->pw_dir);
		list->folders += runtime_each(path, visit, &search) == 0;
	}
	return search.status;
}

const struct runtime runtime_storage = { .list = storage_list };
