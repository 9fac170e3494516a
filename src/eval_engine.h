/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The evaluation itself: learns from the recordings that train, then judges the others, one by
 * one, by the engine that runs live (its twin, core/twin.h) and by the paper's method.
 */
#ifndef BOSC_EVAL_ENGINE_H
#define BOSC_EVAL_ENGINE_H

#include "eval.h"
#include "options.h"

/* Fills in an empty `eval`; the recordings point into the corpus. */
int eval_run(struct eval *eval, const struct corpus *corpus, const struct options *options,
	     struct error *err);
void eval_free(struct eval *eval);

#endif
