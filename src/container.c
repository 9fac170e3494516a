/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom the user means is chosen among the containers of all runtimes together, so that an ambiguous
 * word can be explained.
 */
#include "container.h"

#include <errno.h>
#include <string.h>

#include "cgroup.h"
#include "runtime.h"
#include "util.h"

#define HEX_DIGITS	"0123456789abcdef"
#define HEX_ID		64
#define PREFIX_LEAST	3
#define SHORT_ID	12
#define CANDIDATES_MOST 8

/* Those that tell most come first: a container of Kubernetes is one of containerd, and of runc. */
static const struct runtime *const runtimes[] = {
	&runtime_docker, &runtime_storage, &runtime_containerd, &runtime_oci, &runtime_machine,
};

static bool is_hex(const char *text)
{
	return text[0] && !text[strspn(text, HEX_DIGITS)];
}

bool container_id_is_hex(const char *id)
{
	return strlen(id) == HEX_ID && is_hex(id);
}

int container_list_all(struct container_list *list)
{
	list->status = -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		struct error reason = { 0 };
		int status = runtimes[i]->list(list, &reason);

		if (status == -ENOMEM)
			return list->status = fail(&list->reason, status,
						   "cannot list the containers: out of memory");
		if (status == -EHOSTDOWN && list->status != -EHOSTDOWN)
			list->reason = reason;
		if (status == -EHOSTDOWN || (!status && list->status == -ENOENT))
			list->status = status;
	}
	return list->status;
}

void container_list_free(const struct container_list *list)
{
	free(list->all);
}

const struct container *container_list_find(const struct container_list *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->all[i].id, id))
			return &list->all[i];
	return NULL;
}

static bool has_id(const struct container *container, const char *what)
{
	return !strcmp(container->id, what);
}

static bool has_name(const struct container *container, const char *what)
{
	return what[0] && (!strcmp(container->name, what) || !strcmp(container->alias, what));
}

/* "nginx" or "web-1/nginx" of "default/web-1/nginx". */
static bool has_part(const struct container *container, const char *what)
{
	const char *rest = container->name;

	while ((rest = strchr(rest, '/')))
		if (!strcmp(++rest, what))
			return what[0];
	return false;
}

static bool has_prefix(const struct container *container, const char *what)
{
	return strlen(what) >= PREFIX_LEAST && is_hex(what) && is_hex(container->id) &&
	       !strncmp(container->id, what, strlen(what));
}

/* In the order in which they decide, and what several are told to be. */
static const struct {
	bool (*fits)(const struct container *container, const char *what);
	const char *several;
} ways[] = {
	{ has_id, "is the id" },
	{ has_name, "is the name" },
	{ has_part, "is the name" },
	{ has_prefix, "begins the ids" },
};

static int fail_ambiguous(const struct container_list *list, const char *what, size_t way,
			  size_t count, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t length, shown = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return fail(err, -EEXIST, "'%s' %s of %zu containers", what, ways[way].several,
			    count);
	for (size_t i = 0; i < list->count && shown < CANDIDATES_MOST; i++) {
		const struct container *one = &list->all[i];

		if (!ways[way].fits(one, what))
			continue;
		fprintf(stream, "%s%.*s (%.64s)", shown++ ? ", " : "",
			container_id_is_hex(one->id) ? SHORT_ID : CONTAINER_ID, one->id,
			one->name[0] ? one->name : "no name");
	}
	fclose(stream);
	return fail(err, -EEXIST, "'%s' %s of %zu containers: %s%s", what, ways[way].several, count,
		    text, count > shown ? ", …" : "");
}

/* The container that the user means; NULL: none. */
static const struct container *choose(const struct container_list *list, const char *what,
				      size_t *ret_way, size_t *ret_count)
{
	for (*ret_way = 0; *ret_way < ARRAY_SIZE(ways); ++*ret_way) {
		const struct container *first = NULL;

		*ret_count = 0;
		for (size_t i = 0; i < list->count; i++)
			if (ways[*ret_way].fits(&list->all[i], what) && !(*ret_count)++)
				first = &list->all[i];
		if (first)
			return first;
	}
	return NULL;
}

static int fail_unknown(const struct container_list *list, const char *what, struct error *err)
{
	if (list->status == -ENOENT)
		return fail(err, -EHOSTDOWN,
			    "cannot find the container '%s': no container runtime is known here",
			    what);
	if (list->status < 0) {
		*err = list->reason;
		return list->status;
	}
	fail(err, -ENOENT, "there is no container '%s'", what);
	if (is_hex(what) && strlen(what) < PREFIX_LEAST)
		return fail_hint(err, -ENOENT, "at least %d digits of the id", PREFIX_LEAST);
	return -ENOENT;
}

int container_find(const struct container_list *list, const char *what,
		   struct container *ret_container, struct error *err)
{
	const struct container *found;
	size_t way, count;

	memset(ret_container, 0, sizeof(*ret_container));
	what = without_slash(what);
	found = choose(list, what, &way, &count);
	if (!found)
		return fail_unknown(list, what, err);
	if (count > 1)
		return fail_ambiguous(list, what, way, count, err);
	*ret_container = *found;
	return 0;
}

/* Whether a cgroup above this one is a container's: what is in there is that container's own. */
static bool is_within_container(const char *relative)
{
	char above[CGROUP_PATH], id[CONTAINER_ID];

	if (snprintf(above, sizeof(above), "%s", relative) >= (int)sizeof(above))
		return true;
	for (char *slash = strrchr(above, '/'); slash > above; slash = strrchr(above, '/')) {
		*slash = '\0';
		if (cgroup_container_id(above, id) || runtime_machine.knows(above, id))
			return true;
	}
	return false;
}

bool container_at(const char *relative, char ret_id[CONTAINER_ID])
{
	if (is_within_container(relative))
		return false;
	if (cgroup_container_id(relative, ret_id))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++)
		if (runtimes[i]->knows && runtimes[i]->knows(relative, ret_id))
			return true;
	return false;
}

bool container_describe(const char *id, struct container *ret_container)
{
	_cleanup_list_ struct container_list list = { 0 };
	const struct container *found;

	memset(ret_container, 0, sizeof(*ret_container));
	CONTAINER_TEXT(ret_container->id, id);
	container_list_all(&list);
	found = container_list_find(&list, id);
	if (found)
		*ret_container = *found;
	return found;
}

bool container_is_called(const struct container *container, const char *what)
{
	what = without_slash(what);
	return has_id(container, what) || has_name(container, what) || has_part(container, what) ||
	       has_prefix(container, what);
}
