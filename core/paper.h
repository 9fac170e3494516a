/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The paper's method, as its authors describe it, to measure bosc's own against: A. S. Abed, T. C.
 * Clancy and D. S. Levy, "Applying Bag of System Calls for Anomalous Behavior Detection of
 * Applications in Linux Containers", IEEE Globecom Workshops 2015 (document 7414047, arXiv
 * 1611.03053), and "Intrusion Detection System for Applications using Linux Containers" (arXiv
 * 1611.03056).
 *
 * One window slides over the calls of the whole container, in the order of time, whichever thread
 * makes them. A call that training saw no oftener than there are different calls in it, or not at
 * all, is "other". The bag of each whole window is looked up in those of the training; each that
 * is not there is a mismatch. Calls are taken in epochs: learning ends when two epochs in a row
 * have much the same bags, and an epoch with many mismatches is an anomaly.
 *
 * Which calls are "other" is known only when training has ended, so bags are learnt as they are
 * and folded then: a bag is a set of counts, and folding adds some of them up. What was learnt
 * stays a plain profile (core/profile.h), unfolded, so that another run can add to it.
 */
#ifndef BOSC_CORE_PAPER_H
#define BOSC_CORE_PAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "profile.h"

#define PAPER_WINDOW 10u /* calls; the papers' size of profile->window */

/* The runs of a profile that this method learnt have a source that begins so. */
#define PAPER_SOURCE "paper "

struct paper_params {
	uint32_t epoch;	  /* calls in an epoch; the papers: 1000 and more */
	double similar;	  /* learnt when the cosine of two epochs in a row reaches this; 0: never */
	double anomalous; /* an epoch is an anomaly when this share of its calls are mismatches. The
			     papers: an absolute count, later per cent; the original program: .1 */
	bool adapts; /* the unknown bags of an epoch that is no anomaly are known from then on: the
			papers' "continuous training" */
};

static inline struct paper_params paper_params(void)
{
	return (struct paper_params){
		.epoch = 1000, .similar = 0.99, .anomalous = 0.1, .adapts = true
	};
}

/* An epoch that was judged. */
struct paper_epoch {
	uint64_t number;     /* from 1 */
	uint32_t calls;	     /* as many as an epoch has, fewer in the last of a recording */
	uint32_t mismatches; /* calls that completed a window whose bag is unknown */
	uint32_t limit;	     /* mismatches from which it is an anomaly */
	bool anomalous;
};

/* Since the last paper_restart(). */
struct paper_totals {
	uint64_t calls;
	uint64_t windows; /* whole ones */
	uint64_t mismatches;
	uint64_t epochs; /* those that counted */
	uint64_t anomalies;
	double score; /* the largest share of mismatches in an epoch */
};

struct paper;

/*
 * Learns into `normal`, or judges by it; it stays the caller's, and outlives the paper. Its window
 * is the method's. NULL: no memory.
 */
struct paper *paper_new(struct profile *normal, const struct paper_params *params);
void paper_free(struct paper *paper);

/* Another recording: window, epochs and totals begin anew, what was adapted to is forgotten. */
void paper_restart(struct paper *paper);

/* Learns a call (its code, core/window.h). 1: an epoch has ended, 0: not, -ENOMEM. */
int paper_learn_call(struct paper *paper, uint32_t code);

/* The cosine of the bags' frequencies in the two whole epochs learnt last, folded by the calls
 * counted until then; 0 before there are two. */
double paper_similarity(const struct paper *paper);

/* Whether two epochs in a row were similar enough since the last restart. */
bool paper_is_learnt(const struct paper *paper);

/* Folds what `normal` holds, to judge by. Before the first paper_judge_call(), and again after
 * more was learnt. Restarts. 0, or -ENOMEM. */
int paper_learn_end(struct paper *paper);

/* Judges a call. 1: it ended the epoch in `*ret_epoch`, 0: it did not, or -ENOMEM. */
int paper_judge_call(struct paper *paper, uint32_t code, struct paper_epoch *ret_epoch);

/*
 * The recording has ended, perhaps in the middle of an epoch. That one counts, by its share, if it
 * has at least a tenth of an epoch's calls or is the only one. 1: it counts, 0: not, or -ENOMEM.
 */
int paper_judge_end(struct paper *paper, struct paper_epoch *ret_epoch);

const struct paper_totals *paper_totals(const struct paper *paper);

/* Whether this method learnt the profile: its bags are not those of single threads. */
bool paper_owns(const struct profile *profile);

#endif
