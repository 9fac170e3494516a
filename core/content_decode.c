/* SPDX-License-Identifier: BSD-2-Clause */
#include "content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "novelty.h"

/* The first fault stops all reading: whatever is asked for behind it is 0. */
struct reader {
	const unsigned char *bytes;
	size_t left;
	const char *why;
	int no_memory;
	struct profile *content;
};

static void spoil(struct reader *reader, const char *why)
{
	if (!reader->why)
		reader->why = why;
	reader->left = 0;
}

static void starve(struct reader *reader)
{
	reader->no_memory = 1;
	spoil(reader, "there is no memory");
}

static uint64_t get(struct reader *reader)
{
	uint64_t number = 0;

	for (unsigned int shift = 0; reader->left; shift += 7) {
		uint64_t seven = *reader->bytes & 0x7f;

		if (shift > 63 || seven << shift >> shift != seven)
			break;
		number |= seven << shift;
		reader->left--;
		if (!(*reader->bytes++ & 0x80))
			return number;
	}
	spoil(reader, "it was cut short or changed");
	return 0;
}

static uint32_t get_small(struct reader *reader)
{
	uint64_t number = get(reader);

	if (number <= UINT32_MAX)
		return (uint32_t)number;
	spoil(reader, "a number in it is larger than its field");
	return 0;
}

/* How many elements follow, each of at least one byte: so no count can ask for more memory than
 * the bytes are worth. */
static size_t get_count(struct reader *reader)
{
	uint64_t count = get(reader);

	if (count <= reader->left)
		return count;
	spoil(reader, "it was cut short or changed");
	return 0;
}

static void get_text(struct reader *reader, char *text, size_t size)
{
	size_t length = get_count(reader);

	if (length >= size || (length && memchr(reader->bytes, 0, length)))
		spoil(reader, "a text in it is none, or longer than its field");
	if (reader->why)
		return;
	memcpy(text, reader->bytes, length);
	text[length] = '\0';
	reader->bytes += length;
	reader->left -= length;
}

static uint32_t get_code(struct reader *reader, uint32_t *next)
{
	uint64_t skipped = get(reader);

	if (skipped >= CODE_COUNT - *next) {
		spoil(reader, "it holds a code that no call has");
		return 0;
	}
	*next += (uint32_t)skipped + 1;
	return *next - 1;
}

static void get_calls(struct reader *reader)
{
	uint32_t next = 0;

	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		uint32_t code = get_code(reader, &next);

		reader->content->calls[code] = get(reader);
		reader->content->start_calls[code] = get(reader);
	}
}

static void get_execs(struct reader *reader)
{
	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		char path[PROFILE_PATH] = "";
		uint64_t inode, seen;
		int added;

		get_text(reader, path, sizeof(path));
		inode = get(reader);
		seen = get(reader);
		added = profile_exec(reader->content, path, inode, seen);
		if (added < 0)
			starve(reader);
		else if (!added)
			spoil(reader, "an executable is there twice");
	}
}

static void get_part(struct reader *reader, uint64_t before)
{
	struct profile_part *part = profile_part(reader->content);
	uint64_t length = get(reader);
	size_t bins;

	if (!part) {
		starve(reader);
		return;
	}
	if (__builtin_add_overflow(before, length, &part->windows_before))
		spoil(reader, "its parts are longer than there can be");
	part->frame_most = get_small(reader);
	part->fresh_most = get_small(reader);
	part->logged = get_small(reader);
	part->level_most = get_small(reader);
	bins = get_count(reader);
	if (bins > SCORE_BINS)
		spoil(reader, "a part has more bins of scores than there are");
	for (size_t bin = 0; bin < bins && !reader->why; bin++)
		part->scores[bin] = get_small(reader);
}

static void get_parts(struct reader *reader)
{
	uint64_t before = 0;

	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		get_part(reader, before);
		if (!reader->why)
			before = reader->content->history[reader->content->history_count - 1]
					 .windows_before;
	}
}

