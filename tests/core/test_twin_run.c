/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs of calls (core/twin_run.c) must come to what the same calls come to one by one: event for
 * event, counter for counter, in both views of a thread. Two twins with the same weights take the
 * same random steps, one of them in runs.
 */
#include "../sensor/generator.h"

#include "../../core/frame.h"
#include "../../core/scorer.h"

#define STEPS	 6000u
#define RUN_MOST 300u

static struct side {
	struct stage stage;
	struct scorer *scorer;
} alone, runs;

static void side_open(struct side *side, enum sensor_mode mode, struct profile *profile,
		      bool scored, int count_bags)
{
	stage_open_twin(&side->stage, mode, profile, 1u << 16, count_bags);
	side->scorer = scored ? scorer_new(mode == MODE_LEARN, profile) : NULL;
	twin_score(twin_of(side->stage.source), side->scorer);
}

static void side_close(struct side *side)
{
	stage_close(&side->stage);
	scorer_free(side->scorer);
}

/* A record of a call that has the code, or one near it where no record could. */
static struct trace_head head_of(uint64_t ns, uint32_t tid, uint32_t code)
{
	struct trace_head head = { .ts = ns, .tid = tid, .type = TRACE_SYS };

	if (code_abi(code) == ABI_URING) {
		head.type = TRACE_URING;
		head.flags = (uint8_t)code_nr(code);
		return head;
	}
	head.nr = (uint16_t)code_nr(code);
	head.flags = code_abi(code) == ABI_COMPAT ? TRACE_FLAG_COMPAT
		     : code_abi(code) == ABI_X32  ? TRACE_FLAG_X32
						  : 0;
	return head;
}

/* The thread of the step goes on for a while, mostly as long as a few blocks, or not at all. */
static size_t make_run(struct generator *g, const struct feed *step, struct trace_head *calls)
{
	size_t count = pick(g, 4) ? 1 + pick(g, RUN_MOST) : 1;
	struct living *one = &g->living[0];

	while (one->tid != step->tid)
		one++;
	calls[0] = head_of(step->ns, step->tid, step->code);
	for (size_t i = 1; i < count; i++) {
		g->ns += 1 + pick(g, 1 << 20);
		calls[i] = head_of(g->ns, step->tid, next_code(g, one));
	}
	return count;
}

static void feed_alone(const struct feed *first, const struct trace_head *calls, size_t count)
{
	struct feed step = *first;

	for (size_t i = 0; i < count; i++) {
		step.ns = calls[i].ts;
		step.code = trace_code(&calls[i]);
		stage_feed(&alone.stage, &step);
	}
}

/* The run may come in two pieces. */
static void feed_runs(const struct feed *first, const struct trace_head *calls, size_t count,
		      size_t cut)
{
	struct twin *twin = twin_of(runs.stage.source);
	struct feed step = *first;

	assert_int_equal(twin_run(twin, &step, calls, cut), 0);
	assert_int_equal(twin_run(twin, &step, calls + cut, count - cut), 0);
}

static void play_both(uint64_t seed, bool strange, struct profile *taught)
{
	struct generator *g = calloc(1, sizeof(*g));
	struct trace_head calls[RUN_MOST];

	assert_non_null(g);
	*g = (struct generator){ .seed = seed, .strange = strange, .ns = 1ull << 40 };
	for (uint32_t i = 0; i < STEPS; i++) {
		struct feed step = generate(g);
		size_t count = step.kind == FEED_CALL ? make_run(g, &step, calls) : 0;

		if (count) {
			feed_alone(&step, calls, count);
			feed_runs(&step, calls, count, pick(g, (uint32_t)count + 1));
		} else {
			stage_feed(&alone.stage, &step);
			stage_feed(&runs.stage, &step);
		}
		for (size_t call = 0; taught && call < count; call++)
			taught->calls[trace_code(&calls[call])]++;
	}
	free(g);
}

static void assert_same(void)
{
	struct target one = stage_target(&alone.stage), other = stage_target(&runs.stage);
	struct scorer_peaks peaks[2] = { 0 };

	assert_int_equal(alone.stage.count, runs.stage.count);
	for (size_t i = 0; i < alone.stage.count; i++)
		assert_memory_equal(&alone.stage.log[i], &runs.stage.log[i],
				    sizeof(*alone.stage.log));
	assert_memory_equal(&one, &other, sizeof(one));
	if (!alone.scorer)
		return;
	scorer_peaks(alone.scorer, &peaks[0]);
	scorer_peaks(runs.scorer, &peaks[1]);
	assert_memory_equal(&peaks[0], &peaks[1], sizeof(peaks[0]));
}

static void know_window(struct profile *profile, const struct window *window)
{
	struct bag bag = bag_of_window(window, profile->window);
	long index = profile_bag(profile, &bag, 1, NULL);

	assert_true(index >= 0);
	profile->bags[index].count += 9;
}

/* What the steps teach, with limits low enough for all rules to hold now and then. */
static struct profile *teach(uint64_t seed, uint32_t window)
{
	struct profile *profile = profile_new("random", window);

