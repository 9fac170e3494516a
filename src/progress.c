/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "sink.h"
#include "util.h"

static bool shown;
static uint64_t shown_ns;

void progress_clear(void)
{
	if (!shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	shown = false;
}

/* A line longer than the terminal would scroll instead of being rewritten. */
static void fit(char *line)
{
	struct winsize terminal;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &terminal) == 0 && terminal.ws_col > 1 &&
	    strlen(line) >= terminal.ws_col)
		line[terminal.ws_col - 1] = '\0';
}

/* Rewrites the line of the terminal. Names in it may be anything. */
static void rewrite(const char *line)
{
	_cleanup_free_ char *safe = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&safe, &size);

	if (!stream)
		return;
	sink_text_safe(stream, line, strlen(line));
	if (fclose(stream))
		return;
	fit(safe);
	fprintf(stderr, "\r\033[K%s", safe);
	fflush(stderr);
	shown = true;
}

void progress_show(const char *format, ...)
{
	bool terminal = isatty(STDERR_FILENO);
	uint64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	char line[512];
	va_list args;

	if (!shown_ns && !terminal)
		shown_ns = now_ns;
	if (shown_ns && now_ns - shown_ns < (terminal ? NS_PER_S / 2 : 10 * NS_PER_S))
		return;
	shown_ns = now_ns;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (terminal) {
		rewrite(line);
		return;
	}
	sink_text_safe(stderr, line, sizeof(line));
	fputc('\n', stderr);
}

void progress_note(const char *format, ...)
{
	char line[1024];
	va_list args;

	progress_clear();
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fputs("bosc: ", stderr);
	sink_text_safe(stderr, line, sizeof(line));
	fputc('\n', stderr);
}
