/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Says which cgroups are containers.
 *
 * No runtime is asked: every runtime that gives its containers ids puts the 64 hex digits into the
 * name of the cgroup, alone or between a prefix and ".scope". The prefix is not looked up in a
 * list, so that tomorrow's runtime is recognized too; only the names that carry an id and are yet
 * no container (podman's and CRI-O's monitors, podman's pods) are told apart.
 */
#include <stdbool.h>
#include <string.h>

#include "cgroup.h"

#define ID_DIGITS 64

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t size = strlen(end);

	return length >= size && !memcmp(text + length - size, end, size);
}

/*
 * Where the id begins in one component of a path, or NULL: "<id>", "PREFIX-<id>",
 * "PREFIX-<id>.scope", and "SLICE:PREFIX:<id>" where a runtime that does not speak to systemd was
 * given a path meant for systemd. podman and CRI-O have a monitor process for each container, in
 * "libpod-conmon-<id>.scope" and "crio-conmon-<id>.scope".
 */
static const char *component_id(const char *name, size_t length)
{
	const char *id;

	if (ends_with(name, length, ".scope"))
		length -= strlen(".scope");
	if (length < ID_DIGITS)
		return NULL;
	id = name + length - ID_DIGITS;
	if (strspn(id, "0123456789abcdef") < ID_DIGITS)
		return NULL;
	if (id == name)
		return id;
	if (id[-1] != '-' && id[-1] != ':')
		return NULL;
	return ends_with(name, (size_t)(id - name) - 1, "conmon") ? NULL : id;
}

bool cgroup_container_id(const char *relative, char *ret_id)
{
	const char *id = NULL, *name = relative + strspn(relative, "/");
	bool pods = false;

	for (; *name; name += strspn(name, "/")) {
		size_t length = strcspn(name, "/");

		if (id)
			return false;
		id = component_id(name, length);
		/* What has a bare id there is a pod; its containers are in it. */
		if (id == name && pods)
			id = NULL;
		pods = length == strlen("libpod_parent") && !memcmp(name, "libpod_parent", length);
		name += length;
	}
	if (!id)
		return false;
	memcpy(ret_id, id, ID_DIGITS);
	ret_id[ID_DIGITS] = '\0';
	return true;
}
