/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads /proc a file at a time and keeps nothing. A file of a process can vanish before it is
 * opened (ENOENT) or after (ESRCH); both mean the same and become -ESRCH.
 */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>

#include "util.h"

#define PROC_PATH     64
#define PF_FORKNOEXEC 0x40 /* of linux/sched.h, which user space does not get */

static void closedir_p(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static int gone_or(int error)
{
	return error == ENOENT ? -ESRCH : -error;
}

/* Reads what a file of a process holds, at most size - 1 bytes, and ends it with a 0. */
static int read_file(int pid, const char *name, char *text, size_t size)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[PROC_PATH];
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		return gone_or(errno);
	length = fread(text, 1, size - 1, file);
	if (ferror(file))
		return gone_or(errno);
	text[length] = '\0';
	return 0;
}

int proc_exe(int pid, char *ret_path, size_t size)
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	char path[PROC_PATH];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	length = readlink(path, ret_path, size);
	if (length < 0)
		return gone_or(errno);
	if ((size_t)length >= size)
		return -ENAMETOOLONG;
	ret_path[length] = '\0';
	if ((size_t)length > tail && !strcmp(ret_path + length - tail, deleted))
		ret_path[(size_t)length - tail] = '\0';
	return 0;
}

/* The address at which the kernel left the program's path when it was executed; 0: none. */
static unsigned long execfn_address(int pid)
{
	char path[64];
	_cleanup_fclose_ FILE *file = NULL;
	unsigned long entry[2];

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	file = fopen(path, "re");
	while (file && fread(entry, sizeof(entry), 1, file) == 1)
		if (entry[0] == AT_EXECFN)
			return entry[1];
	return 0;
}

int proc_execfn(int pid, char *ret_path, size_t size)
{
	unsigned long address = execfn_address(pid);
	_cleanup_close_ int fd = -1;
	char path[64];
	ssize_t length;

	if (!address)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd >= 0 ? pread(fd, ret_path, size - 1, (off_t)address) : -1;
	if (length <= 0)
		return -ESRCH;
	ret_path[length] = '\0';
	return 0;
}

int proc_comm(int pid, char *ret_comm)
{
	char text[PROC_COMM + 1];
	int status = read_file(pid, "comm", text, sizeof(text));
	size_t length;

	if (status)
		return status;
	length = strlen(text);
	if (length && text[length - 1] == '\n')
		text[--length] = '\0';
	memcpy(ret_comm, text, PROC_COMM);
	ret_comm[PROC_COMM - 1] = '\0';
	return 0;
}

/* The comm stands in brackets before the parent and may hold brackets itself: the last counts. */
static int read_stat(int pid, int *ret_parent, unsigned int *ret_flags)
{
	char text[512];
	const char *rest;
	int status = read_file(pid, "stat", text, sizeof(text));

	if (status)
		return status;
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest, ") %*c %d %*d %*d %*d %*d %u", ret_parent, ret_flags) != 2)
		return -ESRCH;
	return 0;
}

int proc_parent(int pid)
{
	unsigned int flags;
	int parent, status = read_stat(pid, &parent, &flags);

	return status ? status : parent;
}

bool proc_has_executed(int pid)
{
	unsigned int flags;
	int parent;

	return !read_stat(pid, &parent, &flags) && !(flags & PF_FORKNOEXEC);
}

static int visit_numbers(const char *path, proc_visit *visit, void *context)
{
	_cleanup_(closedir_p) DIR *directory = opendir(path);
	const struct dirent *entry;
	int status = 0;

	if (!directory)
		return gone_or(errno) == -ESRCH ? 0 : -errno;
	while (!status && (entry = readdir(directory)))
		if (isdigit((unsigned char)entry->d_name[0]))
			status = visit(atoi(entry->d_name), context);
	return status;
}

int proc_threads(int pid, proc_visit *visit, void *context)
{
	char path[PROC_PATH];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	return visit_numbers(path, visit, context);
}

int proc_each(proc_visit *visit, void *context)
{
	return visit_numbers("/proc", visit, context);
}
