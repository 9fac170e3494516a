/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The course of one recording: the score of all detectors together over time (over calls, where the
 * recording has no clock), the attack shaded from its start, and below, a lane for each detector
 * that told something, a tick for each alarm.
 */
#include <math.h>

#include "../core/numbers.h"
#include "eval_plot.h"
#include "svg.h"
#include "util.h"

#define WIDTH  1000.0
#define LEFT   84.0
#define RIGHT  988.0
#define TOP    22.0
#define HEIGHT 104.0
#define LANE   16.0
#define SCALE  40.0 /* below the lanes, for the axis */

struct timeline {
	const struct eval *eval;
	const struct eval_recording *recording;
	bool timed;
	double unit; /* ns, or calls, in one of the axis */
	const char *unit_name;
	struct svg_axis x, y;
	int lane[EVAL_DETECTORS_MAX]; /* -1: none */
	int lanes;
	double bottom; /* of the lanes */
};

/* The place of a moment on the axis, in its unit. */
static double moment(const struct timeline *line, uint64_t ns, uint64_t calls)
{
	if (line->timed)
		calls = number_subtract(ns, line->recording->start_ns);
	return (double)calls / line->unit;
}

static void choose_unit(struct timeline *line)
{
	static const struct {
		double up_to, unit;
		const char *name;
	} units[] = {
		{ 2e6, 1e3, "\u00b5s" },  { 2e9, 1e6, "ms" },	     { 300e9, 1e9, "s" },
		{ 10800e9, 60e9, "min" }, { INFINITY, 3600e9, "h" },
	};
	double range = (double)(line->recording->end_ns - line->recording->start_ns);
	size_t i = 0;

	while (range > units[i].up_to)
		i++;
	line->unit = line->timed ? units[i].unit : 1;
	line->unit_name = line->timed ? units[i].name : "calls";
}

static void choose_axes(struct timeline *line)
{
	const struct eval_recording *one = line->recording;
	double threshold = line->eval->detectors[0].threshold;
	double low = 0, high = threshold > 0 ? threshold * 1.15 : 0;
	double end = moment(line, one->end_ns, one->calls);

	for (size_t i = 0; i < one->point_count; i++) {
		double score = one->points[i].score;

		if (!isfinite(score))
			continue;
		low = score < low ? score : low;
		high = score * 1.05 > high ? score * 1.05 : high;
	}
	line->x = (struct svg_axis){ 0, end > 0 ? end : 1, LEFT, RIGHT - LEFT };
	line->y = (struct svg_axis){ low, high > low ? high : low + 1, TOP + HEIGHT, -HEIGHT };
}

static void choose_lanes(struct timeline *line)
{
	bool told[EVAL_DETECTORS_MAX] = { false };

	for (size_t i = 0; i < line->recording->alarm_count; i++)
		told[line->recording->alarms[i].detector] = true;
	for (size_t i = 0; i < EVAL_DETECTORS_MAX; i++)
		line->lane[i] = told[i] ? line->lanes++ : -1;
	line->bottom = TOP + HEIGHT + 6 + line->lanes * LANE;
}

static void put_scales(FILE *stream, const struct timeline *line)
{
	double step = svg_step(line->y.to - line->y.from, 3);

	for (double at = ceil(line->y.from / step) * step; at <= line->y.to; at += step) {
		double y = svg_at(&line->y, at);

		svg_line(stream, "grid", LEFT, y, RIGHT, y);
		svg_labelf(stream, "tick", LEFT - 7, y + 4, SVG_END, "%g",
			   fabs(at) < step / 1000 ? 0 : at);
	}
	step = svg_step(line->x.to, 8);
	for (double at = 0; at <= line->x.to * 1.0001; at += step) {
		double x = svg_at(&line->x, at);

		svg_line(stream, "grid", x, TOP, x, line->bottom + 4);
		svg_labelf(stream, "tick", x, line->bottom + 17, SVG_MIDDLE, "%.10g", at);
	}
	svg_labelf(stream, "name", RIGHT, line->bottom + 33, SVG_END, "%s, %s",
		   line->timed ? "time from the recording\u2019s start" : "calls of the recording",
		   line->unit_name);
	svg_label(stream, "name", LEFT, TOP - 8, SVG_START, "score");
}

