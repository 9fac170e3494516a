/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "container.h"
#include "privileges.h"
#include "store.h"
#include "util.h"

static unsigned int needed_by(enum target_kind kind)
{
	switch (kind) {
	case TARGET_CONTAINER:
	case TARGET_CGROUP:
	case TARGET_ALL:
		return PRIVILEGES_CGROUP;
	case TARGET_TASK:
		return PRIVILEGES_NAME;
	default:
		return 0;
	}
}

int live_privileges_check(const struct live *live, struct error *err)
{
	for (size_t i = 0; i < live->options->spec_count; i++) {
		const struct target_spec *spec = &live->options->specs[i];
		unsigned int needed = needed_by(spec->kind);
		char what[256];

		if (!privileges_missing(needed))
			continue;
		snprintf(what, sizeof(what), "watch '%.200s'", spec->what);
		return privileges_fail(err, privileges_missing(needed | PRIVILEGES_SENSOR), what);
	}
	return 0;
}

/* What is learnt is saved again and again; SQLite makes and removes files beside the store. */
static bool reaches_store(const struct options *options)
{
	const char *path = store_file(options->store);
	char folder[4096];
	char *slash;

	if (!path || !(options->learn || options->command == COMMAND_LEARN))
		return true;
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	return !faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) &&
	       !faccessat(AT_FDCWD, slash ? folder : ".", W_OK | X_OK, AT_EACCESS);
}

/* Whether the runtimes tell less than when bosc started. */
static bool knows_less(const struct live *live)
{
	_cleanup_list_ struct container_list list = { 0 };

	if (!live->containers)
		return false;
	container_list_all(&list);
	return list.count < live->known.count || list.folders < live->known.folders ||
	       list.unread > live->known.unread ||
	       (list.status == -EHOSTDOWN && live->known.status != -EHOSTDOWN);
}

/* Which privileges the store, the engine, or containers of other users (whose files lie in their
 * homes) are only reached by: found by trying without them, and then with the lesser. A user's
 * first container may start later, so that it is a folder that counts, even where nothing is in it
 * yet. */
static int find_needed(const struct live *live, unsigned int *ret_privileges, struct error *err)
{
	bool any_file = !privileges_missing(PRIVILEGE_DAC_OVERRIDE);
	int status;

	*ret_privileges = 0;
	if (privileges_missing(PRIVILEGE_DAC_READ_SEARCH))
		return 0;
	status = privileges_lower(PRIVILEGE_DAC_OVERRIDE | PRIVILEGE_DAC_READ_SEARCH, err);
	if (status < 0)
		return status;
	if (reaches_store(live->options) && !knows_less(live))
		return 0;
	*ret_privileges = PRIVILEGE_DAC_READ_SEARCH;
	status = privileges_raise(PRIVILEGE_DAC_READ_SEARCH, err);
	if (status >= 0 && any_file && (!reaches_store(live->options) || knows_less(live)))
		*ret_privileges = PRIVILEGE_DAC_OVERRIDE;
	return status;
}

/* A look at executables stays where one may have to be looked at: in a container that starts later,
 * to tell the runtime's set-up from its own tasks, and for the path in an alarm. */
int live_privileges_give_up(const struct live *live, struct error *err)
{
	bool judging = live->options->monitor || live->options->command == COMMAND_MONITOR;
	unsigned int kept;
	int status = find_needed(live, &kept, err);

	if (live->settings.announce || judging)
		kept |= PRIVILEGE_SYS_PTRACE;
	return status < 0 ? status : privileges_give_up(kept, err);
}
