/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter is loaded while the runtime still prepares the container: by runc and crun before
 * they drop capabilities, or, with no_new_privs, just before the command is executed. What they
 * do from then on must be allowed as well, or no container starts; tests/live/seccomp.t holds
 * that it suffices. It makes the filter weaker than the profile, but not by much: the dangerous
 * one among them, clone, is allowed to make threads and nothing else.
 *
 * A filter knows calls by name, whatever the ABI, so those of ia32 and x32 are allowed by adding
 * their architecture; where none was seen, such a call ends the program (SIGSYS).
 *
 * Two things are as in Docker's own filter. A clone may make no new namespaces, unless training
 * saw the calls that come with those. clone3, whose arguments cannot be filtered, is missing as if
 * the kernel were older, where it was not seen: the C library then takes clone, but would give up
 * at EPERM.
 */
#include "profile_seccomp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "syscalls.h"
#include "util.h"

/* What was seen of runc 1.1 and crun 1.8 from there on, with and without no_new_privs, for a
 * container and for `exec` in one; what other versions of runc do instead; what the runtime of its
 * language may do at any time; and what no program ends, or goes on after a stop, without. */
static const char *const runtime_calls[] = {
	"capget",	"capset",	  "chdir",	     "close",
	"epoll_ctl",	"execve",	  "faccessat2",	     "fchown",
	"fcntl",	"fstat",	  "fstatfs",	     "futex",
	"getcwd",	"getdents64",	  "getpid",	     "getppid",
	"newfstatat",	"openat",	  "prctl",	     "read",
	"setgid",	"setgroups",	  "setresgid",	     "setresuid",
	"setuid",	"write",

	"close_range",	"faccessat",	  "fchownat",	     "lstat",
	"openat2",	"prlimit64",	  "readlinkat",	     "stat",
	"statx",

	"epoll_pwait",	"gettid",	  "madvise",	     "mmap",
	"mprotect",	"munmap",	  "nanosleep",	     "rseq",
	"rt_sigaction", "rt_sigprocmask", "sched_yield",     "set_robust_list",
	"sigaltstack",	"tgkill",

	"exit",		"exit_group",	  "restart_syscall", "rt_sigreturn",
};

/* The architectures as the runtimes call them, for each ABI. */
static const struct {
	const char *arch;
	const char *abi[ABI_X32 + 1];
} architectures[] = {
	{ "x86_64", { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" } },
	{ "aarch64", { "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", NULL } },
	{ "i686", { "SCMP_ARCH_X86", NULL, NULL } },
	{ "armv7l", { "SCMP_ARCH_ARM", NULL, NULL } },
};

/* New namespaces: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
#define CLONE_NAMESPACES 0x7e020000u
#define CLONE_THREADS	 0x00010000u

struct filter {
	FILE *file;
	const char *arch;
	char name[CODE_COUNT][SYSCALL_NAME]; /* of calls that were seen and can be named; "" */
	struct seccomp_gaps gaps;
	bool abi[ABI_X32 + 1]; /* whether there are calls of it */
	size_t rules;
	size_t names; /* in the current rule */
};

/* The name of a call without that of its ABI; false: it has none. */
static bool bare_name(const char *arch, uint32_t code, char *name)
{
	const char *colon;

	syscall_name(arch, code, name);
	colon = strchr(name, ':');
	if (colon)
		memmove(name, colon + 1, strlen(colon));
	return strncmp(name, "call_", strlen("call_")) != 0;
}

static void take_call(struct filter *filter, uint32_t code)
{
	if (code_abi(code) == ABI_URING) {
		filter->gaps.operations++;
		return;
	}
	filter->gaps.abis += !filter->abi[code_abi(code)];
	filter->abi[code_abi(code)] = true;
	if (bare_name(filter->arch, code, filter->name[code]))
		return;
	filter->name[code][0] = '\0';
	filter->gaps.nameless++;
}

/* Which calls the profile knows, by what it counted and by its bags. NULL: no memory. */
static struct filter *filter_new(const struct profile *profile, FILE *file)
{
	struct filter *filter = calloc(1, sizeof(*filter));
	uint16_t fold[CODE_COUNT];

	if (!filter)
		return NULL;
	filter->file = file;
	filter->arch = profile->arch;
	profile_fold(profile, fold);
	for (uint32_t code = CODE_BEGIN + 1; code < CODE_NEW; code++)
		if (fold[code] != CODE_NEW)
			take_call(filter, code);
	return filter;
}

static void filter_free_p(struct filter **filter)
{
	free(*filter);
}

/* The first call of that name, in any ABI, up to one; CODE_COUNT: none. */
static uint32_t first_named(const struct filter *filter, const char *name, uint32_t until)
{
	for (uint32_t code = 0; code < until; code++)
		if (strcmp(filter->name[code], name) == 0)
			return code;
	return CODE_COUNT;
}

static bool has_seen(const struct filter *filter, const char *name)
{
	return first_named(filter, name, CODE_COUNT) < CODE_COUNT;
}

static void begin_rule(struct filter *filter, const char *comment)
{
	fprintf(filter->file, "%s\n\t\t{\n\t\t\t\"comment\": \"%s\",\n\t\t\t\"names\": [",
		filter->rules++ ? "," : "", comment);
	filter->names = 0;
}

static void put_name(struct filter *filter, const char *name)
{
	fprintf(filter->file, "%s\n\t\t\t\t\"%s\"", filter->names++ ? "," : "", name);
}

static void end_rule(struct filter *filter, const char *action)
{
	fprintf(filter->file, "%s],\n\t\t\t\"action\": \"%s\"", filter->names ? "\n\t\t\t" : "",
		action);
}

static void close_rule(struct filter *filter)
{
	fprintf(filter->file, "\n\t\t}");
}

/* A name may stand for calls of several ABIs; it is written once. */
static void put_learnt(struct filter *filter)
{
	begin_rule(filter, "seen in training");
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		const char *name = filter->name[code];

		if (*name && strcmp(name, "clone") != 0 &&
		    first_named(filter, name, code) == CODE_COUNT)
			put_name(filter, name);
	}
	end_rule(filter, "SCMP_ACT_ALLOW");
	close_rule(filter);
}

