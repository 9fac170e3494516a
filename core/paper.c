/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of bags (an epoch's, the folded training) are profiles, too: only their bags count. The bag
 * of the window is kept in its canonical form and one code is replaced with each call, which is
 * cheaper than sorting ten.
 */
#include "paper.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct paper {
	struct paper_params params;
	struct profile *normal;	    /* the caller's */
	struct profile *known;	    /* its bags, folded */
	struct profile *adapted;    /* folded bags that were met in epochs without an anomaly */
	struct profile *fresh;	    /* unknown ones of the present epoch */
	struct profile *now, *last; /* learning: the bags of the present and the last epoch */
	uint16_t fold[CODE_COUNT];
	uint16_t ring[WINDOW_MAX]; /* the window, by time; `oldest` leaves next */
	uint32_t oldest;
	struct bag bag; /* the window's; begins with CODE_BEGIN until it is whole */
	struct paper_epoch epoch;
	struct paper_totals totals;
	double similarity;
	bool learnt;
};

static void drop(struct profile **bags)
{
	profile_free(*bags);
	*bags = NULL;
}

struct paper *paper_new(struct profile *normal, const struct paper_params *params)
{
	struct paper *paper = calloc(1, sizeof(*paper));

	if (!paper)
		return NULL;
	paper->params = *params;
	paper->normal = normal;
	paper_restart(paper);
	return paper;
}

void paper_restart(struct paper *paper)
{
	drop(&paper->adapted);
	drop(&paper->fresh);
	drop(&paper->now);
	drop(&paper->last);
	memset(paper->ring, 0, sizeof(paper->ring));
	paper->oldest = 0;
	paper->bag = (struct bag){ 0 };
	paper->epoch = (struct paper_epoch){ .number = 1 };
	paper->totals = (struct paper_totals){ 0 };
	paper->similarity = 0;
	paper->learnt = false;
}

void paper_free(struct paper *paper)
{
	if (!paper)
		return;
	paper_restart(paper);
	drop(&paper->known);
	free(paper);
}

/* In a bag, puts a code in the place of another one that it holds. */
static void replace(struct bag *bag, uint32_t size, uint16_t leaving, uint16_t entering)
{
	uint16_t *code = bag->code;
	uint32_t at = 0;

	while (at + 1 < size && code[at] != leaving)
		at++;
	for (; at + 1 < size && code[at + 1] < entering; at++)
		code[at] = code[at + 1];
	for (; at > 0 && code[at - 1] > entering; at--)
		code[at] = code[at - 1];
	code[at] = entering;
}

/* Takes a call into the window and the epoch. Whether the window is whole. */
static bool slide(struct paper *paper, uint16_t code)
{
	uint32_t size = paper->normal->window;

	replace(&paper->bag, size, paper->ring[paper->oldest], code);
	paper->ring[paper->oldest] = code;
	paper->oldest = (paper->oldest + 1) % size;
	paper->totals.calls++;
	paper->epoch.calls++;
	if (paper->bag.code[0] == CODE_BEGIN)
		return false;
	paper->totals.windows++;
	return true;
}

/* Adds to the count of a bag in a set, which is made when it is not there. */
static int count(struct profile **set, uint32_t window, const struct bag *bag, uint64_t times)
{
	long at;

	if (!*set)
		*set = profile_new("", window);
	at = *set ? profile_bag(*set, bag, 0, NULL) : -ENOMEM;
	if (at < 0)
		return -ENOMEM;
	(*set)->bags[at].count += times;
	if ((*set)->run_count)
		(*set)->bags[at].last_run = (uint32_t)(*set)->run_count - 1;
	return 0;
}

/* The papers' list of calls: the frequent ones stand for themselves. A call that was never counted
 * is none of them. */
static void fold_calls(const struct profile *profile, uint16_t fold[CODE_COUNT])
{
	uint32_t distinct = 0;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		distinct += profile->calls[code] > 0;
	for (uint32_t code = 0; code < CODE_COUNT; code++)
		fold[code] = profile->calls[code] > distinct ? (uint16_t)code : CODE_OTHER;
}

/* The set with its bags folded. NULL: no memory. */
static struct profile *folded(const struct profile *bags, const uint16_t *fold)
{
	struct profile *set = profile_new("", bags->window);

	for (size_t i = 0; set && i < bags->bag_count; i++) {
		struct bag bag = bag_fold(&bags->bags[i].bag, bags->window, fold);

		if (count(&set, bags->window, &bag, bags->bags[i].count) < 0)
			drop(&set);
	}
	return set;
}

static double norm(const struct profile *bags)
{
	double sum = 0;

	for (size_t i = 0; i < bags->bag_count; i++)
		sum += (double)bags->bags[i].count * (double)bags->bags[i].count;
	return sqrt(sum);
}

