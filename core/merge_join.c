/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two states of the same run, as two machines may have them. Which of them counts must not hang on
 * who asks, so whatever may differ between them has an order.
 */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "numbers.h"

/* What the learner of a run says of it, besides how far it went. */
#define AT(member) offsetof(struct profile_run, member)
static const size_t numbers[] = { AT(calls),	  AT(new_bags), AT(lost),
				  AT(unseen_ppb), AT(order),	AT(started_s) };
static const size_t texts[] = { AT(source), AT(host),	 AT(kernel),	AT(version), AT(image),
				AT(digest), AT(command), AT(container), AT(note),    AT(why) };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int compare_words(const struct profile_run *a, const struct profile_run *b)
{
	const char *left = (const char *)a, *right = (const char *)b;
	int order = number_compare(a->joined_late, b->joined_late);

	for (size_t i = 0; !order && i < COUNT(numbers); i++)
		order = number_compare(*(const uint64_t *)(left + numbers[i]),
				       *(const uint64_t *)(right + numbers[i]));
	for (size_t i = 0; !order && i < COUNT(texts); i++)
		order = strcmp(left + texts[i], right + texts[i]);
	return order;
}

/* How far the state of a run went: what a learner saves later counts more windows or is later. */
static int compare_progress(const struct profile_run *a, const struct profile_run *b)
{
	int order = number_compare(a->windows, b->windows);

	if (!order)
		order = number_compare(a->ended_s, b->ended_s);
	if (!order)
		order = number_compare(a->state, b->state);
	if (!order)
		order = number_compare(a->content_size, b->content_size);
	if (!order)
		order = memcmp(a->content, b->content, a->content_size);
	return order ? order : compare_words(a, b);
}

/* Of two words on the same run, the later one; of the same moment, either, but always the same. */
static int is_later(uint64_t a_s, const char *a, uint64_t b_s, const char *b)
{
	int order = number_compare(a_s, b_s);

	return order ? order > 0 : strcmp(a, b) > 0;
}

static void take_review(struct profile_run *run, const struct profile_run *from)
{
	memcpy(run->reviewer, from->reviewer, sizeof(run->reviewer));
	run->reviewed_s = from->reviewed_s;
}

static void take_withdrawal(struct profile_run *run, const struct profile_run *from)
{
	memcpy(run->withdrawer, from->withdrawer, sizeof(run->withdrawer));
	run->withdrawn_s = from->withdrawn_s;
}

/* Who vouched for a state that another left behind did not see what came after it. */
int profile_run_join(struct profile_run *known, const struct profile_run *other)
{
	int order = compare_progress(known, other);
	struct profile_run joined = order < 0 ? *other : *known;
	const struct profile_run *behind = order < 0 ? known : other;
	unsigned char *content = malloc(joined.content_size + 1);

	if (!content)
		return -ENOMEM;
	joined.content = memcpy(content, joined.content, joined.content_size);
	if (!order &&
	    is_later(behind->reviewed_s, behind->reviewer, joined.reviewed_s, joined.reviewer))
		take_review(&joined, behind);
	if (is_later(behind->withdrawn_s, behind->withdrawer, joined.withdrawn_s,
		     joined.withdrawer))
		take_withdrawal(&joined, behind);
	free(known->content);
	*known = joined;
	return 0;
}
