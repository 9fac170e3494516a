/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers that are whole systems: those of LXC (and so of LXD and Incus), and those of
 * systemd-nspawn and libvirt's LXC driver, which systemd-machined knows. Their names are their ids,
 * and stand in the names of their cgroups:
 *
 *     /lxc.payload.NAME, /lxc.payload/NAME, /lxc/NAME
 *     /machine.slice/systemd-nspawn@NAME.service/payload
 *     /machine.slice/machine-NAME.scope/payload
 *     /machine.slice/machine-lxc\x2d123\x2dNAME.scope
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime.h"
#include "util.h"

static int add(struct container_list *list, const char *name, const char *runtime)
{
	struct container *container;
	int status;

	if (strlen(name) >= CONTAINER_ID)
		return 0;
	status = container_list_claim(list, name, runtime, &container);
	if (container)
		CONTAINER_TEXT(container->name, name);
	return status;
}

static int add_lxc(const char *folder, const char *name, void *context)
{
	char path[RUNTIME_PATH];

	if (snprintf(path, sizeof(path), "%s/%s/config", folder, name) >= (int)sizeof(path) ||
	    access(path, F_OK))
		return 0;
	return add(context, name, "lxc");
}

/* systemd-machined's files: one by name, and links to them by unit. */
static int add_machine(const char *folder, const char *name, void *context)
{
	(void)folder;
	return strchr(name, ':') ? 0 : add(context, name, "machined");
}

static int machine_list(struct container_list *list, struct error *err)
{
	char path[RUNTIME_PATH];
	int lxc;

	runtime_path(path, "/var/lib/lxc");
	lxc = runtime_look(list, path, add_lxc, list, err);
	runtime_path(path, "/run/systemd/machines");
	return runtime_both(lxc, runtime_look(list, path, add_machine, list, err));
}

struct part {
	const char *text;
	size_t length;
};

/* The last component of a path that ends before `end`. */
static struct part last_part(const char *path, const char *end)
{
	const char *begin = end;

	while (begin > path && begin[-1] != '/')
		begin--;
	return (struct part){ begin, (size_t)(end - begin) };
}

/* What stands between the two; false: it does not begin and end so. */
static bool between(struct part part, const char *begin, const char *end, struct part *ret_inner)
{
	size_t first = strlen(begin), last = strlen(end);

	if (part.length <= first + last || memcmp(part.text, begin, first) ||
	    memcmp(part.text + part.length - last, end, last))
		return false;
	*ret_inner = (struct part){ part.text + first, part.length - first - last };
	return true;
}

static bool is(struct part part, const char *text)
{
	return part.length == strlen(text) && !memcmp(part.text, text, part.length);
}

/* Undoes systemd's escapes ("\x2d" is a dash). */
static bool unescape(struct part part, char ret_id[CONTAINER_ID])
{
	size_t length = 0;

	if (part.length >= CONTAINER_ID)
		return false;
	for (size_t i = 0; i < part.length; i++) {
		if (part.text[i] == '\\' && i + 3 < part.length && part.text[i + 1] == 'x') {
			char digits[] = { part.text[i + 2], part.text[i + 3], '\0' };

			ret_id[length++] = (char)strtoul(digits, NULL, 16);
			i += 3;
		} else {
			ret_id[length++] = part.text[i];
		}
	}
	ret_id[length] = '\0';
	return length > 0;
}

static bool machine_knows(const char *relative, char ret_id[CONTAINER_ID])
{
	struct part name = last_part(relative, relative + strlen(relative)), inner;
	struct part above = { "", 0 };

	if (name.text > relative + 1)
		above = last_part(relative, name.text - 1);
	if (between(name, "lxc.payload.", "", &inner) ||
	    between(name, "machine-lxc\\x2d", ".scope", &inner))
		return unescape(inner, ret_id);
	if (name.length && (is(above, "lxc.payload") || is(above, "lxc")))
		return unescape(name, ret_id);
	if (is(name, "payload") && (between(above, "systemd-nspawn@", ".service", &inner) ||
				    between(above, "machine-", ".scope", &inner)))
		return unescape(inner, ret_id);
	return false;
}

const struct runtime runtime_machine = { .list = machine_list, .knows = machine_knows };
