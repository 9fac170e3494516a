/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An evaluation that was worked by hand (sample_eval.h) as lines for people and as JSON; and what
 * is said when nothing can be written.
 */
#include <errno.h>
#include <jansson.h>

#include "eval_output.h"

static size_t width_of(const char *line)
{
	size_t width = 0;

	for (; *line && *line != '\n'; line++)
		width += ((unsigned char)*line & 0xc0) != 0x80;
	return width;
}

static void test_text(void **state)
{
	struct sample_eval sample;
	char *text;

	(void)state;
	sample_eval(&sample);
	text = squeezed(text_of(eval_text, &sample.eval, &(struct eval_options){ 0 }));
	assert_has(text, "profile partial (because of <this>): 1,234,567 calls, 1,200,000 windows, "
			 "321 bags, 65,536 bytes, unseen 0.0100 %\n");
	assert_has(text, "3 normal recordings of 2 groups of the same calls, 3 attacks\n");
	assert_has(text, "not judged: 1 recording identical with one of the training\n");
	assert_has(text, "caution 1 of those judged is incomplete, 'a2': it was cut <short>");
	assert_has(text, "normal work: 5,000,000 calls, 3.00 hours\n");
	assert_has(text, "\ndetectors bosc all together\n rules rules without a score\n");
	assert_has(text, "\nbosc 0.889 ");
	assert_has(text, " 66.7 % 66.7 % 66.7 % 66.7 % 66.7 % 0.857 0.500\n");
	assert_has(text, "\nbosc 1.00 2 of 3 33.3 % 50.0 % 0.667 0.667\n");
	assert_has(text, "\nbosc 2 of 3 70.0 21.0 33.3 % 50.0 % 4 3 0.800 1.33\n");
	assert_has(text, "\nrules 1 of 3 ");
	assert_has(text, "\nbrute 2 1/1 1 1/0\n");
	assert_has_not(text, "As LID-DS counts");
	assert_has_not(text, "n1 again");
	free(text);
}

/* Columns stand under each other: a table's lines are as wide as its heading. */
static void test_text_columns(void **state)
{
	struct sample_eval sample;
	size_t tables = 0;
	char *text;

	(void)state;
	sample_eval(&sample);
	text = text_of(eval_text, &sample.eval, &(struct eval_options){ .lid_ds = true });
	for (char *line = text; (line = strstr(line, "\ndetector ")); tables++) {
		size_t width = width_of(++line);

		while ((line = strchr(line, '\n')) && *++line != '\n' && *line)
			assert_int_equal(width_of(line), width);
		if (!line)
			break;
		line--;
	}
	assert_int_equal(tables, 4);
	free(text);
}

static void test_text_options(void **state)
{
	const struct eval_options options = { .lid_ds = true, .verbose = true };
	struct sample_eval sample;
	char *text;

	(void)state;
	sample_eval(&sample);
	text = squeezed(text_of(eval_text, &sample.eval, &options));
	assert_has(text, "\nAs LID-DS counts: ");
	assert_has(text, "\nbosc 2 1 3 0.400 0.667 0.500\n");
	assert_has(text, "\ntrain/a training not judged\n");
	assert_has(text, "\nn3 normal not judged: identical with training\n");
	assert_has(text, "\na1 attack 2 1,000,000 3.00 1 5 40.0\n");
	assert_has(text, "n2 <script>&\"'\\x01");
	assert_has_not(text, "\x01");
	free(text);
}

static json_t *json_of(const struct eval *eval)
{
	char *text = text_of(eval_json, eval, &(struct eval_options){ 0 });
	json_t *object = json_loads(text, 0, NULL);

	assert_non_null(object);
	assert_true(strchr(text, '\n') == text + strlen(text) - 1);
	free(text);
	return object;
}

static double number_at(json_t *object, const char *format, const char *a, const char *b)
{
	json_t *inner = json_object_get(json_object_get(object, a), b);

	if (!json_is_number(inner))
		fail_msg("%s: no number at %s.%s", format, a, b);
	return json_number_value(inner);
}

