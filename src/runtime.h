/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The container runtimes of this machine: each says which containers it has, from its own files or
 * its socket. A new one is a file runtime_NAME.c and a line in container.c.
 *
 * Nothing that is read is trusted: files end at a size, a field of the wrong type counts as
 * missing.
 */
#ifndef BOSC_RUNTIME_H
#define BOSC_RUNTIME_H

#include <errno.h>
#include <pwd.h>
#include <stddef.h>

#include "container.h"
#include "json.h"

#define RUNTIME_PATH 4096

/* Adds one that only has its id, or gives back the one that has it already, which the more
 * talkative runtime listed first; valid until the next is added. NULL: no memory. */
struct container *container_list_add(struct container_list *list, const char *id);

/* The same for a runtime that leaves those alone which another listed: `ret_container` is NULL
 * then. -ENOMEM, else 0. */
int container_list_claim(struct container_list *list, const char *id, const char *runtime,
			 struct container **ret_container);

struct runtime {
	/* Adds its containers, those that do not run included. -EHOSTDOWN: it is there, but cannot
	 * be asked; -ENOENT: it is not used on this machine. The error is empty before. */
	int (*list)(struct container_list *list, struct error *err);

	/* Whether a cgroup of this path ("/default/web"), whose name alone says nothing, is made
	 * for one of its containers; writes its id. NULL: the names of its cgroups always tell. */
	bool (*knows)(const char *relative, char ret_id[CONTAINER_ID]);
};

extern const struct runtime runtime_docker;	/* its socket, or its files; podman's service */
extern const struct runtime runtime_storage;	/* podman and CRI-O: containers/storage */
extern const struct runtime runtime_containerd; /* ctr, nerdctl, and Kubernetes by its CRI */
extern const struct runtime runtime_oci;	/* runc and crun alone */
extern const struct runtime runtime_machine;	/* LXC and systemd-nspawn */

/* A path of the host: below $BOSC_HOST_ROOT where bosc runs in a container. */
void runtime_path(char ret_path[RUNTIME_PATH], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The names in a folder of the host but "." and "..", until one visit is not 0. -ENOENT: there is
 * no such folder. */
typedef int runtime_visit(const char *folder, const char *name, void *context);
int runtime_each(const char *folder, runtime_visit *visit, void *context);

/* The same of a folder of a runtime's state. That one cannot be read is counted in the list, and
 * told if nothing else is yet: -EHOSTDOWN. */
int runtime_look(struct container_list *list, const char *folder, runtime_visit *visit,
		 void *context, struct error *err);

/* What came of two places where a runtime's state may be. */
static inline int runtime_both(int one, int other)
{
	if (one == -ENOMEM || other == -ENOMEM)
		return -ENOMEM;
	if (one == -EHOSTDOWN || other == -EHOSTDOWN)
		return -EHOSTDOWN;
	return one && other ? -ENOENT : 0;
}

/* Visits every user of the host who has a home; what came of it all. */
typedef int runtime_visit_user(const struct passwd *user, void *context);
int runtime_each_user(runtime_visit_user *visit, void *context);

/* As runtime_look(), into a folder of a user's. That one of a user whom no person is behind cannot
 * be read is passed over: hardly any of them has containers. */
int runtime_look_of(struct container_list *list, const struct passwd *user, const char *folder,
		    runtime_visit *visit, void *context, struct error *err);

/* A path from a user's settings, with $HOME, $USER and $UID. */
void runtime_expand(char ret_path[RUNTIME_PATH], const struct passwd *user, const char *path);

/* A text from a file of settings in TOML, of this table ("": of none). False: it is not there. */
bool runtime_toml(const char *path, const char *table, const char *key,
		  char ret_value[RUNTIME_PATH]);

/* A file that holds JSON; NULL: it is not there, too large, or none. */
json_t *runtime_json(const char *path);

/* Copies what fits, and no half of a UTF-8 character; NULL leaves what is there. */
void container_text(char *to, size_t size, const char *from);
#define CONTAINER_TEXT(to, from) container_text(to, sizeof(to), from)

/* As users write it: Docker begins names with a slash. NULL stays NULL. */
static inline const char *without_slash(const char *name)
{
	return name && name[0] == '/' ? name + 1 : name;
}

/* Gives it the name and the image that these annotations, or labels, of Kubernetes say, if they are
 * such. */
void runtime_name_in_pod(struct container *container, const json_t *annotations);

/* Its command, from the words of it, as a shell user would read them. */
void runtime_command(struct container *container, const json_t *words);

/* What its labels, or annotations, say of it: what Kubernetes, or nerdctl, calls it. */
void runtime_labels(struct container *container, const json_t *labels);

/* What the OCI runtime specification of a container says of it (config.json of its bundle): its
 * command, and by its annotations the same. NULL: nothing. */
void runtime_spec(struct container *container, const json_t *spec);
void runtime_spec_file(struct container *container, const char *path);

#endif
