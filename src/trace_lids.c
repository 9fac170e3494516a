/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recordings of the LID-DS data sets, which are the output of sysdig in two forms:
 *
 *	2021  time_ns uid pid comm tid call direction arguments
 *	2019  number HH:MM:SS.ns cpu uid comm tid direction call arguments
 *
 * (and sysdig's own form, like that of 2019 without the uid and with "(tid)"). A call counts when
 * it is entered (">"). The child of a clone begins at its own return from it, since the parent's
 * result is a number of the container's PID namespace. Sysdig has a few names of its own, and
 * events that are no calls. The data sets were made on x86-64.
 */
#include <errno.h>
#include <string.h>

#include "../bpf/sensor.h"
#include "trace_format.h"
#include "trace_lids_line.h"
#include "text_tasks.h"
#include "util.h"

#define ARCH "x86_64"

struct lids {
	struct trace_input *input;
	struct text_tasks tasks;
	struct trace_clock clock;
	bool begun;
	uint64_t odd_lines, drops;
};

/* Sysdig's names where they are no call's, and what they are; NULL: no call at all. */
static const struct {
	const char *sysdig;
	const char *name;
} own_names[] = {
	{ "container", NULL },
	{ "cpu_hotplug", NULL },
	{ "fcntl64", "fcntl" },
	{ "fstat64", "fstat" },
	{ "infra", NULL },
	{ "k8s", NULL },
	{ "llseek", "lseek" },
	{ "lstat64", "lstat" },
	{ "mesos", NULL },
	{ "mmap2", "mmap" },
	{ "newselect", "select" },
	{ "notification", NULL },
	{ "page_fault", NULL },
	{ "pagefault", NULL },
	{ "pread", "pread64" },
	{ "prlimit", "prlimit64" },
	{ "procexit", NULL },
	{ "procinfo", NULL },
	{ "pwrite", "pwrite64" },
	{ "scapevent", NULL },
	{ "sendfile64", "sendfile" },
	{ "sigaction", "rt_sigaction" },
	{ "signaldeliver", NULL },
	{ "sigprocmask", "rt_sigprocmask" },
	{ "sigreturn", "rt_sigreturn" },
	{ "stat64", "stat" },
	{ "switch", NULL },
	{ "sysctl", "_sysctl" },
	{ "sysdigevent", NULL },
	{ "tracer", NULL },
	{ "umount", "umount2" },
	{ "waitpid", "wait4" },
};

/* The name of the call that an event is; NULL: it is none. */
static const char *call_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_names); i++)
		if (!strcmp(own_names[i].sysdig, name))
			return own_names[i].name;
	return name;
}

/* A clone returns 0: that is the child. */
static void child_begins(struct lids *lids, struct text_task *task, const struct lids_line *line)
{
	uint64_t tgid = line->pid, parent_tid = 0;
	struct text_task *parent;
	bool thread;

	if (!tgid)
		lids_line_number(line, "pid=", &tgid);
	lids_line_number(line, "ptid=", &parent_tid);
	thread = tgid && tgid != line->tid;
	if (thread)
		parent_tid = tgid;
	if (task->met || !parent_tid || parent_tid > TEXT_TID_MAX || parent_tid == line->tid)
		return;
	parent = text_tasks_at(&lids->tasks, (uint32_t)parent_tid);
	if (parent)
		text_tasks_fork(&lids->tasks, parent, task->tid, thread);
}

static void task_execs(struct lids *lids, struct text_task *task, const struct lids_line *line)
{
	if (!task->path)
		task->path = lids_line_text(line, "exepath=");
	if (!task->path)
		task->path = lids_line_text(line, "exe=");
	if (task->path)
		text_tasks_exec(&lids->tasks, task, task->path);
	free(task->path);
	task->path = NULL;
}

