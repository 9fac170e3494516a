/* SPDX-License-Identifier: BSD-2-Clause */
#include "text_tasks.h"

#include <errno.h>
#include <string.h>

#include "../core/fnv.h"
#include "../core/window.h"
#include "syscalls.h"
#include "util.h"

#define CODES_MAX 65536u /* names that are kept; a text may hold any number of odd ones */
#define UNKNOWN	  CALL_NR_MAX

/* The task in an entry of the table, or NULL: an empty entry has no value that counts. */
static struct text_task *entry_task(const struct table_entry *entry)
{
	return entry->key[1] ? NULL : (struct text_task *)(uintptr_t)entry->value;
}

void text_tasks_free(struct text_tasks *tasks)
{
	for (size_t i = 0; i < tasks->by_tid.room; i++) {
		struct text_task *task = entry_task(&tasks->by_tid.entries[i]);

		if (!task)
			continue;
		free(task->path);
		free(task);
	}
	table_free(&tasks->by_tid);
	table_free(&tasks->aliases);
	table_free(&tasks->codes);
}

bool text_tasks_take(struct text_tasks *tasks, struct trace_record *ret_record)
{
	if (tasks->count == 0)
		return false;
	*ret_record = tasks->queue[tasks->first];
	tasks->first = (tasks->first + 1) % TEXT_QUEUE;
	tasks->count--;
	return true;
}

/* A record at the queue's end, its payload to be filled in. */
static struct trace_record *tasks_put(struct text_tasks *tasks, uint32_t tid, uint8_t type,
				      size_t size)
{
	struct trace_record *record;

	record = &tasks->queue[(tasks->first + tasks->count) % TEXT_QUEUE];
	if (tasks->count < TEXT_QUEUE)
		tasks->count++;
	memset(record, 0, sizeof(*record));
	record->head = (struct trace_head){
		.ts = tasks->ns, .tid = tid, .nr = (uint16_t)(size / 16), .type = type
	};
	return record;
}

struct text_task *text_tasks_find(const struct text_tasks *tasks, uint32_t tid)
{
	uint64_t task = table_get(&tasks->by_tid, tid, 0);

	if (!task)
		task = table_get(&tasks->by_tid, table_get(&tasks->aliases, tid, 0), 0);
	return (struct text_task *)(uintptr_t)task;
}

struct text_task *text_tasks_at(struct text_tasks *tasks, uint32_t tid)
{
	struct text_task *task = text_tasks_find(tasks, tid);
	uint64_t *value;

	if (task)
		return task;
	task = calloc(1, sizeof(*task));
	value = table_at(&tasks->by_tid, tid, 0);
	if (!task || !value) {
		free(task);
		tasks->status = -ENOMEM;
		return NULL;
	}
	*value = (uint64_t)(uintptr_t)task;
	task->tid = tid;
	task->tgid = tid;
	return task;
}

void text_tasks_alias(struct text_tasks *tasks, uint32_t tid, const struct text_task *task)
{
	uint64_t *value = table_at(&tasks->aliases, tid, 0);

	if (value)
		*value = task->tid;
	else
		tasks->status = -ENOMEM;
}

struct text_task *text_tasks_only(const struct text_tasks *tasks)
{
	for (size_t i = 0; i < tasks->by_tid.room && tasks->lined == 1; i++) {
		struct text_task *task = entry_task(&tasks->by_tid.entries[i]);

		if (task && task->lined)
			return task;
	}
	return NULL;
}

void text_tasks_name(struct text_task *task, const char *name, size_t length)
{
	char comm[sizeof(task->comm)] = "";

	memcpy(comm, name, length < sizeof(comm) ? length : sizeof(comm) - 1);
	if (memcmp(comm, task->comm, sizeof(comm)) == 0)
		return;
	memcpy(task->comm, comm, sizeof(comm));
	task->told = false;
}

void text_tasks_belongs(struct text_task *task, uint32_t tgid, uint32_t parent)
{
	if (task->tgid == tgid && task->parent == parent)
		return;
	task->tgid = tgid;
	task->parent = parent;
	task->told = false;
}

static void tasks_tell(struct text_tasks *tasks, struct text_task *task)
{
	struct trace_record *record;

	tasks->lined += !task->lined;
	task->lined = true;
	if (task->told)
		return;
	task->told = true;
	record = tasks_put(tasks, task->tid, TRACE_TASK, sizeof(record->task));
	record->task.tgid = task->tgid;
	record->task.parent_tgid = task->parent;
	memcpy(record->task.comm, task->comm, sizeof(record->task.comm));
}

void text_tasks_call_nr(struct text_tasks *tasks, struct text_task *task, uint32_t nr)
{
	struct trace_record *record;

	tasks_tell(tasks, task);
	task->met = true;
	record = tasks_put(tasks, task->tid, TRACE_SYS, 0);
	record->head.nr = (uint16_t)nr;
	if (task->abi == ABI_COMPAT)
		record->head.flags = TRACE_FLAG_COMPAT;
	if (task->abi == ABI_X32)
		record->head.flags = TRACE_FLAG_X32;
}

