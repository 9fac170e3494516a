/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How scores are spread. Nearly all recordings share a few low scores, and what matters is the thin
 * rest, so heights are square roots of shares, and the grid says which. Scores far beyond the
 * threshold all say the same and share the last bin.
 */
#include <math.h>
#include <string.h>

#include "eval_plot.h"
#include "eval_table.h"
#include "svg.h"

#define BINS   44
#define WIDTH  480.0
#define LEFT   48.0
#define MIDDLE 118.0 /* normal recordings above, attacks below */
#define HEIGHT 78.0
#define FAR    5.0 /* times the threshold */
#define SPACE  1.0 /* between bars */

struct spread {
	struct svg_axis x;
	bool open; /* the last bin holds what is beyond, too */
	double shares[2][BINS];
	size_t count[2];
};

/* 0: normal, 1: attack; -1: not judged. */
static int side_of(const struct eval_recording *recording)
{
	if (!recording->judged || recording->item->kind == CORPUS_TRAIN)
		return -1;
	return recording->item->kind == CORPUS_ATTACK;
}

static void put_range(struct spread *spread, const struct eval *eval, size_t detector)
{
	double threshold = eval->detectors[detector].threshold;
	double low = threshold < 0 ? threshold : 0, high = threshold > 0 ? threshold * 1.25 : 0;

	for (size_t i = 0; i < eval->recording_count; i++) {
		double score = eval->recordings[i].score[detector];

		if (side_of(&eval->recordings[i]) < 0 || !isfinite(score))
			continue;
		low = score < low ? score : low;
		high = score > high ? score : high;
	}
	spread->open = threshold > 0 && high > FAR * threshold;
	if (spread->open)
		high = FAR * threshold;
	spread->x = (struct svg_axis){ low, high > low ? high : low + 1, LEFT, WIDTH - LEFT - 8 };
}

static void count_scores(struct spread *spread, const struct eval *eval, size_t detector)
{
	double bin = (spread->x.to - spread->x.from) / BINS;

	for (size_t i = 0; i < eval->recording_count; i++) {
		int side = side_of(&eval->recordings[i]);
		double score = eval->recordings[i].score[detector], place;

		if (side < 0 || isnan(score))
			continue;
		place = (score - spread->x.from) / bin;
		place = place < 0 ? 0 : place >= BINS ? BINS - 1 : place;
		spread->shares[side][(size_t)place]++;
		spread->count[side]++;
	}
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < BINS && spread->count[side]; i++)
			spread->shares[side][i] /= (double)spread->count[side];
}

static void put_grid(FILE *stream, const struct spread *spread)
{
	static const struct {
		double share;
		const char *name;
	} marks[] = { { 0.01, "1 %" }, { 0.1, "10 %" }, { 0.4, "40 %" }, { 1, "100 %" } };
	double right = spread->x.at + spread->x.size;

	for (size_t i = 0; i < 4; i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			double y = MIDDLE + sign * HEIGHT * sqrt(marks[i].share);

			svg_line(stream, "grid", LEFT, y, right, y);
			svg_label(stream, "tick", LEFT - 6, y + 4, SVG_END, marks[i].name);
		}
}

static void put_scale(FILE *stream, const struct spread *spread)
{
	double step = svg_step(spread->x.to - spread->x.from, 6);
	double y = MIDDLE + HEIGHT + 17;

	for (double at = ceil(spread->x.from / step) * step; at <= spread->x.to + step / 1000;
	     at += step)
		svg_labelf(stream, "tick", svg_at(&spread->x, at), y, SVG_MIDDLE, "%g",
			   fabs(at) < step / 1000 ? 0 : at);
	if (spread->open)
		svg_label(stream, "tick", LEFT + spread->x.size, y + 17, SVG_END, "and more");
	svg_label(stream, "name", LEFT + spread->x.size / 2, y + 17, SVG_MIDDLE, "score");
}

static void put_bars(FILE *stream, const struct spread *spread, int side)
{
	double wide = spread->x.size / BINS;

	for (int i = 0; i < BINS; i++) {
		double height = HEIGHT * sqrt(spread->shares[side][i]);

		if (height <= 0)
			continue;
		svg_rect(stream, side ? "bar attack" : "bar normal", LEFT + i * wide,
			 side ? MIDDLE : MIDDLE - height, wide - SPACE, height);
	}
}

static void put_side(FILE *stream, const struct spread *spread, int side)
{
	svg_labelf(stream, side ? "side inside attack" : "side inside normal",
		   LEFT + spread->x.size, side ? MIDDLE + HEIGHT - 6 : MIDDLE - HEIGHT + 14,
		   SVG_END, side ? "%zu attacks" : "%zu normal recordings", spread->count[side]);
}

static void put_threshold(FILE *stream, const struct spread *spread, double threshold)
{
	double x = svg_at(&spread->x, threshold);

	svg_line(stream, "threshold", x, MIDDLE - HEIGHT - 6, x, MIDDLE + HEIGHT);
	svg_labelf(stream, "tick", x, MIDDLE - HEIGHT - 10, SVG_MIDDLE, "threshold %s",
		   eval_cell_number(threshold).text);
}

void eval_plot_spread(FILE *stream, const struct eval *eval, size_t detector)
{
	struct spread spread;

	memset(&spread, 0, sizeof(spread));
	put_range(&spread, eval, detector);
	count_scores(&spread, eval, detector);
	fprintf(stream, "<svg viewBox=\"0 0 %.0f 236\" role=\"img\" aria-label=\"scores\">\n",
		WIDTH);
	svg_label(stream, "title", 0, 14, SVG_START, eval->detectors[detector].name);
	put_grid(stream, &spread);
	put_bars(stream, &spread, 0);
	put_bars(stream, &spread, 1);
	svg_line(stream, "axis", LEFT, MIDDLE, LEFT + spread.x.size, MIDDLE);
	put_scale(stream, &spread);
	put_threshold(stream, &spread, eval->detectors[detector].threshold);
	put_side(stream, &spread, 0);
	put_side(stream, &spread, 1);
	fputs("</svg>\n", stream);
}
