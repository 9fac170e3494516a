/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace_strace_line.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../core/window.h"
#include "text_tasks.h"
#include "util.h"

#define RECOGNIZED_LINES 32u /* from the front, among which a call must be */

static bool skip_word(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

static void skip_spaces(const char **at)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
}

/* "123" or, with -Y, "123<comm>". */
static bool read_tid(const char **at, struct strace_line *line)
{
	const char *end = *at;
	uint64_t tid;

	if (!trace_clock_number(&end, TEXT_TID_MAX, &tid) || tid == 0)
		return false;
	if (*end == '<') {
		line->comm = end + 1;
		line->comm_length = strcspn(line->comm, ">");
		end += line->comm_length + 1;
		end += *end == '>';
	}
	if (*end != ' ' && *end != ']')
		return false;
	line->tid = (uint32_t)tid;
	*at = end;
	return true;
}

/* The address of -i, the number of -n: "[00007f…]", "[  59]", "[????????]". */
static bool skip_column(const char **at)
{
	const char *end = *at + 1;

	if (**at != '[')
		return false;
	end += strspn(end, " 0123456789abcdefx?");
	if (*end != ']' || end == *at + 1)
		return false;
	*at = end + 1;
	return true;
}

/* "(+ 0.000123)", which -r writes beside another time. */
static bool skip_difference(const char **at)
{
	if (strncmp(*at, "(+", 2) != 0)
		return false;
	*at += strcspn(*at, ")");
	*at += **at == ')';
	return true;
}

/* The columns before what happened. */
static void read_columns(const char **at, struct trace_clock *clock, struct strace_line *line)
{
	const char *begin = *at;

	skip_spaces(at);
	if (skip_word(at, "[pid")) {
		skip_spaces(at);
		if (!read_tid(at, line) || **at != ']')
			*at = begin;
		else
			(*at)++;
	} else {
		read_tid(at, line);
	}
	do {
		skip_spaces(at);
	} while (skip_column(at) || skip_difference(at) || trace_clock_day(clock, at) ||
		 trace_clock_seconds(clock, at));
}