static void put_runtime(struct filter *filter)
{
	begin_rule(filter, "of the container runtime, before it executes the command");
	for (size_t i = 0; i < ARRAY_SIZE(runtime_calls); i++)
		if (syscall_code(filter->arch, runtime_calls[i]) >= 0 &&
		    !has_seen(filter, runtime_calls[i]))
			put_name(filter, runtime_calls[i]);
	end_rule(filter, "SCMP_ACT_ALLOW");
	close_rule(filter);
}

static void put_clone(struct filter *filter)
{
	bool namespaces = has_seen(filter, "unshare") || has_seen(filter, "setns") ||
			  has_seen(filter, "clone3");
	bool seen = has_seen(filter, "clone");
	uint32_t mask = seen ? CLONE_NAMESPACES : CLONE_THREADS;

	begin_rule(filter, !seen	? "of the container runtime: threads"
			   : namespaces ? "seen in training"
					: "seen in training; new namespaces are not allowed");
	put_name(filter, "clone");
	end_rule(filter, "SCMP_ACT_ALLOW");
	if (!seen || !namespaces)
		fprintf(filter->file,
			",\n\t\t\t\"args\": [{\"index\": 0, \"value\": %u, \"valueTwo\": %u, "
			"\"op\": \"SCMP_CMP_MASKED_EQ\"}]",
			mask, seen ? 0 : CLONE_THREADS);
	close_rule(filter);
}

static void put_clone3(struct filter *filter)
{
	if (has_seen(filter, "clone3") || syscall_code(filter->arch, "clone3") < 0)
		return;
	begin_rule(filter, "not in training; libraries take clone where it is missing");
	put_name(filter, "clone3");
	end_rule(filter, "SCMP_ACT_ERRNO");
	fprintf(filter->file, ",\n\t\t\t\"errnoRet\": %d", ENOSYS);
	close_rule(filter);
}

/* The names of the machine's architectures, or NULL. */
static const char *const *architectures_of(const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
		if (strcmp(architectures[i].arch, arch) == 0)
			return architectures[i].abi;
	return NULL;
}

static void put_architectures(struct filter *filter, const char *const *names)
{
	fprintf(filter->file, "\t\"architectures\": [\"%s\"", names[ABI_NATIVE]);
	for (uint32_t abi = ABI_NATIVE + 1; abi <= ABI_X32; abi++)
		if (filter->abi[abi] && names[abi])
			fprintf(filter->file, ", \"%s\"", names[abi]);
	fprintf(filter->file, "],\n");
}

int profile_seccomp_write(const struct profile *profile, FILE *file, struct seccomp_gaps *ret_gaps,
			  struct error *err)
{
	const char *const *names = architectures_of(profile->arch);
	_cleanup_(filter_free_p) struct filter *filter = filter_new(profile, file);

	if (!filter)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	if (!names)
		return fail(err, -EINVAL,
			    "cannot write profile '%s' as a seccomp filter: container runtimes "
			    "have no name for the architecture '%s'",
			    profile->name, profile->arch);
	if (!profile_distinct(profile))
		return fail(err, -ENODATA,
			    "cannot write profile '%s' as a seccomp filter: it holds no calls",
			    profile->name);
	fprintf(file, "{\n\t\"defaultAction\": \"SCMP_ACT_ERRNO\",\n\t\"defaultErrnoRet\": %d,\n",
		EPERM);
	put_architectures(filter, names);
	fprintf(file, "\t\"syscalls\": [");
	put_learnt(filter);
	put_runtime(filter);
	put_clone(filter);
	put_clone3(filter);
	fprintf(file, "\n\t]\n}\n");
	*ret_gaps = filter->gaps;
	return 0;
}
