/* SPDX-License-Identifier: BSD-2-Clause */
#include "eval_recording.h"

#include <errno.h>
#include <stdlib.h>

int eval_recording_alarm(struct eval_recording *recording, const struct eval_alarm *alarm)
{
	if (recording->alarm_count >= EVAL_ALARMS_MAX) {
		free(alarm->text);
		return 0;
	}
	if (recording->alarm_count == recording->alarm_room) {
		size_t room = recording->alarm_room ? recording->alarm_room * 2 : 8;
		struct eval_alarm *grown = realloc(recording->alarms, room * sizeof(*grown));

		if (!grown) {
			free(alarm->text);
			return -ENOMEM;
		}
		recording->alarms = grown;
		recording->alarm_room = room;
	}
	recording->alarms[recording->alarm_count++] = *alarm;
	return 0;
}

static void halve(struct eval_recording *recording)
{
	for (size_t i = 0; i < EVAL_POINTS_MAX / 2; i++) {
		const struct eval_point *pair = &recording->points[2 * i];
		double before = pair[0].score;

		recording->points[i] = pair[1];
		if (before > recording->points[i].score)
			recording->points[i].score = before;
	}
	recording->point_count /= 2;
}

int eval_recording_point(struct eval_recording *recording, const struct eval_point *point,
			 uint32_t *slice)
{
	if (!recording->points)
		recording->points = calloc(EVAL_POINTS_MAX, sizeof(*recording->points));
	if (!recording->points)
		return -ENOMEM;
	if (recording->point_count == EVAL_POINTS_MAX) {
		halve(recording);
		*slice *= 2;
	}
	recording->points[recording->point_count++] = *point;
	return 0;
}

void eval_recording_free(struct eval_recording *recording)
{
	for (size_t i = 0; i < recording->alarm_count; i++)
		free(recording->alarms[i].text);
	free(recording->alarms);
	free(recording->points);
}
