/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runc and crun without anything above them keep a folder for each container, named by its id, from
 * before they make its cgroup; and in it the bundle's path, once it was started.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"
#include "util.h"

static const char *const names[] = { "runc", "crun" };

struct search {
	struct container_list *list;
	const char *runtime;
	struct error *err;
	int found; /* -ENOENT until some are */
};

/* The folder of the container's specification; not known until it was started. */
static void find_bundle(char ret_path[RUNTIME_PATH], const char *folder, const char *id)
{
	_cleanup_json_ json_t *state = NULL, *status = NULL;
	const char *bundle, *label;
	char path[RUNTIME_PATH + 300];
	const json_t *labels, *one;
	size_t i;

	ret_path[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s/status", folder, id);
	status = runtime_json(path);
	snprintf(path, sizeof(path), "%s/%s/state.json", folder, id);
	state = runtime_json(path);
	bundle = json_text(status, "bundle");
	labels = json_object_get(json_object_get(state, "config"), "labels");
	json_array_foreach (labels, i, one) {
		label = json_string_value(one);
		if (label && !strncmp(label, "bundle=", strlen("bundle=")))
			bundle = label + strlen("bundle=");
	}
	if (bundle)
		runtime_path(ret_path, "%s/config.json", bundle);
}

static int add(const char *folder, const char *name, void *context)
{
	const struct search *search = context;
	char path[RUNTIME_PATH];
	struct container *container;
	int status;

	if (strlen(name) >= CONTAINER_ID)
		return 0;
	status = container_list_claim(search->list, name, search->runtime, &container);
	if (!container)
		return status;
	if (!container_id_is_hex(name))
		CONTAINER_TEXT(container->name, name);
	find_bundle(path, folder, name);
	runtime_spec_file(container, path);
	return 0;
}

/* Of a user who is not root, below /run/user/UID. */
static int add_user(const char *folder, const char *name, void *context)
{
	struct search *search = context;
	const struct passwd user = { .pw_uid = (uid_t)strtoul(name, NULL, 10) };
	char path[RUNTIME_PATH];
	int status;

	if (snprintf(path, sizeof(path), "%s/%s/%s", folder, name, search->runtime) >=
	    (int)sizeof(path))
		return 0;
	status = runtime_look_of(search->list, &user, path, add, search, search->err);
	search->found = runtime_both(search->found, status);
	return status == -ENOMEM ? status : 0;
}

static int oci_list(struct container_list *list, struct error *err)
{
	struct search search = { .list = list, .err = err, .found = -ENOENT };
	char path[RUNTIME_PATH];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		search.runtime = names[i];
		runtime_path(path, "/run/%s", names[i]);
		search.found = runtime_both(search.found,
					    runtime_look(list, path, add, &search, err));
		runtime_path(path, "/run/user");
		runtime_each(path, add_user, &search);
	}
	return search.found;
}

/* "…/ID", or as systemd's scope "…/runc-ID.scope". */
static bool oci_knows(const char *relative, char ret_id[CONTAINER_ID])
{
	const char *slash = strrchr(relative, '/');
	char path[RUNTIME_PATH], id[CONTAINER_ID];
	size_t length;

	if (!slash || !slash[1] || snprintf(id, sizeof(id), "%s", slash + 1) >= (int)sizeof(id))
		return false;
	length = strlen(id);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *name = id;
		size_t prefix = strlen(names[i]);

		if (length > prefix + 7 && !strncmp(id, names[i], prefix) && id[prefix] == '-' &&
		    !strcmp(id + length - 6, ".scope")) {
			id[length - 6] = '\0';
			name = id + prefix + 1;
		}
		runtime_path(path, "/run/%s/%s", names[i], name);
		if (access(path, F_OK))
			continue;
		snprintf(ret_id, CONTAINER_ID, "%s", name);
		return true;
	}
	return false;
}

const struct runtime runtime_oci = { .list = oci_list, .knows = oci_knows };
