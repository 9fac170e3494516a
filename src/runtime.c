/* SPDX-License-Identifier: BSD-2-Clause */
#include "runtime.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

#define FILE_MOST (16u << 20)

struct container *container_list_add(struct container_list *list, const char *id)
{
	const struct container *known = container_list_find(list, id);
	struct container *grown;

	if (known)
		return &list->all[known - list->all];
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 16;

		grown = realloc(list->all, room * sizeof(*grown));
		if (!grown)
			return NULL;
		list->all = grown;
		list->room = room;
	}
	list->all[list->count] = (struct container){ 0 };
	CONTAINER_TEXT(list->all[list->count].id, id);
	return &list->all[list->count++];
}

int container_list_claim(struct container_list *list, const char *id, const char *runtime,
			 struct container **ret_container)
{
	struct container *container = container_list_add(list, id);

	*ret_container = NULL;
	if (!container)
		return -ENOMEM;
	if (container->runtime[0])
		return 0;
	CONTAINER_TEXT(container->runtime, runtime);
	*ret_container = container;
	return 0;
}

void runtime_path(char ret_path[RUNTIME_PATH], const char *format, ...)
{
	const char *root = getenv("BOSC_HOST_ROOT");
	int length = snprintf(ret_path, RUNTIME_PATH, "%s", root ? root : "");
	va_list words;

	/* What does not fit is no path of any file. */
	if (length < 0 || length >= RUNTIME_PATH)
		length = 0;
	va_start(words, format);
	vsnprintf(ret_path + length, (size_t)(RUNTIME_PATH - length), format, words);
	va_end(words);
}

static void closedir_p(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int runtime_each(const char *folder, runtime_visit *visit, void *context)
{
	_cleanup_(closedir_p) DIR *directory = opendir(folder);
	const struct dirent *entry;
	int status = 0;

	if (!directory)
		return -errno;
	while (!status && (entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			status = visit(folder, entry->d_name, context);
	return status;
}

int runtime_look(struct container_list *list, const char *folder, runtime_visit *visit,
		 void *context, struct error *err)
{
	int status = runtime_each(folder, visit, context);

	if (status == -ENOTDIR)
		return -ENOENT;
	if (!status || status == -ENOENT || status == -ENOMEM || status == -EHOSTDOWN)
		return status;
	list->unread++;
	if (err->text[0])
		return -EHOSTDOWN;
	fail(err, -EHOSTDOWN, "cannot look for containers in '%s': %s", folder, strerror(-status));
	return fail_hint(err, -EHOSTDOWN, "run as root, or with CAP_DAC_READ_SEARCH");
}

json_t *runtime_json(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_MOST)
		return NULL;
	return json_load_file(path, 0, NULL);
}

void container_text(char *to, size_t size, const char *from)
{
	size_t length;

	if (!from)
		return;
	length = strlen(from);
	if (length >= size) {
		length = size - 1;
		while (length && ((unsigned char)from[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(to, from, length);
	to[length] = '\0';
}

void runtime_command(struct container *container, const json_t *words)
{
	_cleanup_free_ char *text = NULL;
	size_t length, i;
	const json_t *word;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return;
	json_array_foreach (words, i, word)
		fprintf(stream, "%s%s", i ? " " : "",
			json_is_string(word) ? json_string_value(word) : "");
	fclose(stream);
	CONTAINER_TEXT(container->command, text);
}

/* Who tells it, and by which annotations. */
static const struct {
	const char *container, *pod, *namespace, *image, *type;
} annotators[] = {
	{ "io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-name",
	  "io.kubernetes.cri.sandbox-namespace", "io.kubernetes.cri.image-name",
	  "io.kubernetes.cri.container-type" },
	{ "io.kubernetes.container.name", "io.kubernetes.pod.name", "io.kubernetes.pod.namespace",
	  "io.kubernetes.cri-o.ImageName", "io.kubernetes.cri-o.ContainerType" },
};

void runtime_name_in_pod(struct container *container, const json_t *annotations)
{
	const char *name, *pod, *namespace, *type;

	for (size_t i = 0; i < ARRAY_SIZE(annotators); i++) {
		name = json_text(annotations, annotators[i].container);
		pod = json_text(annotations, annotators[i].pod);
		namespace = json_text(annotations, annotators[i].namespace);
		type = json_text(annotations, annotators[i].type);
		if (type && !strcmp(type, "sandbox"))
			name = "pause";
		if (!name || !pod || !namespace)
			continue;
		snprintf(container->name, sizeof(container->name), "%s/%s/%s", namespace, pod,
			 name);
		CONTAINER_TEXT(container->image, json_text(annotations, annotators[i].image));
	}
}

void runtime_labels(struct container *container, const json_t *labels)
{
	runtime_name_in_pod(container, labels);
	CONTAINER_TEXT(container->name, json_text(labels, "nerdctl/name"));
}

void runtime_spec(struct container *container, const json_t *spec)
{
	const char *digest;

	runtime_command(container, json_object_get(json_object_get(spec, "process"), "args"));
	runtime_labels(container, json_object_get(spec, "annotations"));
	digest = strstr(container->image, "@sha256:");
	if (digest && !container->digest[0])
		CONTAINER_TEXT(container->digest, digest + 1);
}

void runtime_spec_file(struct container *container, const char *path)
{
	_cleanup_json_ json_t *spec = runtime_json(path);

	runtime_spec(container, spec);
}