static int look_up(const char *arch, uint32_t abi, const char *name)
{
	static const char *const prefixes[] = { "", "ia32:", "x32:" };
	char full[2 * SYSCALL_NAME];

	snprintf(full, sizeof(full), "%s%s", prefixes[abi], name);
	return syscall_code(arch, full);
}

/* The code of a name in a table, looked up once; negative: it has none there. */
static int tasks_code(struct text_tasks *tasks, uint32_t abi, const char *name)
{
	uint64_t hash[2] = { fnv_text(FNV_BEGIN, name), abi };
	uint64_t *known;
	int code;

	for (const char *c = name; *c; c++)
		hash[1] = hash[1] * 31 + (unsigned char)*c;
	code = (int)table_get(&tasks->codes, hash[0], hash[1]);
	if (code)
		return code;
	if (tasks->codes.used >= CODES_MAX)
		return -ENOENT;
	code = look_up(tasks->arch, abi, name);
	known = table_at(&tasks->codes, hash[0], hash[1]);
	if (known)
		*known = (uint64_t)(code > 0 ? code : -ENOENT);
	return code > 0 ? code : -ENOENT;
}

/* A name that only the 32-bit table has says what the process is. */
void text_tasks_call(struct text_tasks *tasks, struct text_task *task, const char *name)
{
	int code = tasks_code(tasks, task->abi, name);

	if (code < 0 && task->abi == ABI_NATIVE) {
		code = tasks_code(tasks, ABI_COMPAT, name);
		if (code > 0)
			task->abi = ABI_COMPAT;
	}
	text_tasks_call_nr(tasks, task, code > 0 ? code_nr((uint32_t)code) : UNKNOWN);
}

bool text_tasks_knows(struct text_tasks *tasks, const char *name)
{
	return tasks_code(tasks, ABI_NATIVE, name) > 0 || tasks_code(tasks, ABI_COMPAT, name) > 0;
}

static void put_fork(struct text_tasks *tasks, uint32_t parent, uint32_t parent_tgid,
		     const struct text_task *child)
{
	struct trace_record *record = tasks_put(tasks, parent, TRACE_FORK, sizeof(record->fork));

	record->fork.child_tid = child->tid;
	record->fork.child_tgid = child->tgid;
	record->fork.tgid = parent_tgid;
}

/*
 * Only the child of a thread that is known begins. A parent of whom nothing was told yet is made
 * known as what it is, a thread that somebody made at some time.
 */
struct text_task *text_tasks_fork(struct text_tasks *tasks, struct text_task *parent,
				  uint32_t child_tid, bool thread)
{
	struct text_task *child = text_tasks_at(tasks, child_tid);

	if (!child || child == parent)
		return child;
	child->tgid = thread ? parent->tgid : child_tid;
	child->parent = thread ? parent->parent : parent->tgid;
	child->abi = parent->abi;
	memcpy(child->comm, parent->comm, sizeof(child->comm));
	if (!parent->met) {
		put_fork(tasks, 0, 0, parent);
		parent->met = true;
		parent->told = false;
	}
	put_fork(tasks, parent->tid, parent->tgid, child);
	child->met = true;
	child->told = false;
	return child;
}

void text_tasks_exec(struct text_tasks *tasks, struct text_task *task, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct trace_record *record;

	tasks_tell(tasks, task);
	task->met = true;
	record = tasks_put(tasks, task->tid, TRACE_EXEC, sizeof(record->exec));
	record->exec.tgid = task->tgid;
	record->exec.old_tid = task->tid;
	snprintf(record->exec.path, sizeof(record->exec.path), "%s", path);
	text_tasks_name(task, name, strlen(name));
}

void text_tasks_signal(struct text_tasks *tasks, struct text_task *task, uint32_t number)
{
	tasks_tell(tasks, task);
	tasks_put(tasks, task->tid, TRACE_SIG, 0)->head.flags = (uint8_t)number;
}

void text_tasks_exit(struct text_tasks *tasks, struct text_task *task)
{
	uint64_t *value = table_at(&tasks->by_tid, task->tid, 0);

	tasks_put(tasks, task->tid, TRACE_EXIT, 0);
	tasks->lined -= task->lined;
	if (value)
		*value = 0;
	else
		tasks->status = -ENOMEM;
	free(task->path);
	task->path = NULL;
	if (value)
		free(task);
}

void text_tasks_host(struct text_tasks *tasks, const char *arch, uint64_t unix_ns)
{
	struct trace_record *record = tasks_put(tasks, 0, TRACE_HOST, sizeof(record->host));

	snprintf(record->host.arch, sizeof(record->host.arch), "%s", arch);
	record->host.unix_ns = unix_ns;
}
