/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an evaluation came to: each recording's scores, alarms and timeline, as the engine that
 * runs live gave them. eval_engine.h fills it in; the reports put it into figures (eval_report.h).
 *
 * A detector is one way to judge: a rule alone, a view's score, all of them together, the paper.
 * It gives a recording a score (more is more anomalous; the most that was reached, or the mean,
 * as the detector defines it) and alarms at the threshold that came from the training alone.
 */
#ifndef BOSC_EVAL_H
#define BOSC_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "corpus.h"

#define EVAL_DETECTORS_MAX 16
#define EVAL_POINTS_MAX	   600 /* of a timeline */

struct eval_detector {
	const char *word; /* for tables and --json: "bosc", "frame", "paper" */
	const char *name; /* for people: "all together", "the paper, epochs of 1000" */
	double threshold; /* of the score, from the training alone; NAN: it has none */
};

struct eval_alarm {
	uint32_t detector;
	uint32_t tid;	/* 0: of no thread alone */
	uint64_t ns;	/* the recording's clock */
	uint64_t calls; /* of the whole recording, until then */
	bool after;	/* at or after the attack's start; else it is a false one */
	char *text;	/* explained, one sentence */
};

/* The worst score of the detector EVAL's first one (all together) in one slice of the recording,
 * which ends there. */
struct eval_point {
	uint64_t ns;
	uint64_t calls;
	double score;
};

struct eval_recording {
	const struct corpus_item *item;
	bool judged;	 /* false: of the training, or identical to a recording of it */
	bool incomplete; /* the file was cut short or had losses … */
	const char *why; /* … in one phrase */
	uint32_t group;	 /* recordings of the same calls have the same; from 0 */
	uint64_t calls;
	uint64_t start_ns, end_ns; /* both 0: its calls have no times */
	uint64_t attack_ns;	   /* an attack: when it began; 0: with the recording */
	uint64_t attack_calls;	   /* calls before that */

	double score[EVAL_DETECTORS_MAX];	    /* an attack: from its start on */
	uint64_t alarms_before[EVAL_DETECTORS_MAX]; /* false ones: all of a normal recording */
	uint64_t runs_before[EVAL_DETECTORS_MAX];   /* of false alarms, consecutive ones folded */
	uint64_t alarms_after[EVAL_DETECTORS_MAX];
	uint64_t first_calls[EVAL_DETECTORS_MAX]; /* from the attack's start to its first alarm */
	uint64_t first_ns[EVAL_DETECTORS_MAX];

	struct eval_alarm *alarms; /* told, in order; at most EVAL_ALARMS_MAX */
	size_t alarm_count, alarm_room;
	struct eval_point *points;
	size_t point_count;
};

struct eval {
	struct eval_detector detectors[EVAL_DETECTORS_MAX]; /* the first is all together */
	size_t detector_count;
	struct eval_recording *recordings; /* those of the training, too */
	size_t recording_count;
	uint64_t train_calls, train_windows;
	size_t profile_bags, profile_bytes;
	double unseen;	   /* the profile's estimate of unseen behaviour */
	const char *state; /* of the profile: "learnt", "partial" … */
	char why[256];	   /* it is in that state */
	bool count_seen;   /* judge even recordings that are identical to one of the training */
	size_t groups_all;
	size_t seen;	      /* recordings that are not judged for being identical to training */
	size_t groups_normal; /* different recordings among the judged normal ones */
	double seconds;	      /* the evaluation took */
};

#endif
