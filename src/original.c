/* SPDX-License-Identifier: BSD-2-Clause */
#include "original.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"
#include "syscalls.h"
#include "util.h"

/* The classes that have a column of their own, in the order of their codes. */
struct columns {
	uint16_t fold[CODE_COUNT];
	uint16_t code[CODE_COUNT];
	size_t count;
};

static struct columns *columns_new(const struct profile *profile)
{
	struct columns *columns = calloc(1, sizeof(*columns));

	if (!columns)
		return NULL;
	profile_fold(profile, columns->fold);
	for (uint16_t code = CODE_BEGIN + 1; code < CODE_NEW; code++)
		if (columns->fold[code] == code)
			columns->code[columns->count++] = code;
	return columns;
}

static void put_title(FILE *stream, const char *name, const char *behaviour,
		      const struct profile *profile, const struct columns *columns)
{
	char call[SYSCALL_NAME];

	fprintf(stream, "\nSyscall bags and count for ");
	sink_text_safe(stream, name, PROFILE_TEXT);
	fprintf(stream, " (%s BEHAVIOUR)\n[", behaviour);
	for (size_t i = 0; i < columns->count; i++)
		fprintf(stream, "%s'%s'", i ? ", " : "",
			syscall_name(profile->arch[0] ? profile->arch : NULL, columns->code[i],
				     call));
	fprintf(stream, "]\n");
}

/* Calls without a column, and those that the profile never saw, are others; the places before
 * the beginning of a thread are no calls. */
static void put_bag(FILE *stream, const struct columns *columns, const struct bag *bag,
		    uint32_t window, uint64_t count)
{
	uint32_t in_bag[CODE_COUNT] = { 0 };
	uint32_t others = 0;

	for (uint32_t i = 0; i < window; i++) {
		uint16_t code = bag->code[i];

		if (code == CODE_BEGIN)
			continue;
		if (columns->fold[code] == code)
			in_bag[code]++;
		else
			others++;
	}
	fputc('(', stream);
	for (size_t i = 0; i < columns->count; i++)
		fprintf(stream, "%u, ", in_bag[columns->code[i]]);
	fprintf(stream, "%u) , %llu\n", others, (unsigned long long)count);
}

static void columns_free_p(struct columns **columns)
{
	free(*columns);
}

static int finish(FILE *stream, struct error *err)
{
	if (!fflush(stream))
		return 0;
	return fail(err, -errno, "cannot write the tables of bags: %s", strerror(errno));
}

int original_normal(FILE *stream, const char *name, const struct profile *profile,
		    struct error *err)
{
	_cleanup_(columns_free_p) struct columns *columns = columns_new(profile);

	if (!columns)
		return fail(err, -ENOMEM, "cannot write the tables of bags: no memory");
	put_title(stream, name, "NORMAL", profile, columns);
	for (size_t i = 0; i < profile->bag_count; i++)
		put_bag(stream, columns, &profile->bags[i].bag, profile->window,
			profile->bags[i].count);
	return finish(stream, err);
}

int original_monitored(FILE *stream, const char *name, const struct profile *profile,
		       const struct original_bag *bags, size_t count, struct error *err)
{
	_cleanup_(columns_free_p) struct columns *columns = columns_new(profile);

	if (!columns)
		return fail(err, -ENOMEM, "cannot write the tables of bags: no memory");
	put_title(stream, name, "MONITORED", profile, columns);
	for (size_t i = 0; i < count; i++)
		if (bags[i].count)
			put_bag(stream, columns, &bags[i].bag, profile->window, bags[i].count);
	return finish(stream, err);
}
