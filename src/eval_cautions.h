/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an evaluation cannot say, or says with less weight, in a sentence each: recordings that are
 * not whole, a side that is missing, views without a limit. All reports print them.
 */
#ifndef BOSC_EVAL_CAUTIONS_H
#define BOSC_EVAL_CAUTIONS_H

#include "eval_figures.h"

#define EVAL_CAUTIONS_MAX 8
#define EVAL_CAUTION_SIZE 512

/* How many there are; names in them are as they stand in the corpus, unescaped. */
size_t eval_cautions(const struct eval *eval, const struct eval_figures *figures,
		     char sentences[EVAL_CAUTIONS_MAX][EVAL_CAUTION_SIZE]);

#endif