static uint32_t signal_of(const char *at)
{
	static const struct {
		const char *name;
		uint32_t number;
	} fatal[] = {
		{ "SIGILL ", SIGILL }, { "SIGABRT ", SIGABRT }, { "SIGBUS ", SIGBUS },
		{ "SIGFPE ", SIGFPE }, { "SIGSEGV ", SIGSEGV }, { "SIGSYS ", SIGSYS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		if (!strncmp(at, fatal[i].name, strlen(fatal[i].name)))
			return fatal[i].number;
	return 0;
}

/* "[ Process PID=7 runs in 32 bit mode. ]" */
static bool read_abi(const char *at, struct strace_line *line)
{
	uint64_t tid;

	if (!skip_word(&at, "[ Process PID=") || !trace_clock_number(&at, TEXT_TID_MAX, &tid) ||
	    !skip_word(&at, " runs in "))
		return false;
	line->tid = (uint32_t)tid;
	line->abi = !strncmp(at, "32", 2) ? ABI_COMPAT : !strncmp(at, "x32", 3) ? ABI_X32 : 0;
	line->kind = STRACE_ABI;
	return true;
}

/* "Process 7 attached", after "strace: " or where an older strace wrote. */
static bool read_attached(const char *at, struct strace_line *line)
{
	uint64_t tid;

	if (!skip_word(&at, "Process ") || !trace_clock_number(&at, TEXT_TID_MAX, &tid))
		return false;
	if (!strncmp(at, " attached", 9))
		line->attached = (uint32_t)tid;
	return true;
}

/* What strace says of itself. */
static bool read_remark(const char *at, struct strace_line *line)
{
	bool own = skip_word(&at, "strace: ");

	line->kind = STRACE_REMARK;
	return read_abi(at, line) || read_attached(at, line) || own || !strncmp(at, "> ", 2);
}

/* The announcement of a task that stands in a line of another, which is cut off there. */
static void cut_remark(char *text, struct strace_line *line)
{
	char *remark = strstr(text, "strace: Process ");

	if (!remark || remark == text || !read_attached(remark + strlen("strace: "), line))
		return;
	if (line->attached)
		*remark = '\0';
}

/* The number behind the last ") = ". */
static void read_result(struct strace_line *line, const char *from)
{
	for (const char *at = from + strlen(from); at > from; at--) {
		const char *before = at - 1;

		if (at[0] != '=' || at[1] != ' ')
			continue;
		while (before > from && *before == ' ')
			before--;
		if (*before != ')')
			continue;
		line->result = isdigit((unsigned char)at[2]) ? strtoll(at + 2, NULL, 0) : -1;
		line->resulted = true;
		return;
	}
}

/* The name of a call, in front of the given character. */
static bool read_name(const char **at, const char *behind, struct strace_line *line)
{
	size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (length == 0 || length >= sizeof(line->name) ||
	    strncmp(*at + length, behind, strlen(behind)) != 0)
		return false;
	memcpy(line->name, *at, length);
	line->name[length] = '\0';
	*at += length + strlen(behind);
	return true;
}

static void read_call(const char *at, struct strace_line *line)
{
	static const char unknown[] = "syscall_0x";

	if (skip_word(&at, "<... ")) {
		if (!read_name(&at, " resumed>", line))
			return;
		read_result(line, at - 1);
		line->kind = STRACE_RESUMED;
		return;
	}
	if (!read_name(&at, "(", line))
		return;
	line->arguments = at;
	if (!strncmp(line->name, unknown, strlen(unknown))) {
		unsigned long nr = strtoul(line->name + strlen(unknown), NULL, 16);

		line->nr = (int)(nr < CALL_NR_MAX ? nr : CALL_NR_MAX);
	}
	line->kind = STRACE_BROKEN;
	if (strstr(at, "<unfinished ...>") || strstr(at, "<detached ...>"))
		line->kind = STRACE_UNFINISHED;
	else if (!line->attached)
		read_result(line, at - 1);
	if (line->resulted)
		line->kind = STRACE_CALL;
}

void strace_line_read(char *text, struct trace_clock *clock, struct strace_line *ret_line)
{
	const char *at = text;

	*ret_line = (struct strace_line){
		.kind = STRACE_ODD, .result = -1, .nr = -1, .arguments = ""
	};
	cut_remark(text, ret_line);
	read_columns(&at, clock, ret_line);
	if (skip_word(&at, "--- ")) {
		ret_line->kind = STRACE_SIGNAL;
		ret_line->nr = (int)signal_of(at);
	} else if (skip_word(&at, "+++ superseded by execve in pid ")) {
		ret_line->kind = STRACE_SUPERSEDED;
		ret_line->nr = atoi(at);
	} else if (skip_word(&at, "+++ ")) {
		ret_line->kind = STRACE_EXIT;
	} else if (!read_remark(at, ret_line)) {
		ret_line->kind = STRACE_ODD;
		read_call(at, ret_line);
		if (ret_line->kind == STRACE_ODD)
			read_result(ret_line, at);
	}
}

/* One character of a text as strace writes it: \n, \", \33 and the like. */
static char unescaped(const char **at)
{
	static const char letters[] = "ntrvf", meant[] = "\n\t\r\v\f";
	const char *letter;
	int number = 0;

	if (**at != '\\' || !(*at)[1])
		return *(*at)++;
	(*at)++;
	if (**at < '0' || **at > '7') {
		letter = strchr(letters, *(*at)++);
		return letter ? meant[letter - letters] : (*at)[-1];
	}
	for (int i = 0; i < 3 && **at >= '0' && **at <= '7'; i++)
		number = number * 8 + *(*at)++ - '0';
	return (char)number;
}

bool strace_line_text(const struct strace_line *line, char *ret_text)
{
	const char *at = strchr(line->arguments, '"');
	size_t size = 0;

	if (!at)
		return false;
	for (at++; *at && *at != '"';) {
		char next = unescaped(&at);

		if (size < PATH_SIZE - 1)
			ret_text[size++] = next;
	}
	ret_text[size] = '\0';
	return true;
}

bool strace_line_recognize(const char *head, size_t size)
{
	struct trace_clock clock = { 0 };

	(void)size;
	for (uint32_t i = 0; i < RECOGNIZED_LINES && *head; i++) {
		size_t length = strcspn(head, "\n");
		struct strace_line line;
		char copy[4096];

		if (length < sizeof(copy)) {
			memcpy(copy, head, length);
			copy[length] = '\0';
			strace_line_read(copy, &clock, &line);
			if (line.kind <= STRACE_UNFINISHED)
				return true;
		}
		head += length + (head[length] == '\n');
	}
	return false;
}
