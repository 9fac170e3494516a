/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept of a recording while it is judged: its alarms, and its timeline in slices that
 * grow with it.
 */
#ifndef BOSC_EVAL_RECORDING_H
#define BOSC_EVAL_RECORDING_H

#include "eval.h"

#define EVAL_ALARMS_MAX 200 /* that are kept; all are counted */

/* Keeps an alarm; its text is the recording's from now on, or freed. -ENOMEM, else 0. */
int eval_recording_alarm(struct eval_recording *recording, const struct eval_alarm *alarm);

/* Appends a slice. When the timeline is full, every two become one, and `*slice`, what they are
 * long, doubles. -ENOMEM, else 0. */
int eval_recording_point(struct eval_recording *recording, const struct eval_point *point,
			 uint32_t *slice);

void eval_recording_free(struct eval_recording *recording);

#endif
