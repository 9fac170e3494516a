/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of system calls: every code of every machine comes back from its name, and the names are
 * those of the system's own headers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <linux/io_uring.h>

#include <cmocka.h>

#include "../../core/profile.h"
#include "../../src/syscalls.h"
#include "../../src/util.h"

static void assert_both(const char *arch, uint32_t code, const char *name)
{
	char got[SYSCALL_NAME];

	assert_string_equal(syscall_name(arch, code, got), name);
	assert_int_equal(syscall_code(arch, name), code);
}

static void test_every_code_comes_back(void **state)
{
	const char *const archs[] = { NULL,   "x86_64", "aarch64", "i686",
				      "i386", "armv7l", "riscv64", "nonsense" };
	char name[SYSCALL_NAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		for (uint32_t code = 0; code < CODE_COUNT; code++) {
			assert_ptr_equal(syscall_name(archs[i], code, name), name);
			assert_in_range(strlen(name), 1, SYSCALL_NAME - 2);
			if (syscall_code(archs[i], name) != (int)code)
				fail_msg("%s: code %u is named %s, which is code %d",
					 archs[i] ? archs[i] : "here", code, name,
					 syscall_code(archs[i], name));
		}
}

static void test_specials(void **state)
{
	(void)state;
	assert_both("x86_64", CODE_BEGIN, "begin");
	assert_both("x86_64", CODE_LATE, "late");
	assert_both("aarch64", CODE_OTHER, "other");
	assert_both("nonsense", CODE_NEW, "new");
	assert_int_equal(syscall_code("x86_64", "ia32:other"), -ENOENT);
}

static void test_x86_64(void **state)
{
	(void)state;
	assert_both("x86_64", code_of(ABI_NATIVE, 0), "read");
	assert_both("x86_64", code_of(ABI_NATIVE, 59), "execve");
	assert_both("x86_64", code_of(ABI_NATIVE, 322), "execveat");
	assert_both("x86_64", code_of(ABI_COMPAT, 20), "ia32:getpid");
	assert_both("x86_64", code_of(ABI_COMPAT, 11), "ia32:execve");
	assert_both("x86_64", code_of(ABI_COMPAT, 102), "ia32:socketcall");
	assert_both("x86_64", code_of(ABI_X32, 0), "x32:read");
	assert_both("x86_64", code_of(ABI_X32, 520), "x32:execve");
}

/* libseccomp resolves these names to pseudo numbers below zero. */
static void test_ia32_sockets(void **state)
{
	(void)state;
	assert_both("x86_64", code_of(ABI_COMPAT, 359), "ia32:socket");
	assert_both("x86_64", code_of(ABI_COMPAT, 372), "ia32:recvmsg");
	assert_both("x86_64", code_of(ABI_COMPAT, 393), "ia32:semget");
	assert_both("i686", code_of(ABI_NATIVE, 362), "connect");
}

static void test_other_machines(void **state)
{
	(void)state;
	assert_both("aarch64", code_of(ABI_NATIVE, 56), "openat");
	assert_both("aarch64", code_of(ABI_NATIVE, 221), "execve");
	assert_both("aarch64", code_of(ABI_COMPAT, 5), "arm:open");
	assert_both("riscv64", code_of(ABI_NATIVE, 63), "read");
	assert_both("riscv64", code_of(ABI_COMPAT, 63), "compat:call_63");
	assert_both("nonsense", code_of(ABI_NATIVE, 63), "call_63");
	assert_both("nonsense", code_of(ABI_URING, 18), "io_uring:openat");
	/* aarch64 has no open(), and arm's cacheflush() has a number that no code can hold. */
	assert_int_equal(syscall_code("aarch64", "open"), -ENOENT);
	assert_int_equal(syscall_code("aarch64", "arm:cacheflush"), -ENOENT);
	assert_int_equal(syscall_code("aarch64", "ia32:getpid"), -ENOENT);
}

static void test_this_machine(void **state)
{
	static const struct {
		long nr;
		const char *name;
	} calls[] = {
		{ SYS_read, "read" },	  { SYS_openat, "openat" },
		{ SYS_execve, "execve" }, { SYS_exit_group, "exit_group" },
		{ SYS_futex, "futex" },	  { SYS_pidfd_open, "pidfd_open" },
		{ SYS_clone3, "clone3" }, { SYS_perf_event_open, "perf_event_open" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		assert_both(NULL, code_of(ABI_NATIVE, (uint64_t)calls[i].nr), calls[i].name);
}

/* Younger than many an installed libseccomp, and the same on all machines. */
static void test_shared_numbers(void **state)
{
	static const struct {
		uint32_t nr;
		const char *name;
	} calls[] = {
		{ 424, "pidfd_send_signal" },
		{ 435, "clone3" },
		{ 447, "memfd_secret" },
		{ 450, "set_mempolicy_home_node" },
		{ 451, "cachestat" },
		{ 452, "fchmodat2" },
		{ 457, "statmount" },
		{ 459, "lsm_get_self_attr" },
		{ 462, "mseal" },
		{ 463, "setxattrat" },
		{ 466, "removexattrat" },
		{ 467, "open_tree_attr" },
		{ 468, "file_getattr" },
		{ 469, "file_setattr" },
		{ 471, "rseq_slice_yield" },
	};
	const char *const archs[] = { "x86_64", "aarch64", "nonsense" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		for (size_t j = 0; j < ARRAY_SIZE(calls); j++)
			assert_both(archs[i], code_of(ABI_NATIVE, calls[j].nr), calls[j].name);
	assert_both("x86_64", code_of(ABI_COMPAT, 462), "ia32:mseal");
	assert_both("aarch64", code_of(ABI_COMPAT, 468), "arm:file_getattr");
	assert_both("x86_64", code_of(ABI_X32, 469), "x32:file_setattr");
}

static void test_io_uring(void **state)
{
	static const struct {
		uint32_t op;
		const char *name;
	} ops[] = {
		{ IORING_OP_NOP, "io_uring:nop" },
		{ IORING_OP_READV, "io_uring:readv" },
		{ IORING_OP_WRITE_FIXED, "io_uring:write_fixed" },
		{ IORING_OP_SYNC_FILE_RANGE, "io_uring:sync_file_range" },
		{ IORING_OP_RECVMSG, "io_uring:recvmsg" },
		{ IORING_OP_TIMEOUT_REMOVE, "io_uring:timeout_remove" },
		{ IORING_OP_LINK_TIMEOUT, "io_uring:link_timeout" },
		{ IORING_OP_OPENAT, "io_uring:openat" },
		{ IORING_OP_FILES_UPDATE, "io_uring:files_update" },
		{ IORING_OP_STATX, "io_uring:statx" },
		{ IORING_OP_MADVISE, "io_uring:madvise" },
		{ IORING_OP_OPENAT2, "io_uring:openat2" },
		{ IORING_OP_SPLICE, "io_uring:splice" },
		{ IORING_OP_TEE, "io_uring:tee" },
		{ IORING_OP_LINKAT, "io_uring:linkat" },
		/* Beyond the headers of 5.15; the numbers are from the type information of 6.18. */
		{ 40, "io_uring:msg_ring" },
		{ 45, "io_uring:socket" },
		{ 48, "io_uring:sendmsg_zc" },
		{ 50, "io_uring:waitid" },
		{ 55, "io_uring:ftruncate" },
		{ 59, "io_uring:epoll_wait" },
		{ 62, "io_uring:pipe" },
		{ 200, "io_uring:call_200" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		assert_both("x86_64", code_of(ABI_URING, ops[i].op), ops[i].name);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_both("x86_64", code_of(ABI_NATIVE, 600), "call_600");
	assert_both("x86_64", code_of(ABI_COMPAT, 600), "ia32:call_600");
	assert_both("x86_64", code_of(ABI_X32, 600), "x32:call_600");
	assert_both("x86_64", code_of(ABI_NATIVE, 5000), "call_1019");
	/* Written by a bosc that did not know the name yet. */
	assert_int_equal(syscall_code("x86_64", "call_462"), code_of(ABI_NATIVE, 462));
}

static void test_refused(void **state)
{
	static const char *const names[] = {
		"",
		"nonsense",
		"READ",
		"read ",
		"call_",
		"call_x",
		"call_12x",
		"call_-1",
		"call_1024",
		"ia32:",
		"ia32:ia32:read",
		"x32:call_99999999999999999999",
		"io_uring:",
		"io_uring:execve",
		/* The last places of io_uring are those of the codes that are no calls. */
		"io_uring:call_1020",
		"io_uring:call_1022",
		"io_uring:call_1023",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (syscall_code("x86_64", names[i]) != -ENOENT)
			fail_msg("'%s' is taken for a call", names[i]);
}

static void test_internal_names(void **state)
{
	(void)state;
	assert_int_equal(syscall_code("x86_64", "newstat"), code_of(ABI_NATIVE, 4));
	assert_int_equal(syscall_code("x86_64", "newfstat"), code_of(ABI_NATIVE, 5));
	assert_int_equal(syscall_code("x86_64", "newlstat"), code_of(ABI_NATIVE, 6));
	assert_int_equal(syscall_code("x86_64", "umount"), code_of(ABI_NATIVE, 166));
	/* Where the call exists it is meant itself. */
	assert_int_equal(syscall_code("i686", "umount"), code_of(ABI_NATIVE, 22));
	assert_int_equal(syscall_code("x86_64", "ia32:umount"), code_of(ABI_COMPAT, 22));
	assert_int_equal(syscall_code("aarch64", "newstat"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_comes_back),
		cmocka_unit_test(test_specials),
		cmocka_unit_test(test_x86_64),
		cmocka_unit_test(test_ia32_sockets),
		cmocka_unit_test(test_other_machines),
		cmocka_unit_test(test_this_machine),
		cmocka_unit_test(test_shared_numbers),
		cmocka_unit_test(test_io_uring),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_internal_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
