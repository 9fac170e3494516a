/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of an evaluation's page that eval_html.c does not write itself.
 */
#ifndef BOSC_EVAL_HTML_H
#define BOSC_EVAL_HTML_H

#include <stdio.h>

#include "eval_figures.h"

/* A card for each recording, with its timeline and its alarms explained: attacks, normal recordings
 * with alarms, and some of the others, so many of each that a browser can show the page. */
void eval_html_recordings(FILE *stream, const struct eval *eval);

#endif
