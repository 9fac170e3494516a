/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small things for writing a page with figures in it (HTML that is XML, too, with SVG inside): text
 * that can do no harm, axes, labels. Colours and fonts come from the page's style, by class.
 */
#ifndef BOSC_SVG_H
#define BOSC_SVG_H

#include <stdio.h>

/* From values to places on the page; `size` < 0: upwards. */
struct svg_axis {
	double from, to;
	double at, size;
};

enum svg_anchor {
	SVG_START,
	SVG_MIDDLE,
	SVG_END,
};

/* Writes text from outside: markup becomes text, control characters \xNN, what is no UTF-8 "?". */
void svg_escape(FILE *stream, const char *text);

/* Where a value stands; one beyond the axis stands at its end. */
double svg_at(const struct svg_axis *axis, double value);

/* A step of 1, 2 or 5 times a power of ten, so that about `steps` of them fill the range. */
double svg_step(double range, int steps);

void svg_line(FILE *stream, const char *class, double x1, double y1, double x2, double y2);
void svg_rect(FILE *stream, const char *class, double x, double y, double width, double height);

/* A label; the text is escaped. */
void svg_label(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
	       const char *text);

/* The same with the text made up from a format, at most 127 bytes of it. */
void svg_labelf(FILE *stream, const char *class, double x, double y, enum svg_anchor anchor,
		const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
