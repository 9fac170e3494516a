/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The training of an evaluation: all its recordings in one run, for bosc and for the paper's
 * method, in memory only.
 */
#ifndef BOSC_EVAL_TRAIN_H
#define BOSC_EVAL_TRAIN_H

#include "../core/paper.h"
#include "../core/table.h"
#include "eval.h"
#include "eval_progress.h"
#include "options.h"
#include "source.h"
#include "watch.h"

struct eval_training {
	struct watch *watch;   /* with the profile, and its fold to judge by */
	struct profile *paper; /* what the paper's method learnt */
	struct table digests;  /* of the recordings, to know them again */
	struct eval_progress progress;
};

/* Refuses a recording of another architecture than those before it: a number is another call
 * there. One that does not say its own passes. */
int eval_train_arch(struct eval_training *training, const struct source *source,
		    const struct eval_recording *recording, struct error *err);

/* Takes note of what a recording was, once it is read to its end; refuses one without a call, or of
 * another architecture. */
int eval_train_note(struct eval_training *training, const struct source *source,
		    struct eval_recording *recording, struct error *err);

int eval_train(struct eval *eval, struct eval_training *training, const struct options *options,
	       struct error *err);
void eval_training_free(struct eval_training *training);

#endif
