/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an evaluation came to, for people on a terminal, for programs, and as one page to look at.
 * All three show the same figures (eval_figures.h). Names of files and of attacks are written so
 * that they can do no harm, whatever they hold.
 *
 * Each returns 0, or a negative errno with a sentence: also when the last byte finds no room.
 */
#ifndef BOSC_EVAL_REPORT_H
#define BOSC_EVAL_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "eval.h"

struct eval_options {
	bool lid_ds;  /* also the figures as LID-DS's literature counts them */
	bool verbose; /* also each recording */
};

/* Tables. */
int eval_text(FILE *stream, const struct eval *eval, const struct eval_options *options,
	      struct error *err);

/* One object on one line, docs/eval-json.md. The options change nothing: all is in it. */
int eval_json(FILE *stream, const struct eval *eval, const struct eval_options *options,
	      struct error *err);

/* One page that needs no other file, no network and no script: curves, and the timelines of
 * recordings with their alarms explained. */
int eval_html(const char *path, const struct eval *eval, const struct eval_options *options,
	      struct error *err);

#endif
