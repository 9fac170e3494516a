/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of bosc profile show that says what the target does most: calls and bags by their share.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd_profile_show.h"
#include "syscalls.h"
#include "util.h"

#define CALLS_SHOWN 15 /* on a terminal; elsewhere all, for who searches them */
#define BAGS_SHOWN  8

/* A call, by code, or a bag, by place. */
struct share {
	size_t what;
	uint64_t count;
};

static int compare_shares(const void *a, const void *b)
{
	const struct share *left = a;
	const struct share *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return (left->what > right->what) - (left->what < right->what);
}

static double percent(uint64_t count, uint64_t sum)
{
	return sum ? 100.0 * (double)count / (double)sum : 0;
}

static void show_call(FILE *out, const char *name, uint64_t count, uint64_t sum)
{
	fprintf(out, "  %-22s %12llu  %8.4f %%\n", name, (unsigned long long)count,
		percent(count, sum));
}

void cmd_profile_show_calls(FILE *out, const struct profile *profile, bool all)
{
	struct share shares[CODE_COUNT];
	uint64_t sum = profile_calls(profile), rest = 0;
	char name[SYSCALL_NAME], others[32];
	size_t count = 0, shown;

	for (uint32_t code = 1; code < CODE_NEW; code++)
		if (profile->calls[code])
			shares[count++] = (struct share){ code, profile->calls[code] };
	qsort(shares, count, sizeof(*shares), compare_shares);
	/* One line does not stand for one call. */
	shown = all || count <= CALLS_SHOWN + 1 ? count : CALLS_SHOWN;
	if (count)
		fprintf(out, "calls by share\n");
	for (size_t i = 0; i < shown; i++)
		show_call(out, syscall_name(profile->arch, (uint32_t)shares[i].what, name),
			  shares[i].count, sum);
	for (size_t i = shown; i < count; i++)
		rest += shares[i].count;
	snprintf(others, sizeof(others), "(%zu others)", count - shown);
	if (shown < count)
		show_call(out, others, rest, sum);
}

/* "read*3 write": each call once, and how often it is in the window. */
static void show_bag_calls(FILE *out, const struct profile *profile, const struct bag *bag)
{
	char name[SYSCALL_NAME];
	uint32_t times;

	for (uint32_t i = 0; i < profile->window; i += times) {
		times = 1;
		while (i + times < profile->window && bag->code[i + times] == bag->code[i])
			times++;
		fprintf(out, " %s", syscall_name(profile->arch, bag->code[i], name));
		if (times > 1)
			fprintf(out, "*%u", times);
	}
	fprintf(out, "\n");
}

int cmd_profile_show_bags(FILE *out, const struct profile *profile, struct error *err)
{
	_cleanup_free_ struct share *shares = calloc(profile->bag_count + 1, sizeof(*shares));
	uint64_t sum = profile_windows(profile), rest = sum;
	size_t count = profile->bag_count;
	size_t shown = count <= BAGS_SHOWN + 1 ? count : BAGS_SHOWN;

	if (!shares)
		return fail(err, -ENOMEM, "cannot show '%s': no memory", profile->name);
	for (size_t i = 0; i < count; i++)
		shares[i] = (struct share){ i, profile->bags[i].count };
	qsort(shares, count, sizeof(*shares), compare_shares);
	if (count)
		fprintf(out, "bags by share\n");
	for (size_t i = 0; i < shown; i++) {
		fprintf(out, "  %8.4f %% ", percent(shares[i].count, sum));
		show_bag_calls(out, profile, &profile->bags[shares[i].what].bag);
		rest -= shares[i].count;
	}
	if (shown < count)
		fprintf(out, "  %8.4f %%  (%zu others)\n", percent(rest, sum), count - shown);
	return 0;
}
