/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page from top to bottom. It is HTML that is well-formed XML as well, so that a test can read
 * it, and it refers to nothing outside.
 */
#include "eval_html.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "eval_cautions.h"
#include "eval_plot.h"
#include "eval_report.h"
#include "eval_style.h"
#include "newfile.h"
#include "eval_table.h"
#include "svg.h"
#include "util.h"

static void put_tile(FILE *stream, struct eval_cell figure, const char *what)
{
	fprintf(stream, "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n", figure.text, what);
}

/* What the first detector, all together, came to. */
static void put_tiles(FILE *stream, const struct eval_figures *figures)
{
	const struct eval_detector_figures *first = &figures->detectors[0];

	if (figures->detector_count == 0)
		return;
	fputs("<div class=\"tiles\">\n", stream);
	put_tile(stream, eval_cell_of(first->caught, first->attacks), "attacks caught");
	put_tile(stream, eval_cell_number(first->latency_calls[1]),
		 "calls to the first alarm, median");
	put_tile(stream, eval_cell_count(first->false_alarms), "false alarms");
	put_tile(stream, eval_cell_number(first->per_million_calls),
		 "false alarms per million calls");
	put_tile(stream, eval_cell_of(first->alarmed_groups, first->groups),
		 "different normal recordings with an alarm");
	if (first->scored)
		put_tile(stream, eval_cell_ratio(first->auc), "area under the curve (AUC)");
	fputs("</div>\n", stream);
}

static void put_profile(FILE *stream, const struct eval *eval)
{
	fputs("<p>The profile is ", stream);
	svg_escape(stream, eval->state ? eval->state : "");
	if (eval->why[0]) {
		fputs(" (", stream);
		svg_escape(stream, eval->why);
		fputs(")", stream);
	}
	fprintf(stream, ": it was learnt from %s calls, ", eval_cell_count(eval->train_calls).text);
	fprintf(stream, "%s windows, ", eval_cell_count(eval->train_windows).text);
	fprintf(stream, "and holds %s bags ", eval_cell_count(eval->profile_bags).text);
	fprintf(stream, "in %s bytes. ", eval_cell_count(eval->profile_bytes).text);
	fprintf(stream, "The share of behaviour it has not seen is estimated at %.4f %%.</p>\n",
		100 * eval->unseen);
}

static void put_judged(FILE *stream, const struct eval *eval, const struct eval_figures *figures)
{
	fprintf(stream,
		"<p class=\"soft\">Judged: %zu normal recordings in %zu groups of the same calls, and "
		"%zu attacks. Normal work, in which any alarm is false: %s calls",
		figures->normals, figures->groups, figures->attacks,
		eval_cell_count(figures->false_calls).text);
	if (figures->false_hours > 0)
		fprintf(stream, " in %s hours", eval_cell_number(figures->false_hours).text);
	fputs(".", stream);
	if (eval->seen)
		fprintf(stream,
			" Not judged: %zu recordings that are identical with one of the training.",
			eval->seen);
	fputs("</p>\n", stream);
}

static void put_cautions(FILE *stream, const struct eval *eval, const struct eval_figures *figures)
{
	char sentences[EVAL_CAUTIONS_MAX][EVAL_CAUTION_SIZE];
	size_t count = eval_cautions(eval, figures, sentences);

	for (size_t i = 0; i < count; i++) {
		fputs(i ? "<br/>\n" : "<p class=\"soft\">", stream);
		fputs("Caution: ", stream);
		svg_escape(stream, sentences[i]);
		fputs(".", stream);
	}
	fputs(count ? "</p>\n" : "", stream);
}

static void put_heading(FILE *stream, const struct eval_column *column)
{
	fprintf(stream, "<th title=\"%s\">%s%s%s</th>", column->what, column->head,
		column->head[0] && column->below[0] ? "<br/>" : "", column->below);
}

static void put_table(FILE *stream, const struct eval_figures *figures,
		      const struct eval_table *table)
{
	fprintf(stream, "<h2>%s</h2>\n<p class=\"note\">", table->title);
	svg_escape(stream, table->note);
	fputs("</p>\n<div class=\"card wide\"><table>\n<thead><tr><th>detector</th>", stream);
	for (size_t i = 0; i < table->count; i++)
		put_heading(stream, &table->columns[i]);
	fputs("</tr></thead>\n<tbody>\n", stream);
	for (size_t i = 0; i < figures->detector_count; i++) {
		const struct eval_detector_figures *one = &figures->detectors[i];

		if (table->scored && !one->scored)
			continue;
		fputs("<tr><td>", stream);
		svg_escape(stream, one->detector->name);
		fprintf(stream, " <span class=\"soft\">%s</span></td>", one->detector->word);
		for (size_t j = 0; j < table->count; j++)
			fprintf(stream, "<td>%s</td>", table->columns[j].cell(one).text);
		fputs("</tr>\n", stream);
	}
	fputs("</tbody></table></div>\n", stream);
}

