/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_LEAST 40u
#define COLUMNS_MOST  1000u

uint32_t terminal_columns(FILE *stream)
{
	const char *said = getenv("COLUMNS");
	unsigned long columns = said ? strtoul(said, NULL, 10) : 0;
	struct winsize terminal;
	int fd = fileno(stream);

	if (!columns && !isatty(fd))
		return 0;
	if (!columns && ioctl(fd, TIOCGWINSZ, &terminal) == 0)
		columns = terminal.ws_col;
	if (!columns)
		return TERMINAL_COLUMNS;
	if (columns < COLUMNS_LEAST)
		return COLUMNS_LEAST;
	return columns < COLUMNS_MOST ? (uint32_t)columns : COLUMNS_MOST;
}

bool terminal_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

/* Whether a byte begins a character, and so takes a column. */
static bool is_begin(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* How many bytes of a line go into so many columns: up to a space, or, where there is none, up to
 * the next one. */
static size_t fitting(const char *line, size_t length, uint32_t columns)
{
	size_t space = 0;

	for (size_t i = 0, used = 0; i < length; i++) {
		used += is_begin(line[i]);
		if (line[i] == ' ' && (used <= columns + 1 || !space))
			space = i;
		if (used > columns && space)
			return space;
	}
	return length;
}

static void write_line(FILE *stream, const char *line, size_t length, uint32_t columns)
{
	size_t begin = strspn(line, " ");
	uint32_t indent = begin ? (uint32_t)begin + 2 : TERMINAL_LABEL;
	size_t label = begin ? begin : indent;
	size_t fits = length;

	if (columns && length > label)
		fits = label + fitting(line + label, length - label, columns - (uint32_t)label);
	fwrite(line, 1, fits, stream);
	while (fits < length) {
		const char *rest = line + fits + 1;
		size_t left = length - fits - 1;
		size_t more = fitting(rest, left, columns - indent);

		fprintf(stream, "\n%*s", (int)indent, "");
		fwrite(rest, 1, more, stream);
		fits += 1 + more;
	}
	fputc('\n', stream);
}

void terminal_write(FILE *stream, const char *text, uint32_t columns)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		write_line(stream, text, length, columns);
		text += length + (text[length] == '\n');
	}
}
