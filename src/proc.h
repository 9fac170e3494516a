/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What /proc says of processes: their names, parents and threads.
 *
 * Processes end while they are read. That is no failure that a user should hear of, so nothing
 * here takes a struct error: what asks for one process answers -ESRCH when it is gone, what visits
 * many passes over it.
 */
#ifndef BOSC_PROC_H
#define BOSC_PROC_H

#include <stdbool.h>
#include <stddef.h>

#define PROC_COMM 16

/* Called for each process or thread; not 0 ends the visit and becomes its result. */
typedef int proc_visit(int pid, void *context);

/* The executable's path as the process itself sees it, in its own mount namespace. The " (deleted)"
 * that the kernel puts behind a file without a name is taken off (and of a file that is really
 * called so, too). -ESRCH also for a kernel thread, which has none; -ENAMETOOLONG when `size` is
 * too small. */
int proc_exe(int pid, char *ret_path, size_t size);

/* The path by which the process executed its program, as it was given: unlike proc_exe(), the name
 * of a link, and unlike its comm, no name that it gave itself. -ESRCH as above. */
int proc_execfn(int pid, char *ret_path, size_t size);

/* The name of the thread `pid`; `ret_comm` has PROC_COMM bytes. */
int proc_comm(int pid, char *ret_comm);

/* The process that is the parent of `pid`, which may be a thread; 0 when it has none in this pid
 * namespace. */
int proc_parent(int pid);

/* Whether it executed a program since it was forked; false as well when it is gone. */
bool proc_has_executed(int pid);

/* All threads of a process; 0 and no visit when it is gone. */
int proc_threads(int pid, proc_visit *visit, void *context);

/* All processes (thread group leaders) of this pid namespace. */
int proc_each(proc_visit *visit, void *context);

#endif
