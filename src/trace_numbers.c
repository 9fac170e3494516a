/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A list of the numbers of calls, separated by white space or commas: how ADFA-LD and others keep
 * the calls of one process each. The process begins where the list begins; its number is 1, its
 * name that of the file. There are no times, so one call is made to last a microsecond.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "../core/window.h"
#include "trace_format.h"
#include "text_tasks.h"
#include "util.h"

#define STEP_NS	   1000u
#define PROCESS	   1u
#define PARENT	   2u
#define DIGITS_MAX 5u

struct numbers {
	struct trace_input *input;
	struct text_tasks tasks;
	struct text_task *task;
};

static bool separates(int character)
{
	return character == ',' || character == ';' || isspace(character);
}

static bool numbers_recognize(const char *head, size_t size)
{
	bool any = false;

	for (size_t i = 0; i < size; i++) {
		if (isdigit((unsigned char)head[i]))
			any = true;
		else if (!separates((unsigned char)head[i]))
			return false;
	}
	return any;
}

static int no_number(const struct numbers *numbers)
{
	struct trace_input *input = numbers->input;

	return fail(&input->error, -EBADMSG, "'%s' is corrupt: no number of a call at byte %llu",
		    input->path, (unsigned long long)(input->offset + input->at));
}

/* The next number. 1, 0 at the end. */
static int numbers_read(struct numbers *numbers, uint32_t *ret_nr)
{
	struct trace_input *input = numbers->input;
	uint32_t digits = 0, nr = 0;
	int status;

	while ((status = trace_input_want(input, 1)) > 0 && separates(input->data[input->at]))
		input->at++;
	if (status <= 0)
		return status;
	while ((status = trace_input_want(input, 1)) > 0 && isdigit(input->data[input->at])) {
		nr = nr * 10 + input->data[input->at++] - '0';
		if (++digits > DIGITS_MAX)
			return no_number(numbers);
	}
	if (status < 0)
		return status;
	if (digits == 0 || (status > 0 && !separates(input->data[input->at])))
		return no_number(numbers);
	*ret_nr = nr < CALL_NR_MAX ? nr : CALL_NR_MAX;
	return 1;
}

static int numbers_next(void *state, struct trace_record *ret_record)
{
	struct numbers *numbers = state;
	uint32_t nr = 0;

	while (!text_tasks_take(&numbers->tasks, ret_record)) {
		int status = numbers_read(numbers, &nr);

		if (status <= 0)
			return status;
		text_tasks_call_nr(&numbers->tasks, numbers->task, nr);
		numbers->tasks.ns += STEP_NS;
	}
	return 1;
}

static const char *numbers_judge(const void *state, uint64_t calls, uint64_t *ret_lost)
{
	const struct numbers *numbers = state;

	(void)calls;
	*ret_lost = 0;
	return trace_input_is_cut(numbers->input) ? "its compressed data was cut short" : NULL;
}

/* A process begins when somebody makes it; its parent is of no further interest. */
static bool numbers_begin(struct numbers *numbers, uint32_t abi)
{
	struct text_task *parent = text_tasks_at(&numbers->tasks, PARENT);
	const char *slash = strrchr(numbers->input->path, '/');
	const char *name = slash ? slash + 1 : numbers->input->path;

	if (!parent)
		return false;
	if (abi != ABI_NATIVE)
		text_tasks_host(&numbers->tasks, "x86_64", 0);
	numbers->task = text_tasks_fork(&numbers->tasks, parent, PROCESS, false);
	if (!numbers->task)
		return false;
	text_tasks_exit(&numbers->tasks, parent);
	text_tasks_belongs(numbers->task, PROCESS, 0);
	text_tasks_name(numbers->task, name, strcspn(name, "."));
	numbers->task->abi = abi;
	return numbers->tasks.status == 0;
}

static void numbers_close(void *state)
{
	struct numbers *numbers = state;

	text_tasks_free(&numbers->tasks);
	free(numbers);
}

static int numbers_open(struct trace_input *input, uint32_t abi, void **ret_state)
{
	struct numbers *numbers = calloc(1, sizeof(*numbers));

	if (numbers) {
		numbers->input = input;
		*ret_state = numbers;
	}
	if (!numbers || !numbers_begin(numbers, abi))
		return fail(&input->error, -ENOMEM, "cannot open '%s': %s", input->path,
			    strerror(ENOMEM));
	return 0;
}

const struct trace_format trace_numbers_format = {
	.name = "a list of numbers of calls",
	.recognize = numbers_recognize,
	.open = numbers_open,
	.next = numbers_next,
	.judge = numbers_judge,
	.close = numbers_close,
	.bare = true,
};
