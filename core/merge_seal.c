/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run learnt, told apart from all that its profile knew before.
 */
#include "merge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "content.h"
#include "fnv.h"
#include "novelty.h"
#include "numbers.h"

/* The run whose content is taken out of the whole. */
struct cut {
	const struct profile *whole, *base; /* the base: the sum of the runs that have content */
	struct profile *content;
	uint32_t run;
	int takes_rest; /* it gets what names no run */
	uint32_t *part; /* by part of the whole, from 0: its number in the content; 0: not there */
};

static int cut_parts(struct cut *cut)
{
	uint64_t before = 0;

	for (size_t i = 0; i < cut->whole->history_count; i++) {
		const struct profile_part *from = &cut->whole->history[i];
		struct profile_part *part;

		if (from->run != cut->run)
			continue;
		part = profile_part(cut->content);
		if (!part)
			return -ENOMEM;
		*part = *from;
		if (cut->content->history_count == 1)
			before = from->windows_before;
		part->run = 0;
		part->windows_before -= before;
		cut->part[i] = (uint32_t)cut->content->history_count;
	}
	return 0;
}

/* The run's number for a part of the whole; 0: of no part, or of another run's. */
static uint32_t own_part(const struct cut *cut, uint32_t part)
{
	return part ? cut->part[part - 1] : 0;
}

/* How often the run saw the bag, of which the base knows some windows; -1: it did not. */
static int64_t cut_count(const struct cut *cut, const struct profile_bag *bag, uint64_t known,
			 int is_new)
{
	uint64_t more = number_subtract(bag->count, known);
	int first = bag->first_run == cut->run, last = bag->last_run == cut->run;

	if (!is_new)
		return cut->takes_rest && more ? (int64_t)more : -1;
	if (first && last)
		return (int64_t)more;
	if (first)
		return more ? (int64_t)more - 1 : 0;
	return last && more ? 1 : -1;
}

static int cut_bags(struct cut *cut)
{
	for (size_t i = 0; i < cut->whole->bag_count; i++) {
		const struct profile_bag *bag = &cut->whole->bags[i];
		long known = profile_find(cut->base, &bag->bag);
		int64_t count = cut_count(cut, bag, known < 0 ? 0 : cut->base->bags[known].count,
					  known < 0);
		uint32_t part = known < 0 ? own_part(cut, bag->part) : 0;
		long at;

		if (count < 0)
			continue;
		at = profile_bag(cut->content, &bag->bag, part, NULL);
		if (at < 0)
			return (int)at;
		cut->content->bags[at].count = (uint64_t)count;
		cut->content->bags[at].again = known < 0 && bag->again;
	}
	return 0;
}

