/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_train.h"

#include <errno.h>
#include <string.h>

#include "lesson.h"
#include "source_trace.h"
#include "util.h"

struct lesson_state {
	struct eval *eval;
	struct eval_training *training;
	struct source *source;
	struct paper *paper;
	int status; /* of the paper's learning */
};

static int on_event(const struct event *event, size_t size, void *context, struct error *err)
{
	struct lesson_state *state = context;

	(void)size;
	if (learner_event(&state->training->watch->learner, event) >= 0)
		return 0;
	return fail(err, -ENOMEM, "cannot learn: no memory");
}

static void on_call(uint32_t code, void *context)
{
	struct lesson_state *state = context;

	if (paper_learn_call(state->paper, code) < 0)
		state->status = -ENOMEM;
}

int eval_train_arch(struct eval_training *training, const struct source *source,
		    const struct eval_recording *recording, struct error *err)
{
	struct profile *profile = training->watch->profile;
	const char *arch = source_trace_arch(source);

	if (!profile->arch[0])
		snprintf(profile->arch, sizeof(profile->arch), "%s", arch);
	if (!arch[0] || !strcmp(arch, profile->arch))
		return 0;
	return fail(err, -EINVAL,
		    "'%s' is of the architecture '%s', but the recordings before it are of '%s'",
		    recording->item->name, arch, profile->arch);
}

int eval_train_note(struct eval_training *training, const struct source *source,
		    struct eval_recording *recording, struct error *err)
{
	const struct trace_summary *summary = source_trace_summary(source);

	recording->calls = summary->calls;
	recording->incomplete = !summary->complete;
	recording->why = summary->why;
	eval_progress_next(&training->progress, summary);
	if (!summary->calls)
		return fail(err, -ENODATA, "'%s' holds no call", recording->item->name);
	return eval_train_arch(training, source, recording, err);
}

static int learn_recording(struct lesson_state *state, struct eval_recording *recording,
			   struct error *err)
{
	struct eval_training *training = state->training;
	const struct trace_summary *summary = source_trace_summary(state->source);
	uint64_t *known;
	int status;

	paper_restart(state->paper);
	do {
		status = state->source->poll(state->source, -1, err);
		lesson_tick(training->watch, state->source);
		eval_progress_show(&training->progress, "learning", recording->item, summary);
	} while (status > 0);
	if (status < 0)
		return status;
	if (state->status < 0)
		return fail(err, state->status, "cannot learn: no memory");
	status = eval_train_note(training, state->source, recording, err);
	if (status < 0)
		return status;
	if (recording->incomplete) {
		training->watch->learner.missed += summary->lost ? summary->lost : 1;
		training->watch->done = false;
	}
	known = table_at(&training->digests, source_trace_digest(state->source), 0);
	if (!known)
		return fail(err, -ENOMEM, "cannot learn: no memory");
	*known = 1;
	return 0;
}

/* The first recording opens the source, the others go on with it. */
static int open_recording(struct lesson_state *state, const struct corpus_item *item,
			  const struct options *options, struct error *err)
{
	struct watch *watch = state->training->watch;
	int status;

	if (state->source)
		return source_trace_next(state->source, item->path, item->abi, err);
	status = source_trace_open(item->path, item->abi, MODE_LEARN, watch->profile, true, NULL,
				   on_event, state, &state->source, err);
	if (status < 0)
		return status;
	source_trace_tap(state->source, on_call, state);
	return lesson_begin(watch, state->source, options, NULL, err);
}

static int prepare(struct eval_training *training, const struct options *options, struct error *err)
{
	struct watch *watch = watch_new(TARGET_COMMAND, "training");

	training->watch = watch;
	training->paper = profile_new("paper", PAPER_WINDOW);
	if (watch)
		watch->profile = profile_new("training",
					     options->window ? options->window : WINDOW_DEFAULT);
	if (!watch || !watch->profile || !training->paper || !profile_run(watch->profile))
		return fail(err, -ENOMEM, "cannot learn: no memory");
	watch->index = 1;
	return 0;
}

static int finish(struct lesson_state *state, struct error *err)
{
	struct watch *watch = state->training->watch;
	struct profile *profile = watch->profile;
	int status = lesson_settle(watch, state->source,
				   "its recordings ended before it was learnt", err);

	if (status == -ENODATA)
		return fail(err, status,
			    "nothing was learnt: the recordings of the training hold no call of a "
			    "program that began or was running");
	if (status < 0)
		return status;
	watch->fold = calloc(CODE_COUNT, sizeof(*watch->fold));
	if (!watch->fold)
		return fail(err, -ENOMEM, "cannot judge: no memory");
	profile_fold(profile, watch->fold);
	state->eval->train_calls = profile_calls(profile);
	state->eval->train_windows = profile_windows(profile);
	state->eval->profile_bags = profile->bag_count;
	state->eval->profile_bytes = profile_bytes(profile);
	state->eval->unseen = profile_unseen(profile);
	state->eval->state = profile_state_name(profile->state);
	memcpy(state->eval->why, profile->why, sizeof(state->eval->why));
	return 0;
}

static int learn_all(struct lesson_state *state, const struct options *options, struct error *err)
{
	struct eval *eval = state->eval;
	int status;

	for (size_t i = 0; i < eval->recording_count; i++) {
		struct eval_recording *recording = &eval->recordings[i];

		if (recording->item->kind != CORPUS_TRAIN)
			continue;
		status = open_recording(state, recording->item, options, err);
		if (status >= 0)
			status = learn_recording(state, recording, err);
		if (status < 0)
			return status;
	}
	return finish(state, err);
}

int eval_train(struct eval *eval, struct eval_training *training, const struct options *options,
	       struct error *err)
{
	_cleanup_(source_close_p) struct source *source = NULL;
	struct lesson_state state = { .eval = eval, .training = training };
	const struct paper_params params = paper_params();
	int status = prepare(training, options, err);

	if (status < 0)
		return status;
	state.paper = paper_new(training->paper, &params);
	if (!state.paper)
		return fail(err, -ENOMEM, "cannot learn: no memory");
	status = learn_all(&state, options, err);
	source = state.source;
	paper_free(state.paper);
	return status;
}

void eval_training_free(struct eval_training *training)
{
	if (training->watch)
		watch_free(training->watch);
	profile_free(training->paper);
	table_free(&training->digests);
}
