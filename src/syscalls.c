/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names come from libseccomp, which knows the tables of all architectures, whatever machine runs
 * this; no other file includes its header. Calls younger than the installed libseccomp are named
 * by a table of our own: since number 424 all architectures share their numbers. The operations
 * of io_uring are the enumeration of the kernel's <linux/io_uring.h>, up to Linux 7.0.
 *
 * Every number has a name, "call_600" if need be, so that a profile loses nothing when an older
 * bosc writes it, and every such name is read, so that a younger one understands it.
 */
#include "syscalls.h"

#include <ctype.h>
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../core/profile.h"
#include "util.h"

#define ABI_COUNT (ABI_URING + 1)
#define NR_COUNT  1024u /* that fit into a code */
#define X32_BIT	  0x40000000
#define NUMBERED  "call_"

/* The tables of one machine; 0 where libseccomp has none. */
struct machine {
	const char *arch;
	uint32_t table[ABI_COUNT];
	const char *compat; /* the prefix of the compat ABI */
};

static const struct machine machines[] = {
	{ "x86_64", { SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, 0 }, "ia32:" },
	{ "aarch64", { SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, 0, 0 }, "arm:" },
	{ "i686", { SCMP_ARCH_X86, 0, 0, 0 }, "compat:" },
	{ "i386", { SCMP_ARCH_X86, 0, 0, 0 }, "compat:" },
	{ "armv7l", { SCMP_ARCH_ARM, 0, 0, 0 }, "compat:" },
};

#define SHARED_FIRST 424u

static const char *const shared_names[] = {
	"pidfd_send_signal",
	"io_uring_setup",
	"io_uring_enter",
	"io_uring_register",
	"open_tree",
	"move_mount",
	"fsopen",
	"fsconfig",
	"fsmount",
	"fspick",
	"pidfd_open",
	"clone3",
	"close_range",
	"openat2",
	"pidfd_getfd",
	"faccessat2",
	"process_madvise",
	"epoll_pwait2",
	"mount_setattr",
	"quotactl_fd",
	"landlock_create_ruleset",
	"landlock_add_rule",
	"landlock_restrict_self",
	"memfd_secret",
	"process_mrelease",
	"futex_waitv",
	"set_mempolicy_home_node",
	"cachestat",
	"fchmodat2",
	"map_shadow_stack",
	"futex_wake",
	"futex_wait",
	"futex_requeue",
	"statmount",
	"listmount",
	"lsm_get_self_attr",
	"lsm_set_self_attr",
	"lsm_list_modules",
	"mseal",
	"setxattrat",
	"getxattrat",
	"listxattrat",
	"removexattrat",
	"open_tree_attr",
	"file_getattr",
	"file_setattr",
	"listns",
	"rseq_slice_yield",
};

static const char *const uring_names[] = {
	"nop",
	"readv",
	"writev",
	"fsync",
	"read_fixed",
	"write_fixed",
	"poll_add",
	"poll_remove",
	"sync_file_range",
	"sendmsg",
	"recvmsg",
	"timeout",
	"timeout_remove",
	"accept",
	"async_cancel",
	"link_timeout",
	"connect",
	"fallocate",
	"openat",
	"close",
	"files_update",
	"statx",
	"read",
	"write",
	"fadvise",
	"madvise",
	"send",
	"recv",
	"openat2",
	"epoll_ctl",
	"splice",
	"provide_buffers",
	"remove_buffers",
	"tee",
	"shutdown",
	"renameat",
	"unlinkat",
	"mkdirat",
	"symlinkat",
	"linkat",
	"msg_ring",
	"fsetxattr",
	"setxattr",
	"fgetxattr",
	"getxattr",
	"socket",
	"uring_cmd",
	"send_zc",
	"sendmsg_zc",
	"read_multishot",
	"waitid",
	"futex_wait",
	"futex_wake",
	"futex_waitv",
	"fixed_fd_install",
	"ftruncate",
	"bind",
	"listen",
	"recv_zc",
	"epoll_wait",
	"readv_fixed",
	"writev_fixed",
	"pipe",
	"nop128",
	"uring_cmd128",
};

static const struct {
	uint32_t code;
	const char *name;
} specials[] = {
	{ CODE_BEGIN, "begin" },
	{ CODE_LATE, "late" },
	{ CODE_OTHER, "other" },
	{ CODE_NEW, "new" },
};

/* What the kernel's functions are called where the call has another name. */
static const struct {
	const char *internal;
	const char *name;
} internals[] = {
	{ "newstat", "stat" },	 { "newfstat", "fstat" }, { "newlstat", "lstat" },
	{ "umount", "umount2" }, { "newuname", "uname" }, { "sendfile64", "sendfile" },
};

/* The tables of the machine of that name, or of this one. */
static struct machine machine_of(const char *arch)
{
	struct machine other = { .compat = "compat:" };
	struct utsname here = { 0 };

	if (!arch) {
		uname(&here);
		arch = here.machine;
	}
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (strcmp(machines[i].arch, arch) == 0)
			return machines[i];
	other.table[ABI_NATIVE] = seccomp_arch_resolve_name(arch);
	return other;
}

