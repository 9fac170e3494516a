/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process of a trace that does not say so is the container's first one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../core/frame.h"
#include "../../src/trace_tasks.h"

#include <cmocka.h>

static struct tasks tasks;

static int teardown(void **state)
{
	(void)state;
	tasks_free(&tasks);
	return 0;
}

/* A task, as its TASK record tells of it. */
static void add(uint32_t tid, uint32_t tgid, uint32_t parent_tgid, const char *comm)
{
	struct trace_record record = { .task = { .tgid = tgid, .parent_tgid = parent_tgid } };
	struct task *task = tasks_at(&tasks, tid);

	assert_non_null(task);
	strcpy(record.task.comm, comm);
	tasks_note(task, &record);
}

static bool is_main(uint32_t tid)
{
	struct task *task = tasks_at(&tasks, tid);
	uint32_t flags = tasks_exit(&tasks, task, 0, false);

	assert_true(task->ended);
	task->ended = false; /* it was only a question */
	assert_true(!flags || flags == (EXIT_MAIN | EXIT_UNASKED));
	return flags;
}

static void test_works(void **state)
{
	(void)state;
	add(100, 100, 50, "server");
	assert_false(is_main(100)); /* it did nothing yet */
	tasks_at(&tasks, 100)->calls = START_CALLS;
	assert_true(is_main(100));
	tasks_at(&tasks, 100)->calls = 1;
	add(101, 100, 50, "server");
	assert_true(is_main(100)); /* it has a thread */
	assert_false(is_main(101));
	tasks_at(&tasks, 101)->ended = true;
	assert_false(is_main(100));
	add(102, 102, 100, "server");
	assert_true(is_main(100)); /* it has a child */
	tasks_at(&tasks, 102)->calls = START_CALLS;
	assert_false(is_main(102));
}

/* A shell that somebody runs in the container has children, too; the runtime's set-up comes
 * first. */
static void test_lowest(void **state)
{
	(void)state;
	add(90, 90, 50, "runc:[0:PARENT]");
	add(91, 91, 90, "runc:[1:CHILD]");
	add(100, 100, 50, "server");
	add(200, 200, 51, "sh");
	add(201, 201, 200, "cat");
	add(202, 202, 200, "cat");
	tasks_at(&tasks, 100)->calls = START_CALLS;
	assert_false(is_main(200));
	assert_true(is_main(100));
	assert_false(is_main(90));
	tasks_at(&tasks, 100)->ended = true; /* its number is lower, but it is no more */
	assert_true(is_main(200));
}

/* A number that is used again is that of another task. */
static void test_again(void **state)
{
	struct trace_record fork = {
		.head = { .tid = 100 },
		.fork = { .child_tid = 200, .child_tgid = 200, .tgid = 100 },
	};

	(void)state;
	add(100, 100, 50, "server");
	add(200, 200, 100, "worker");
	tasks_at(&tasks, 200)->ended = true;
	tasks_at(&tasks, 200)->calls = START_CALLS;
	assert_false(is_main(100));
	tasks_fork(&tasks, &fork, tasks_at(&tasks, 200));
	assert_true(is_main(100));
	assert_int_equal(tasks_at(&tasks, 200)->calls, 0);
}

/* A trace that says what ends is believed. */
static void test_told(void **state)
{
	(void)state;
	add(100, 100, 50, "server");
	tasks_at(&tasks, 100)->calls = START_CALLS;
	assert_int_equal(tasks_exit(&tasks, tasks_at(&tasks, 100), 0, true), 0);
	assert_true(tasks_at(&tasks, 100)->ended);
	add(200, 200, 100, "other");
	assert_int_equal(tasks_exit(&tasks, tasks_at(&tasks, 200), EXIT_MAIN, true), EXIT_MAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_works, teardown),
		cmocka_unit_test_teardown(test_lowest, teardown),
		cmocka_unit_test_teardown(test_again, teardown),
		cmocka_unit_test_teardown(test_told, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
