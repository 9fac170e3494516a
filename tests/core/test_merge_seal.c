/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a learner made of a profile, told apart into runs and added up again, is the same whole:
 * learnt for real, by the twin of the sensor and with the second view of threads, in several runs,
 * sealed at moments in between, as the store does.
 */
#include <stdio.h>

#include "../../core/learner.h"
#include "../../core/merge.h"
#include "../../core/novelty.h"
#include "../../core/profile_old.h"
#include "../../core/scorer.h"
#include "stage.h"

#include "sample_profile.h"

#define THREADS	    4
#define CALLS_A_RUN 60000

/* Between a stage with the twin and a profile. */
struct session {
	struct stage stage;
	struct learner learner;
	struct scorer *scorer;
	struct profile *profile;
	uint64_t seed;
};

static void begin(struct session *session, struct profile *profile, uint64_t seed)
{
	static const struct learner_limits limits = { .quiet_windows = 1, .unseen = 1 };
	struct profile_run *run = profile_run(profile);

	*session = (struct session){ .profile = profile, .seed = seed };
	if (!run)
		abort();
	snprintf(run->id, sizeof(run->id), "run %zu", profile->run_count);
	strcpy(run->source, RUN_LIVE);
	run->state = PROFILE_PARTIAL;
	stage_open_twin(&session->stage, MODE_LEARN, profile, 1u << 14, 0);
	assert_int_equal(
		learner_begin(&session->learner, profile, &limits, session->stage.places, 0), 0);
	twin_part(twin_of(session->stage.source), (uint32_t)profile->history_count);
	session->scorer = scorer_new(1, profile);
	assert_non_null(session->scorer);
	scorer_part(session->scorer, (uint32_t)profile->history_count);
}

/* Takes over what the twin counted, and begins another part of the training when it is time. */
static void take(struct session *session)
{
	struct stage *stage = &session->stage;
	struct target target = stage_target(stage);
	struct profile *profile = session->profile;
	uint32_t part;

	for (; stage->read < stage->count; stage->read++)
		assert_int_equal(learner_event(&session->learner, &stage->log[stage->read].head),
				 0);
	learner_sync(&session->learner, &target, twin_rules(twin_of(stage->source)),
		     twin_source_count, stage->source, 0);
	scorer_judged(session->scorer, &profile->history[profile->history_count - 1]);
	part = learner_next_part(&session->learner);
	if (part) {
		twin_part(twin_of(stage->source), part);
		scorer_part(session->scorer, part);
	}
}

/* A thread repeats a habit, of which it has several; now and then it does something else. */
static void act(struct session *session, uint32_t thread)
{
	static const char *const habits[] = { "abcd", "abce", "efgh", "aabbcc", "hgfe", "xyxyz" };
	const char *habit = habits[sample_random(&session->seed) % 6];

	for (; *habit; habit++) {
		uint64_t odd = sample_random(&session->seed) % (1000 * 26);
		uint32_t code = LETTER(odd < 26 ? (char)('a' + odd) : *habit);

		session->stage.ns += NS_PER_S / 100;
		play_code(&session->stage, 100 + thread, code);
		assert_true(scorer_call(session->scorer, thread, code, 1) >= 0);
	}
}

static void start_program(struct session *session, uint32_t thread)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/bin/%u", (unsigned int)(sample_random(&session->seed) % 5));
	play_exec(&session->stage, 100 + thread, 100 + thread, path, 0);
	assert_int_equal(scorer_begin(session->scorer, thread, 0), 0);
}

static void work(struct session *session, uint32_t calls)
{
	for (uint32_t i = 0; i < calls / 4; i++) {
		uint64_t random = sample_random(&session->seed);
		uint32_t thread = (uint32_t)(i < THREADS ? i : random % THREADS);

		if (i < THREADS || (random >> 8) % 5000 == 0)
			start_program(session, thread);
		act(session, thread);
		if (i % 500 == 0)
			take(session);
	}
	play_signal(&session->stage, 100, 11);
	take(session);
}

static void judge(struct session *session)
{
	assert_int_equal(novelty_judge(session->profile), 0);
	profile_settle(session->profile);
}