static int cut_sights(struct cut *cut)
{
	const struct profile *whole = cut->whole;
	uint32_t threads = cut->base->threads;

	cut->content->threads = (uint32_t)number_subtract(whole->threads, threads);
	for (size_t i = 0; i < whole->sight_count; i++) {
		struct sight sight = whole->sights[i];
		long bag = profile_find(cut->content, &whole->bags[sight.bag].bag);

		sight.part = cut->part[sight.part - 1];
		if (!sight.part || bag < 0 || sight.thread <= threads)
			continue;
		sight.bag = (uint32_t)bag;
		sight.thread -= threads;
		if (novelty_log(cut->content, &sight) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int cut_execs(struct cut *cut)
{
	for (size_t i = 0; i < cut->whole->exec_count; i++) {
		const struct profile_exec *exec = &cut->whole->execs[i];
		uint64_t known = 0;

		for (size_t j = 0; j < cut->base->exec_count; j++)
			if (cut->base->execs[j].inode == exec->inode &&
			    !strcmp(cut->base->execs[j].path, exec->path))
				known = cut->base->execs[j].count;
		if (known && known >= exec->count)
			continue;
		if (profile_exec(cut->content, exec->path, exec->inode, exec->count - known) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int cut_grams(struct cut *cut)
{
	const struct gram *known = cut->base->grams, *end = known + cut->base->gram_count;

	for (size_t i = 0; i < cut->whole->gram_count; i++) {
		const struct gram *gram = &cut->whole->grams[i];
		uint64_t count = gram->count;

		while (known < end && known->calls < gram->calls)
			known++;
		if (known < end && known->calls == gram->calls)
			count = number_subtract(count, known->count);
		if (count && profile_gram(cut->content, gram->calls, count) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The repertoires that a part of the run saw first. */
static int cut_own_repertoires(struct cut *cut)
{
	for (size_t i = 0; i < cut->whole->repertoires.count; i++) {
		const struct repertoire *from = &cut->whole->repertoires.all[i];
		struct callset set = repertoire_set(from->codes);
		uint32_t part = own_part(cut, from->part);

		if (part &&
		    repertoires_add(&cut->content->repertoires, &set, from->threads, part) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* All but those that a part of another run saw first, which has them. */
static int cut_rest_repertoires(struct cut *cut)
{
	struct repertoires *rest = &cut->content->repertoires;
	int status = repertoires_rest(rest, &cut->whole->repertoires, &cut->base->repertoires);
	uint8_t *gone = calloc(rest->count + 1, 1);

	for (size_t i = 0; gone && i < rest->count; i++) {
		uint32_t part = rest->all[i].part;

		rest->all[i].part = own_part(cut, part);
		gone[i] = part && !rest->all[i].part;
	}
	if (gone)
		repertoires_drop(rest, gone);
	else
		status = -ENOMEM;
	free(gone);
	return status;
}

static void cut_calls(struct cut *cut)
{
	const struct profile *whole = cut->whole, *base = cut->base;

	cut->content->signals = whole->signals & ~base->signals;
	cut->content->programs = number_subtract(whole->programs, base->programs);
	for (uint32_t code = 0; code < CODE_COUNT; code++) {
		cut->content->calls[code] = number_subtract(whole->calls[code], base->calls[code]);
		cut->content->start_calls[code] = number_subtract(whole->start_calls[code],
								  base->start_calls[code]);
	}
}

static int cut_content(struct cut *cut)
{
	if (cut_parts(cut) < 0 || cut_bags(cut) < 0 || cut_sights(cut) < 0)
		return -ENOMEM;
	if (!cut->takes_rest)
		return cut_own_repertoires(cut);
	cut_calls(cut);
	return cut_execs(cut) < 0 || cut_grams(cut) < 0 ? -ENOMEM : cut_rest_repertoires(cut);
}

/* An id for what has none: the same bytes in the same order of runs have the same (FNV-1a, twice
 * over), as a UUID of version 8, which is anybody's own. */
static void name_run(struct profile_run *run)
{
	uint64_t high = FNV_BEGIN ^ run->order, low = ~high;

	for (size_t i = 0; i < run->content_size; i++) {
		high = fnv_add(high, run->content[i]);
		low = fnv_add(low, high);
	}
	snprintf(run->id, sizeof(run->id), "%08x-%04x-8%03x-%04x-%012llx", (uint32_t)(high >> 32),
		 (uint32_t)(high >> 16) & 0xffff, (uint32_t)high & 0xfff,
		 0x8000 | ((uint32_t)(low >> 48) & 0x3fff),
		 (unsigned long long)(low & 0xffffffffffffull));
}

/* Encodes what one run of the profile learnt beyond the base. */
static int seal_run(struct profile *profile, const struct profile *base, uint32_t run,
		    int takes_rest)
{
	struct cut cut = { .whole = profile, .base = base, .run = run, .takes_rest = takes_rest };
	struct profile_run *of = &profile->runs[run];
	int status = -ENOMEM;

	cut.content = profile_new_like(profile);
	cut.part = calloc(profile->history_count + 1, sizeof(*cut.part));
	if (cut.content && cut.part && profile_run(cut.content))
		status = cut_content(&cut);
	if (status == 0)
		status = content_encode(cut.content, &of->content, &of->content_size);
	profile_free(cut.content);
	free(cut.part);
	return status;
}

/* The sum of the runs that have content. */
static int sum_sealed(const struct profile *profile, struct profile **ret_base,
		      const char **ret_why)
{
	struct profile *base = profile_new(profile->name, profile->window);
	int status = base ? 0 : -ENOMEM;

	*ret_why = "there is no memory";
	for (size_t i = 0; status == 0 && i < profile->run_count; i++)
		if (profile->runs[i].content && !profile_run_copy(base, &profile->runs[i]))
			status = -ENOMEM;
	if (status == 0)
		status = profile_rebuild(base, ret_why);
	if (status == 0)
		*ret_base = base;
	else
		profile_free(base);
	return status;
}

/* Up to the last of them, which takes what names no run. */
static int seal_runs(struct profile *profile, uint32_t last, const char **ret_why)
{
	struct profile *base = NULL;
	int status = sum_sealed(profile, &base, ret_why);

	if (status < 0)
		return status;
	for (uint32_t run = 0; status == 0 && run <= last; run++)
		if (!profile->runs[run].content)
			status = seal_run(profile, base, run, run == last);
	profile_free(base);
	if (status == -ENOMEM)
		*ret_why = "there is no memory";
	return status;
}

int profile_seal(struct profile *profile, const char **ret_why)
{
	uint32_t last = UINT32_MAX;
	int status;

	for (uint32_t run = 0; run < profile->run_count; run++)
		if (!profile->runs[run].content)
			last = run;
	status = last == UINT32_MAX ? 0 : seal_runs(profile, last, ret_why);
	for (size_t run = 0; status == 0 && run < profile->run_count; run++)
		if (!profile->runs[run].id[0])
			name_run(&profile->runs[run]);
	return status;
}

void profile_unseal(struct profile_run *run)
{
	free(run->content);
	run->content = NULL;
	run->content_size = 0;
}
