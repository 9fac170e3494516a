/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_cautions.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../core/scorer.h"

struct cautions {
	char (*sentences)[EVAL_CAUTION_SIZE];
	size_t count;
};

static void add(struct cautions *cautions, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void add(struct cautions *cautions, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(cautions->sentences[cautions->count++], EVAL_CAUTION_SIZE, format, arguments);
	va_end(arguments);
}

/* Recordings that are not whole, of the training or of those judged. */
static void add_incomplete(struct cautions *cautions, const struct eval *eval, bool training)
{
	const char *which = training ? "of the training" : "of those judged";
	const struct eval_recording *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];

		if (!one->incomplete || (training ? one->item->kind != CORPUS_TRAIN : !one->judged))
			continue;
		if (!count++)
			first = one;
	}
	if (first)
		add(cautions, "%zu %s %s incomplete%s '%s': %s", count, which,
		    count == 1 ? "is" : "are", count == 1 ? "," : ", the first", first->item->name,
		    first->why ? first->why : "it is not whole");
}

static void add_missing(struct cautions *cautions, const struct eval_figures *figures)
{
	if (!figures->normals)
		add(cautions, "no normal recording is judged: of false positives, and of what is "
			      "weighed against them, nothing can be said");
	if (!figures->attacks)
		add(cautions, "no attack is judged: of detection nothing can be said");
}

/* A view without a limit raises no alarm and has no threshold. */
static void add_silent(struct cautions *cautions, const struct eval *eval)
{
	char words[256] = "";
	size_t end = 0;

	for (size_t i = 0; i < eval->detector_count && end < sizeof(words); i++)
		if (!isfinite(eval->detectors[i].threshold))
			end += (size_t)snprintf(words + end, sizeof(words) - end, "%s%s",
						end ? ", " : "", eval->detectors[i].word);
	if (end)
		add(cautions, "no limit came from this training for: %s; they raise no alarm",
		    words);
}

static void add_short(struct cautions *cautions, const struct eval *eval)
{
	size_t count = 0;

	for (size_t i = 0; i < eval->recording_count; i++)
		count += eval->recordings[i].judged && eval->recordings[i].calls < SCORE_CALLS;
	if (count)
		add(cautions,
		    "%zu of those judged %s fewer than %u calls, too few for a thread's "
		    "score",
		    count, count == 1 ? "has" : "have", SCORE_CALLS);
}

size_t eval_cautions(const struct eval *eval, const struct eval_figures *figures,
		     char sentences[EVAL_CAUTIONS_MAX][EVAL_CAUTION_SIZE])
{
	struct cautions cautions = { sentences, 0 };

	add_incomplete(&cautions, eval, true);
	add_incomplete(&cautions, eval, false);
	add_missing(&cautions, figures);
	add_silent(&cautions, eval);
	add_short(&cautions, eval);
	return cautions.count;
}
