/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of a profile's bags may be doubted. Whoever attacks a target while it is learnt wants the
 * attack to become normal. Learning ends when nothing new has come for long, so an attack that
 * comes late is what a training met last, and nothing after it has shown the same again. So a bag
 * that was first seen in the last part of its run, or in one that had hardly ended when the run
 * did, is unconfirmed until another run sees it, or the
 * user vouches for that run. The price is that a rare normal bag may be
 * doubted, too, which is why only those who ask for it judge without these.
 *
 * The repertoire of a thread (core/repertoire.h) is doubted in the same way, but only the user can
 * confirm it, as it does not say which runs saw it again. Runs of calls (core/surprise.h) do not
 * say when they were seen first; they go with the calls that they hold. A combination of known
 * calls stays among them: what it may hide is the level of surprise, not the bags.
 */
#ifndef BOSC_CORE_PROFILE_TRUST_H
#define BOSC_CORE_PROFILE_TRUST_H

#include "profile.h"

/*
 * Marks the bags that nobody has confirmed: unconfirmed[i] belongs to profile->bags[i]. The number
 * of them, or -ENOMEM. A bag without a part, of an imported profile, is not doubted.
 */
long profile_trust_mark(const struct profile *profile, uint8_t *unconfirmed);

/* The same of the profile's repertoires. */
long profile_trust_repertoires(const struct profile *profile, uint8_t *unconfirmed);

/* Marks the calls that no confirmed bag holds, by code; returns how many. */
uint32_t profile_trust_calls(const struct profile *profile, const uint8_t *unconfirmed,
			     uint8_t doubted[CODE_COUNT]);

/* Forgets the unconfirmed bags and repertoires, the calls that only those bags hold, the sights of
 * these bags and the grams with such a call. What the parts showed (core/novelty.h) stays: most of
 * what is doubted is normal, if rare. How many bags, or -ENOMEM, and then nothing is forgotten. */
long profile_trust_strict(struct profile *profile);

/* The reviewer vouches for all that was learnt until now; what was reviewed before stays so. Nobody
 * can vouch for a run that is still being learnt, or whose learner was killed: how many there
 * are. */
size_t profile_trust_confirm(struct profile *profile, const char *reviewer, uint64_t now_s);

#endif
