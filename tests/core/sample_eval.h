/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small evaluation whose figures can be worked by hand: two detectors with a score, one without;
 * three normal recordings, two of them the same, one that training had; three attacks of two
 * families, one missed by the first detector, and without a clock. One recording has a name made to
 * do harm.
 */
#ifndef BOSC_TESTS_SAMPLE_EVAL_H
#define BOSC_TESTS_SAMPLE_EVAL_H

#include <math.h>

#include "../../src/eval.h"

#define SAMPLE_EVIL   "n2 <script>&\"'\x01\xff \xed\xa0\x80 \xc3\xbc]]>"
#define SAMPLE_SECOND 1000000000ull
#define SAMPLE_HOUR   (3600 * SAMPLE_SECOND)
#define SAMPLE_COUNT  8

struct sample_eval {
	struct eval eval;
	struct eval_recording recordings[SAMPLE_COUNT];
	struct corpus_item items[SAMPLE_COUNT];
	struct eval_alarm alarms[6];
	struct eval_point points[40];
};

static inline struct eval_recording *sample_recording(struct sample_eval *sample, size_t i,
						      enum corpus_kind kind, char *name,
						      char *family)
{
	struct eval_recording *one = &sample->recordings[i];

	sample->items[i] = (struct corpus_item){ .name = name, .family = family, .kind = kind };
	*one = (struct eval_recording){
		.item = &sample->items[i],
		.judged = kind != CORPUS_TRAIN,
		.calls = 1000000,
		.end_ns = SAMPLE_HOUR / 2,
		.points = sample->points,
		.point_count = 40,
	};
	return one;
}

static inline void sample_normals(struct sample_eval *sample)
{
	struct eval_recording *one;

	sample_recording(sample, 0, CORPUS_TRAIN, "train/a", "");
	for (size_t i = 1; i <= 2; i++) {
		one = sample_recording(sample, i, CORPUS_NORMAL, i == 1 ? "n1" : "n1 again", "");
		one->score[0] = 0.2;
		one->score[2] = 0.02;
	}
	one = sample_recording(sample, 3, CORPUS_NORMAL, SAMPLE_EVIL, "");
	one->group = 1;
	one->calls = 2000000;
	one->end_ns = SAMPLE_HOUR;
	one->score[0] = 1.5;
	one->score[2] = 0.3;
	one->alarms_before[0] = 3;
	one->runs_before[0] = 2;
	one->alarms = &sample->alarms[5];
	one->alarm_count = 1;
	one = sample_recording(sample, 4, CORPUS_NORMAL, "n3", "");
	one->judged = false;
}

static inline void sample_attacks(struct sample_eval *sample)
{
	struct eval_recording *one = sample_recording(sample, 5, CORPUS_ATTACK, "a1", "brute");

	one->group = 2;
	one->attack_ns = SAMPLE_HOUR / 2;
	one->end_ns = SAMPLE_HOUR;
	one->attack_calls = 500000;
	one->score[0] = 3;
	one->alarms_before[0] = one->runs_before[0] = 1;
	one->alarms_after[0] = 5;
	one->alarms_after[1] = 1;
	one->first_calls[0] = 40;
	one->first_ns[0] = 12000000;
	one->alarms = sample->alarms;
	one->alarm_count = 5;
	one = sample_recording(sample, 6, CORPUS_ATTACK, "a2", "brute");
	one->group = 3;
	one->end_ns = 0;
	one->point_count = 0;
	one->score[0] = 0.5;
	one->incomplete = true;
	one->why = "it was cut <short>";
	one->alarms_after[2] = 1;
	one->first_calls[2] = 9;
	one = sample_recording(sample, 7, CORPUS_ATTACK, "a3", "we<b>");
	one->group = 4;
	one->attack_ns = SAMPLE_HOUR / 2;
	one->end_ns = SAMPLE_HOUR;
	one->attack_calls = 500000;
	one->score[0] = 2;
	one->score[2] = 0.4;
	one->alarms_after[0] = 1;
	one->first_calls[0] = 100;
	one->first_ns[0] = 30000000;
}

static inline void sample_eval(struct sample_eval *sample)
{
	*sample = (struct sample_eval){
		.eval = {
			.detectors = {
				{ "bosc", "all together", 1 },
				{ "rules", "rules without a score", NAN },
				{ "paper", "the paper, epochs of 1000", 0.1 },
			},
			.detector_count = 3,
			.recordings = sample->recordings,
			.recording_count = SAMPLE_COUNT,
			.train_calls = 1234567,
			.train_windows = 1200000,
			.profile_bags = 321,
			.profile_bytes = 65536,
			.unseen = 0.0001,
			.state = "partial",
			.why = "because of <this>",
			.seen = 1,
			.groups_normal = 2,
			.seconds = 1.5,
		},
	};
	for (size_t i = 0; i < 40; i++)
		sample->points[i] = (struct eval_point){ i * SAMPLE_HOUR / 40, i * 25000,
							 i == 7 ? NAN : (double)(i % 9) / 4 };
	for (size_t i = 0; i < 6; i++)
		sample->alarms[i] = (struct eval_alarm){
			.tid = 77,
			.ns = SAMPLE_HOUR / 2 + i * SAMPLE_SECOND,
			.calls = 500040 + i,
			.after = i > 0 && i < 5,
			.text = i ? "a new call: ptrace" : "a <b>bag</b> & more",
		};
	sample_normals(sample);
	sample_attacks(sample);
}

#endif
