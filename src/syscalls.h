/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of system calls, per ABI: "read", "ia32:getpid", "x32:read", "io_uring:openat".
 */
#ifndef BOSC_SYSCALLS_H
#define BOSC_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

#define SYSCALL_NAME 48

/* Puts the name of a code into `name`, of SYSCALL_NAME bytes, and returns it: "call_600" for a
 * number without a name, "begin", "late", "other" and "new" for the codes that are no calls.
 * `arch` is as uname -m prints it; NULL: this machine's. */
const char *syscall_name(const char *arch, uint32_t code, char *name);

/* The code of a name as syscall_name() writes it, or -ENOENT. Of the native ABI's names the
 * kernel's internal ones are known too (newstat, newfstat, newlstat: the original's list). */
int syscall_code(const char *arch, const char *name);

#endif
