/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_privileges.h"

#include <stdio.h>

#include "privileges.h"

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