static void finish(struct session *session)
{
	struct thread_score ignored;

	for (uint32_t thread = 0; thread < THREADS; thread++)
		assert_true(scorer_end(session->scorer, thread, &ignored) >= 0);
	take(session);
	judge(session);
	assert_int_equal(scorer_save(session->scorer, session->profile), 0);
	scorer_free(session->scorer);
	learner_end(&session->learner);
	session->stage.profile = NULL;
	stage_close(&session->stage);
}

static void seal(struct profile *profile)
{
	const char *why = "";

	if (profile_seal(profile, &why) < 0)
		fail_msg("%s", why);
}

/* The sum of the profile's runs, and of nothing else in it. */
static struct profile *sum_of(struct profile *profile)
{
	struct profile *sum = profile_new(profile->name, profile->window);
	const char *why = "";

	seal(profile);
	if (profile_merge(sum, profile, &why) < 0)
		fail_msg("%s", why);
	return sum;
}

static void assert_adds_up(struct profile *profile)
{
	struct profile *sum = sum_of(profile);

	assert_same_profile(profile, sum);
	profile_free(sum);
}

static struct profile *begin_profile(void)
{
	struct profile *profile = profile_new("web", 6);

	if (!profile)
		abort();
	strcpy(profile->arch, "x86_64");
	return profile;
}

static void test_runs(void **state)
{
	struct profile *profile = begin_profile();
	struct session session;

	(void)state;
	for (uint64_t run = 0; run < 4; run++) {
		begin(&session, profile,
		      run ? run - 1 : 0); /* the second does what the first did */
		work(&session, CALLS_A_RUN);
		judge(&session); /* a checkpoint in between */
		assert_adds_up(profile);
		profile_unseal(&profile->runs[run]);
		work(&session, CALLS_A_RUN / 2);
		finish(&session);
		assert_adds_up(profile);
	}
	assert_int_equal(profile->run_count, 4);
	assert_true(profile->history_count > 12);
	assert_true(profile->sight_count > 5);
	assert_true(profile->gram_count > 100 && profile->repertoires.count > 5);
	profile_free(profile);
}

/* Two learn on what they have in common, neither knowing of the other; the third run is of one that
 * knows of both. */
static void test_hosts(void **state)
{
	struct profile *first = begin_profile(), *other, *both;
	struct session session;
	const char *why = "";

	(void)state;
	begin(&session, first, 1);
	work(&session, CALLS_A_RUN);
	finish(&session);
	other = sum_of(first);
	begin(&session, other, 2);
	strcpy(other->runs[1].id, "elsewhere");
	work(&session, CALLS_A_RUN);
	finish(&session);
	begin(&session, first, 3);
	work(&session, CALLS_A_RUN);
	finish(&session);
	both = sum_of(first);
	seal(other);
	assert_int_equal(profile_merge(both, other, &why), 0);
	assert_int_equal(both->run_count, 3);
	assert_true(profile_windows(both) == profile_windows(first) + other->runs[1].windows);
	begin(&session, both, 4);
	work(&session, CALLS_A_RUN);
	finish(&session);
	assert_adds_up(both);

	/* Who withdraws the last run has what was before it. */
	both->runs[3].withdrawn_s = 1;
	assert_int_equal(profile_rebuild(both, &why), 0);
	assert_int_equal(profile_merge(first, other, &why), 0);
	assert_same_learnt(first, both);
	profile_free(first);
	profile_free(other);
	profile_free(both);
}

/* A run that was sealed and learnt nothing more is the same bytes. */
static void test_again(void **state)
{
	struct profile *profile = begin_profile();
	struct session session;
	unsigned char *kept;
	size_t size;

	(void)state;
	begin(&session, profile, 1);
	work(&session, CALLS_A_RUN);
	finish(&session);
	seal(profile);
	size = profile->runs[0].content_size;
	kept = malloc(size);
	memcpy(kept, profile->runs[0].content, size);
	seal(profile); /* nothing to do */
	profile_unseal(&profile->runs[0]);
	assert_null(profile->runs[0].content);
	seal(profile);
	assert_int_equal(profile->runs[0].content_size, size);
	assert_memory_equal(profile->runs[0].content, kept, size);
	free(kept);
	profile_free(profile);
}

