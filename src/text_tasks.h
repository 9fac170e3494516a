/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the text formats of recordings share: they tell of calls, forks and executions line by
 * line, and from that the records of a trace are made, with the TASK records that say who is who,
 * before each thread's first call and whenever its name changes.
 *
 * A thread whose beginning the text does not tell was met while it ran; one whose fork it tells
 * begins there, even where nothing was told of its parent before.
 */
#ifndef BOSC_TEXT_TASKS_H
#define BOSC_TEXT_TASKS_H

#include <stdbool.h>

#include "../core/table.h"
#include "trace.h"

#define TEXT_TID_MAX  (1u << 22) /* no kernel has a higher one */
#define TEXT_TID_BARE 1u	 /* given to the task of lines that have no number */
#define TEXT_QUEUE    16u	 /* records; a line makes fewer */

struct text_task {
	uint32_t tid;
	uint32_t tgid;
	uint32_t parent; /* tgid of the parent; 0: unknown */
	uint32_t abi;
	char comm[16];
	bool told;  /* its TASK record is still true */
	bool met;   /* a record spoke of it, by which the reader knows it */
	bool lined; /* it has lines of its own */

	char *path;	   /* which it executes just now; else NULL */
	bool forking;	   /* it is in a call that makes a task */
	bool makes_thread; /* which is a thread of its own process */
	uint32_t child;	   /* the task that came of that, when it was met already */
};

struct text_tasks {
	const char *arch;     /* whose names of calls the text has; NULL: this machine's */
	uint64_t ns;	      /* of the line */
	struct table by_tid;  /* pointers to tasks */
	struct table aliases; /* other numbers that mean them */
	struct table codes;   /* of names that were looked up */
	size_t lined;	      /* tasks that live and have lines of their own */
	int status;	      /* -ENOMEM, once that happened */
	uint32_t first, count;
	struct trace_record queue[TEXT_QUEUE];
};

void text_tasks_free(struct text_tasks *tasks);

/* Takes the next record that was made; false: there is none. */
bool text_tasks_take(struct text_tasks *tasks, struct trace_record *ret_record);

/* The task of that number; `at` makes it when it is new, NULL: no memory. */
struct text_task *text_tasks_find(const struct text_tasks *tasks, uint32_t tid);
struct text_task *text_tasks_at(struct text_tasks *tasks, uint32_t tid);

/* From now on the number means that task, too. */
void text_tasks_alias(struct text_tasks *tasks, uint32_t tid, const struct text_task *task);

/* The only task that lives and has lines of its own, or NULL. */
struct text_task *text_tasks_only(const struct text_tasks *tasks);

void text_tasks_name(struct text_task *task, const char *name, size_t length);
void text_tasks_belongs(struct text_task *task, uint32_t tgid, uint32_t parent);

/* The task enters a call, known by its name. A name that no table has is a call all the same: it
 * gets the number that all unknown ones share. */
void text_tasks_call(struct text_tasks *tasks, struct text_task *task, const char *name);
void text_tasks_call_nr(struct text_tasks *tasks, struct text_task *task, uint32_t nr);

/* Whether a table has that name. */
bool text_tasks_knows(struct text_tasks *tasks, const char *name);

/* A task is made: a thread of the parent's process, or a process. Returns it. */
struct text_task *text_tasks_fork(struct text_tasks *tasks, struct text_task *parent,
				  uint32_t child, bool thread);

void text_tasks_exec(struct text_tasks *tasks, struct text_task *task, const char *path);
void text_tasks_signal(struct text_tasks *tasks, struct text_task *task, uint32_t number);

/* The task ends; its memory goes. */
void text_tasks_exit(struct text_tasks *tasks, struct text_task *task);

/* Whose numbers the calls have ("": nobody says), and what UNIX time it is (0: unknown). */
void text_tasks_host(struct text_tasks *tasks, const char *arch, uint64_t unix_ns);

#endif
