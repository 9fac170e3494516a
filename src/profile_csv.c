/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No value needs quotes: names of calls are made of letters, digits, "_" and ":".
 */
#include "profile_csv.h"

#include <errno.h>
#include <string.h>

#include "syscalls.h"
#include "util.h"

#define LINE_END "\r\n" /* as the standard has it */

int profile_csv_write(const struct profile *profile, FILE *file, struct error *err)
{
	_cleanup_free_ char(*names)[SYSCALL_NAME] = calloc(CODE_COUNT, sizeof(*names));

	if (!names)
		return fail(err, -ENOMEM, "cannot write profile '%s': %s", profile->name,
			    strerror(ENOMEM));
	fprintf(file, "count,part");
	for (uint32_t i = 0; i < profile->window; i++)
		fprintf(file, ",call_%u", i + 1);
	fprintf(file, LINE_END);
	for (size_t i = 0; i < profile->bag_count; i++) {
		const struct profile_bag *known = &profile->bags[i];

		fprintf(file, "%llu,%u", (unsigned long long)known->count, known->part);
		for (uint32_t j = 0; j < profile->window; j++) {
			char *name = names[known->bag.code[j] & CODE_MASK];

			if (!*name) /* finding a name takes a search */
				syscall_name(profile->arch, known->bag.code[j], name);
			fprintf(file, ",%s", name);
		}
		fprintf(file, LINE_END);
	}
	return 0;
}
