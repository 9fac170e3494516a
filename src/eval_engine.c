/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_engine.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "alarm.h"
#include "eval_judge.h"
#include "eval_recording.h"
#include "eval_train.h"
#include "progress.h"
#include "util.h"

/* Recordings of the same calls share a group; those that training had are not judged. */
static int group_recording(struct eval *eval, const struct eval_training *training,
			   struct table *groups, struct eval_recording *recording, uint64_t digest)
{
	uint64_t *group = table_at(groups, digest, 0);

	if (!group)
		return -ENOMEM;
	if (!*group)
		*group = ++eval->groups_all;
	recording->group = (uint32_t)*group - 1;
	if (table_get(&training->digests, digest, 0) && !eval->count_seen) {
		eval->seen++;
		return 0;
	}
	recording->judged = true;
	return 0;
}

static int judge_all(struct eval *eval, struct eval_training *training, struct error *err)
{
	_cleanup_(eval_judge_free_p) struct eval_judge *judge = NULL;
	_cleanup_(table_free) struct table groups = { 0 };
	int status = eval_judge_new(eval, training, &judge, err);

	for (size_t i = 0; status >= 0 && i < eval->recording_count; i++) {
		struct eval_recording *recording = &eval->recordings[i];
		uint64_t digest;

		if (recording->item->kind == CORPUS_TRAIN)
			continue;
		status = eval_judge_recording(judge, recording, &digest, err);
		if (status >= 0 && group_recording(eval, training, &groups, recording, digest) < 0)
			return fail(err, -ENOMEM, "cannot judge: no memory");
	}
	progress_clear();
	return status;
}

static void count_groups(struct eval *eval)
{
	_cleanup_(table_free) struct table groups = { 0 };

	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *recording = &eval->recordings[i];
		uint64_t *seen;

		if (!recording->judged || recording->item->kind != CORPUS_NORMAL)
			continue;
		seen = table_at(&groups, recording->group + 1, 0);
		eval->groups_normal += seen && !(*seen)++;
	}
}

int eval_run(struct eval *eval, const struct corpus *corpus, const struct options *options,
	     struct error *err)
{
	struct eval_training training = { 0 };
	uint64_t began_ns = clock_ns(CLOCK_MONOTONIC);
	int status;

	eval->recordings = calloc(corpus->count, sizeof(*eval->recordings));
	if (!eval->recordings)
		return fail(err, -ENOMEM, "cannot judge: no memory");
	eval->recording_count = corpus->count;
	eval->count_seen = options->count_seen;
	for (size_t i = 0; i < corpus->count; i++)
		eval->recordings[i].item = &corpus->items[i];
	eval_progress_begin(&training.progress, corpus);
	status = eval_train(eval, &training, options, err);
	if (status >= 0)
		status = judge_all(eval, &training, err);
	count_groups(eval);
	eval->seconds = (double)(clock_ns(CLOCK_MONOTONIC) - began_ns) / 1e9;
	eval_training_free(&training);
	return status;
}

void eval_free(struct eval *eval)
{
	for (size_t i = 0; i < eval->recording_count; i++)
		eval_recording_free(&eval->recordings[i]);
	free(eval->recordings);
	*eval = (struct eval){ 0 };
}
