/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The figures of an evaluation's page as inline SVG: curves of all detectors, how the scores of one
 * are spread, the course of one recording.
 */
#ifndef BOSC_EVAL_PLOT_H
#define BOSC_EVAL_PLOT_H

#include <stdio.h>

#include "eval_figures.h"

/* Detection over false positives, twice: all of it, and up to 10 %. */
void eval_plot_curves(FILE *stream, const struct eval_figures *figures);

/* The scores of one detector: of normal recordings upwards, of attacks downwards. */
void eval_plot_spread(FILE *stream, const struct eval *eval, size_t detector);

/* The score of the first detector over a recording, the attack's start, and the alarms. */
void eval_plot_timeline(FILE *stream, const struct eval *eval,
			const struct eval_recording *recording);

#endif
