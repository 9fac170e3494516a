/* SPDX-License-Identifier: BSD-2-Clause */
#include "scorer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "numbers.h"
#include "table.h"

/* What a thread came to until now. */
struct scored {
	uint64_t recent; /* its calls, as in a gram */
	uint64_t calls;
	uint64_t sum;	/* of their surprise */
	uint32_t level; /* decaying, in SURPRISE_UNITs */
	uint64_t frame, fresh;
	uint8_t alive;
	uint8_t late;	     /* its beginning was not seen */
	struct callset *set; /* made with the first call */
};

struct scorer {
	int learn;
	uint32_t part;
	struct surprise *surprise;
	struct repertoires repertoires;
	double weight[CODE_COUNT];
	struct table grams; /* learning: calls → count */
	uint32_t level_limit;
	double thread_limit;

	struct scored *threads; /* by slot */
	size_t count;

	struct scorer_peaks peaks;
	struct profile_part judged; /* learning: what this part came to */
};

/* The bin of a score: a quarter of an octave wide. */
static uint32_t score_bin(double score)
{
	double bin = score > 0 ? 4 * (log2(score) + SCORE_OCTAVES_BELOW) + 1 : 0;

	if (bin < 0)
		return 0;
	return bin < SCORE_BINS - 1 ? (uint32_t)bin : SCORE_BINS - 1;
}

static int load_grams(struct scorer *scorer, const struct profile *profile)
{
	for (size_t i = 0; i < profile->gram_count; i++) {
		uint64_t *count = table_at(&scorer->grams, profile->grams[i].calls, 0);

		if (!count)
			return 0;
		*count = profile->grams[i].count;
	}
	return 1;
}

struct scorer *scorer_new(int learn, const struct profile *profile)
{
	struct scorer *scorer = calloc(1, sizeof(*scorer));
	int ready;

	if (!scorer)
		return NULL;
	scorer->learn = learn;
	scorer->part = learn ? (uint32_t)profile->history_count : UINT32_MAX;
	scorer->surprise = surprise_new(profile->grams, profile->gram_count);
	ready = scorer->surprise != NULL;
	ready = ready && repertoires_copy(&scorer->repertoires, &profile->repertoires) == 0;
	ready = ready && (!learn || load_grams(scorer, profile));
	repertoires_weigh(&scorer->repertoires, scorer->weight);
	scorer->level_limit = learn ? 0 : scorer_level_limit(profile);
	scorer->thread_limit = learn ? INFINITY : scorer_score_limit(profile, 0);
	if (ready)
		return scorer;
	scorer_free(scorer);
	return NULL;
}

static void forget_threads(struct scorer *scorer)
{
	for (size_t i = 0; i < scorer->count; i++)
		free(scorer->threads[i].set);
	if (scorer->count)
		memset(scorer->threads, 0, scorer->count * sizeof(*scorer->threads));
}

void scorer_free(struct scorer *scorer)
{
	if (!scorer)
		return;
	forget_threads(scorer);
	free(scorer->threads);
	surprise_free(scorer->surprise);
	repertoires_free(&scorer->repertoires);
	table_free(&scorer->grams);
	free(scorer);
}

static int grow(struct scorer *scorer, size_t slot)
{
	size_t count = scorer->count ? scorer->count * 2 : 64;
	struct scored *grown;

	if (slot < scorer->count)
		return 0;
	while (count <= slot)
		count *= 2;
	grown = realloc(scorer->threads, count * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + scorer->count, 0, (count - scorer->count) * sizeof(*grown));
	scorer->threads = grown;
	scorer->count = count;
	return 0;
}

int scorer_begin(struct scorer *scorer, size_t slot, int late)
{
	struct thread_score score;

	if (grow(scorer, slot) < 0 || scorer_end(scorer, slot, &score) < 0)
		return -ENOMEM;
	scorer->threads[slot] = (struct scored){ .recent = late ? GRAM_MASK : 0,
						 .alive = 1,
						 .late = late != 0 };
	return 0;
}

/* What the thread comes to if it ends now; 0: it made too few calls, or its repertoire is not
 * known, for it began before it was watched. */
static int score_thread(const struct scorer *scorer, const struct scored *thread,
			struct thread_score *ret_score)
{
	if (thread->late || thread->calls < SCORE_CALLS)
		return 0;
	ret_score->calls = thread->calls;
	ret_score->surprise = (double)thread->sum / SURPRISE_UNIT / (double)thread->calls;
	ret_score->distance = repertoires_distance(&scorer->repertoires, thread->set,
						   scorer->weight, scorer->part,
						   &ret_score->nearest);
	ret_score->score = ret_score->surprise * ret_score->distance * ret_score->distance;
	return 1;
}

int scorer_end(struct scorer *scorer, size_t slot, struct thread_score *ret_score)
{
	struct scored *thread = slot < scorer->count ? &scorer->threads[slot] : NULL;
	int scored = 0, status = 0;

	if (!thread || !thread->alive)
		return 0;
	scored = score_thread(scorer, thread, ret_score);
	if (scored && ret_score->score >= scorer->peaks.ended.score)
		scorer->peaks.ended = *ret_score;
	if (scored && scorer->learn) {
		scorer->judged.scores[score_bin(ret_score->score)]++;
		status = repertoires_add(&scorer->repertoires, thread->set, 1, scorer->part);
	}
	free(thread->set);
	*thread = (struct scored){ 0 };
	return status < 0 ? status : scored;
}

static uint64_t gram_next(uint64_t recent, uint32_t code)
{
	return (recent << CODE_BITS | code) & GRAM_MASK;
}

static uint32_t level_next(uint32_t level, uint32_t bits)
{
	return level + bits - (level >> LEVEL_SHIFT);
}

