/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A profile: what was learnt about a target, in memory. It holds bags, never hashes: the secret
 * weights differ from start to start. Everything in it is plain data owned by the profile;
 * profile_free() releases it all. Strings are NUL-terminated and may be empty, never NULL.
 *
 * A profile is a set of runs, each with what it learnt (its content); all else is the sum of the
 * runs that count, in their order (core/merge.h). A learner adds to the sum, and the content of its
 * run is what that is more by in the end.
 */
#ifndef BOSC_CORE_PROFILE_H
#define BOSC_CORE_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "bag.h"
#include "repertoire.h"
#include "surprise.h"

#define PROFILE_PATH 112 /* of an executable, with its NUL */
#define PROFILE_TEXT 256

/* What a profile may be relied on for. */
enum profile_state {
	PROFILE_LEARNING, /* a learner holds it; found so in a store, its learner was killed */
	PROFILE_PARTIAL,  /* learning ended before the profile was learnt; `why` says how */
	PROFILE_LEARNT,	  /* the rules for the end of learning held; `why` says which */
	PROFILE_REVIEWED, /* learnt, and somebody vouches for each run; `why` says who */
	PROFILE_STATES,
};

struct profile_bag {
	struct bag bag;
	uint64_t count;	    /* windows */
	uint32_t first_run; /* index into the profile's runs, from 0 */
	uint32_t last_run;
	uint32_t part;	/* the part of the training that saw it first, from 1 over all runs */
	uint32_t again; /* another part saw it, too */
};

struct profile_exec {
	char path[PROFILE_PATH];
	uint64_t inode; /* 0: unknown, or the path says it all */
	uint64_t count;
};

/* Where a run comes from: its `source`, behind "paper " of the paper's method. */
#define RUN_LIVE   "live"
#define RUN_TRACE  "trace"
#define RUN_ACCEPT "accepted" /* alarms that somebody calls benign; `note` has the reason */
#define RUN_IMPORT "import"   /* a file that names no run */

/* One session of learning. What people say of it comes later and from anywhere. */
struct profile_run {
	char id[40];		  /* a random UUID: no two runs have the same */
	char source[16];	  /* RUN_… */
	char host[65];		  /* name of the machine */
	char kernel[65];	  /* release */
	char version[16];	  /* of bosc */
	char image[PROFILE_TEXT]; /* of the container, as its runtime names it */
	char digest[PROFILE_TEXT];
	char command[PROFILE_TEXT]; /* of the container, with its arguments */
	char container[80];	    /* its full id */
	char note[PROFILE_TEXT];
	enum profile_state state; /* never PROFILE_REVIEWED */
	char why[PROFILE_TEXT];
	uint64_t order;	    /* more than that of each run which it was learnt on top of */
	uint64_t started_s; /* UNIX time */
	uint64_t ended_s;
	uint64_t calls;
	uint64_t windows;
	uint64_t new_bags;
	uint64_t lost;	      /* events, threads and bags that the run could not take in */
	uint64_t unseen_ppb;  /* of 10^9 windows, how many may be unseen in a learnt profile */
	uint32_t joined_late; /* the target ran before the run began, which saw no start of it */

	char reviewer[PROFILE_TEXT]; /* who vouches for it, and since when; empty: nobody */
	uint64_t reviewed_s;
	char withdrawer[PROFILE_TEXT]; /* who took it out, and when; it counts no more */
	uint64_t withdrawn_s;

	unsigned char *content; /* core/content.h; NULL: not known apart from the other runs */
	size_t content_size;
};

/* Scores of threads (core/scorer.h) are counted in bins of a quarter octave, from 2^-10 on. */
#define SCORE_BINS	    64u
#define SCORE_OCTAVES_BELOW 10

/* A part of the training, and what came of judging it: its frames by all other parts
 * (core/novelty.h), its threads by the parts before it (core/scorer.h). */
struct profile_part {
	uint32_t run;		     /* index into the profile's runs */
	uint64_t windows_before;     /* of the training, when it began */
	uint32_t frame_most;	     /* most mismatches in one frame */
	uint32_t fresh_most;	     /* most first sights in one frame */
	uint32_t logged;	     /* its novelty was logged (core/novelty.h) */
	uint32_t level_most;	     /* the highest level of surprise, in SURPRISE_UNITs of a bit */
	uint32_t scores[SCORE_BINS]; /* threads that ended, by their score */
};

/* A window of the training whose bag no part but its own had (core/novelty.h). */
struct sight {
	uint32_t bag;	 /* index into the profile's bags */
	uint32_t thread; /* a number of its own for each program of each thread */
	uint32_t at;	 /* its windows until then, modulo 2^32 */
	uint32_t part;	 /* from 1 */
};

struct profile {
	char name[PROFILE_TEXT];
	char arch[16];		  /* of the calls, as uname -m prints it */
	char image[PROFILE_TEXT]; /* this and the next three: of the last run that knows them */
	char digest[PROFILE_TEXT];
	char command[PROFILE_TEXT];
	char container[80];
	enum profile_state state;
	char why[PROFILE_TEXT];

