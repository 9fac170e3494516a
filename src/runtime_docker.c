/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Docker's containers: those that the engine lists behind its socket, or where nobody answers
 * there, those that it has files of, which tell nearly the same; and by their files those of users'
 * own engines. What answers in Docker's tongue may also be podman's service.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "docker.h"
#include "runtime.h"
#include "util.h"

#define UNIX_SCHEME "unix://"

/* The socket's path in DOCKER_HOST, or the usual one where it is. -ENOENT: nobody uses Docker. */
static int find_socket(char ret_socket[RUNTIME_PATH], struct error *err)
{
	const char *host = getenv("DOCKER_HOST");

	if (!host || !host[0]) {
		runtime_path(ret_socket, "/var/run/docker.sock");
		return access(ret_socket, F_OK) ? -ENOENT : 0;
	}
	if (strncmp(host, UNIX_SCHEME, strlen(UNIX_SCHEME)))
		return docker_unreachable(err, host,
					  "DOCKER_HOST names no unix socket of this host");
	if (!host[strlen(UNIX_SCHEME)])
		return docker_unreachable(err, host, "DOCKER_HOST names a socket without a path");
	snprintf(ret_socket, RUNTIME_PATH, "%s", host + strlen(UNIX_SCHEME));
	return 0;
}

/* Docker lists a container under "other/alias" too when another one is linked to it. */
static void fill_names(struct container *container, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = without_slash(json_string_value(json_array_get(names, i)));

		if (name && (strchr(name, '/') || container->name[0]))
			CONTAINER_TEXT(container->alias, name);
		else
			CONTAINER_TEXT(container->name, name);
	}
	if (!container->name[0])
		CONTAINER_TEXT(container->name, container->alias);
}

/* In a pod, Docker's own name for it is made up of many things. */
static void fill_pod(struct container *container, const json_t *labels)
{
	char own[sizeof(container->name)];

	strcpy(own, container->name);
	runtime_name_in_pod(container, labels);
	if (strcmp(own, container->name) != 0)
		CONTAINER_TEXT(container->alias, own);
}

static int add(struct container_list *list, const json_t *entry, const char *runtime)
{
	const char *id = json_text(entry, "Id");
	struct container *container;

	if (!id || !container_id_is_hex(id))
		return 0;
	container = container_list_add(list, id);
	if (!container)
		return -ENOMEM;
	fill_names(container, json_object_get(entry, "Names"));
	fill_pod(container, json_object_get(entry, "Labels"));
	CONTAINER_TEXT(container->image, json_text(entry, "Image"));
	CONTAINER_TEXT(container->digest, json_text(entry, "ImageID"));
	CONTAINER_TEXT(container->command, json_text(entry, "Command"));
	CONTAINER_TEXT(container->runtime, runtime);
	return 0;
}

/* The program, and behind it its arguments. */
static void fill_command(struct container *container, const json_t *kept)
{
	_cleanup_json_ json_t *words = json_array();
	json_t *program = json_object_get(kept, "Path");
	json_t *arguments = json_object_get(kept, "Args");

	if (json_is_string(program))
		json_array_append(words, program);
	if (json_is_array(arguments))
		json_array_extend(words, arguments);
	runtime_command(container, words);
}

/* What the engine keeps of a container in its folder. */
static int add_file(const char *folder, const char *name, void *context)
{
	_cleanup_json_ json_t *kept = NULL;
	struct container *container;
	const json_t *config;
	char path[RUNTIME_PATH];

	if (!container_id_is_hex(name) ||
	    snprintf(path, sizeof(path), "%s/%s/config.v2.json", folder, name) >= (int)sizeof(path))
		return 0;
	kept = runtime_json(path);
	container = kept ? container_list_add(context, name) : NULL;
	if (!container)
		return kept ? -ENOMEM : 0;
	config = json_object_get(kept, "Config");
	CONTAINER_TEXT(container->name, without_slash(json_text(kept, "Name")));
	fill_pod(container, json_object_get(config, "Labels"));
	CONTAINER_TEXT(container->image, json_text(config, "Image"));
	CONTAINER_TEXT(container->digest, json_text(kept, "Image"));
	fill_command(container, kept);
	CONTAINER_TEXT(container->runtime, "docker");
	return 0;
}

/* Where the engine keeps its files: what its settings say, or the usual folder, of the host. */
static void find_files(char ret_folder[RUNTIME_PATH], const char *home, const char *settings_name,
		       const char *usual)
{
	_cleanup_json_ json_t *settings = NULL;
	const char *data;
	char path[RUNTIME_PATH];

	runtime_path(path, "%s%s", home, settings_name);
	settings = runtime_json(path);
	data = json_text(settings, "data-root");
	if (data)
		runtime_path(ret_folder, "%s/containers", data);
	else
		runtime_path(ret_folder, "%s%s/containers", home, usual);
}

struct search {
	struct container_list *list;
	struct error *err;
};

/* An engine of a user who is not root. */
static int visit_user(const struct passwd *user, void *context)
{
	struct search *search = context;
	char folder[RUNTIME_PATH];

	find_files(folder, user->pw_dir, "/.config/docker/daemon.json", "/.local/share/docker");
	return runtime_look_of(search->list, user, folder, add_file, search->list, search->err);
}

static int add_all(struct container_list *list, const json_t *entries, const char *runtime)
{
	const json_t *entry;
	size_t i;
	int status = 0;

	json_array_foreach (entries, i, entry) {
		if (!status)
			status = add(list, entry, runtime);
	}
	return status;
}

/* Of root's engine, or whichever is named: at its socket, or else by its files. */
static int list_engine(struct container_list *list, bool named, struct error *err)
{
	_cleanup_json_ json_t *entries = NULL;
	char socket[RUNTIME_PATH], folder[RUNTIME_PATH];
	const char *runtime;
	struct error unread = { 0 };
	int status = find_socket(socket, err), files;

	if (!status)
		status = docker_ask(socket, &entries, &runtime, err);
	if (!status)
		return add_all(list, entries, runtime);
	/* Files of an engine that is named, but does not answer, may be another's. */
	if (named)
		return status;
	find_files(folder, "", "/etc/docker/daemon.json", "/var/lib/docker");
	files = runtime_look(list, folder, add_file, list, &unread);
	if (!files || status != -EHOSTDOWN)
		*err = unread;
	return files == -ENOENT ? status : files;
}

static int docker_list(struct container_list *list, struct error *err)
{
	const char *host = getenv("DOCKER_HOST");
	struct search search = { list, err };
	bool named = host && host[0];
	int status = list_engine(list, named, err);

	return named ? status : runtime_both(status, runtime_each_user(visit_user, &search));
}

const struct runtime runtime_docker = { .list = docker_list };
