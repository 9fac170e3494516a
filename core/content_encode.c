/* SPDX-License-Identifier: BSD-2-Clause */
#include "content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct writer {
	unsigned char *bytes;
	size_t size, room;
	int failed;
};

static void put_byte(struct writer *writer, unsigned char byte)
{
	if (writer->size == writer->room && !writer->failed) {
		size_t room = writer->room ? writer->room * 2 : 4096;
		unsigned char *grown = realloc(writer->bytes, room);

		writer->failed = !grown;
		writer->bytes = grown ? grown : writer->bytes;
		writer->room = grown ? room : writer->room;
	}
	if (!writer->failed)
		writer->bytes[writer->size++] = byte;
}

static void put(struct writer *writer, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		put_byte(writer, (unsigned char)(number | 0x80));
	put_byte(writer, (unsigned char)number);
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, strlen(text));
	for (; *text; text++)
		put_byte(writer, (unsigned char)*text);
}

/* The next of a row of codes in order: how many were left out before it. */
static void put_code(struct writer *writer, uint32_t code, uint32_t *next)
{
	put(writer, code - *next);
	*next = code + 1;
}

static uint32_t used(const uint64_t *counts)
{
	uint32_t count = 0;

	for (uint32_t code = 0; code < CODE_COUNT; code++)
		count += counts[code] > 0;
	return count;
}

static void put_calls(struct writer *writer, const struct profile *content)
{
	put(writer, used(content->calls));
	for (uint32_t code = 0, next = 0; code < CODE_COUNT; code++) {
		if (!content->calls[code])
			continue;
		put_code(writer, code, &next);
		put(writer, content->calls[code]);
		put(writer, content->start_calls[code]);
	}
}

static void put_execs(struct writer *writer, const struct profile *content)
{
	put(writer, content->exec_count);
	for (size_t i = 0; i < content->exec_count; i++) {
		put_text(writer, content->execs[i].path);
		put(writer, content->execs[i].inode);
		put(writer, content->execs[i].count);
	}
}

static void put_part(struct writer *writer, const struct profile_part *part, uint64_t before)
{
	uint32_t bins = 0;

	put(writer, part->windows_before - before);
	put(writer, part->frame_most);
	put(writer, part->fresh_most);
	put(writer, part->logged);
	put(writer, part->level_most);
	for (uint32_t bin = 0; bin < SCORE_BINS; bin++)
		bins = part->scores[bin] ? bin + 1 : bins;
	put(writer, bins);
	for (uint32_t bin = 0; bin < bins; bin++)
		put(writer, part->scores[bin]);
}

static void put_parts(struct writer *writer, const struct profile *content)
{
	uint64_t before = 0;

	put(writer, content->history_count);
	for (size_t i = 0; i < content->history_count; i++) {
		put_part(writer, &content->history[i], before);
		before = content->history[i].windows_before;
	}
}

static void put_bags(struct writer *writer, const struct profile *content)
{
	put(writer, content->bag_count);
	for (size_t i = 0; i < content->bag_count; i++) {
		const struct profile_bag *known = &content->bags[i];
		uint32_t before = 0;

		for (uint32_t at = 0; at < content->window; at++) {
			put(writer, known->bag.code[at] - before);
			before = known->bag.code[at];
		}
		put(writer, known->count);
		put(writer, (uint64_t)known->part << 1 | (known->again != 0));
	}
}

static void put_sights(struct writer *writer, const struct profile *content)
{
	put(writer, content->threads);
	put(writer, content->sight_count);
	for (size_t i = 0; i < content->sight_count; i++) {
		put(writer, content->sights[i].bag);
		put(writer, content->sights[i].thread);
		put(writer, content->sights[i].at);
		put(writer, content->sights[i].part);
	}
}

static void put_grams(struct writer *writer, const struct profile *content)
{
	uint64_t before = 0;

	put(writer, content->gram_count);
	for (size_t i = 0; i < content->gram_count; i++) {
		put(writer, content->grams[i].calls - before);
		put(writer, content->grams[i].count);
		before = content->grams[i].calls;
	}
}

static void put_repertoire(struct writer *writer, const struct repertoire *repertoire)
{
	uint32_t next = 0;
	size_t size = 0;

	while (repertoire->codes[size])
		size++;
	put(writer, size);
	for (size_t i = 0; i < size; i++)
		put_code(writer, repertoire->codes[i], &next);
	put(writer, repertoire->threads);
	put(writer, repertoire->part);
}

static void put_repertoires(struct writer *writer, const struct repertoires *repertoires)
{
	put(writer, repertoires->threads);
	put(writer, used(repertoires->users));
	for (uint32_t code = 0, next = 0; code < CODE_COUNT; code++) {
		if (!repertoires->users[code])
			continue;
		put_code(writer, code, &next);
		put(writer, repertoires->users[code]);
	}
	put(writer, repertoires->count);
	for (size_t i = 0; i < repertoires->count; i++)
		put_repertoire(writer, &repertoires->all[i]);
}

int content_encode(const struct profile *content, unsigned char **ret_bytes, size_t *ret_size)
{
	struct writer writer = { 0 };

	put(&writer, CONTENT_VERSION);
	put(&writer, content->window);
	put_text(&writer, content->arch);
	put(&writer, content->signals);
	put(&writer, content->programs);
	put_calls(&writer, content);
	put_execs(&writer, content);
	put_parts(&writer, content);
	put_bags(&writer, content);
	put_sights(&writer, content);
	put_grams(&writer, content);
	put_repertoires(&writer, &content->repertoires);
	if (writer.failed) {
		free(writer.bytes);
		return -ENOMEM;
	}
	*ret_bytes = writer.bytes;
	*ret_size = writer.size;
	return 0;
}