static double cosine(const struct profile *a, const struct profile *b)
{
	double norms = norm(a) * norm(b);
	double sum = 0;

	for (size_t i = 0; i < a->bag_count; i++) {
		long at = profile_find(b, &a->bags[i].bag);

		if (at >= 0)
			sum += (double)a->bags[i].count * (double)b->bags[at].count;
	}
	return norms > 0 ? sum / norms : 0;
}

static int compare_epochs(struct paper *paper)
{
	struct profile *now, *last;

	fold_calls(paper->normal, paper->fold);
	now = folded(paper->now, paper->fold);
	last = folded(paper->last, paper->fold);
	if (now && last)
		paper->similarity = cosine(last, now);
	profile_free(now);
	profile_free(last);
	if (!now || !last)
		return -ENOMEM;
	/* A hair below, as a sum of squares and a product of roots are never quite the same. */
	if (paper->params.similar > 0 && paper->similarity >= paper->params.similar - 1e-12)
		paper->learnt = true;
	return 0;
}

static int learn_epoch(struct paper *paper)
{
	int status = paper->last && paper->now ? compare_epochs(paper) : 0;

	drop(&paper->last);
	paper->last = paper->now;
	paper->now = NULL;
	paper->totals.epochs++;
	paper->epoch = (struct paper_epoch){ .number = paper->epoch.number + 1 };
	return status < 0 ? status : 1;
}

int paper_learn_call(struct paper *paper, uint32_t code)
{
	uint32_t window = paper->normal->window;

	paper->normal->calls[code & CODE_MASK]++;
	if (slide(paper, code & CODE_MASK) && (count(&paper->normal, window, &paper->bag, 1) < 0 ||
					       count(&paper->now, window, &paper->bag, 1) < 0))
		return -ENOMEM;
	return paper->epoch.calls < paper->params.epoch ? 0 : learn_epoch(paper);
}

double paper_similarity(const struct paper *paper)
{
	return paper->similarity;
}

bool paper_is_learnt(const struct paper *paper)
{
	return paper->learnt;
}

int paper_learn_end(struct paper *paper)
{
	paper_restart(paper);
	drop(&paper->known);
	fold_calls(paper->normal, paper->fold);
	paper->known = folded(paper->normal, paper->fold);
	return paper->known ? 0 : -ENOMEM;
}

static bool knows(const struct paper *paper)
{
	return profile_find(paper->known, &paper->bag) >= 0 ||
	       (paper->adapted && profile_find(paper->adapted, &paper->bag) >= 0);
}

static int adapt(struct paper *paper)
{
	const struct profile *fresh = paper->fresh;
	int status = 0;

	for (size_t i = 0; fresh && i < fresh->bag_count && status >= 0; i++)
		status = count(&paper->adapted, fresh->window, &fresh->bags[i].bag, 1);
	return status;
}

/* At least 1: an epoch without a mismatch is no anomaly. */
static uint32_t limit(const struct paper_params *params, uint32_t calls)
{
	double most = ceil(params->anomalous * calls - 1e-9);

	return most >= 1 ? (uint32_t)most : 1;
}

static int judge_epoch(struct paper *paper, struct paper_epoch *ret_epoch)
{
	struct paper_epoch *epoch = &paper->epoch;
	double share = (double)epoch->mismatches / epoch->calls;
	int status = 0;

	epoch->limit = limit(&paper->params, epoch->calls);
	epoch->anomalous = epoch->mismatches >= epoch->limit;
	if (!epoch->anomalous)
		status = adapt(paper);
	drop(&paper->fresh);
	paper->totals.epochs++;
	paper->totals.anomalies += epoch->anomalous;
	paper->totals.score = share > paper->totals.score ? share : paper->totals.score;
	*ret_epoch = *epoch;
	*epoch = (struct paper_epoch){ .number = ret_epoch->number + 1 };
	return status < 0 ? status : 1;
}

int paper_judge_call(struct paper *paper, uint32_t code, struct paper_epoch *ret_epoch)
{
	if (slide(paper, paper->fold[code & CODE_MASK]) && !knows(paper)) {
		paper->epoch.mismatches++;
		paper->totals.mismatches++;
		if (paper->params.adapts &&
		    count(&paper->fresh, paper->normal->window, &paper->bag, 1) < 0)
			return -ENOMEM;
	}
	return paper->epoch.calls < paper->params.epoch ? 0 : judge_epoch(paper, ret_epoch);
}

int paper_judge_end(struct paper *paper, struct paper_epoch *ret_epoch)
{
	const struct paper_epoch *epoch = &paper->epoch;
	bool counts = (uint64_t)epoch->calls * 10 >= paper->params.epoch || epoch->number == 1;

	return counts && epoch->calls ? judge_epoch(paper, ret_epoch) : 0;
}

const struct paper_totals *paper_totals(const struct paper *paper)
{
	return &paper->totals;
}

bool paper_owns(const struct profile *profile)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if (!strncmp(profile->runs[i].source, PAPER_SOURCE, strlen(PAPER_SOURCE)))
			return true;
	return false;
}
