/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging, on random profiles whose runs are the same ones over and over, in different states: it
 * does not matter who merges with whom, in which order, or how often; and the whole is the sum of
 * the runs, in their order.
 */
#include "sample_runs.h"

static void test_laws(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct profile *a = sample_runs(3 * seed), *b = sample_runs(3 * seed + 1);
		struct profile *c = sample_runs(3 * seed + 2);
		struct profile *ab = merged(a, b), *bc = merged(b, c);

		a->window = b->window = c->window = 4;
		assert_same_and_free(merged(a, b), merged(b, a));    /* commutative */
		assert_same_and_free(merged(ab, c), merged(a, bc));  /* associative */
		assert_same_and_free(merged(ab, b), merged(ab, ab)); /* idempotent */
		assert_same_and_free(merged(ab, a), ab);
		profile_free(a);
		profile_free(b);
		profile_free(c);
		profile_free(bc);
	}
}

/* One field of the head tells two states apart, and no other. */
static void test_ties(void **state)
{
#define TEXT(member)                                      \
	{                                                 \
		offsetof(struct profile_run, member), "x" \
	}
#define NUMBER(member)                                     \
	{                                                  \
		offsetof(struct profile_run, member), "\1" \
	}
	static const struct {
		size_t at;
		const char *bytes;
	} fields[] = {
		TEXT(source),	   TEXT(host),	       TEXT(kernel),	 TEXT(version),
		TEXT(image),	   TEXT(digest),       TEXT(command),	 TEXT(container),
		TEXT(note),	   TEXT(why),	       NUMBER(state),	 NUMBER(order),
		NUMBER(started_s), NUMBER(ended_s),    NUMBER(calls),	 NUMBER(lost),
		NUMBER(new_bags),  NUMBER(unseen_ppb), NUMBER(windows),	 NUMBER(joined_late),
		TEXT(reviewer),	   NUMBER(reviewed_s), TEXT(withdrawer), NUMBER(withdrawn_s),
	};
	(void)state;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct profile *profiles[2];

		for (int which = 0; which < 2; which++) {
			struct profile *profile = no_runs();
			struct profile_run *run;

			sample_learn(3, profile, 3);
			run = &profile->runs[0];
			*run = (struct profile_run){ .content = run->content,
						     .content_size = run->content_size };
			strcpy(run->id, "run");
			if (which)
				memcpy((char *)run + fields[i].at, fields[i].bytes, 1);
			rebuild(profile);
			profiles[which] = profile;
		}
		assert_same_and_free(merged(profiles[0], profiles[1]),
				     merged(profiles[1], profiles[0]));
		profile_free(profiles[0]);
		profile_free(profiles[1]);
	}
}

/* What the runs with the bag say of it together. */
static void assert_bag(const struct profile_bag *bag, struct profile *const *contents)
{
	uint64_t count = 0, runs = 0, first = 0, last = 0, again = 0;

	for (uint64_t run = 0; run < RUNS; run++) {
		long at = profile_find(contents[run], &bag->bag);

		if (at < 0)
			continue;
		first = runs++ ? first : run;
		last = run;
		again |= contents[run]->bags[at].again;
		count += contents[run]->bags[at].count;
	}
	assert_int_equal(bag->count, count);
	assert_int_equal(bag->first_run, first);
	assert_int_equal(bag->last_run, last);
	assert_int_equal(bag->again, again || runs > 1);
}

/* The whole is what the runs say, told in another way. */
static void test_sum(void **state)
{
	struct profile *all = no_runs(), *contents[RUNS], *sum;
	uint64_t seed = 5, programs = 0, seen_twice = 0;

	(void)state;
	for (uint64_t run = 0; run < RUNS; run++) {
		struct profile_run *of;
		const char *why;

		add_state(&seed, all, run);
		of = &all->runs[run];
		of->withdrawn_s = 0;
		of->order = run;
		assert_int_equal(
			content_decode(of->content, of->content_size, "p", &contents[run], &why),
			0);
		programs += contents[run]->programs;
	}
	sum = copy(all);
	assert_int_equal(sum->programs, programs);
	for (size_t i = 0; i < sum->bag_count; i++) {
		assert_bag(&sum->bags[i], contents);
		seen_twice += sum->bags[i].first_run != sum->bags[i].last_run;
	}
	assert_true(seen_twice > 10 && seen_twice < sum->bag_count);
	for (uint64_t run = 0; run < RUNS; run++) {
		for (size_t i = 0; i < contents[run]->bag_count; i++)
			assert_true(profile_find(sum, &contents[run]->bags[i].bag) >= 0);
		for (uint32_t code = 1; code < CODE_NEW; code++)
			assert_true(sum->calls[code] >= contents[run]->calls[code]);
		profile_free(contents[run]);
	}
	profile_free(all);
	profile_free(sum);
}

static void test_order(void **state)
{
	struct profile *profile = plain_runs(0, 5);
	static const struct {
		uint64_t order, started_s;
		const char *id;
	} runs[] = { { 1, 9, "z" }, { 2, 3, "y" }, { 2, 4, "c" }, { 2, 4, "d" }, { 3, 0, "a" } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct profile_run *run = &profile->runs[(i * 2 + 1) % 5];

		run->order = runs[i].order;
		run->started_s = runs[i].started_s;
		strcpy(run->id, runs[i].id);
	}
	rebuild(profile);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(profile->runs[i].id, runs[i].id);
	for (size_t i = 1; i < profile->bag_count; i++)
		assert_true(profile->bags[i - 1].first_run <= profile->bags[i].first_run);
	for (size_t i = 1; i < profile->history_count; i++)
		assert_true(profile->history[i - 1].run <= profile->history[i].run);
	assert_int_equal(profile_run(profile)->order, 4);
	profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
