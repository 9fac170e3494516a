/* SPDX-License-Identifier: BSD-2-Clause */
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "util.h"

/* The inode that the kernel gives to its first user namespace (PROC_USER_INIT_INO). */
#define FIRST_USER_NAMESPACE 0xEFFFFFFDu

static const struct row {
	unsigned int privilege;
	unsigned int capability;
	unsigned int stronger; /* one that the kernel takes in its stead */
	const char *name;
} rows[] = {
	{ PRIVILEGE_BPF, CAP_BPF, CAP_SYS_ADMIN, "CAP_BPF" },
	{ PRIVILEGE_PERFMON, CAP_PERFMON, CAP_SYS_ADMIN, "CAP_PERFMON" },
	{ PRIVILEGE_SYS_PTRACE, CAP_SYS_PTRACE, CAP_SYS_PTRACE, "CAP_SYS_PTRACE" },
	{ PRIVILEGE_DAC_READ_SEARCH, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, "CAP_DAC_READ_SEARCH" },
	{ PRIVILEGE_DAC_OVERRIDE, CAP_DAC_OVERRIDE, CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
	{ PRIVILEGE_SYS_ADMIN, CAP_SYS_ADMIN, CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
};

/* Whether this process is in a user namespace of its own; false, too, where /proc does not say. */
static bool privileges_are_local(void)
{
	struct stat status;

	return !stat("/proc/self/ns/user", &status) && status.st_ino != FIRST_USER_NAMESPACE;
}

unsigned int privileges_missing(unsigned int wanted)
{
	if (privileges_are_local() || capng_get_caps_process() < 0)
		return wanted;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (capng_have_capability(CAPNG_EFFECTIVE, rows[i].capability) ||
		    capng_have_capability(CAPNG_EFFECTIVE, rows[i].stronger))
			wanted &= ~rows[i].privilege;
	return wanted;
}

const char *privileges_names(unsigned int set, char *ret_text)
{
	size_t length = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *between = set & ~(2 * rows[i].privilege - 1) ? ", " : " and ";

		if (!(set & rows[i].privilege))
			continue;
		length += (size_t)snprintf(ret_text + length, PRIVILEGES_TEXT - length, "%s%s",
					   length ? between : "", rows[i].name);
	}
	return ret_text;
}

int privileges_fail(struct error *err, unsigned int missing, const char *what)
{
	char names[PRIVILEGES_TEXT];

	privileges_names(missing, names);
	fail(err, 0, "cannot %s: %s %s missing%s", what, names,
	     missing & (missing - 1) ? "are" : "is",
	     privileges_are_local() ? ", as those of a user namespace do not count" : "");
	if (privileges_are_local())
		return fail_hint(err, -EPERM,
				 "bosc outside of the user namespace; 'bosc status' says more");
	if (geteuid())
		return fail_hint(err, -EPERM, "run as root, or with %s; 'bosc status' says more",
				 names);
	return fail_hint(err, -EPERM,
			 "%s from whatever started bosc, which took it away; 'bosc status' says "
			 "more",
			 names);
}

static int update(capng_act_t action, capng_type_t types, unsigned int set)
{
	int status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && status >= 0; i++)
		if (set & rows[i].privilege)
			status = capng_update(action, types, rows[i].capability);
	return status;
}

/* Of the set, those that are there. */
static unsigned int permitted(unsigned int set)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!capng_have_capability(CAPNG_PERMITTED, rows[i].capability))
			set &= ~rows[i].privilege;
	return set;
}

static int change_effective(capng_act_t action, unsigned int set, struct error *err)
{
	if (capng_get_caps_process() < 0 || update(action, CAPNG_EFFECTIVE, permitted(set)) < 0 ||
	    capng_apply(CAPNG_SELECT_CAPS) < 0)
		return fail(err, -EPERM, "cannot change this process's capabilities");
	return 0;
}

int privileges_lower(unsigned int set, struct error *err)
{
	return change_effective(CAPNG_DROP, set, err);
}

int privileges_raise(unsigned int set, struct error *err)
{
	return change_effective(CAPNG_ADD, set, err);
}

/* Only who may change the bounding set can empty it; nobody else needs to, who gains nothing by
 * executing a file. */
int privileges_give_up(unsigned int kept, struct error *err)
{
	capng_select_t selected = CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT;
	int status = capng_get_caps_process();

	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		selected |= CAPNG_SELECT_BOUNDS;
	kept = permitted(kept);
	capng_clear(CAPNG_SELECT_ALL);
	if (status >= 0)
		status = update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept);
	if (status < 0 || capng_apply(selected) < 0)
		return fail(err, -EPERM, "cannot give up this process's capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(err, -errno, "cannot give up new privileges: %s", strerror(errno));
	return 0;
}
