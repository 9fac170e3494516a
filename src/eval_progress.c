/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_progress.h"

#include <sys/stat.h>

#include "progress.h"

void eval_progress_begin(struct eval_progress *progress, const struct corpus *corpus)
{
	*progress = (struct eval_progress){ .count = corpus->count, .number = 1 };
	for (size_t i = 0; i < corpus->count; i++) {
		struct stat st;

		if (stat(corpus->items[i].path, &st) == 0)
			progress->total += (uint64_t)st.st_size;
	}
}

void eval_progress_show(const struct eval_progress *progress, const char *what,
			const struct corpus_item *item, const struct trace_summary *summary)
{
	uint64_t done = progress->done + summary->bytes;

	if (done > progress->total)
		done = progress->total;
	progress_show("%s '%s', %zu of %zu recordings: %.0f %%", what, item->name, progress->number,
		      progress->count,
		      progress->total ? 100.0 * (double)done / (double)progress->total : 0.0);
}

void eval_progress_next(struct eval_progress *progress, const struct trace_summary *summary)
{
	progress->done += summary->total;
	progress->number++;
}
