/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The output of strace, with -f or without, on the terminal or by -o, with any of its times. A
 * line begins with a number of a process, a time and other columns, each of which may be missing
 * (trace_strace_line.c); what follows is a call, the rest of a call, a signal or an end.
 *
 * A call counts when it is entered. What makes a task or executes a program has an effect when it
 * returns; but a new task may have lines before the call that made it has returned. So the first
 * line of a task that nobody knows belongs to the child of the oldest such call under way. On the
 * terminal strace leaves the number away while there is only one process: the first one gets the
 * number 1 then, and keeps it when strace tells the right one.
 */
#include <errno.h>
#include <string.h>

#include "../core/window.h"
#include "trace_format.h"
#include "trace_strace_line.h"
#include "text_tasks.h"
#include "util.h"

#define FORKS_MAX 64u	/* calls under way that make a task; no more are remembered */
#define STEP_NS	  1000u /* from line to line where there are no times */

struct strace {
	struct trace_input *input;
	struct text_tasks tasks;
	struct trace_clock clock;
	bool host_told;
	uint64_t odd_lines;
	struct strace_line broken;   /* whose rest is still to come; no name: none */
	uint32_t forking[FORKS_MAX]; /* tasks in such a call, the oldest first */
	uint32_t forking_count;
};

static void forking_remove(struct strace *strace, uint32_t tid)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < strace->forking_count; i++)
		if (strace->forking[i] != tid)
			strace->forking[kept++] = strace->forking[i];
	strace->forking_count = kept;
}

static void forking_add(struct strace *strace, struct text_task *task, const char *arguments)
{
	forking_remove(strace, task->tid);
	if (strace->forking_count == FORKS_MAX)
		forking_remove(strace, strace->forking[0]);
	strace->forking[strace->forking_count++] = task->tid;
	task->forking = true;
	task->makes_thread = strstr(arguments, "CLONE_THREAD");
	task->child = 0;
}

/* Whose child a task is that has lines before the call that makes it returned. */
static struct text_task *forking_find(const struct strace *strace)
{
	for (uint32_t i = 0; i < strace->forking_count; i++) {
		struct text_task *task = text_tasks_find(&strace->tasks, strace->forking[i]);

		if (task && task->forking && !task->child)
			return task;
	}
	return NULL;
}

static struct text_task *task_born(struct strace *strace, uint32_t tid)
{
	struct text_task *parent = forking_find(strace);

	if (!parent)
		return text_tasks_at(&strace->tasks, tid);
	parent->child = tid;
	return text_tasks_fork(&strace->tasks, parent, tid, parent->makes_thread);
}

/* The task of a line. */
static struct text_task *line_task(struct strace *strace, const struct strace_line *line)
{
	struct text_task *bare = text_tasks_find(&strace->tasks, TEXT_TID_BARE);
	struct text_task *task;

	if (!line->tid) {
		task = text_tasks_only(&strace->tasks);
		return task ? task : text_tasks_at(&strace->tasks, TEXT_TID_BARE);
	}
	task = text_tasks_find(&strace->tasks, line->tid);
	if (task)
		return task;
	if (bare && bare->lined &&
	    (!forking_find(strace) || (line->kind == STRACE_RESUMED && bare->forking))) {
		text_tasks_alias(&strace->tasks, line->tid, bare);
		return bare;
	}
	return task_born(strace, line->tid);
}

/* The call that makes a task returned; the guess about whose child it is may have been wrong. */
static void fork_ends(struct strace *strace, struct text_task *task, uint32_t child_tid)
{
	struct text_task *child = child_tid ? text_tasks_find(&strace->tasks, child_tid) : NULL;

	task->forking = false;
	forking_remove(strace, task->tid);
	if (!child_tid || child_tid == task->tid || task->child == child_tid)
		return;
	for (uint32_t i = 0; child && i < strace->forking_count; i++) {
		struct text_task *other = text_tasks_find(&strace->tasks, strace->forking[i]);

		if (!other || other->child != child_tid)
			continue;
		other->child = task->child;
		text_tasks_belongs(child, task->makes_thread ? task->tgid : child_tid,
				   task->makes_thread ? task->parent : task->tgid);
		return;
	}
	/* In another PID namespace the result is another number than that of the lines. */
	if (!child && !task->child)
		text_tasks_fork(&strace->tasks, task, child_tid, task->makes_thread);
}

static bool makes_task(const char *name)
{
	return !strcmp(name, "clone") || !strcmp(name, "clone3") || !strcmp(name, "fork") ||
	       !strcmp(name, "vfork");
}

static bool executes(const char *name)
{
	return !strcmp(name, "execve") || !strcmp(name, "execveat");
}

/* What a call came to; the task may be another than the one that made it. */
static void call_ends(struct strace *strace, struct text_task *task, const struct strace_line *line)
{
	if (task->forking && makes_task(line->name))
		fork_ends(strace, task, line->result > 0 ? (uint32_t)line->result : 0);
	if (!task->path || !executes(line->name))
		return;
	if (line->result == 0)
		text_tasks_exec(&strace->tasks, task, task->path);
	free(task->path);
	task->path = NULL;
}

