/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports of an evaluation for tests: written into memory, or as a page into a folder of their own,
 * and looked through for what must be in them.
 */
#ifndef BOSC_TESTS_EVAL_OUTPUT_H
#define BOSC_TESTS_EVAL_OUTPUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/eval_report.h"
#include "sample_eval.h"
#include "test_folder.h"

#include <cmocka.h> /* behind error.h: it has a macro fail */

typedef int report(FILE *stream, const struct eval *eval, const struct eval_options *options,
		   struct error *err);

static inline void assert_near(double found, double wanted)
{
	if (!(fabs(found - wanted) < 1e-9))
		fail_msg("%.12g is not %.12g", found, wanted);
}

static inline char *text_of(report *write, const struct eval *eval,
			    const struct eval_options *options)
{
	struct error err = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (write(stream, eval, options, &err) < 0)
		fail_msg("%s", err.text);
	fclose(stream);
	return text;
}

static inline char *page_of(const struct eval *eval, const struct eval_options *options)
{
	struct error err = { 0 };
	char *text = NULL;
	size_t room = 0;
	FILE *file;

	if (eval_html("page.html", eval, options, &err) < 0)
		fail_msg("%s", err.text);
	file = fopen("page.html", "r");
	assert_non_null(file);
	assert_true(getdelim(&text, &room, '\0', file) > 0);
	fclose(file);
	return text;
}

/* The same text with one blank for several, in its place. */
static inline char *squeezed(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' || to == text || to[-1] != ' ')
			*to++ = *from;
	*to = '\0';
	return text;
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

static inline void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

static inline size_t times(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

#endif