/* A run that names itself by nothing has the id of what it learnt, on every machine. */
static void test_names(void **state)
{
	struct profile *profiles[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		profiles[i] = begin_profile();
		for (int run = 0; run < 3; run++)
			assert_non_null(profile_run(profiles[i]));
		seal(profiles[i]);
		assert_int_equal(strlen(profiles[i]->runs[0].id), 36);
		assert_int_equal(profiles[i]->runs[0].id[14], '8'); /* the version */
		assert_string_not_equal(profiles[i]->runs[0].id, profiles[i]->runs[1].id);
	}
	assert_string_equal(profiles[0]->runs[1].id, profiles[1]->runs[1].id);
	profiles[0]->calls[5] = 1;
	profiles[0]->runs[2].id[0] = 0;
	profile_unseal(&profiles[0]->runs[2]);
	seal(profiles[0]);
	assert_string_not_equal(profiles[0]->runs[2].id, profiles[1]->runs[2].id);
	profiles[1]->runs[2].id[0] = 0; /* one that has its content */
	seal(profiles[1]);
	assert_int_equal(strlen(profiles[1]->runs[2].id), 36);
	profile_free(profiles[0]);
	profile_free(profiles[1]);
}

/* What the profile says of its runs is less than they hold, as in one that somebody has changed:
 * the newest run has learnt nothing of it then, not all but endlessly much. */
static void test_less(void **state)
{
	struct profile *profile = begin_profile(), *sum;
	struct callset set = { 0 };

	(void)state;
	callset_add(&set, 5);
	assert_non_null(profile_run(profile));
	profile->calls[5] = 9;
	profile->start_calls[5] = 3;
	profile->programs = 2;
	profile->threads = 4;
	assert_int_equal(repertoires_add(&profile->repertoires, &set, 7, 0), 1);
	seal(profile);
	profile->calls[5] = 8;
	profile->start_calls[5] = 2;
	profile->programs = 1;
	profile->threads = 3;
	profile->repertoires.threads = profile->repertoires.users[5] = 6;
	profile->repertoires.all[0].threads = 6;
	assert_non_null(profile_run(profile));
	sum = sum_of(profile);
	assert_int_equal(sum->calls[5], 9);
	assert_int_equal(sum->start_calls[5], 3);
	assert_int_equal(sum->programs, 2);
	assert_int_equal(sum->threads, 4);
	assert_int_equal(sum->repertoires.threads, 7);
	assert_int_equal(sum->repertoires.users[5], 7);
	assert_int_equal(sum->repertoires.all[0].threads, 7);
	profile_free(profile);
	profile_free(sum);
}

/* What all runs together had, as an older bosc kept it, is what they come to. */
static void test_adopt(void **state)
{
	struct profile *profile = begin_profile(), *sum;
	struct session session;
	const char *why = "";

	(void)state;
	for (uint64_t run = 0; run < 3; run++) {
		begin(&session, profile, run);
		work(&session, CALLS_A_RUN);
		finish(&session);
	}
	profile->state = PROFILE_LEARNT;
	strcpy(profile->why, "enough");
	strcpy(profile->image, "redis:7");
	for (size_t i = 0; i < profile->history_count; i++)
		profile->history[i].run = 0; /* it did not know */
	assert_int_equal(profile_adopt(profile, 0, &why), 0);
	sum = sum_of(profile);
	assert_string_equal(sum->image, "redis:7");
	assert_int_equal(sum->state, PROFILE_LEARNT);
	assert_string_equal(sum->why, "enough");
	assert_string_equal(sum->runs[0].why, "not kept by an older bosc");
	assert_int_equal(sum->threads, 3 * profile->threads); /* each run has room for all */
	sum->threads = profile->threads;
	assert_int_equal(sum->sight_count, profile->sight_count);
	for (size_t i = 0; i < sum->sight_count; i++)
		sum->sights[i].thread = profile->sights[i].thread;
	assert_same_learnt(profile, sum);
	profile_free(profile);
	profile_free(sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),  cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_again), cmocka_unit_test(test_names),
		cmocka_unit_test(test_less),  cmocka_unit_test(test_adopt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