static void put_attack(FILE *stream, const struct timeline *line)
{
	const struct eval_recording *one = line->recording;
	double x = svg_at(&line->x, moment(line, one->attack_ns, one->attack_calls));
	bool late = x > (LEFT + RIGHT) / 2;

	if (one->item->kind != CORPUS_ATTACK)
		return;
	svg_rect(stream, "under", x, TOP, RIGHT - x, line->bottom + 4 - TOP);
	svg_line(stream, "begins", x, TOP - 14, x, line->bottom + 4);
	svg_label(stream, "side inside attack", late ? x - 6 : x + 6, TOP - 6,
		  late ? SVG_END : SVG_START,
		  one->attack_calls ? "the attack begins" : "the attack begins with the recording");
}

/*
 * The scores as steps, for each stands for the slice up to it; a piece for each stretch without a
 * gap, as a line or closed to an area.
 */
static void put_outline(FILE *stream, const struct timeline *line, const char *class, bool area)
{
	const struct eval_recording *one = line->recording;
	double zero = svg_at(&line->y, 0), x = LEFT;
	bool drawing = false;

	fprintf(stream, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < one->point_count; i++) {
		const struct eval_point *point = &one->points[i];
		double y = svg_at(&line->y, point->score), from = x;
		bool gap = !isfinite(point->score);

		x = svg_at(&line->x, moment(line, point->ns, point->calls));
		if (gap && drawing && area)
			fprintf(stream, "V%.1fZ", zero);
		if (!gap && !drawing)
			fprintf(stream, "M%.1f %.1f", from, area ? zero : y);
		if (!gap)
			fprintf(stream, "V%.1fH%.1f", y, x);
		drawing = !gap;
	}
	if (drawing && area)
		fprintf(stream, "V%.1fZ", zero);
	fputs("\"/>\n", stream);
}

static void put_threshold(FILE *stream, const struct timeline *line)
{
	double threshold = line->eval->detectors[0].threshold;
	double y = svg_at(&line->y, threshold);

	if (isnan(threshold))
		return;
	svg_line(stream, "threshold", LEFT, y, RIGHT, y);
	svg_label(stream, "tick inside", RIGHT - 4, y - 5, SVG_END, "threshold");
}

static void put_tick(FILE *stream, const struct timeline *line, const struct eval_alarm *alarm,
		     double x)
{
	double y = TOP + HEIGHT + 6 + line->lane[alarm->detector] * LANE;

	fprintf(stream,
		"<rect class=\"alarm %s\" x=\"%.1f\" y=\"%.1f\" width=\"2.2\" height=\"%.1f\">"
		"<title>",
		alarm->after ? "right" : "wrong", x - 1.1, y + 2, LANE - 5);
	svg_escape(stream, alarm->text ? alarm->text : "");
	fputs("</title></rect>\n", stream);
}

/* Alarms less than a tick's width apart in a lane would stand on each other. */
static void put_alarms(FILE *stream, const struct timeline *line)
{
	double last[EVAL_DETECTORS_MAX];

	for (size_t i = 0; i < EVAL_DETECTORS_MAX; i++) {
		last[i] = -INFINITY;
		if (line->lane[i] >= 0)
			svg_label(stream, "tick", LEFT - 7,
				  TOP + HEIGHT + 18 + line->lane[i] * LANE, SVG_END,
				  line->eval->detectors[i].word);
	}
	for (size_t i = 0; i < line->recording->alarm_count; i++) {
		const struct eval_alarm *alarm = &line->recording->alarms[i];
		double x = svg_at(&line->x, moment(line, alarm->ns, alarm->calls));

		if (fabs(x - last[alarm->detector]) < 1)
			continue;
		last[alarm->detector] = x;
		put_tick(stream, line, alarm, x);
	}
}

void eval_plot_timeline(FILE *stream, const struct eval *eval,
			const struct eval_recording *recording)
{
	struct timeline line = {
		.eval = eval,
		.recording = recording,
		.timed = recording->end_ns > recording->start_ns,
	};

	choose_unit(&line);
	choose_axes(&line);
	choose_lanes(&line);
	fprintf(stream, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"score\">\n",
		WIDTH, line.bottom + SCALE);
	put_attack(stream, &line);
	put_scales(stream, &line);
	put_outline(stream, &line, "area", true);
	put_outline(stream, &line, "score", false);
	svg_line(stream, "axis", LEFT, svg_at(&line.y, 0), RIGHT, svg_at(&line.y, 0));
	put_threshold(stream, &line);
	put_alarms(stream, &line);
	fputs("</svg>\n", stream);
}
