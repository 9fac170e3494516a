/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page of an evaluation: what stands on it, that names can do no harm, that it stands alone,
 * and that a browser can read it.
 */
#include "eval_output.h"

static void test_page(void **state)
{
	struct sample_eval sample;
	char *page;

	(void)state;
	sample_eval(&sample);
	page = page_of(&sample.eval, &(struct eval_options){ .lid_ds = true });
	assert_has(page, "<b>2 of 3</b><span>attacks caught</span>");
	assert_has(page, "<td>all together <span class=\"soft\">bosc</span></td><td>0.889</td>");
	assert_has(page, "As LID-DS counts");
	assert_has(page, "n2 &lt;script&gt;&amp;&quot;&#39;\\x01? ??? \xc3\xbc]]&gt;");
	assert_has(page, "we&lt;b&gt;");
	assert_has(page, "a &lt;b&gt;bag&lt;/b&gt; &amp; more");
	assert_has_not(page, "<script");
	assert_has_not(page, "nan");
	assert_has_not(page, "inf\"");
	/* Curves, a spread for each score, and each judged recording. */
	assert_int_equal(times(page, "<svg "), 1 + 2 + 6);
	assert_int_equal(times(page, "class=\"begins\""), 3);
	assert_int_equal(times(page, "class=\"alarm wrong\""), 2);
	assert_true(times(page, "class=\"alarm right\"") >= 1);
	free(page);
}

/* It loads nothing: no address, no script, no picture from elsewhere. */
static void test_page_is_alone(void **state)
{
	static const char *const loads[] = { "://",	" src=",   " href=", "url(",
					     "@import", "<script", "<link",  "<iframe" };
	struct sample_eval sample;
	char *page;

	(void)state;
	sample_eval(&sample);
	page = page_of(&sample.eval, &(struct eval_options){ 0 });
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		assert_has_not(page, loads[i]);
	assert_has_not(page, "As LID-DS counts");
	free(page);
}

static void test_page_is_well_formed(void **state)
{
	struct sample_eval sample;

	(void)state;
	if (system("python3 -c 'import xml.etree.ElementTree' 2>/dev/null") != 0) {
		print_message("skipped: there is no python3 to read the page\n");
		skip();
	}
	sample_eval(&sample);
	free(page_of(&sample.eval, &(struct eval_options){ .lid_ds = true }));
	assert_int_equal(system("python3 -c 'import xml.etree.ElementTree as tree\n"
				"page = tree.parse(\"page.html\").getroot()\n"
				"assert len(page.findall(\".//section\")) == 6\n"
				"assert page.find(\".//h3\").text == \"a1\"'"),
			 0);
}

/* More recordings than a page can show: some of them, and how many there are. */
static void test_page_has_a_limit(void **state)
{
	enum {
		MANY = 1000
	};
	struct eval_recording *many = calloc(MANY, sizeof(*many));
	struct sample_eval sample;
	char *page;

	(void)state;
	sample_eval(&sample);
	for (size_t i = 0; i < MANY; i++) {
		many[i] = sample.recordings[i % 2 ? 7 : 1];
		many[i].group = (uint32_t)i;
	}
	sample.eval.recordings = many;
	sample.eval.recording_count = MANY;
	page = page_of(&sample.eval, &(struct eval_options){ 0 });
	assert_has(page, "200 of 500 attacks are shown");
	assert_has(page, "12 of 500 normal recordings without alarms are shown");
	assert_int_equal(times(page, "<section"), 212);
	free(page);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_page_is_alone),
		cmocka_unit_test(test_page_is_well_formed),
		cmocka_unit_test(test_page_has_a_limit),
	};

	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
