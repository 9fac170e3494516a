/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The detectors of an evaluation.
 *
 * All together: the rules of monitoring raise the alarms. The score is the largest of the views'
 * peaks, each as a multiple of its limit: frame, first sights, level, score of a thread. A view
 * whose limit cannot be reached, for the training itself filled its scale, says nothing. A rule
 * without a scale (a new call …) makes the score at least 1, unless training itself met new calls
 * until late.
 */
#ifndef BOSC_EVAL_DETECTORS_H
#define BOSC_EVAL_DETECTORS_H

#include "../core/profile.h"
#include "eval.h"

enum eval_detector_index {
	EVAL_ALL,
	EVAL_DECISIVE, /* rules without a scale */
	EVAL_FRAME,
	EVAL_FIRST_SIGHT,
	EVAL_SURPRISE,
	EVAL_THREAD,
	EVAL_PAPER,
	EVAL_PAPER_LONG,
	EVAL_DETECTORS,
};

/* The detector that an alarm of this rule counts for, besides all together. */
enum eval_detector_index eval_detector_of(uint32_t rule);

/* Fills in the evaluation's detectors; their thresholds come from what was learnt alone. */
void eval_detectors(struct eval *eval, const struct profile *profile);

#endif
