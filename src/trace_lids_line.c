/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace_lids_line.h"

#include <string.h>

#include "text_tasks.h"
#include "util.h"

#define RECOGNIZED_LINES 8u
#define WORDS_MAX	 24u /* before the direction; a comm may hold spaces */

/* Cuts the words up to and with the direction. How many; 0: there is none. */
static uint32_t cut_words(char *text, char **words, char **ret_rest)
{
	uint32_t count = 0;

	while (*text && count < WORDS_MAX) {
		char *word = text;

		text += strcspn(text, " ");
		words[count++] = word;
		if (text - word == 1 && (*word == '>' || *word == '<')) {
			*ret_rest = text;
			return count;
		}
		while (*text == ' ')
			text++;
	}
	return 0;
}

static bool word_number(const char *word, uint64_t most, uint64_t *ret_number)
{
	bool bracket = *word == '(';

	word += bracket;
	if (!trace_clock_number(&word, most, ret_number))
		return false;
	return bracket ? *word == ')' : *word == ' ';
}

/* The comm begins at the word `first` and ends before the word `behind`. */
static bool line_comm(struct lids_line *line, char **words, uint32_t first, uint32_t behind)
{
	if (first >= behind)
		return false;
	line->comm = words[first];
	line->comm_length = (size_t)(words[behind] - words[first]) - 1;
	return true;
}

/* Ends the name of the call with a NUL; its arguments follow. */
static void line_name(struct lids_line *line, char *name, char *rest)
{
	line->name = name;
	name += strcspn(name, " ");
	line->arguments = rest > name ? rest : name;
	if (*name) {
		line->arguments += line->arguments == name;
		*name = '\0';
	}
}

static bool read_2021(struct lids_line *line, char **words, uint32_t count, char *rest,
		      struct trace_clock *clock)
{
	const char *time = words[0];
	uint64_t ns;

	line->is_2021 = true;
	if (count < 7 || !trace_clock_number(&time, UINT64_MAX - 9, &ns) || *time != ' ' ||
	    !word_number(words[2], TEXT_TID_MAX, &line->pid) ||
	    !word_number(words[count - 3], TEXT_TID_MAX, &line->tid) ||
	    !line_comm(line, words, 3, count - 3))
		return false;
	line_name(line, words[count - 2], rest);
	clock->ns = ns;
	return true;
}

static bool read_2019(struct lids_line *line, char **words, uint32_t count, char *rest,
		      struct trace_clock *clock)
{
	const char *time = words[1];
	uint32_t first = *words[count - 2] == '(' ? 3 : 4;
	uint64_t number;

	if (count < 6 || !word_number(words[0], UINT64_MAX - 9, &number) ||
	    !word_number(words[count - 2], TEXT_TID_MAX, &line->tid) ||
	    !line_comm(line, words, first, count - 2) || *rest != ' ' ||
	    !trace_clock_day(clock, &time) || *time != ' ')
		return false;
	line_name(line, rest + 1, rest + 1);
	return true;
}

bool lids_line_read(char *text, struct trace_clock *clock, struct lids_line *line)
{
	char *words[WORDS_MAX], *rest;
	uint32_t count = cut_words(text, words, &rest);
	bool read;

	*line = (struct lids_line){ 0 };
	if (count < 6)
		return false;
	line->enters = *words[count - 1] == '>';
	if (memchr(words[1], ':', (size_t)(words[2] - words[1])))
		read = read_2019(line, words, count, rest, clock);
	else
		read = read_2021(line, words, count, rest, clock);
	return read && line->tid && line->name[0];
}

bool lids_line_number(const struct lids_line *line, const char *key, uint64_t *ret_number)
{
	const char *found = NULL;
	size_t length = strlen(key);

	for (const char *at = line->arguments; (at = strstr(at, key)); at += length)
		if (at == line->arguments || at[-1] == ' ')
			found = at + length;
	return found && trace_clock_number(&found, INT64_MAX, ret_number);
}

char *lids_line_text(const struct lids_line *line, const char *key)
{
	const char *at = strstr(line->arguments, key);

	while (at && at != line->arguments && at[-1] != ' ')
		at = strstr(at + 1, key);
	at = at ? at + strlen(key) : NULL;
	return at && *at && *at != ' ' ? strndup(at, strcspn(at, " ")) : NULL;
}

bool lids_line_recognize(const char *head, size_t size)
{
	struct trace_clock clock = { 0 };

	(void)size;
	for (uint32_t i = 0; i < RECOGNIZED_LINES && *head; i++) {
		size_t length = strcspn(head, "\n");
		struct lids_line line;
		char copy[4096];

		if (length < sizeof(copy)) {
			memcpy(copy, head, length);
			copy[length] = '\0';
			if (lids_line_read(copy, &clock, &line))
				return true;
		}
		head += length + (head[length] == '\n');
	}
	return false;
}
