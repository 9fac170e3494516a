/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One recording of an evaluation after the other, judged by each detector.
 */
#ifndef BOSC_EVAL_JUDGE_H
#define BOSC_EVAL_JUDGE_H

#include "eval.h"
#include "eval_train.h"

struct eval_judge;

/* Sets up the detectors, with the thresholds that come from the training. */
int eval_judge_new(struct eval *eval, struct eval_training *training, struct eval_judge **ret_judge,
		   struct error *err);
void eval_judge_free(struct eval_judge *judge);
static inline void eval_judge_free_p(struct eval_judge **judge)
{
	eval_judge_free(*judge);
}

/* Judges it, whole. -EINVAL, with a sentence, when it does not hold the beginning of its attack. */
int eval_judge_recording(struct eval_judge *judge, struct eval_recording *recording,
			 uint64_t *ret_digest, struct error *err);

#endif