static const char *prefix_of(const struct machine *machine, uint32_t abi)
{
	const char *const prefixes[ABI_COUNT] = { "", machine->compat, "x32:", "io_uring:" };

	return prefixes[abi];
}

/* libseccomp's x32 numbers carry the bit by which the kernel tells them. */
static int with_bit(uint32_t table, uint32_t nr)
{
	return (int)(table == SCMP_ARCH_X32 ? nr | X32_BIT : nr);
}

/* The name of a number without its prefix, or "" when it has none. */
static void bare_name(const struct machine *machine, uint32_t abi, uint32_t nr, char *name)
{
	_cleanup_free_ char *known = NULL;
	uint32_t table = machine->table[abi];
	const char *found = NULL;

	if (table)
		known = seccomp_syscall_resolve_num_arch(table, with_bit(table, nr));
	if (known)
		found = known;
	else if (abi == ABI_URING && nr < ARRAY_SIZE(uring_names))
		found = uring_names[nr];
	else if (abi != ABI_URING && nr - SHARED_FIRST < ARRAY_SIZE(shared_names))
		found = shared_names[nr - SHARED_FIRST];
	snprintf(name, SYSCALL_NAME, "%s", found ? found : "");
}

const char *syscall_name(const char *arch, uint32_t code, char *name)
{
	struct machine machine = machine_of(arch);
	uint32_t abi = code_abi(code);
	uint32_t nr = code_nr(code);
	char bare[SYSCALL_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(specials); i++)
		if (specials[i].code == code)
			return strcpy(name, specials[i].name);
	bare_name(&machine, abi, nr, bare);
	if (bare[0])
		snprintf(name, SYSCALL_NAME, "%s%s", prefix_of(&machine, abi), bare);
	else
		snprintf(name, SYSCALL_NAME, "%s" NUMBERED "%u", prefix_of(&machine, abi), nr);
	return name;
}

/* The number in "call_600", or -ENOENT. */
static int numbered(const char *name)
{
	const char *digit = name + strlen(NUMBERED);
	uint32_t nr = 0;

	if (strncmp(name, NUMBERED, strlen(NUMBERED)) != 0 || !*digit)
		return -ENOENT;
	for (; *digit; digit++) {
		if (!isdigit((unsigned char)*digit))
			return -ENOENT;
		nr = nr * 10 + (uint32_t)(*digit - '0');
		if (nr >= NR_COUNT)
			return -ENOENT;
	}
	return (int)nr;
}

/* The first number of that name, by asking for the name of each. */
static int search(const struct machine *machine, uint32_t abi, const char *name)
{
	char candidate[SYSCALL_NAME];

	for (uint32_t nr = 0; nr < NR_COUNT; nr++) {
		bare_name(machine, abi, nr, candidate);
		if (strcmp(candidate, name) == 0)
			return (int)nr;
	}
	return -ENOENT;
}

/*
 * The number of a name without its prefix, or -ENOENT. libseccomp answers with a negative number
 * for a call of other architectures, but also for those of i386 that once went through
 * socketcall() and ipc(); only its table by numbers knows these.
 */
static int number_of(const struct machine *machine, uint32_t abi, const char *name)
{
	uint32_t table = machine->table[abi];
	int nr = numbered(name);

	if (nr >= 0 || !*name)
		return nr;
	if (table) {
		nr = seccomp_syscall_resolve_name_arch(table, name);
		if (table == SCMP_ARCH_X32 && nr >= 0)
			nr &= ~X32_BIT;
		if (nr >= 0)
			return nr < (int)NR_COUNT ? nr : -ENOENT;
	}
	return search(machine, abi, name);
}

/* The name by which a kernel's internal one is known, or NULL. */
static const char *public_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(internals); i++)
		if (strcmp(internals[i].internal, name) == 0)
			return internals[i].name;
	return NULL;
}

/* The ABI whose prefix the name has, which `*name` then skips. */
static uint32_t abi_of(const struct machine *machine, const char **name)
{
	for (uint32_t abi = ABI_NATIVE + 1; abi < ABI_COUNT; abi++) {
		const char *prefix = prefix_of(machine, abi);

		if (strncmp(*name, prefix, strlen(prefix)) == 0) {
			*name += strlen(prefix);
			return abi;
		}
	}
	return ABI_NATIVE;
}

int syscall_code(const char *arch, const char *name)
{
	struct machine machine = machine_of(arch);
	uint32_t abi = abi_of(&machine, &name);
	uint32_t code;
	int nr;

	for (size_t i = 0; i < ARRAY_SIZE(specials) && abi == ABI_NATIVE; i++)
		if (strcmp(specials[i].name, name) == 0)
			return (int)specials[i].code;
	nr = number_of(&machine, abi, name);
	if (nr < 0 && abi == ABI_NATIVE && public_name(name))
		nr = number_of(&machine, abi, public_name(name));
	if (nr < 0)
		return nr;
	/* Not code_of(): that lets the highest numbers share a code. */
	code = (abi << 10 | (uint32_t)nr) + 1;
	return code < CODE_NEW ? (int)code : -ENOENT;
}