static void put_family(FILE *stream, const struct eval_figures *figures,
		       const struct eval_family *family)
{
	fputs("<tr><td>", stream);
	svg_escape(stream, family->name[0] ? family->name : "(none)");
	fprintf(stream, "</td><td>%zu</td>", family->recordings);
	for (size_t i = 0; i < figures->detector_count; i++) {
		fprintf(stream, "<td>%zu", family->caught[i]);
		if (figures->detectors[i].scored)
			fprintf(stream, " <span class=\"soft\">/ %zu</span>", family->above[i]);
		fputs("</td>", stream);
	}
	fputs("</tr>\n", stream);
}

static void put_families(FILE *stream, const struct eval_figures *figures)
{
	if (figures->family_count == 0)
		return;
	fputs("<h2>Families of attacks</h2>\n<p class=\"note\">Recordings with an alarm at or after "
	      "the attack\u2019s start, and behind the stroke those with a score at or above the "
	      "training\u2019s threshold.</p>\n"
	      "<div class=\"card wide families\"><table>\n"
	      "<thead><tr><th>family</th><th>recordings</th>",
	      stream);
	for (size_t i = 0; i < figures->detector_count; i++)
		fprintf(stream, "<th>%s</th>", figures->detectors[i].detector->word);
	fputs("</tr></thead>\n<tbody>\n", stream);
	for (size_t i = 0; i < figures->family_count; i++)
		put_family(stream, figures, &figures->families[i]);
	fputs("</tbody></table></div>\n", stream);
}

static void put_figures(FILE *stream, const struct eval *eval, const struct eval_figures *figures)
{
	size_t drawn = 0;

	for (size_t i = 0; i < figures->detector_count; i++)
		drawn += figures->detectors[i].scored && figures->attacks && figures->normals;
	if (drawn == 0)
		return;
	fputs("<h2>Curves</h2>\n<p class=\"note\">Detection over false positives for every threshold "
	      "(ROC). A dot: where the threshold that came from the training alone stands. Dotted: "
	      "chance.</p>\n<div class=\"card\">\n",
	      stream);
	eval_plot_curves(stream, figures);
	fputs("</div>\n<h2>How the scores are spread</h2>\n<p class=\"note\">The share of the "
	      "recordings with each score: normal ones upwards, attacks downwards. Heights are "
	      "square roots, so that one in a hundred can be seen.</p>\n<div class=\"pair\">\n",
	      stream);
	for (size_t i = 0; i < figures->detector_count; i++) {
		if (!figures->detectors[i].scored)
			continue;
		fputs("<div class=\"card\">\n", stream);
		eval_plot_spread(stream, eval, i);
		fputs("</div>\n", stream);
	}
	fputs("</div>\n", stream);
}

static void put_page(FILE *stream, const struct eval *eval, const struct eval_figures *figures,
		     const struct eval_options *options)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<title>bosc: an evaluation</title>\n<style>\n",
	      stream);
	fputs(eval_style, stream);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>An evaluation of bosc</h1>\n", stream);
	put_profile(stream, eval);
	put_tiles(stream, figures);
	put_judged(stream, eval, figures);
	put_cautions(stream, eval, figures);
	for (size_t i = 0; i < EVAL_TABLES; i++)
		if (!eval_tables[i].lid_ds || options->lid_ds)
			put_table(stream, figures, &eval_tables[i]);
	put_families(stream, figures);
	put_figures(stream, eval, figures);
	eval_html_recordings(stream, eval);
	fputs("</main>\n</body>\n</html>\n", stream);
}

int eval_html(const char *path, const struct eval *eval, const struct eval_options *options,
	      struct error *err)
{
	struct eval_figures figures;
	struct newfile file;
	int status = newfile_open(path, &file, err);

	if (status < 0)
		return status;
	if (eval_figures_make(&figures, eval) < 0) {
		newfile_discard(&file);
		return fail(err, -ENOMEM, "cannot put the evaluation into figures: no memory");
	}
	put_page(file.stream, eval, &figures, options);
	eval_figures_free(&figures);
	return newfile_commit(&file, err);
}
