/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * podman and CRI-O keep their containers in containers/storage: lists in DRIVER-containers/, and of
 * each the specification that it is run by. Podman of a user who is not root has such a storage
 * below the user's home, or where settings say.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"
#include "util.h"

/* The second has those that may be forgotten after a crash, as of podman run --rm; where all may,
 * it lies in the folder of what is forgotten with a restart. */
static const char *const lists[] = { "containers.json", "volatile-containers.json" };

#define FORGOTTEN "/run/containers/storage"

struct search {
	struct container_list *list;
	struct error *err;
	int unlisted;		     /* -EHOSTDOWN: a list could not be read; else 0 */
	char settings[RUNTIME_PATH]; /* the file of all users' settings that counts */
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

static int add_list(struct search *search, const char *folder, const char *name)
{
	_cleanup_json_ json_t *entries = NULL;
	char path[RUNTIME_PATH];
	const json_t *entry;
	size_t i;
	int status = 0;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return 0;
	entries = runtime_json(path);
	if (!entries && !access(path, F_OK))
		search->unlisted = fail(
			search->err, -EHOSTDOWN,
			"cannot read the list of containers '%s': it is no JSON, or not for this user",
			path);
	json_array_foreach (entries, i, entry) {
		if (!status)
			status = add(search, folder, entry);
	}
	return status;
}

/* One folder of a storage; those named DRIVER-containers have the lists. */
static int visit(const char *storage, const char *name, void *context)
{
	char folder[RUNTIME_PATH];
	int status = 0;

	if (!ends_with(name, "-containers") ||
	    snprintf(folder, sizeof(folder), "%s/%s", storage, name) >= (int)sizeof(folder))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(lists) && !status; i++)
		status = add_list(context, folder, lists[i]);
	return status;
}

/* Looks into the storage at a path of the host. */
static int look(struct search *search, const char *storage)
{
	char path[RUNTIME_PATH];

	runtime_path(path, "%s", storage);
	return runtime_look(search->list, path, visit, search, search->err);
}

static int look_of(struct search *search, const struct passwd *user, const char *storage)
{
	char expanded[RUNTIME_PATH], path[RUNTIME_PATH];

	runtime_expand(expanded, user, storage);
	runtime_path(path, "%s", expanded);
	return runtime_look_of(search->list, user, path, visit, search, search->err);
}

/* Where the user's own settings, or those for all, say, and where it is without them. */
static int visit_user(const struct passwd *user, void *context)
{
	struct search *search = context;
	char own[RUNTIME_PATH], storage[RUNTIME_PATH];
	int status;

	runtime_path(own, "%s/.config/containers/storage.conf", user->pw_dir);
	status = look_of(search, user, "$HOME/.local/share/containers/storage");
	status = runtime_both(status, look_of(search, user, "/run/user/$UID/containers"));
	if (runtime_toml(own, "storage", "graphroot", storage) ||
	    runtime_toml(search->settings, "storage", "rootless_storage_path", storage))
		status = runtime_both(status, look_of(search, user, storage));
	return status;
}

/* Those of the distribution count where the machine has none. */
static void find_settings(char ret_path[RUNTIME_PATH])
{
	runtime_path(ret_path, "/etc/containers/storage.conf");
	if (access(ret_path, F_OK))
		runtime_path(ret_path, "/usr/share/containers/storage.conf");
}

static int storage_list(struct container_list *list, struct error *err)
{
	struct search search = { .list = list, .err = err };
	char storage[RUNTIME_PATH];
	int status = look(&search, "/var/lib/containers/storage");

	find_settings(search.settings);
	status = runtime_both(status, look(&search, FORGOTTEN));
	if (runtime_toml(search.settings, "storage", "graphroot", storage))
		status = runtime_both(status, look(&search, storage));
	if (runtime_toml(search.settings, "storage", "runroot", storage))
		status = runtime_both(status, look(&search, storage));
	status = runtime_both(status, runtime_each_user(visit_user, &search));
	return search.unlisted ? runtime_both(status, search.unlisted) : status;
}

const struct runtime runtime_storage = { .list = storage_list };
