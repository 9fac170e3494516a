/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plot of bosc profile show: did the training settle? A bar for each part of the training is as
 * high as the share of its windows that had a bag nobody met before. The shares fall by powers of
 * ten, so a row is one of these, and a training that settled goes down to the right. Where a run
 * began, its number stands below: no two starts are alike, so there the bars may rise again.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../core/numbers.h"
#include "cmd_profile_show.h"
#include "terminal.h"
#include "util.h"

#define ROWS_MOST 6
#define BAR_MOST  4u /* columns of a bar */

struct bar {
	uint64_t windows;
	uint64_t bags;
	size_t run; /* that began in it, from 1; 0: none did */
};

struct plot {
	struct bar *bars;
	size_t count;
	uint32_t wide; /* columns of a bar */
	bool utf8;
};

/* The windows of a part. */
static uint64_t part_windows(const struct profile *profile, size_t part)
{
	uint64_t end = part + 1 < profile->history_count ? profile->history[part + 1].windows_before
							 : profile_windows(profile);

	return number_subtract(end, profile->history[part].windows_before);
}

/* As many neighbouring parts become a bar as it takes to fit. */
static void fill_bars(const struct profile *profile, struct plot *plot, size_t parts_a_bar)
{
	for (size_t i = 0; i < profile->history_count; i++)
		plot->bars[i / parts_a_bar].windows += part_windows(profile, i);
	for (size_t i = 0; i < profile->bag_count; i++)
		if (profile->bags[i].part && profile->bags[i].part <= profile->history_count)
			plot->bars[(profile->bags[i].part - 1) / parts_a_bar].bags++;
	for (size_t i = 0; i < profile->history_count; i++) {
		struct bar *bar = &plot->bars[i / parts_a_bar];

		if ((!i || profile->history[i].run != profile->history[i - 1].run) && !bar->run)
			bar->run = profile->history[i].run + 1;
	}
}

/* The power of ten of a bar: 0 for a share of 1, -2.3 for one of 0.5 %; -INFINITY for none. */
static double bar_power(const struct bar *bar)
{
	return bar->windows && bar->bags ? log10((double)bar->bags / (double)bar->windows)
					 : -INFINITY;
}

/* What of a bar stands in the row whose foot is this power, from 0 to 1. */
static double filled(const struct bar *bar, int foot)
{
	double part = bar_power(bar) - foot;

	return part < 0 ? 0 : part > 1 ? 1 : part;
}

static const char *block(const struct plot *plot, double part)
{
	static const char *const eighths[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const thirds[] = { ".", ":", "#" };

	if (part <= 0)
		return " ";
	return plot->utf8 ? eighths[(int)(part * 7.999)] : thirds[(int)(part * 2.999)];
}

static void put_row(FILE *out, const struct plot *plot, int foot)
{
	size_t last = 0;

	for (size_t i = 0; i < plot->count; i++)
		if (filled(&plot->bars[i], foot) > 0)
			last = i + 1;
	fprintf(out, "%8g %% ", pow(10, foot + 2));
	for (size_t i = 0; i < last; i++)
		for (uint32_t column = 0; column < plot->wide; column++)
			fputs(block(plot, filled(&plot->bars[i], foot)), out);
	fputc('\n', out);
}

/* The numbers of the runs below the bars in which they began, as far as there is room. */
static void put_runs(FILE *out, const struct plot *plot)
{
	size_t at = 0;

	fprintf(out, "%-*s", (int)TERMINAL_LABEL, "    in run");
	for (size_t i = 0; i < plot->count; i++) {
		size_t column = i * plot->wide;

		if (!plot->bars[i].run || (at && column <= at))
			continue;
		at += (size_t)fprintf(out, "%*s%zu", (int)(column - at), "", plot->bars[i].run);
	}
	fputc('\n', out);
}

static void put_plot(FILE *out, const struct profile *profile, const struct plot *plot)
{
	double most = -INFINITY, least = INFINITY;
	int top, bottom;

	for (size_t i = 0; i < plot->count; i++) {
		double power = bar_power(&plot->bars[i]);

		most = fmax(most, power);
		least = isfinite(power) ? fmin(least, power) : least;
	}
	if (!isfinite(most))
		return;
	top = (int)ceil(most) - 1;
	bottom = (int)ceil(least) - 1;
	if (bottom < top - ROWS_MOST + 1)
		bottom = top - ROWS_MOST + 1;
	fprintf(out,
		"settling   windows with a new bag, part by part of the training; it had %zu parts\n",
		profile->history_count);
	for (int foot = top; foot >= bottom; foot--)
		put_row(out, plot, foot);
	if (profile->run_count > 1)
		put_runs(out, plot);
}

int cmd_profile_show_convergence(FILE *out, const struct profile *profile, uint32_t columns,
				 bool utf8, struct error *err)
{
	size_t room = (columns ? columns : TERMINAL_COLUMNS) - TERMINAL_LABEL;
	size_t parts = profile->history_count;
	size_t parts_a_bar = (parts + room - 1) / room;
	struct plot plot = { .utf8 = utf8 };

	if (parts < 2)
		return 0;
	plot.count = (parts + parts_a_bar - 1) / parts_a_bar;
	plot.wide = (uint32_t)(room / plot.count);
	plot.wide = plot.wide < BAR_MOST ? plot.wide : BAR_MOST;
	plot.bars = calloc(plot.count, sizeof(*plot.bars));
	if (!plot.bars)
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	fill_bars(profile, &plot, parts_a_bar);
	put_plot(out, profile, &plot);
	free(plot.bars);
	return 0;
}
