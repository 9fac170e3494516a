/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes of a run that two profiles have, of one that was withdrawn, and of profiles that do
 * not go together: these change nothing.
 */
#include "sample_runs.h"

/* A run that goes on, and words about it, from three places. */
static void test_join(void **state)
{
	struct profile *behind = plain_runs(1, 1), *ahead = plain_runs(1, 1);
	struct profile *words = plain_runs(1, 1), *both;
	struct profile_run *run = &behind->runs[0];

	(void)state;
	run->windows = 10;
	run->state = PROFILE_LEARNT;
	strcpy(run->reviewer, "ann");
	run->reviewed_s = 5;
	run = &ahead->runs[0];
	run->windows = 11;
	run->state = PROFILE_LEARNING;
	strcpy(run->reviewer, "bob");
	run->reviewed_s = 4;
	run = &words->runs[0];
	run->windows = 9;
	strcpy(run->withdrawer, "eve");
	run->withdrawn_s = 6;
	both = merged(behind, ahead);
	assert_int_equal(both->run_count, 1);
	assert_int_equal(both->runs[0].windows, 11);
	assert_int_equal(both->runs[0].state, PROFILE_LEARNING);
	assert_string_equal(both->runs[0].reviewer, "bob"); /* ann saw less of it */
	assert_true(both->bag_count > 0);
	merge(both, words);
	assert_int_equal(both->runs[0].windows, 11);
	assert_string_equal(both->runs[0].reviewer, "bob");
	assert_int_equal(both->runs[0].reviewed_s, 4);
	assert_string_equal(both->runs[0].withdrawer, "eve");
	assert_int_equal(both->runs[0].withdrawn_s, 6);
	assert_int_equal(both->bag_count, 0);
	assert_int_equal(both->calls[1], 0);
	profile_free(behind);
	profile_free(ahead);
	profile_free(words);
	profile_free(both);
}

/* Who vouches for a run vouches for what it was then. */
static void test_review(void **state)
{
	struct profile *then = plain_runs(1, 1), *copied = plain_runs(1, 1);
	struct profile *later = plain_runs(1, 1), *both;

	(void)state;
	then->runs[0].windows = copied->runs[0].windows = 10;
	strcpy(then->runs[0].reviewer, "ann");
	then->runs[0].reviewed_s = 5;
	later->runs[0].windows = 11;
	both = merged(copied, then);
	assert_string_equal(both->runs[0].reviewer, "ann");
	merge(both, later);
	assert_int_equal(both->runs[0].windows, 11);
	assert_string_equal(both->runs[0].reviewer, "");
	assert_int_equal(both->runs[0].reviewed_s, 0);
	merge(later, then);
	assert_same_and_free(both, later);
	profile_free(then);
	profile_free(copied);
}

/* A run that was withdrawn is as if it had never been, and nothing brings it back. */
static void test_withdrawn(void **state)
{
	struct profile *first = plain_runs(0, 2), *all = plain_runs(0, 3), *last = plain_runs(2, 1);
	struct profile *without = copy(all);

	(void)state;
	assert_int_equal(without->run_count, 3);
	without->runs[2].withdrawn_s = 1;
	rebuild(without);
	assert_same_learnt(first, without);
	merge(without, last);
	assert_same_learnt(first, without);
	without->runs[2].lost = 7;
	assert_int_equal(profile_lost(without), profile_lost(first));
	profile_free(last);
	last = plain_runs(2, 1);
	last->runs[0].windows = UINT64_MAX; /* its learner went on */
	merge(without, last);
	assert_same_learnt(first, without);
	assert_int_equal(without->runs[2].windows, UINT64_MAX);
	merge(first, last);
	merge(first, without);
	assert_int_equal(first->bag_count, without->bag_count);
	for (size_t run = 0; run < 3; run++)
		without->runs[run].withdrawn_s = 1;
	without->arch[0] = '\0';
	rebuild(without);
	assert_string_equal(without->arch, "x86_64"); /* of which kind it was is known */
	profile_free(first);
	profile_free(all);
	profile_free(last);
	profile_free(without);
}

/* Whatever went wrong, the profile is as it was. */
static void assert_refused(struct profile *into, const struct profile *from, int status,
			   const char *wanted)
{
	struct profile *before = copy(into);
	const char *why = "nothing";

	assert_int_equal(profile_merge(into, from, &why), status);
	if (!strstr(why, wanted))
		fail_msg("'%s' does not say '%s'", why, wanted);
	assert_same_and_free(before, copy(into));
}

static void test_strangers(void **state)
{
	struct profile *into = plain_runs(0, 2), *from = plain_runs(2, 1), *empty;

	(void)state;
	from->window = 5;
	assert_refused(into, from, -EINVAL, "windows have different sizes");
	from->window = 4;
	strcpy(from->arch, "aarch64");
	assert_refused(into, from, -EINVAL, "different architectures");
	strcpy(from->arch, into->arch);
	strcpy(from->runs[0].source, "paper live");
	assert_refused(into, from, -EINVAL, "the paper's method");
	empty = profile_new("p", 9); /* what nothing is known of goes with everything */
	merge(into, empty);
	assert_int_equal(into->run_count, 2);
	strcpy(empty->arch, "aarch64");
	merge(empty, into);
	assert_same_and_free(empty, copy(into));
	profile_free(into);
	profile_free(from);
}

/* What a head says does not make bytes what they are not. */
static void test_bad_runs(void **state)
{
	struct profile *into = plain_runs(0, 2), *from = plain_runs(2, 1), *other;
	struct profile_run *run = &from->runs[0];
	unsigned char *content = run->content;
	size_t size = run->content_size;

	(void)state;
	run->content_size--;
	assert_refused(into, from, -EBADMSG, "cut short");
	run->content_size++;
	run->state = PROFILE_REVIEWED;
	assert_refused(into, from, -EBADMSG, "a state that no run has");
	run->state = PROFILE_PARTIAL;
	other = sample_content(1, "p", "x86_64", 5, 3);
	assert_int_equal(content_encode(other, &run->content, &run->content_size), 0);
	assert_refused(into, from, -EBADMSG, "windows have another size");
	free(run->content);
	profile_free(other);
	other = sample_content(1, "p", "aarch64", 4, 3);
	assert_int_equal(content_encode(other, &run->content, &run->content_size), 0);
	assert_refused(into, from, -EBADMSG, "another architecture");
	free(run->content);
	profile_free(other);
	run->content = content;
	run->content_size = size;
	assert_non_null(profile_run_copy(from, run));
	merge(into, from); /* the same run twice is one */
	assert_int_equal(into->run_count, 3);
	profile_free(into);
	profile_free(from);
}

/* Each content is sound, but both together count more than there can be. */
static void test_too_much(void **state)
{
	struct profile *profiles[2];

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		struct profile *content = sample_content(i, "p", "x86_64", 4, 3);
		struct profile_run *run;

		profiles[i] = plain_runs(i, 1);
		run = &profiles[i]->runs[0];
		for (size_t bag = 0; bag < content->bag_count; bag++)
			content->bags[bag].count = bag ? 0 : UINT64_MAX - 5;
		profile_unseal(run);
		assert_int_equal(content_encode(content, &run->content, &run->content_size), 0);
		rebuild(profiles[i]);
		profile_free(content);
	}
	assert_refused(profiles[0], profiles[1], -EBADMSG, "more windows than there can be");
	profile_free(profiles[0]);
	profile_free(profiles[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),	  cmocka_unit_test(test_review),
		cmocka_unit_test(test_withdrawn), cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_bad_runs),  cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
