/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A data set may have thousands of recordings, a page may not: of each kind so many are shown,
 * taken evenly from all, and the page says how many there are.
 */
#include "eval_html.h"
#include "eval_plot.h"
#include "eval_table.h"
#include "svg.h"

#define ATTACKS_MOST 200
#define ALARMED_MOST 100
#define OTHERS_MOST  12
#define ALARMS_SHOWN 4	/* the others are folded away … */
#define ALARMS_MOST  60 /* … up to so many */

struct section {
	const char *title;
	const char *of; /* what they are, in "20 of 300 …" */
	size_t most;
	bool (*holds)(const struct eval_recording *recording);
};

static bool is_attack(const struct eval_recording *one)
{
	return one->judged && one->item->kind == CORPUS_ATTACK;
}

static bool is_alarmed(const struct eval_recording *one)
{
	return one->judged && one->item->kind == CORPUS_NORMAL && one->alarms_before[0] > 0;
}

static bool is_quiet(const struct eval_recording *one)
{
	return one->judged && one->item->kind == CORPUS_NORMAL && one->alarms_before[0] == 0;
}

static const struct section sections[] = {
	{ "Attacks", "attacks", ATTACKS_MOST, is_attack },
	{ "Normal recordings with alarms", "normal recordings with alarms", ALARMED_MOST,
	  is_alarmed },
	{ "Normal recordings without alarms", "normal recordings without alarms", OTHERS_MOST,
	  is_quiet },
};

static void put_badges(FILE *stream, const struct eval_recording *one)
{
	bool attack = one->item->kind == CORPUS_ATTACK;

	if (attack && one->alarms_after[0])
		fputs("<span class=\"badge well\">caught</span>", stream);
	else if (attack)
		fputs("<span class=\"badge bad\">missed</span>", stream);
	if (one->alarms_before[0])
		fputs("<span class=\"badge warn\">false alarms</span>", stream);
	if (one->incomplete)
		fputs("<span class=\"badge warn\">incomplete</span>", stream);
}

static void put_head(FILE *stream, const struct eval_recording *one)
{
	fputs("<div class=\"head\"><h3>", stream);
	svg_escape(stream, one->item->name);
	fputs("</h3>", stream);
	put_badges(stream, one);
	fputs("<span class=\"soft\">", stream);
	if (one->item->family[0]) {
		svg_escape(stream, one->item->family);
		fputs(" \u00b7 ", stream);
	}
	fprintf(stream, "%s calls", eval_cell_count(one->calls).text);
	fprintf(stream, " \u00b7 score %s", eval_cell_number(one->score[0]).text);
	if (one->alarms_before[0])
		fprintf(stream, " \u00b7 %s false", eval_cell_count(one->alarms_before[0]).text);
	if (one->item->kind == CORPUS_ATTACK && one->alarms_after[0]) {
		fprintf(stream, " \u00b7 %s right, the first",
			eval_cell_count(one->alarms_after[0]).text);
		fprintf(stream, " %s calls", eval_cell_count(one->first_calls[0]).text);
		if (one->end_ns > one->start_ns)
			fprintf(stream, " (%s ms)",
				eval_cell_number((double)one->first_ns[0] / 1e6).text);
		fputs(" after the start", stream);
	}
	fputs("</span></div>\n", stream);
}

static void put_alarm(FILE *stream, const struct eval *eval, const struct eval_recording *one,
		      const struct eval_alarm *alarm)
{
	fprintf(stream, "<li class=\"%s\"><span class=\"soft\">", alarm->after ? "right" : "wrong");
	if (one->end_ns > one->start_ns && alarm->ns >= one->start_ns)
		fprintf(stream, "%.3f s, ", (double)(alarm->ns - one->start_ns) / 1e9);
	fprintf(stream, "call %s, ", eval_cell_count(alarm->calls).text);
	if (alarm->tid)
		fprintf(stream, "thread %u, ", alarm->tid);
	svg_escape(stream, eval->detectors[alarm->detector].word);
	fputs(":</span> ", stream);
	svg_escape(stream, alarm->text ? alarm->text : "");
	fputs("</li>\n", stream);
}

static void put_alarms(FILE *stream, const struct eval *eval, const struct eval_recording *one)
{
	size_t count = one->alarm_count < ALARMS_MOST ? one->alarm_count : ALARMS_MOST;
	size_t shown = count < ALARMS_SHOWN ? count : ALARMS_SHOWN;

	if (count == 0)
		return;
	fputs("<ol>\n", stream);
	for (size_t i = 0; i < shown; i++)
		put_alarm(stream, eval, one, &one->alarms[i]);
	fputs("</ol>\n", stream);
	if (count == shown)
		return;
	fprintf(stream, "<details><summary>%zu more", count - shown);
	if (one->alarm_count > count)
		fprintf(stream, ", of %zu", one->alarm_count - shown);
	fputs("</summary><ol>\n", stream);
	for (size_t i = shown; i < count; i++)
		put_alarm(stream, eval, one, &one->alarms[i]);
	fputs("</ol></details>\n", stream);
}

static void put_section(FILE *stream, const struct eval *eval, const struct section *section)
{
	size_t count = 0, nth = 0;

	for (size_t i = 0; i < eval->recording_count; i++)
		count += section->holds(&eval->recordings[i]);
	if (count == 0)
		return;
	fprintf(stream, "<h2>%s</h2>\n<p class=\"note\">", section->title);
	if (count > section->most)
		fprintf(stream, "%zu of %zu %s are shown, taken evenly from all.</p>\n",
			section->most, count, section->of);
	else
		fprintf(stream, "%zu in all.</p>\n", count);
	for (size_t i = 0; i < eval->recording_count; i++) {
		const struct eval_recording *one = &eval->recordings[i];
		size_t most = count < section->most ? count : section->most;

		if (!section->holds(one))
			continue;
		/* The shown ones are those with which nth * most / count rises. */
		if ((nth + 1) * most / count > nth * most / count) {
			fputs("<section class=\"card\">\n", stream);
			put_head(stream, one);
			eval_plot_timeline(stream, eval, one);
			put_alarms(stream, eval, one);
			fputs("</section>\n", stream);
		}
		nth++;
	}
}

void eval_html_recordings(FILE *stream, const struct eval *eval)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		put_section(stream, eval, &sections[i]);
}
