/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far an evaluation is: the share of all recordings, by the size of their files, that was read
 * until now.
 */
#ifndef BOSC_EVAL_PROGRESS_H
#define BOSC_EVAL_PROGRESS_H

#include "corpus.h"
#include "trace.h"

struct eval_progress {
	uint64_t total, done; /* bytes */
	size_t count, number; /* of recordings; of the one that is read */
};

void eval_progress_begin(struct eval_progress *progress, const struct corpus *corpus);

/* Shows it on the status line; "learning", "judging". */
void eval_progress_show(const struct eval_progress *progress, const char *what,
			const struct corpus_item *item, const struct trace_summary *summary);

/* The recording was read to its end. */
void eval_progress_next(struct eval_progress *progress, const struct trace_summary *summary);

#endif
