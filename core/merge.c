/* SPDX-License-Identifier: BSD-2-Clause */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "novelty.h"
#include "numbers.h"
#include "paper.h"

/* Where in the training a run begins. Where windows were lost, a part may have begun later than the
 * runs say. */
static uint64_t windows_before(const struct profile *whole, uint32_t run)
{
	size_t parts = whole->history_count;
	uint64_t latest = parts ? whole->history[parts - 1].windows_before : 0;
	uint64_t windows = 0;

	for (uint32_t i = 0; i < run; i++)
		if (profile_run_counts(&whole->runs[i]))
			windows = number_add(windows, whole->runs[i].windows);
	return windows > latest ? windows : latest;
}

/* The parts of a run's content, behind those that are there. */
static int add_parts(struct profile *whole, const struct profile *content, uint32_t run)
{
	uint64_t before = windows_before(whole, run);

	for (size_t i = 0; i < content->history_count; i++) {
		struct profile_part *part = profile_part(whole);

		if (!part)
			return -ENOMEM;
		*part = content->history[i];
		part->run = run;
		part->windows_before = number_add(before, part->windows_before);
	}
	return 0;
}

/* What places and numbers a run's content has in the whole. */
struct shift {
	uint32_t run;
	uint32_t parts; /* before the run */
	uint32_t first; /* its first part; 0: it has none */
	uint32_t *bags; /* by its own places */
};

static int add_bags(struct profile *whole, const struct profile *content, struct shift *shift)
{
	for (size_t i = 0; i < content->bag_count; i++) {
		const struct profile_bag *own = &content->bags[i];
		uint32_t part = own->part ? own->part + shift->parts : shift->first;
		struct profile_bag *known;
		int is_new = 0;
		long at = profile_bag(whole, &own->bag, part, &is_new);

		if (at < 0)
			return -ENOMEM;
		known = &whole->bags[at];
		if (is_new)
			known->first_run = shift->run;
		known->last_run = shift->run;
		known->again = is_new ? own->again : 1;
		known->count = number_add(known->count, own->count);
		shift->bags[i] = (uint32_t)at;
	}
	return 0;
}

static int add_sights(struct profile *whole, const struct profile *content,
		      const struct shift *shift)
{
	for (size_t i = 0; i < content->sight_count; i++) {
		struct sight sight = content->sights[i];

		sight.bag = shift->bags[sight.bag];
		sight.thread += whole->threads;
		sight.part += shift->parts;
		if (novelty_log(whole, &sight) < 0)
			return -ENOMEM;
	}
	whole->threads += content->threads;
	return 0;
}

/* Merges two sorted rows of grams. */
static int add_grams(struct profile *whole, const struct profile *content)
{
	size_t left = 0, right = 0, count = 0, most = whole->gram_count + content->gram_count;
	struct gram *both = calloc(most + 1, sizeof(*both));

	if (!both)
		return -ENOMEM;
	while (left < whole->gram_count || right < content->gram_count) {
		const struct gram *a = left < whole->gram_count ? &whole->grams[left] : NULL;
		const struct gram *b = right < content->gram_count ? &content->grams[right] : NULL;
		uint64_t calls = !b || (a && a->calls < b->calls) ? a->calls : b->calls;
		struct gram *sum = &both[count++];

		sum->calls = calls;
		if (a && a->calls == calls)
			sum->count = number_add(sum->count, whole->grams[left++].count);
		if (b && b->calls == calls)
			sum->count = number_add(sum->count, content->grams[right++].count);
	}
	free(whole->grams);
	whole->grams = both;
	whole->gram_count = count;
	whole->gram_room = most + 1;
	return 0;
}

static int add_counts(struct profile *whole, const struct profile *content)
{
	whole->signals |= content->signals;
	whole->programs = number_add(whole->programs, content->programs);
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		whole->calls[code] = number_add(whole->calls[code], content->calls[code]);
		whole->start_calls[code] = number_add(whole->start_calls[code],
						      content->start_calls[code]);
	}
	for (size_t i = 0; i < content->exec_count; i++)
		if (profile_exec(whole, content->execs[i].path, content->execs[i].inode,
				 content->execs[i].count) < 0)
			return -ENOMEM;
	return 0;
}

/* Adds what one of the whole's runs learnt. */
static int add_content(struct profile *whole, const struct profile *content, uint32_t run)
{
	struct shift shift = { .run = run, .parts = (uint32_t)whole->history_count };
	int status = -ENOMEM;

	shift.first = content->history_count ? shift.parts + 1 : 0;
	shift.bags = calloc(content->bag_count + 1, sizeof(*shift.bags));
	if (shift.bags && add_parts(whole, content, run) == 0 &&
	    add_bags(whole, content, &shift) == 0 && add_sights(whole, content, &shift) == 0 &&
	    add_counts(whole, content) == 0 &&
	    (!content->gram_count || add_grams(whole, content) == 0))
		status = repertoires_merge(&whole->repertoires, &content->repertoires, shift.parts,
					   shift.first);
	free(shift.bags);
	return status;
}

