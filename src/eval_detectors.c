/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_detectors.h"

#include <math.h>

#include "../core/paper.h"
#include "../core/rules.h"
#include "../core/scorer.h"

static const struct {
	const char *word;
	const char *name;
} detectors[EVAL_DETECTORS] = {
	[EVAL_ALL] = { "bosc", "all together" },
	[EVAL_DECISIVE] = { "decisive",
			    "new call, new exec, fatal signal, late call, first process" },
	[EVAL_FRAME] = { "frame", "mismatches in a frame" },
	[EVAL_FIRST_SIGHT] = { "first-sight", "first sights in a frame" },
	[EVAL_SURPRISE] = { "surprise", "level of surprise" },
	[EVAL_THREAD] = { "thread", "score of a thread: surprise and repertoire" },
	[EVAL_PAPER] = { "paper", "the paper, epochs of 1000" },
	[EVAL_PAPER_LONG] = { "paper-5000", "the paper, epochs of 5000" },
};

enum eval_detector_index eval_detector_of(uint32_t rule)
{
	switch (rule) {
	case RULE_FRAME:
		return EVAL_FRAME;
	case RULE_FIRST_SIGHT:
		return EVAL_FIRST_SIGHT;
	case RULE_SURPRISE:
		return EVAL_SURPRISE;
	case RULE_THREAD:
		return EVAL_THREAD;
	}
	return EVAL_DECISIVE;
}

static double threshold_of(enum eval_detector_index detector, const struct profile *profile)
{
	struct rules rules;
	static const uint64_t secret[CODE_COUNT];

	rules_monitor(&rules, profile, secret);
	switch (detector) {
	case EVAL_ALL:
	case EVAL_DECISIVE:
		return 1;
	case EVAL_FRAME:
		return rules.frame_limit ? rules.frame_limit : NAN;
	case EVAL_FIRST_SIGHT:
		return rules.fresh_limit ? rules.fresh_limit : NAN;
	case EVAL_SURPRISE:
		return scorer_level_limit(profile)
			       ? (double)scorer_level_limit(profile) / SURPRISE_UNIT
			       : NAN;
	case EVAL_THREAD:
		return scorer_score_limit(profile, 0);
	default:
		return paper_params().anomalous;
	}
}

void eval_detectors(struct eval *eval, const struct profile *profile)
{
	eval->detector_count = EVAL_DETECTORS;
	for (int i = 0; i < EVAL_DETECTORS; i++)
		eval->detectors[i] = (struct eval_detector){
			detectors[i].word, detectors[i].name,
			threshold_of((enum eval_detector_index)i, profile)
		};
}
