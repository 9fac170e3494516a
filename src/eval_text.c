/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables for a terminal: a detector's word at the left, figures at the right of their columns.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "../core/numbers.h"
#include "eval_cautions.h"
#include "eval_report.h"
#include "eval_table.h"
#include "sink.h"

#define FAMILY_COLUMNS	8 /* detectors side by side */
#define RECORDING_WIDTH 44

struct page {
	FILE *stream;
	const struct eval *eval;
	const struct eval_figures *figures;
	int words;    /* columns that the detectors' words take */
	int families; /* … and the families' names */
};

/* Characters of UTF-8, not bytes. */
static int text_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void put_right(FILE *stream, const char *text, int width)
{
	int missing = width - text_width(text);

	fprintf(stream, "%*s%s", missing > 0 ? missing : 0, "", text);
}

/* A name from outside, escaped. */
static void put_left(FILE *stream, const char *text, int width)
{
	int missing = width - text_width(text);

	sink_text_safe(stream, text, strlen(text));
	fprintf(stream, "%*s", missing > 0 ? missing : 0, "");
}

static void put_counts(const struct page *page)
{
	const struct eval_figures *figures = page->figures;
	const struct eval *eval = page->eval;

	fprintf(page->stream,
		"judged    %zu normal recording%s of %zu group%s of the same calls, %zu attack%s\n",
		figures->normals, plural(figures->normals), figures->groups,
		plural(figures->groups), figures->attacks, plural(figures->attacks));
	if (eval->seen)
		fprintf(page->stream,
			"          not judged: %zu recording%s identical with one of the training\n",
			eval->seen, plural(eval->seen));
	fprintf(page->stream, "          normal work: %s calls",
		eval_cell_count(figures->false_calls).text);
	if (figures->false_hours > 0)
		fprintf(page->stream, ", %s hours", eval_cell_number(figures->false_hours).text);
	fprintf(page->stream, "\n");
}

static void put_cautions(const struct page *page)
{
	char sentences[EVAL_CAUTIONS_MAX][EVAL_CAUTION_SIZE];
	size_t count = eval_cautions(page->eval, page->figures, sentences);

	for (size_t i = 0; i < count; i++) {
		fprintf(page->stream, "%s ", i ? "         " : "caution  ");
		sink_text_safe(page->stream, sentences[i], EVAL_CAUTION_SIZE);
		fprintf(page->stream, "\n");
	}
}

static void put_head(const struct page *page)
{
	const struct eval *eval = page->eval;

	fprintf(page->stream, "profile   %s", eval->state ? eval->state : "");
	if (eval->why[0]) {
		fprintf(page->stream, " (");
		sink_text_safe(page->stream, eval->why, strlen(eval->why));
		fprintf(page->stream, ")");
	}
	fprintf(page->stream, ": %s calls, ", eval_cell_count(eval->train_calls).text);
	fprintf(page->stream, "%s windows, ", eval_cell_count(eval->train_windows).text);
	fprintf(page->stream, "%s bags, ", eval_cell_count(eval->profile_bags).text);
	fprintf(page->stream, "%s bytes, unseen ", eval_cell_count(eval->profile_bytes).text);
	fprintf(page->stream, "%.4f %%\n", 100 * eval->unseen);
	put_counts(page);
	put_cautions(page);
	fprintf(page->stream, "took      %.1f s\n", eval->seconds);
	for (size_t i = 0; i < eval->detector_count; i++) {
		fprintf(page->stream, "%s", i ? "          " : "detectors ");
		put_left(page->stream, eval->detectors[i].word, page->words);
		fprintf(page->stream, "  %s\n", eval->detectors[i].name);
	}
}

static void put_headings(const struct page *page, const struct eval_table *table)
{
	size_t heads = table->count;

	while (heads > 0 && !table->columns[heads - 1].head[0])
		heads--;
	fprintf(page->stream, "%*s", page->words, "");
	for (size_t i = 0; i < heads; i++) {
		fprintf(page->stream, "  ");
		put_right(page->stream, table->columns[i].head, table->columns[i].width);
	}
	fprintf(page->stream, "\n");
	put_left(page->stream, "detector", page->words);
	for (size_t i = 0; i < table->count; i++) {
		fprintf(page->stream, "  ");
		put_right(page->stream, table->columns[i].below, table->columns[i].width);
	}
	fprintf(page->stream, "\n");
}

static void put_table(const struct page *page, const struct eval_table *table)
{
	fprintf(page->stream, "\n%s: %s\n\n", table->title, table->note);
	put_headings(page, table);
	for (size_t i = 0; i < page->figures->detector_count; i++) {
		const struct eval_detector_figures *one = &page->figures->detectors[i];

		if (table->scored && !one->scored)
			continue;
		put_left(page->stream, one->detector->word, page->words);
		for (size_t j = 0; j < table->count; j++) {
			fprintf(page->stream, "  ");
			put_right(page->stream, table->columns[j].cell(one).text,
				  table->columns[j].width);
		}
		fprintf(page->stream, "\n");
	}
}

