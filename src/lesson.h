/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One run of learning: a watch's profile from the store and back, whatever its source is.
 */
#ifndef BOSC_LESSON_H
#define BOSC_LESSON_H

#include "options.h"
#include "source.h"
#include "store.h"
#include "util.h"
#include "watch.h"

/* Appends a run of this host that begins now. */
int lesson_run(struct profile *profile, const char *source, struct error *err);

/* Gives the watch the profile of that name, as the store holds it or new, with a run begun. */
int lesson_prepare(struct watch *watch, struct store *store, const struct options *options,
		   const char *name, const char *source, struct error *err);

/* The run's end, and the identity of the container that it learnt, into the profile. */
void lesson_note(struct watch *watch);

/* The source knows the watch: learning starts. `places` as in learner_begin(). */
int lesson_begin(struct watch *watch, struct source *source, const struct options *options,
		 const uint32_t *places, struct error *err);

/* Takes over what was counted; begins a new part when it is time. Sets watch->done. */
void lesson_tick(struct watch *watch, struct source *source);

/* Ends the run, in memory; else as lesson_end(). */
int lesson_settle(struct watch *watch, struct source *source, const char *why, struct error *err);

/*
 * Ends the run and saves. `why` says why it ended before the profile was learnt, and counts only
 * then. A run without a call leaves the store as it was: -ENODATA.
 */
int lesson_end(struct watch *watch, struct source *source, struct store *store, const char *why,
	       struct error *err);

/* What is known is saved at least every ten seconds. It is looked at once a second, and later by up
 * to another where the poll had nothing to wake for. */
#define LESSON_CHECKPOINT_NS (8 * NS_PER_S)

/* What is known is saved now and then; that it failed is said once, and not again before it was
 * done. */
struct lesson_saves {
	uint64_t at_ns;
	bool failed; /* since it was due */
	bool told;
};

bool lesson_save_is_due(struct lesson_saves *saves);

/* Takes note of what saving came to: it ends nothing, for there is a next time. */
void lesson_saved(struct lesson_saves *saves, int status, const struct error *why);

/* Saves the run as it stands, as one that is being learnt. */
int lesson_save_going(struct watch *watch, struct store *store, struct error *err);

/* Saves the run as it ended. What cannot be saved is kept on this machine where the store is on a
 * server. */
int lesson_save(struct watch *watch, struct store *store, struct error *err);

/* Saves what is known now, as a profile that is being learnt. */
int lesson_checkpoint(struct watch *watch, struct store *store, struct error *err);

#endif