	side_open(&alone, MODE_LEARN, profile, true, 1);
	side_open(&runs, MODE_LEARN, profile_new("random", window), true, 1);
	know_novelty(profile, (uint32_t)(seed % 3), (uint32_t)(seed * 3 % 8));
	play_both(seed, false, profile);
	assert_int_equal(twin_finish(twin_of(alone.stage.source)), 0);
	assert_int_equal(twin_finish(twin_of(runs.stage.source)), 0);
	assert_same();
	for (size_t i = 0; i < alone.stage.count; i++)
		if (alone.stage.log[i].head.kind == EVENT_BAG)
			know_window(profile, &alone.stage.log[i].bag.window);
	assert_int_equal(scorer_save(alone.scorer, profile), 0);
	profile->history[0].windows_before = UINT64_MAX;
	profile->history[0].level_most = LEVEL_REACH / 8;
	memset(profile->history[0].scores, 0, sizeof(profile->history[0].scores));
	profile->history[0].scores[0]++;
	for (uint32_t letter = 'a'; letter < 'd'; letter++)
		profile->start_calls[LETTER(letter)] = profile->calls[LETTER(letter)];
	profile->calls[LETTER('d')] += 100000;
	profile->programs += 100000;
	alone.stage.profile = NULL;
	side_close(&alone);
	side_close(&runs);
	return profile;
}

/* The rules that made an alarm. */
static uint32_t alarms(const struct stage *stage)
{
	uint32_t rules = 0;

	for (size_t i = 0; i < stage->count; i++)
		if (stage->log[i].head.kind == EVENT_ALARM)
			rules |= 1u << stage->log[i].alarm.rule;
	return rules;
}

static uint32_t compare(uint64_t seed, uint32_t window, bool scored, int count_bags)
{
	struct profile *profile = teach(seed, window);
	uint32_t rules;

	side_open(&alone, MODE_MONITOR, profile, scored, count_bags);
	side_open(&runs, MODE_MONITOR, profile, scored, count_bags);
	play_both(seed + 1000, true, NULL);
	assert_true(stage_target(&runs.stage).calls > 100 * STEPS);
	assert_true(stage_target(&runs.stage).unjudged > 0);
	assert_same();
	assert_int_equal(twin_finish(twin_of(alone.stage.source)), 0);
	assert_int_equal(twin_finish(twin_of(runs.stage.source)), 0);
	assert_same();
	rules = alarms(&runs.stage);
	runs.stage.profile = NULL;
	side_close(&alone);
	side_close(&runs);
	return rules;
}

#define BAG_RULES \
	(1u << RULE_NEW_CALL | 1u << RULE_LATE_CALL | 1u << RULE_FRAME | 1u << RULE_FIRST_SIGHT)
#define SCORE_RULES (1u << RULE_SURPRISE | 1u << RULE_THREAD)

static void test_bags(void **state)
{
	uint32_t rules = 0;

	(void)state;
	for (uint32_t window = 1; window <= WINDOW_MAX; window++)
		rules |= compare(window, window, false, 0);
	assert_int_equal(rules & BAG_RULES, BAG_RULES);
}

static void test_both_views(void **state)
{
	uint32_t rules = 0;

	(void)state;
	for (uint32_t window = 2; window <= WINDOW_MAX; window += 2)
		rules |= compare(20 + window, window, true, 0);
	assert_int_equal(rules & (BAG_RULES | SCORE_RULES), BAG_RULES | SCORE_RULES);
}

static void test_counted(void **state)
{
	(void)state;
	assert_int_equal(compare(40, 8, true, 1) & BAG_RULES, BAG_RULES);
}

/*
 * Each call is a surprise of 10 bits, for training had one call, another: half of 1 in 512. While
 * the program starts none is an alarm, and its first call after that is one, for its level is high.
 * Then each third is: 160, 160 - 2 + 160 = 318, 318 - 4 + 160 = 474, of which as many are told as
 * of all alarms: the first, second, fourth.
 */
static void test_start(void **state)
{
	struct profile *profile = profile_new("start", 8);
	static struct trace_head calls[START_CALLS];
	struct feed step = { .kind = FEED_EXEC, .tid = 100, .tgid = 100, .other = 100 };

	(void)state;
	for (uint32_t length = 1; length <= 8; length++)
		know_bag(profile, "aaaaaaaa" + 8 - length);
	profile_part(profile)->windows_before = profile_windows(profile);
	profile->history[0].level_most = 316; /* the limit is half as much again */
	assert_int_equal(profile_gram(profile, LETTER('b'), 1), 0);
	side_open(&alone, MODE_MONITOR, profile, true, 0);
	side_open(&runs, MODE_MONITOR, profile, true, 0);
	stage_feed(&alone.stage, &step);
	stage_feed(&runs.stage, &step);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = head_of(i, 100, LETTER('a'));
	step.kind = FEED_CALL;
	feed_alone(&step, calls, START_CALLS - 100);
	feed_runs(&step, calls, START_CALLS - 100, 0);
	assert_same();
	feed_alone(&step, calls, 1005);
	feed_runs(&step, calls, 1005, 300);
	assert_same();
	assert_int_equal(runs.stage.log[0].alarm.rule, RULE_NEW_EXEC);
	for (uint32_t i = 1; i < runs.stage.count; i++) {
		const struct event_alarm *alarm = &runs.stage.log[i].alarm;

		assert_int_equal(alarm->rule, RULE_SURPRISE);
		assert_int_equal(alarm->repeats, (1u << (i - 1)) - 1);
		assert_int_equal(alarm->thread_calls, START_CALLS + 3 * alarm->repeats);
	}
	assert_int_equal(stage_target(&runs.stage).alarms, 1 + 302);
	runs.stage.profile = NULL;
	side_close(&alone);
	side_close(&runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bags),
		cmocka_unit_test(test_both_views),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
