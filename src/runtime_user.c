/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The users of the host, each of whom may have containers without being root.
 */
#include <errno.h>
#include <string.h>

#include "runtime.h"
#include "util.h"

#define FIRST_PERSON 1000 /* users below are the system's own, but root */
#define NOBODY	     65534

int runtime_each_user(runtime_visit_user *visit, void *context)
{
	_cleanup_fclose_ FILE *users = NULL;
	const struct passwd *user;
	char path[RUNTIME_PATH];
	int status = -ENOENT;

	runtime_path(path, "/etc/passwd");
	users = fopen(path, "re");
	while (users && status != -ENOMEM && (user = fgetpwent(users)))
		if (user->pw_dir[0] == '/')
			status = runtime_both(status, visit(user, context));
	return status;
}

static bool is_person(const struct passwd *user)
{
	return !user->pw_uid || (user->pw_uid >= FIRST_PERSON && user->pw_uid != NOBODY);
}

int runtime_look_of(struct container_list *list, const struct passwd *user, const char *folder,
		    runtime_visit *visit, void *context, struct error *err)
{
	int status;

	if (is_person(user)) {
		status = runtime_look(list, folder, visit, context, err);
	} else {
		status = runtime_each(folder, visit, context);
		if (status < 0 && status != -ENOMEM && status != -EHOSTDOWN)
			status = -ENOENT;
	}
	list->folders += !status;
	return status;
}

/* Each of the variables that a path in a user's settings may have. */
static const char *variable(const struct passwd *user, const char *name, char number[16])
{
	if (!strcmp(name, "HOME"))
		return user->pw_dir;
	if (!strcmp(name, "USER"))
		return user->pw_name;
	snprintf(number, 16, "%u", (unsigned int)user->pw_uid);
	return strcmp(name, "UID") != 0 ? "" : number;
}

void runtime_expand(char ret_path[RUNTIME_PATH], const struct passwd *user, const char *path)
{
	size_t length = 0;

	while (*path && length < RUNTIME_PATH - 1) {
		char name[16] = "", number[16];
		bool braced = path[0] == '$' && path[1] == '{';
		int size = 0;

		if (path[0] != '$' || sscanf(path + 1 + braced, "%15[A-Z]%n", name, &size) != 1) {
			ret_path[length++] = *path++;
			continue;
		}
		path += 1 + braced + size;
		path += braced && *path == '}';
		length += (size_t)snprintf(ret_path + length, RUNTIME_PATH - length, "%s",
					   variable(user, name, number));
	}
	ret_path[length < RUNTIME_PATH ? length : RUNTIME_PATH - 1] = '\0';
}
