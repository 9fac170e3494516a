/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The figures of an evaluation that was worked by hand (sample_eval.h).
 */
#include "../../src/eval_figures.h"
#include "eval_output.h"

static void test_figures_of_scores(void **state)
{
	struct eval_figures figures;
	struct sample_eval sample;
	const struct eval_detector_figures *all = &figures.detectors[0];

	(void)state;
	sample_eval(&sample);
	assert_int_equal(eval_figures_make(&figures, &sample.eval), 0);
	assert_near(all->auc, 8.0 / 9);
	assert_true(all->auc_interval.low <= all->auc && all->auc <= all->auc_interval.high);
	for (size_t i = 0; i < EVAL_RATES; i++)
		assert_near(all->detection[i], 2.0 / 3);
	assert_near(all->best.f1, 6.0 / 7);
	assert_near(all->best.threshold, 0.5);
	assert_int_equal(all->over.detected, 2);
	assert_int_equal(all->over.mistaken, 1);
	assert_int_equal(all->over.groups, 2);
	assert_int_equal(all->over.mistaken_groups, 1);
	assert_false(figures.detectors[1].scored);
	assert_true(isnan(figures.detectors[1].auc));
	eval_figures_free(&figures);
}

static void test_figures_of_alarms(void **state)
{
	struct eval_figures figures;
	struct sample_eval sample;
	const struct eval_detector_figures *all = &figures.detectors[0];

	(void)state;
	sample_eval(&sample);
	assert_int_equal(eval_figures_make(&figures, &sample.eval), 0);
	assert_int_equal(figures.normals, 3);
	assert_int_equal(figures.groups, 2);
	assert_int_equal(figures.attacks, 3);
	assert_int_equal(figures.incomplete, 1);
	assert_int_equal(figures.false_calls, 5000000);
	assert_near(figures.false_hours, 3);
	assert_int_equal(all->caught, 2);
	assert_near(all->latency_calls[0], 55);
	assert_near(all->latency_calls[1], 70);
	assert_near(all->latency_calls[2], 85);
	assert_near(all->latency_ms[1], 21);
	assert_int_equal(all->alarmed, 1);
	assert_int_equal(all->alarmed_groups, 1);
	assert_int_equal(all->false_alarms, 4);
	assert_int_equal(all->false_runs, 3);
	assert_near(all->per_million_calls, 0.8);
	assert_near(all->per_hour, 4.0 / 3);
	assert_near(all->lid_precision, 0.4);
	assert_near(all->lid_recall, 2.0 / 3);
	assert_near(all->lid_f1, 0.5);
	assert_int_equal(figures.detectors[1].caught, 1);
	/* What it caught has no clock. */
	assert_near(figures.detectors[2].latency_calls[1], 9);
	assert_true(isnan(figures.detectors[2].latency_ms[1]));
	eval_figures_free(&figures);
}

static void test_figures_of_families(void **state)
{
	struct eval_figures figures;
	struct sample_eval sample;

	(void)state;
	sample_eval(&sample);
	assert_int_equal(eval_figures_make(&figures, &sample.eval), 0);
	assert_int_equal(figures.family_count, 2);
	assert_string_equal(figures.families[0].name, "brute");
	assert_int_equal(figures.families[0].recordings, 2);
	assert_int_equal(figures.families[0].caught[0], 1);
	assert_int_equal(figures.families[0].above[0], 1);
	assert_int_equal(figures.families[0].caught[1], 1);
	assert_int_equal(figures.families[0].above[1], 0);
	assert_string_equal(figures.families[1].name, "we<b>");
	assert_int_equal(figures.families[1].caught[2], 0);
	assert_int_equal(figures.families[1].above[2], 1);
	eval_figures_free(&figures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures_of_scores),
		cmocka_unit_test(test_figures_of_alarms),
		cmocka_unit_test(test_figures_of_families),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