static uint32_t level_add(struct scorer *scorer, struct scored *thread, uint32_t bits, int steady)
{
	uint32_t level;

	level = thread->level = level_next(thread->level, bits);
	if (!steady)
		return 0;
	if (level > scorer->peaks.level)
		scorer->peaks.level = level;
	if (!scorer->level_limit || level < scorer->level_limit)
		return 0;
	thread->level = 0;
	return level;
}

int scorer_call(struct scorer *scorer, size_t slot, uint32_t code, int steady)
{
	struct scored *thread = &scorer->threads[slot];
	uint32_t bits;

	thread->recent = gram_next(thread->recent, code);
	if (!thread->set)
		thread->set = calloc(1, sizeof(*thread->set));
	if (!thread->set)
		return -ENOMEM;
	callset_add(thread->set, code);
	thread->frame <<= 1;
	thread->fresh <<= 1;
	if (gram_is_late(thread->recent))
		return 0;
	if (scorer->learn) {
		uint64_t *count = table_at(&scorer->grams, thread->recent, 0);

		if (!count)
			return -ENOMEM;
		++*count;
	}
	bits = surprise_of(scorer->surprise, thread->recent);
	thread->calls++;
	thread->sum += bits;
	return (int)level_add(scorer, thread, bits, steady);
}

uint32_t scorer_quiet(struct scorer *scorer, size_t slot, const uint16_t *codes, uint32_t count,
		      int steady)
{
	struct scored *thread = &scorer->threads[slot];
	struct scored after = *thread;
	uint32_t limit = steady && scorer->level_limit ? scorer->level_limit : UINT32_MAX;
	uint32_t most = 0, call;

	/* One that was scored once is late no more. */
	if (scorer->learn || !thread->calls)
		return 0;
	for (call = 0; call < count; call++) {
		uint64_t recent = gram_next(after.recent, codes[call]);
		uint32_t bits = surprise_of(scorer->surprise, recent);
		uint32_t level = level_next(after.level, bits);

		if (level >= limit)
			break;
		after.recent = recent;
		after.level = level;
		after.sum += bits;
		most = level > most ? level : most;
		if (!callset_has(after.set, codes[call]))
			callset_add(after.set, codes[call]);
	}
	after.calls += call;
	after.frame = frame_slide(after.frame, call);
	after.fresh = frame_slide(after.fresh, call);
	*thread = after;
	if (steady && most > scorer->peaks.level)
		scorer->peaks.level = most;
	return call;
}

uint32_t scorer_limit(const struct scorer *scorer)
{
	return scorer->level_limit;
}

static void mark(uint64_t *frame, int steady, uint32_t *most)
{
	*frame |= 1;
	if (steady && frame_count(*frame) > *most)
		*most = frame_count(*frame);
}

void scorer_mismatch(struct scorer *scorer, size_t slot, int fresh, int steady)
{
	struct scored *thread = &scorer->threads[slot];

	mark(&thread->frame, steady, &scorer->peaks.frame);
	if (fresh)
		mark(&thread->fresh, steady, &scorer->peaks.fresh);
}

double scorer_thread_limit(const struct scorer *scorer)
{
	return scorer->thread_limit;
}

void scorer_peaks(struct scorer *scorer, struct scorer_peaks *ret_peaks)
{
	*ret_peaks = scorer->peaks;
	scorer->peaks = (struct scorer_peaks){ 0 };
}

void scorer_restart(struct scorer *scorer)
{
	forget_threads(scorer);
	scorer->peaks = (struct scorer_peaks){ 0 };
}

/* The grams that were counted, in the table's order, which is none; how many in `ret_count`. The
 * caller frees them. NULL: no memory. */
static struct gram *list_grams(const struct table *table, size_t *ret_count)
{
	struct gram *grams = calloc(table->used + 1, sizeof(*grams));
	size_t count = 0;

	for (size_t i = 0; grams && i < table->room; i++)
		if (table->entries[i].value)
			grams[count++] = (struct gram){ table->entries[i].key[0],
							table->entries[i].value };
	*ret_count = count;
	return grams;
}

static int compare_grams(const void *a, const void *b)
{
	const struct gram *left = a, *right = b;

	return number_compare(left->calls, right->calls);
}

int scorer_part(struct scorer *scorer, uint32_t part)
{
	size_t count;
	struct gram *grams = list_grams(&scorer->grams, &count);
	struct surprise *surprise = grams ? surprise_new(grams, count) : NULL;

	free(grams);
	if (!surprise)
		return -ENOMEM;
	surprise_free(scorer->surprise);
	scorer->surprise = surprise;
	repertoires_weigh(&scorer->repertoires, scorer->weight);
	scorer->part = part;
	scorer->peaks = (struct scorer_peaks){ 0 };
	memset(&scorer->judged, 0, sizeof(scorer->judged));
	return 0;
}

void scorer_judged(const struct scorer *scorer, struct profile_part *part)
{
	part->level_most = scorer->peaks.level;
	memcpy(part->scores, scorer->judged.scores, sizeof(part->scores));
}

int scorer_save(const struct scorer *scorer, struct profile *profile)
{
	struct repertoires copy;
	size_t count;
	struct gram *grams = list_grams(&scorer->grams, &count);

	if (!grams || repertoires_copy(&copy, &scorer->repertoires) < 0) {
		free(grams);
		return -ENOMEM;
	}
	qsort(grams, count, sizeof(*grams), compare_grams);
	free(profile->grams);
	profile->grams = grams;
	profile->gram_count = profile->gram_room = count;
	repertoires_free(&profile->repertoires);
	profile->repertoires = copy;
	scorer_judged(scorer, &profile->history[profile->history_count - 1]);
	return 0;
}
