/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ROC curves. Points of equal scores are joined by a straight line, as their area counts them. Each
 * curve is named at its end, where the labels make room for each other.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval_plot.h"
#include "svg.h"

#define SIDE	   290.0 /* of a panel */
#define TOP	   34.0
#define LEFT	   58.0
#define SECOND	   424.0 /* where the second panel begins */
#define ZOOM	   0.1	 /* false positive rate at which it ends */
#define LINE	   17.0	 /* from one label to the next */
#define COLOURS	   8
#define NAME_BYTES 40  /* a longer name finds no room */
#define VISIBLE	   0.4 /* a shorter way is not drawn */

struct panel {
	struct svg_axis x, y;
	const char *title;
	double step;
};

struct label {
	double y, ideal;
	size_t detector;
};

static double false_rate(const struct metrics_curve *curve, size_t point)
{
	return metrics_share(curve->points[point].mistaken, curve->normals);
}

static double detection_rate(const struct metrics_curve *curve, size_t point)
{
	return metrics_share(curve->points[point].detected, curve->attacks);
}

static bool drawable(const struct eval_detector_figures *one)
{
	return one->scored && one->curve.attacks && one->curve.normals;
}

static void put_panel(FILE *stream, const struct panel *panel)
{
	double right = panel->x.at + panel->x.size, bottom = panel->y.at;

	svg_label(stream, "title", panel->x.at, TOP - 14, SVG_START, panel->title);
	for (int i = 0; i <= 5; i++) {
		double y = svg_at(&panel->y, 0.2 * i), x = svg_at(&panel->x, panel->step * i);

		svg_line(stream, i ? "grid" : "axis", panel->x.at, y, right, y);
		svg_line(stream, i ? "grid" : "axis", x, TOP, x, bottom);
		svg_labelf(stream, "tick", panel->x.at - 7, y + 4, SVG_END, "%d %%", 20 * i);
		svg_labelf(stream, "tick", x, bottom + 17, SVG_MIDDLE, "%.0f %%",
			   100 * panel->step * i);
	}
	svg_line(stream, "chance", panel->x.at, bottom, right, svg_at(&panel->y, panel->x.to));
	svg_label(stream, "name", panel->x.at + panel->x.size / 2, bottom + 36, SVG_MIDDLE,
		  "false positive rate");
}

static void put_curve(FILE *stream, const struct panel *panel,
		      const struct eval_detector_figures *one, size_t series)
{
	const struct metrics_curve *curve = &one->curve;
	double last_x = -1, last_y = -1;

	fprintf(stream, "<path class=\"curve s%zu%s\" d=\"M%.1f %.1f", series % COLOURS,
		series >= COLOURS ? " dashed" : "", panel->x.at, panel->y.at);
	for (size_t i = 0; i < curve->count; i++) {
		double rate = false_rate(curve, i), detection = detection_rate(curve, i);
		double x = svg_at(&panel->x, rate), y = svg_at(&panel->y, detection);
		bool end = i + 1 == curve->count || rate > panel->x.to;

		if (rate > panel->x.to && i > 0) {
			double before = false_rate(curve, i - 1),
			       from = detection_rate(curve, i - 1);

			y = svg_at(&panel->y, from + (detection - from) * (panel->x.to - before) /
							      (rate - before));
		}
		if (end || fabs(x - last_x) >= VISIBLE || fabs(y - last_y) >= VISIBLE) {
			fprintf(stream, "L%.1f %.1f", x, y);
			last_x = x;
			last_y = y;
		}
		if (end)
			break;
	}
	fputs("\"/>\n", stream);
}

/* Where the threshold from the training puts the detector on its curve. */
static void put_threshold(FILE *stream, const struct panel *panel,
			  const struct eval_detector_figures *one, size_t series)
{
	double rate = metrics_share(one->over.mistaken, one->over.normals);
	double detection = metrics_share(one->over.detected, one->over.attacks);

	if (rate > panel->x.to)
		return;
	fprintf(stream, "<circle class=\"dot s%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"><title>",
		series % COLOURS, svg_at(&panel->x, rate), svg_at(&panel->y, detection));
	svg_escape(stream, one->detector->name);
	fprintf(stream,
		", at the training&#39;s threshold: %.1f %% detected, %.2f %% false</title>"
		"</circle>\n",
		100 * detection, 100 * rate);
}