	uint32_t window;	    /* calls in a window, 1 to WINDOW_MAX */
	uint64_t signals;	    /* bit s: the fatal signal s was seen; also MAIN_EXIT_BIT */
	uint64_t calls[CODE_COUNT]; /* by code */
	uint64_t start_calls[CODE_COUNT]; /* of these: known to be made while a program started */
	uint64_t programs;		  /* that started, where that was counted */

	struct profile_bag *bags; /* each bag once, in the order in which they were met */
	size_t bag_count;
	size_t bag_room;
	uint64_t *index; /* open addressing over bags, by content */
	size_t index_room;

	struct profile_exec *execs;
	size_t exec_count;
	size_t exec_room;

	struct profile_run *runs;
	size_t run_count;
	size_t run_room;

	struct profile_part *history; /* the parts of the training, over all runs */
	size_t history_count;
	size_t history_room;

	struct sight *sights; /* in the order in which they were met */
	size_t sight_count;
	size_t sight_room;
	uint32_t threads; /* that have a number among the sights */

	struct gram *grams; /* by their calls; none: the second view was not learnt */
	size_t gram_count;
	size_t gram_room;
	struct repertoires repertoires;
};

/* An empty profile of windows of `window` calls. NULL: no memory. */
struct profile *profile_new(const char *name, uint32_t window);

/* An empty profile of the same name, window and architecture. NULL: no memory. */
struct profile *profile_new_like(const struct profile *profile);

void profile_free(struct profile *profile);
static inline void profile_free_p(struct profile **profile)
{
	profile_free(*profile);
}

/*
 * The index of the bag in profile->bags, added with count 0 when it is new (`*ret_new` says so;
 * it may be NULL). first_run and last_run of a new bag are the profile's last run. Negative errno
 * on failure. Expected O(1).
 */
long profile_bag(struct profile *profile, const struct bag *bag, uint32_t part, int *ret_new);

/* The bag's index, or -ENOENT. */
long profile_find(const struct profile *profile, const struct bag *bag);

/* Adds `count` runs of an executable. 1 when it is new, 0 when not, or negative errno. */
int profile_exec(struct profile *profile, const char *path, uint64_t inode, uint64_t count);

/* Appends a run, after all others in order, and returns it (valid until the next is added); NULL:
 * no memory. */
struct profile_run *profile_run(struct profile *profile);

/* Whether what the run learnt counts. */
static inline int profile_run_counts(const struct profile_run *run)
{
	return run->withdrawn_s == 0;
}

/*
 * Makes the state, why it is so, and the identity of the container what the runs make of them. A
 * profile is learnt when one of its runs found it so, no later one lost anything, the unseen share
 * is still below that run's limit, and some run saw the target start; else it is what its last run
 * left.
 */
void profile_settle(struct profile *profile);

/* Appends a part of the training that begins now and returns it, as above. */
struct profile_part *profile_part(struct profile *profile);

/* Appends a gram. -ENOMEM, else 0. */
int profile_gram(struct profile *profile, uint64_t calls, uint64_t count);

/* Whether a part of the training began after its first quarter, and so says what normal novelty
 * looks like: to the earliest ones everything was new. O(bags). */
int profile_part_is_judged(const struct profile *profile, const struct profile_part *part);

/* How many calls came up for the first time in the judged parts: where training itself still met
 * new calls, a new call is no proof of anything. */
uint32_t profile_new_calls(const struct profile *profile);

/* What its bags, grams, repertoires and executables take in memory. */
size_t profile_bytes(const struct profile *profile);

uint64_t profile_windows(const struct profile *profile);
uint64_t profile_calls(const struct profile *profile);
uint64_t profile_lost(const struct profile *profile);

/* How many different calls were seen. */
uint32_t profile_distinct(const struct profile *profile);

/*
 * The Good-Turing estimate of unseen behaviour: the share of windows whose bag was seen only
 * once, which is the chance that the next window shows a new one. 1 for an empty profile.
 */
double profile_unseen(const struct profile *profile);

/*
 * The fold of the paper: calls seen no oftener than there are distinct calls become CODE_OTHER.
 * fold[code] is the class of each call that was seen, CODE_NEW of each that was not.
 */
#define CODE_OTHER 4094
#define CODE_NEW   4093
void profile_fold(const struct profile *profile, uint16_t fold[CODE_COUNT]);

/* The known bag with the smallest distance to `bag` (folded by `fold`, which may be NULL), the
 * most frequent of them; O(bags). Its index, or -ENOENT for an empty profile. */
long profile_nearest(const struct profile *profile, const struct bag *bag, const uint16_t *fold,
		     uint32_t *ret_distance);

/* Checks what must hold of any profile, after it was read from somewhere. 0, or -EINVAL with the
 * reason in `*ret_why`. */
int profile_check(const struct profile *profile, const char **ret_why);

/* Copies as much of the text as fits, always with its NUL. */
void profile_text(char *to, size_t size, const char *from);

const char *profile_state_name(enum profile_state state);

/* The state of that name, or -EINVAL. */
int profile_state_parse(const char *name);

#endif