static void get_bag(struct reader *reader)
{
	struct bag bag = { 0 };
	struct profile_bag *known;
	uint64_t count, code = 0, part;
	int is_new = 0;
	long at;

	for (uint32_t i = 0; i < reader->content->window; i++) {
		code += get(reader);
		if (code >= CODE_COUNT)
			spoil(reader, "a bag holds a code that no call has");
		bag.code[i] = (uint16_t)(code & CODE_MASK);
	}
	count = get(reader);
	part = get(reader);
	if (part >> 1 > reader->content->history_count)
		spoil(reader, "a bag was seen in a part of the training that is not there");
	if (reader->why)
		return;
	at = profile_bag(reader->content, &bag, (uint32_t)(part >> 1), &is_new);
	if (at < 0) {
		starve(reader);
		return;
	}
	if (!is_new)
		spoil(reader, "a bag is there twice");
	known = &reader->content->bags[at];
	known->count = count;
	known->again = part & 1;
}

static void get_bags(struct reader *reader)
{
	for (size_t count = get_count(reader); count > 0 && !reader->why; count--)
		get_bag(reader);
}

static void get_sights(struct reader *reader)
{
	reader->content->threads = get_small(reader);
	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		struct sight sight = { .bag = get_small(reader) };

		sight.thread = get_small(reader);
		sight.at = get_small(reader);
		sight.part = get_small(reader);
		if (novelty_log(reader->content, &sight) < 0)
			starve(reader);
	}
}

static void get_grams(struct reader *reader)
{
	uint64_t calls = 0;

	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		calls += get(reader);
		if (profile_gram(reader->content, calls, get(reader)) < 0)
			starve(reader);
	}
}

static void get_repertoire(struct reader *reader)
{
	struct callset set = { 0 };
	uint32_t next = 0;
	uint64_t threads;
	int put;

	for (size_t size = get_count(reader); size > 0 && !reader->why; size--)
		callset_add(&set, get_code(reader, &next));
	threads = get(reader);
	put = repertoires_put(&reader->content->repertoires, &set, threads, get_small(reader));
	if (put < 0)
		starve(reader);
	else if (!put)
		spoil(reader, "it has more repertoires than are kept");
}

static void get_repertoires(struct reader *reader)
{
	struct repertoires *repertoires = &reader->content->repertoires;
	uint32_t next = 0;

	repertoires->threads = get(reader);
	for (size_t count = get_count(reader); count > 0 && !reader->why; count--) {
		uint32_t code = get_code(reader, &next);

		repertoires->users[code] = get(reader);
	}
	for (size_t count = get_count(reader); count > 0 && !reader->why; count--)
		get_repertoire(reader);
}

static void get_content(struct reader *reader)
{
	struct profile *content = reader->content;

	get_text(reader, content->arch, sizeof(content->arch));
	content->signals = get(reader);
	content->programs = get(reader);
	get_calls(reader);
	get_execs(reader);
	get_parts(reader);
	get_bags(reader);
	get_sights(reader);
	get_grams(reader);
	get_repertoires(reader);
	if (!reader->why && reader->left)
		spoil(reader, "more follows behind its end");
}

int content_decode(const unsigned char *bytes, size_t size, const char *name,
		   struct profile **ret_content, const char **ret_why)
{
	struct reader reader = { .bytes = bytes, .left = size };
	uint64_t version = get(&reader);
	uint64_t window = get(&reader);

	if (!reader.why && version != CONTENT_VERSION)
		reader.why = "a newer bosc wrote it";
	if (!reader.why && (window < 1 || window > WINDOW_MAX))
		reader.why = "its window has no size that is known";
	if (!reader.why) {
		reader.content = profile_new(name, (uint32_t)window);
		if (!reader.content || !profile_run(reader.content))
			starve(&reader);
		else
			get_content(&reader);
	}
	if (!reader.why && profile_check(reader.content, &reader.why) == 0) {
		*ret_content = reader.content;
		return 0;
	}
	profile_free(reader.content);
	*ret_why = reader.why;
	return reader.no_memory ? -ENOMEM : -EBADMSG;
}