static void call_returns(struct lids *lids, struct text_task *task, const struct lids_line *line)
{
	bool execs = !strcmp(line->name, "execve") || !strcmp(line->name, "execveat");
	uint64_t result;

	if (!lids_line_number(line, "res=", &result) || result != 0)
		return;
	if (!strcmp(line->name, "clone") || !strcmp(line->name, "clone3") ||
	    !strcmp(line->name, "fork") || !strcmp(line->name, "vfork"))
		child_begins(lids, task, line);
	if (execs)
		task_execs(lids, task, line);
}

/* What is no call, but says something of the task. */
static void other_event(struct lids *lids, struct text_task *task, const struct lids_line *line)
{
	uint64_t number;

	if (!strcmp(line->name, "procexit"))
		text_tasks_exit(&lids->tasks, task);
	else if (!strcmp(line->name, "signaldeliver") && lids_line_number(line, "sig=", &number) &&
		 number < 64 && FATAL_SIGNALS & 1ull << number)
		text_tasks_signal(&lids->tasks, task, (uint32_t)number);
}

static void call_enters(struct lids *lids, struct text_task *task, const struct lids_line *line)
{
	const char *name = call_name(line->name);

	if (!name) {
		other_event(lids, task, line);
		return;
	}
	text_tasks_call(&lids->tasks, task, name);
	if (!strcmp(name, "execve") || !strcmp(name, "execveat")) {
		free(task->path);
		task->path = lids_line_text(line, "filename=");
	}
}

static void lids_take(struct lids *lids, char *text)
{
	struct lids_line line;
	struct text_task *task;

	if (!lids_line_read(text, &lids->clock, &line)) {
		lids->odd_lines += text[0] != '\0';
		return;
	}
	lids->tasks.ns = lids->clock.ns;
	if (!lids->begun)
		text_tasks_host(&lids->tasks, ARCH, line.is_2021 ? lids->tasks.ns : 0);
	lids->begun = true;
	lids->drops += line.enters && !strcmp(line.name, "drop");
	if (!strcmp(line.name, "drop"))
		return;
	task = text_tasks_at(&lids->tasks, (uint32_t)line.tid);
	if (!task)
		return;
	if (line.pid)
		text_tasks_belongs(task, (uint32_t)line.pid, task->parent);
	if (line.enters)
		text_tasks_name(task, line.comm, line.comm_length);
	if (line.enters)
		call_enters(lids, task, &line);
	else
		call_returns(lids, task, &line);
}

static int lids_next(void *state, struct trace_record *ret_record)
{
	struct lids *lids = state;
	char *line;

	while (!text_tasks_take(&lids->tasks, ret_record)) {
		int status = trace_input_line(lids->input, &line);

		if (status <= 0)
			return status;
		lids_take(lids, line);
		if (lids->tasks.status < 0)
			return fail(&lids->input->error, lids->tasks.status,
				    "cannot read '%s': no memory", lids->input->path);
	}
	return 1;
}

static const char *lids_judge(const void *state, uint64_t calls, uint64_t *ret_lost)
{
	const struct lids *lids = state;
	const char *fault = trace_input_fault(lids->input);

	(void)calls;
	*ret_lost = lids->drops;
	if (!fault && lids->drops)
		fault = "records were lost while it was recorded";
	if (!fault && lids->odd_lines)
		fault = "lines of it are not sysdig's";
	return fault;
}

static int lids_open(struct trace_input *input, uint32_t abi, void **ret_state)
{
	struct lids *lids = calloc(1, sizeof(*lids));

	(void)abi;
	if (!lids)
		return fail(&input->error, -ENOMEM, "cannot open '%s': %s", input->path,
			    strerror(ENOMEM));
	lids->input = input;
	lids->tasks.arch = ARCH;
	*ret_state = lids;
	return 0;
}

static void lids_close(void *state)
{
	struct lids *lids = state;

	text_tasks_free(&lids->tasks);
	free(lids);
}

const struct trace_format trace_lids_format = {
	.name = "a recording of LID-DS",
	.recognize = lids_line_recognize,
	.open = lids_open,
	.next = lids_next,
	.judge = lids_judge,
	.close = lids_close,
};