static void put_family(const struct page *page, const struct eval_family *family, size_t from,
		       size_t to)
{
	put_left(page->stream, family->name[0] ? family->name : "(none)", page->families);
	fprintf(page->stream, "  %10zu", family->recordings);
	for (size_t i = from; i < to; i++) {
		char cell[48];

		if (page->figures->detectors[i].scored)
			snprintf(cell, sizeof(cell), "%zu/%zu", family->caught[i],
				 family->above[i]);
		else
			snprintf(cell, sizeof(cell), "%zu", family->caught[i]);
		fprintf(page->stream, "  %11s", cell);
	}
	fprintf(page->stream, "\n");
}

static void put_families(const struct page *page)
{
	const struct eval_figures *figures = page->figures;

	if (figures->family_count == 0)
		return;
	fprintf(page->stream, "\nFamilies of attacks: recordings with an alarm after the attack's "
			      "start / with a score at or above\nthe training's threshold\n");
	for (size_t from = 0; from < figures->detector_count; from += FAMILY_COLUMNS) {
		size_t to = from + FAMILY_COLUMNS;

		to = to < figures->detector_count ? to : figures->detector_count;
		fprintf(page->stream, "\n%-*s  recordings", page->families, "family");
		for (size_t i = from; i < to; i++)
			fprintf(page->stream, "  %11.11s", page->eval->detectors[i].word);
		fprintf(page->stream, "\n");
		for (size_t i = 0; i < figures->family_count; i++)
			put_family(page, &figures->families[i], from, to);
	}
}

static const char *kind_name(const struct eval_recording *recording)
{
	static const char *const names[] = {
		[CORPUS_TRAIN] = "training",
		[CORPUS_NORMAL] = "normal",
		[CORPUS_ATTACK] = "attack",
	};

	return names[recording->item->kind];
}

static void put_recording(const struct page *page, const struct eval_recording *recording)
{
	bool caught = recording->alarms_after[0] > 0;
	double latency = caught ? (double)recording->first_calls[0] : NAN;

	put_left(page->stream, recording->item->name, RECORDING_WIDTH);
	fprintf(page->stream, "  %-8s", kind_name(recording));
	if (!recording->judged) {
		fprintf(page->stream, "  not judged%s%s%s\n",
			recording->item->kind == CORPUS_TRAIN ? "" : ": identical with training",
			recording->incomplete ? "; incomplete: " : "",
			recording->incomplete ? recording->why : "");
		return;
	}
	fprintf(page->stream, "  %6u  ", recording->group);
	put_right(page->stream, eval_cell_count(recording->calls).text, 11);
	fprintf(page->stream, "  ");
	put_right(page->stream, eval_cell_number(recording->score[0]).text, 7);
	fprintf(page->stream, "  %7llu  %7llu  ", (unsigned long long)recording->alarms_before[0],
		(unsigned long long)recording->alarms_after[0]);
	put_right(page->stream, eval_cell_number(latency).text, 7);
	if (recording->incomplete)
		fprintf(page->stream, "  incomplete: %s", recording->why);
	fprintf(page->stream, "\n");
}

static void put_recordings(const struct page *page)
{
	if (page->eval->detector_count == 0)
		return;
	fprintf(page->stream, "\nRecordings, judged by: %s\n\n", page->eval->detectors[0].name);
	fprintf(page->stream, "%-*s  %-8s  %6s  %11s  %7s  %7s  %7s  %7s\n", RECORDING_WIDTH, "",
		"", "", "", "", "false", "right", "calls");
	fprintf(page->stream, "%-*s  %-8s  %6s  %11s  %7s  %7s  %7s  %7s\n", RECORDING_WIDTH,
		"recording", "kind", "group", "calls", "score", "alarms", "alarms", "to 1st");
	for (size_t i = 0; i < page->eval->recording_count; i++)
		put_recording(page, &page->eval->recordings[i]);
}

static int word_width(const struct eval *eval)
{
	int most = text_width("detector");

	for (size_t i = 0; i < eval->detector_count; i++) {
		int width = text_width(eval->detectors[i].word);

		most = width > most ? width : most;
	}
	return most;
}

static int family_width(const struct eval_figures *figures)
{
	int most = text_width("(none)");

	for (size_t i = 0; i < figures->family_count; i++) {
		int width = text_width(figures->families[i].name);

		most = width > most ? width : most;
	}
	return most;
}

int eval_text(FILE *stream, const struct eval *eval, const struct eval_options *options,
	      struct error *err)
{
	struct eval_figures figures;
	struct page page = { stream, eval, &figures, word_width(eval), 0 };

	if (eval_figures_make(&figures, eval) < 0)
		return fail(err, -ENOMEM, "cannot put the evaluation into figures: no memory");
	page.families = family_width(&figures);
	errno = 0;
	put_head(&page);
	for (size_t i = 0; i < EVAL_TABLES; i++)
		if (!eval_tables[i].lid_ds || options->lid_ds)
			put_table(&page, &eval_tables[i]);
	put_families(&page);
	if (options->verbose)
		put_recordings(&page);
	eval_figures_free(&figures);
	if (fflush(stream) || ferror(stream))
		return fail(err, -(errno ? errno : EIO), "cannot write the evaluation: %s",
			    strerror(errno ? errno : EIO));
	return 0;
}