static double end_of_curve(const struct metrics_curve *curve)
{
	double before = 0, from = 0;

	for (size_t i = 0; i < curve->count; i++) {
		double rate = false_rate(curve, i), detection = detection_rate(curve, i);

		if (rate > ZOOM)
			return from + (detection - from) * (ZOOM - before) / (rate - before);
		before = rate;
		from = detection;
	}
	return from;
}

static int by_place(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return (x->y > y->y) - (x->y < y->y);
}

/* Pushes labels down until none is on another, then back up where they left the figure. */
static void make_room(struct label *labels, size_t count)
{
	double bottom = TOP + SIDE;

	qsort(labels, count, sizeof(*labels), by_place);
	for (size_t i = 1; i < count; i++)
		if (labels[i].y < labels[i - 1].y + LINE)
			labels[i].y = labels[i - 1].y + LINE;
	for (size_t i = count; i-- > 0; bottom = labels[i].y - LINE)
		if (labels[i].y > bottom)
			labels[i].y = bottom;
}

static const char *short_name(const struct eval_detector *detector)
{
	return strlen(detector->name) <= NAME_BYTES ? detector->name : detector->word;
}

static void put_labels(FILE *stream, const struct eval_figures *figures, const struct panel *panel)
{
	struct label labels[EVAL_DETECTORS_MAX];
	double right = panel->x.at + panel->x.size;
	size_t count = 0;

	for (size_t i = 0; i < figures->detector_count; i++) {
		if (!drawable(&figures->detectors[i]))
			continue;
		labels[count].ideal = svg_at(&panel->y, end_of_curve(&figures->detectors[i].curve));
		labels[count].y = labels[count].ideal;
		labels[count++].detector = i;
	}
	make_room(labels, count);
	for (size_t i = 0; i < count; i++) {
		const struct eval_detector_figures *one = &figures->detectors[labels[i].detector];
		char class[24];

		snprintf(class, sizeof(class), "leader s%zu", labels[i].detector % COLOURS);
		svg_line(stream, class, right + 2, labels[i].ideal, right + 16, labels[i].y);
		snprintf(class, sizeof(class), "series s%zu", labels[i].detector % COLOURS);
		svg_labelf(stream, class, right + 20, labels[i].y + 4, SVG_START, "%.3f  %s",
			   one->auc, short_name(one->detector));
	}
	svg_label(stream, "tick", right + 20, TOP - 14, SVG_START, "AUC");
}

void eval_plot_curves(FILE *stream, const struct eval_figures *figures)
{
	const struct panel panels[] = {
		{ { 0, 1, LEFT, SIDE }, { 0, 1, TOP + SIDE, -SIDE }, "all of it", 0.2 },
		{ { 0, ZOOM, SECOND, SIDE },
		  { 0, 1, TOP + SIDE, -SIDE },
		  "up to 10 % false positives",
		  ZOOM / 5 },
	};

	fputs("<svg viewBox=\"0 0 1000 376\" role=\"img\" aria-label=\"ROC curves\">\n", stream);
	fprintf(stream,
		"<text class=\"name\" text-anchor=\"middle\" transform=\"translate(14 %.1f) "
		"rotate(-90)\">detection rate</text>\n",
		TOP + SIDE / 2);
	for (size_t i = 0; i < 2; i++) {
		put_panel(stream, &panels[i]);
		for (size_t j = figures->detector_count; j-- > 0;)
			if (drawable(&figures->detectors[j]))
				put_curve(stream, &panels[i], &figures->detectors[j], j);
		for (size_t j = figures->detector_count; j-- > 0;)
			if (drawable(&figures->detectors[j]))
				put_threshold(stream, &panels[i], &figures->detectors[j], j);
	}
	put_labels(stream, figures, &panels[1]);
	fputs("</svg>\n", stream);
}