static void test_json_detectors(void **state)
{
	struct sample_eval sample;
	json_t *object, *all, *rules, *first;

	(void)state;
	sample_eval(&sample);
	object = json_of(&sample.eval);
	all = json_array_get(json_object_get(json_object_get(object, "eval"), "detectors"), 0);
	assert_string_equal(json_string_value(json_object_get(all, "detector")), "bosc");
	assert_near(number_at(all, "bosc", "scores", "auc"), 8.0 / 9);
	assert_near(number_at(json_object_get(all, "scores"), "bosc", "best", "f1"), 6.0 / 7);
	first = json_array_get(json_object_get(json_object_get(all, "scores"), "detection"), 1);
	assert_near(json_number_value(json_object_get(first, "false_positive_rate")), 0.01);
	assert_near(json_number_value(json_object_get(first, "detection_rate")), 2.0 / 3);
	assert_near(number_at(all, "bosc", "alarms", "caught"), 2);
	assert_near(number_at(all, "bosc", "alarms", "false_positive_rate_grouped"), 0.5);
	assert_near(number_at(all, "bosc", "alarms", "per_hour"), 4.0 / 3);
	assert_near(number_at(all, "bosc", "lid_ds", "false_positives"), 3);
	rules = json_array_get(json_object_get(json_object_get(object, "eval"), "detectors"), 1);
	assert_true(json_is_null(json_object_get(rules, "scores")));
	first = json_array_get(json_object_get(rules, "families"), 0);
	assert_true(json_is_null(json_object_get(first, "above")));
	json_decref(object);
}

static void test_json_recordings(void **state)
{
	struct sample_eval sample;
	json_t *object, *list, *attack, *outcome, *alarm;

	(void)state;
	sample_eval(&sample);
	object = json_of(&sample.eval);
	assert_near(number_at(json_object_get(object, "eval"), "eval", "judged", "seen"), 1);
	assert_near(number_at(json_object_get(object, "eval"), "eval", "judged", "groups"), 2);
	list = json_object_get(json_object_get(object, "eval"), "recordings");
	assert_int_equal(json_array_size(list), SAMPLE_COUNT);
	attack = json_array_get(list, 5);
	assert_string_equal(json_string_value(json_object_get(attack, "kind")), "attack");
	outcome = json_object_get(json_object_get(attack, "detectors"), "bosc");
	assert_near(json_number_value(json_object_get(outcome, "latency_ms")), 12);
	alarm = json_array_get(json_object_get(attack, "alarms"), 0);
	assert_true(json_is_true(json_object_get(alarm, "false")));
	assert_string_equal(json_string_value(json_object_get(alarm, "text")),
			    "a <b>bag</b> & more");
	outcome = json_object_get(json_object_get(json_array_get(list, 6), "detectors"), "bosc");
	assert_true(json_is_null(json_object_get(outcome, "latency_calls")));
	assert_int_equal(json_object_size(json_object_get(json_array_get(list, 4), "detectors")),
			 0);
	json_decref(object);
}

/* Nothing was judged: nothing to say, and no number that is none. */
static void test_empty(void **state)
{
	struct sample_eval sample;
	char *text;

	(void)state;
	sample_eval(&sample);
	sample.eval.recording_count = 1;
	text = text_of(eval_text, &sample.eval, &(struct eval_options){ .verbose = true });
	assert_has(text, "0 normal recordings");
	assert_has_not(text, "nan");
	free(text);
	json_decref(json_of(&sample.eval));
	text = page_of(&sample.eval, &(struct eval_options){ 0 });
	assert_has_not(text, "nan");
	free(text);
	sample.eval.detector_count = 0;
	free(text_of(eval_text, &sample.eval, &(struct eval_options){ .verbose = true }));
	json_decref(json_of(&sample.eval));
	free(page_of(&sample.eval, &(struct eval_options){ 0 }));
}

static void test_no_room(void **state)
{
	report *const reports[] = { eval_text, eval_json };
	const struct eval_options options = { 0 };
	struct sample_eval sample;
	struct error err;

	(void)state;
	sample_eval(&sample);
	for (size_t i = 0; i < 2; i++) {
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		assert_int_equal(reports[i](full, &sample.eval, &options, &err), -ENOSPC);
		assert_string_equal(err.text,
				    "cannot write the evaluation: No space left on device");
		fclose(full);
	}
	assert_int_equal(eval_html("/dev/full", &sample.eval, &options, &err), -ENOSPC);
	assert_string_equal(err.text, "cannot write '/dev/full': No space left on device");
	assert_int_equal(eval_html("no/such", &sample.eval, &options, &err), -ENOENT);
	assert_string_equal(err.text, "cannot create 'no/such': No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_columns),
		cmocka_unit_test(test_text_options),
		cmocka_unit_test(test_json_detectors),
		cmocka_unit_test(test_json_recordings),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
