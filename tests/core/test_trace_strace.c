/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The output of strace, in its many forms, becomes the records that bosc's own traces hold.
 */
#include "trace_text.h"

/* The numbers of x86-64: the names are looked up in this machine's table. */
static bool on_x86(void)
{
#ifdef __x86_64__
	return true;
#else
	return false;
#endif
}

static void test_strace_file(void **state)
{
	(void)state;
	if (!on_x86())
		skip();
	assert_told(
		"70 execve(\"/bin/sh\", [\"sh\", \"-c\", \"x = (1) = 2\"], 0x7f /* 9 vars */) = 0\n"
		"70 read(3, \"a) = 5\", 832)             = 832\n"
		"70 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>\n"
		"71 getpid( <unfinished ...>\n"
		"70 <... clone resumed>, child_tidptr=0x7f1ee7c7ea10) = 71\n"
		"71 <... getpid resumed>)             = 71\n"
		"70 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0}, 88) = 72\n"
		"72 getpid()                           = 70\n"
		"71 execve(\"/no\", [\"no\"], 0x7f) = -1 ENOENT (No such file or directory)\n"
		"71 execve(\"/bin/\\\"l\\163\", [\"ls\"], 0x7f <unfinished ...>\n"
		"70 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---\n"
		"71 <... execve resumed>)              = 0\n"
		"71 brk(NULL) = 0x55fb\n"
		"71 --- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---\n"
		"71 +++ killed by SIGSEGV (core dumped) +++\n"
		"72 +++ exited with 0 +++\n"
		"70 exit_group(0)                      = ?\n"
		"70 +++ exited with 0 +++\n",
		"70=/70<0 70:59 70!/bin/sh 70=sh/70<0 70:0 70:56 70>71/71 71=sh/71<70 71:39 "
		"70:435 70>72/70 72=sh/70<0 72:39 71:59 71:59 71!/bin/\"ls 71=\"ls/71<70 71:12 "
		"71*11 71. 72. 70:231 70. ");
}

/* On the terminal the first process has no number at first, and remarks break lines. */
static void test_strace_terminal(void **state)
{
	(void)state;
	if (!on_x86())
		skip();
	assert_told(
		"execve(\"/bin/sh\", [\"sh\"], 0x7f) = 0\n"
		"vfork(strace: Process 71 attached\n"
		" <unfinished ...>\n"
		"[pid    71] getpid()                           = 71\n"
		"[pid    70] <... vfork resumed>) = 71\n"
		"[pid    70] write(2, \"x\", 1x)                = 1\n"
		"[pid    71] +++ exited with 0 +++\n"
		"wait4(-1, strace: Process 9 detached\n"
		"[{WIFEXITED(s)}], 0, NULL)          = 71\n"
		"clone(flags=CLONE_THREADstrace: Process 72 attached\n"
		", child_tidptr=0x7f91e0e97a10) = 72\n"
		"[pid    70] getpid()                           = 70\n"
		"[pid    72] getpid()                           = 72\n"
		"[pid    70] +++ exited with 0 +++\n"
		"getpid() = 70\n"
		"+++ exited with 0 +++\n",
		"1=/1<0 1:59 1!/bin/sh 1=sh/1<0 1:58 1>71/71 71=sh/71<1 71:39 1:1 71. 1:61 1:56 "
		"1>72/1 1:39 72=sh/1<0 72:39 1. 72:39 72. ");
}

static void assert_times(const char *text, const uint64_t *wanted)
{
	struct reading r = read_text(text);
	size_t calls = 0;

	assert_int_equal(r.status, 0);
	assert_true(r.summary.complete);
	for (size_t i = 0; i < r.count; i++)
		if (r.records[i].head.type == TRACE_SYS)
			assert_int_equal(r.records[i].head.ts, wanted[calls++]);
	assert_int_equal(wanted[calls], 0);
	free(r.records);
}

static void test_strace_times(void **state)
{
	const uint64_t s = NS_PER_S, day = 86400 * NS_PER_S;

	(void)state;
	assert_times("1 23:59:59 getpid() = 1\n1 00:00:01 getpid() = 1\n",
		     (uint64_t[]){ 86399 * s, day + s, 0 });
	assert_times("08:42:37.280709 getpid() = 1\n08:42:37.307655 getpid() = 1\n",
		     (uint64_t[]){ 31357280709000, 31357307655000, 0 });
	assert_times("7 1700000000.000001 getpid() = 1\n", (uint64_t[]){ 1700000000000001000, 0 });
	assert_times("     1.500000 getpid() = 1\n     0.250000 getpid() = 1\n",
		     (uint64_t[]){ 1500000000, 1750000000, 0 });
	assert_times("00:00:02 (+     0.000000) [00007f00aa] getpid() = 1 <0.000010>\n"
		     "00:00:03 (+     1.000000) [  59] getpid() = 1 <0.000010>\n",
		     (uint64_t[]){ 2 * s, 3 * s, 0 });
	assert_times("getpid() = 1\ngetpid() = 1\n", (uint64_t[]){ 1000, 2000, 0 });
}

static void test_strace_32(void **state)
{
	(void)state;
	if (!on_x86())
		skip();
	assert_told("strace: [ Process PID=5 runs in 32 bit mode. ]\n"
		    "5 getpid() = 5\n"
		    "5 mmap2(NULL, 8192, PROT_READ, MAP_PRIVATE, -1, 0) = 0xf7f\n"
		    "5 getpid() = 5\n",
		    "5=/5<0 5:39 5:c192 5:c20 ");
	assert_told("5 getpid() = 5\nstrace: [ Process PID=5 runs in 32 bit mode. ]\n"
		    "5 getpid() = 5\n5 syscall_0x190(0x1, 0x2) = -1 ENOSYS (nothing)\n",
		    "5=/5<0 5:39 5:c20 5:c400 ");
}

static void test_strace_mutations(void **state)
{
	static const char strace[] =
		"70 11:00:00 execve(\"/bin/sh\", [\"sh\"], 0x7f /* 9 vars */) = 0\n"
		"[pid 70] clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>\n"
		"71<sh> [00007f] getpid( <unfinished ...>\n"
		"70 <... clone resumed>, child_tidptr=0x7f1ee7c7ea10) = 71\n"
		"71 prctl(PR_SET_NAME, \"\\33\\t\\\"x\"strace: Process 80 attached\n"
		") = 0\n"
		"71 +++ superseded by execve in pid 72 +++\n"
		"71 --- SIGSEGV {si_signo=SIGSEGV} ---\n"
		"70 +++ exited with 0 +++\n";

	(void)state;
	read_mutated(strace, sizeof(strace) - 1, 1500);
	for (size_t cut = 0; cut < sizeof(strace); cut++) {
		struct reading r = read_all(file_write("mutated", strace, cut));

		assert_true(r.status <= 0);
		free(r.records);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strace_file),	 cmocka_unit_test(test_strace_terminal),
		cmocka_unit_test(test_strace_times),	 cmocka_unit_test(test_strace_32),
		cmocka_unit_test(test_strace_mutations),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
