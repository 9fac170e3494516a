/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host keeps of its fleet (fleet.h): the two stores, and the sending of what is in the
 * outbox.
 */
#ifndef BOSC_FLEET_OUTBOX_H
#define BOSC_FLEET_OUTBOX_H

#include "store.h"

struct outbox {
	struct store *copy, *unsent; /* NULL: neither can be kept, and `why` says why */
	struct error why;
	char path[4096];      /* of the outbox */
	uint64_t alarms;      /* in it, as far as this program knows … */
	uint64_t counted_ns;  /* since it looked then … */
	uint64_t uncounted;   /* and put so many */
	bool profiles;	      /* there may be some in it */
	uint64_t profiles_ns; /* these are not sent before then */
	uint64_t alarms_ns;   /* nor those */
	struct batch *batch;  /* alarms on their way; NULL: none */
};

/* Opens the stores that belong to the server at this place, and makes them where they are
 * missing. */
void outbox_open(struct outbox *outbox, const char *place);
void outbox_close(struct outbox *outbox);

/* Keeps the profile as the server has it. */
void outbox_copy(struct outbox *outbox, const struct profile *profile);

/* What this machine knows of the profile, and when that was copied; 0: none of it was. -ENOENT,
 * without a sentence: nothing. */
int outbox_load(struct outbox *outbox, const char *name, struct profile **ret_profile,
		uint64_t *ret_copied_s, struct error *err);

/* As store_checkpoint(), or with `run` NULL store_save(). */
int outbox_save(struct outbox *outbox, struct profile *profile, struct profile_run *run,
		struct error *err);
int outbox_put_alarm(struct outbox *outbox, const struct store_alarm *alarm, struct error *err);

static inline bool outbox_is_empty(const struct outbox *outbox)
{
	return !outbox->profiles && !outbox->alarms;
}

/* Sends what is there to the server's store; of alarms, as many as it can in so long, and waits no
 * longer: what is on its way then is looked after the next time, or sent anew after
 * outbox_recall(). -EHOSTDOWN: it went away; the rest stays. What the server refuses is said, and
 * waits for a minute; a run that is of another kind than what it has is moved to a store beside the
 * outbox, so that it is in nobody's way. */
int outbox_send(struct outbox *outbox, struct store *server, uint64_t for_ns, struct error *err);

/* What was refused does not wait any longer. */
void outbox_hurry(struct outbox *outbox);

/* The connection is not used any more. */
void outbox_recall(struct outbox *outbox);

#endif