struct profile_run *profile_run_copy(struct profile *into, const struct profile_run *run)
{
	unsigned char *bytes = run->content ? malloc(run->content_size + 1) : NULL;
	struct profile_run *copy = run->content && !bytes ? NULL : profile_run(into);

	if (!copy) {
		free(bytes);
		return NULL;
	}
	if (bytes)
		memcpy(bytes, run->content, run->content_size);
	*copy = *run;
	copy->content = bytes;
	return copy;
}

static int compare_runs(const void *a, const void *b)
{
	const struct profile_run *left = a, *right = b;
	int order = number_compare(left->order, right->order);

	if (!order)
		order = number_compare(left->started_s, right->started_s);
	return order ? order : strcmp(left->id, right->id);
}

/* Decodes the content of a run, and adds it where the run counts. */
static int add_run(struct profile *whole, uint32_t run, const char **ret_why)
{
	const struct profile_run *of = &whole->runs[run];
	struct profile *content = NULL;
	int status = content_decode(of->content, of->content_size, whole->name, &content, ret_why);

	if (status < 0)
		return status;
	if (!whole->arch[0])
		memcpy(whole->arch, content->arch, sizeof(whole->arch));
	*ret_why = content->window != whole->window ? "a run's windows have another size"
		   : strcmp(content->arch, whole->arch) != 0
			   ? "a run's calls are of another architecture"
			   : NULL;
	if (*ret_why)
		status = -EBADMSG;
	else if (profile_run_counts(of))
		status = add_content(whole, content, run);
	profile_free(content);
	return status;
}

static const char *runs_fault(const struct profile *profile)
{
	for (size_t i = 1; i < profile->run_count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(profile->runs[i].id, profile->runs[j].id))
				return "a run is there twice";
	return NULL;
}

/* An empty profile of the same kind, with the runs that have content. */
static struct profile *copy_runs(const struct profile *of)
{
	struct profile *copy = profile_new_like(of);

	for (size_t i = 0; copy && i < of->run_count; i++)
		if (of->runs[i].content && !profile_run_copy(copy, &of->runs[i])) {
			profile_free(copy);
			return NULL;
		}
	return copy;
}

/* Adds up the runs of an empty profile. */
static int sum_runs(struct profile *sum, const char **ret_why)
{
	int status = 0;

	if (sum->run_count)
		qsort(sum->runs, sum->run_count, sizeof(*sum->runs), compare_runs);
	*ret_why = runs_fault(sum);
	if (*ret_why)
		return -EBADMSG;
	for (uint32_t run = 0; status == 0 && run < sum->run_count; run++)
		status = add_run(sum, run, ret_why);
	if (status == 0)
		status = novelty_judge(sum);
	if (status < 0)
		return status;
	profile_settle(sum);
	return profile_check(sum, ret_why) < 0 ? -EBADMSG : 0;
}

/* Makes the profile the sum of an empty one's runs, or leaves it and frees the other. */
static int take_sum(struct profile *profile, struct profile *sum, const char **ret_why)
{
	int status = sum ? sum_runs(sum, ret_why) : -ENOMEM;

	if (status == -ENOMEM)
		*ret_why = "there is no memory";
	if (status == 0) {
		struct profile before = *profile;

		*profile = *sum;
		*sum = before;
	}
	profile_free(sum);
	return status;
}

int profile_rebuild(struct profile *profile, const char **ret_why)
{
	return take_sum(profile, copy_runs(profile), ret_why);
}

struct profile_run *profile_run_find(const struct profile *profile, const char *id)
{
	for (size_t i = 0; i < profile->run_count; i++)
		if (!strcmp(profile->runs[i].id, id))
			return &profile->runs[i];
	return NULL;
}

static const char *strangers(const struct profile *into, const struct profile *from)
{
	if (!into->run_count || !from->run_count)
		return NULL;
	if (into->window != from->window)
		return "their windows have different sizes";
	if (into->arch[0] && from->arch[0] && strcmp(into->arch, from->arch) != 0)
		return "they are of different architectures";
	if (paper_owns(into) != paper_owns(from))
		return "one of them is of the paper's method";
	return NULL;
}

/* Joins the runs to those of the profile, whose sum is left as it is. -ENOMEM, else 0. */
static int join_runs(struct profile *profile, const struct profile *from)
{
	int status = 0;

	for (size_t i = 0; status == 0 && i < from->run_count; i++) {
		const struct profile_run *run = &from->runs[i];
		struct profile_run *known = profile_run_find(profile, run->id);

		if (known)
			status = profile_run_join(known, run);
		else if (!profile_run_copy(profile, run))
			status = -ENOMEM;
	}
	return status;
}

int profile_merge(struct profile *into, const struct profile *from, const char **ret_why)
{
	struct profile *both;

	*ret_why = strangers(into, from);
	if (*ret_why)
		return -EINVAL;
	both = copy_runs(into);
	if (both && !both->run_count) {
		both->window = from->window;
		memcpy(both->arch, from->arch, sizeof(both->arch));
	}
	if (both && join_runs(both, from) < 0) {
		profile_free(both);
		both = NULL;
	}
	return take_sum(into, both, ret_why);
}