static void call_begins(struct strace *strace, struct text_task *task,
			const struct strace_line *line)
{
	char text[PATH_SIZE];

	if (line->nr >= 0)
		text_tasks_call_nr(&strace->tasks, task, (uint32_t)line->nr);
	else
		text_tasks_call(&strace->tasks, task, line->name);
	if (makes_task(line->name))
		forking_add(strace, task, line->arguments);
	if (executes(line->name) && strace_line_text(line, text)) {
		free(task->path);
		task->path = strdup(text);
	}
	if (!strcmp(line->name, "prctl") && strstr(line->arguments, "PR_SET_NAME") &&
	    strace_line_text(line, text))
		text_tasks_name(task, text, strlen(text));
	if (line->kind == STRACE_CALL)
		call_ends(strace, task, line);
}

static void task_ends(struct strace *strace, struct text_task *task)
{
	forking_remove(strace, task->tid);
	text_tasks_exit(&strace->tasks, task);
}

/* The thread that executes takes the number of the first one of its process; its own is gone. */
static void task_superseded(struct strace *strace, struct text_task *task, uint32_t by)
{
	struct text_task *other = text_tasks_find(&strace->tasks, by);

	if (!other || other == task)
		return;
	free(task->path);
	task->path = other->path;
	other->path = NULL;
	task_ends(strace, other);
}

static void set_abi(struct strace *strace, const struct strace_line *line)
{
	struct text_task *task = text_tasks_find(&strace->tasks, line->tid);

	if (!task)
		task = text_tasks_only(&strace->tasks);
	if (task)
		task->abi = line->abi;
}

static void task_line(struct strace *strace, const struct strace_line *line)
{
	struct text_task *task = line_task(strace, line);

	if (!task)
		return;
	if (line->comm_length)
		text_tasks_name(task, line->comm, line->comm_length);
	switch (line->kind) {
	case STRACE_CALL:
	case STRACE_UNFINISHED:
	case STRACE_BROKEN:
		call_begins(strace, task, line);
		return;
	case STRACE_RESUMED:
		call_ends(strace, task, line);
		return;
	case STRACE_SIGNAL:
		if (line->nr)
			text_tasks_signal(&strace->tasks, task, (uint32_t)line->nr);
		return;
	case STRACE_SUPERSEDED:
		task_superseded(strace, task, (uint32_t)line->nr);
		return;
	default:
		task_ends(strace, task);
	}
}

/*
 * On a terminal what others write may stand in the midst of a line, whose rest is a line of its
 * own then: ", child_tidptr=0x7f91e0e97a10) = 32680".
 */
static void mend_line(struct strace *strace, struct strace_line *line)
{
	struct strace_line *broken = &strace->broken;

	if (line->kind == STRACE_BROKEN && text_tasks_knows(&strace->tasks, line->name)) {
		*broken = *line;
		return;
	}
	if (line->kind == STRACE_BROKEN)
		line->kind = STRACE_ODD;
	if (line->kind != STRACE_ODD || !broken->name[0])
		return;
	line->kind = line->resulted ? STRACE_RESUMED : STRACE_REMARK;
	line->tid = broken->tid;
	memcpy(line->name, broken->name, sizeof(line->name));
	broken->name[0] = '\0';
}

static void strace_take(struct strace *strace, char *text)
{
	struct strace_line line;

	strace_line_read(text, &strace->clock, &line);
	mend_line(strace, &line);
	if (strace->clock.begun)
		strace->tasks.ns = strace->clock.ns;
	else
		strace->tasks.ns += STEP_NS;
	if (strace->clock.unix_time && !strace->host_told)
		text_tasks_host(&strace->tasks, "", strace->tasks.ns);
	strace->host_told = true;
	if (line.kind == STRACE_ODD && text[0])
		strace->odd_lines++;
	if (line.kind == STRACE_ABI)
		set_abi(strace, &line);
	if (line.kind < STRACE_ABI)
		task_line(strace, &line);
	/* strace tells of a new task in the midst of a line on the terminal. */
	if (line.attached && !text_tasks_find(&strace->tasks, line.attached) &&
	    forking_find(strace))
		task_born(strace, line.attached);
}

static int strace_next(void *state, struct trace_record *ret_record)
{
	struct strace *strace = state;
	char *line;

	while (!text_tasks_take(&strace->tasks, ret_record)) {
		int status = trace_input_line(strace->input, &line);

		if (status <= 0)
			return status;
		strace_take(strace, line);
		if (strace->tasks.status < 0)
			return fail(&strace->input->error, strace->tasks.status,
				    "cannot read '%s': no memory", strace->input->path);
	}
	return 1;
}

static const char *strace_judge(const void *state, uint64_t calls, uint64_t *ret_lost)
{
	const struct strace *strace = state;
	const char *fault = trace_input_fault(strace->input);

	(void)calls;
	*ret_lost = 0;
	if (!fault && strace->odd_lines)
		fault = "lines of it are not strace's";
	return fault;
}

static int strace_open(struct trace_input *input, uint32_t abi, void **ret_state)
{
	struct strace *strace = calloc(1, sizeof(*strace));

	(void)abi;
	if (!strace)
		return fail(&input->error, -ENOMEM, "cannot open '%s': %s", input->path,
			    strerror(ENOMEM));
	strace->input = input;
	*ret_state = strace;
	return 0;
}

static void strace_close(void *state)
{
	struct strace *strace = state;

	text_tasks_free(&strace->tasks);
	free(strace);
}

const struct trace_format trace_strace_format = {
	.name = "the output of strace",
	.recognize = strace_line_recognize,
	.open = strace_open,
	.next = strace_next,
	.judge = strace_judge,
	.close = strace_close,
};
