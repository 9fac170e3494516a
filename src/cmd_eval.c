/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc eval: how well recorded attacks are told from normal work.
 */
#include <errno.h>

#include "commands.h"
#include "eval_engine.h"
#include "eval_report.h"
#include "newfile.h"
#include "util.h"

/* Found out before all is read. */
static int check_kinds(const struct corpus *corpus, struct error *err)
{
	size_t training = 0;

	for (size_t i = 0; i < corpus->count; i++)
		training += corpus->items[i].kind == CORPUS_TRAIN;
	if (!training)
		return fail_hint(err, fail(err, -ENODATA, "there is no recording to learn from"),
				 "name some with --train, or a data set's folder");
	if (training == corpus->count)
		return fail_hint(err, fail(err, -ENODATA, "there is no recording to judge"),
				 "name some with --normal and --attack, or a data set's folder");
	return 0;
}

/* What the command line names. */
static int collect(struct corpus *corpus, const struct options *options, struct error *err)
{
	size_t run = 0;
	int status = 0;

	for (size_t i = 0; status >= 0 && i < options->word_count; i++) {
		while (run < options->word_run_count && options->word_runs[run].from <= i)
			run++;
		status = run ? corpus_add(corpus, options->word_runs[run - 1].kind,
					  options->words[i], err)
			     : corpus_add_set(corpus, options->words[i], err);
	}
	for (size_t i = 0; options->abi && i < corpus->count; i++)
		corpus->items[i].abi = (uint32_t)options->abi;
	for (size_t i = 0; i < corpus->count; i++)
		if (!corpus->items[i].abi)
			corpus->items[i].abi = options->abi;
	return status < 0 ? status : check_kinds(corpus, err);
}

static int report(const struct eval *eval, const struct options *options, struct error *err)
{
	struct eval_options wanted = { .lid_ds = options->lid_ds, .verbose = options->verbose };
	int status = options->html ? eval_html(options->html, eval, &wanted, err) : 0;

	if (status < 0)
		return status;
	return options->json ? eval_json(stdout, eval, &wanted, err)
			     : eval_text(stdout, eval, &wanted, err);
}

int cmd_eval(const struct options *options, struct error *err)
{
	struct corpus corpus = { 0 };
	struct eval eval = { 0 };
	int status = collect(&corpus, options, err);

	if (status >= 0 && options->html)
		status = newfile_check(options->html, err);
	if (status >= 0)
		status = eval_run(&eval, &corpus, options, err);
	if (status >= 0)
		status = report(&eval, options, err);
	eval_free(&eval);
	corpus_free(&corpus);
	return status < 0 ? status : 0;
}
