/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace_clock.h"

#include <ctype.h>

#include "util.h"

#define DAY_NS	      (86400 * NS_PER_S)
#define UNIX_FIRST    100000000u   /* seconds, of 1973: no difference is so long */
#define SECONDS_LIMIT 10000000000u /* beyond, nanoseconds have no room */

bool trace_clock_number(const char **text, uint64_t most, uint64_t *ret_number)
{
	const char *digit = *text;
	uint64_t number = 0;

	if (!isdigit((unsigned char)*digit))
		return false;
	for (; isdigit((unsigned char)*digit); digit++) {
		if (number > most / 10)
			return false;
		number = number * 10 + (uint64_t)(*digit - '0');
	}
	if (number > most)
		return false;
	*text = digit;
	*ret_number = number;
	return true;
}

/* ".123456" in nanoseconds; nothing is 0. */
static uint64_t fraction(const char **text)
{
	uint64_t ns = 0, unit = NS_PER_S / 10;

	if (**text != '.')
		return 0;
	for ((*text)++; isdigit((unsigned char)**text); (*text)++, unit /= 10)
		ns += (uint64_t)(**text - '0') * unit;
	return ns;
}

static bool part_of_day(const char **text, char separator, uint64_t most, uint64_t *value)
{
	uint64_t part;

	if (separator && *(*text)++ != separator)
		return false;
	if (!trace_clock_number(text, most, &part))
		return false;
	*value = *value * 60 + part;
	return true;
}

bool trace_clock_day(struct trace_clock *clock, const char **text)
{
	const char *end = *text;
	uint64_t seconds = 0, ns;

	if (!part_of_day(&end, 0, 23, &seconds) || !part_of_day(&end, ':', 59, &seconds) ||
	    !part_of_day(&end, ':', 60, &seconds))
		return false;
	*text = end;
	ns = seconds * NS_PER_S + fraction(text);
	/* Half a day back is midnight; less is a line that came late. */
	if (clock->begun && ns + DAY_NS / 2 < clock->last_ns)
		clock->day_ns += DAY_NS;
	clock->begun = true;
	clock->last_ns = ns;
	clock->ns = clock->day_ns + ns;
	return true;
}

bool trace_clock_seconds(struct trace_clock *clock, const char **text)
{
	const char *end = *text;
	uint64_t seconds, ns;

	if (!trace_clock_number(&end, SECONDS_LIMIT, &seconds) || *end != '.')
		return false;
	ns = seconds * NS_PER_S + fraction(&end);
	*text = end;
	if (!clock->begun)
		clock->unix_time = seconds >= UNIX_FIRST;
	clock->begun = true;
	clock->ns = clock->unix_time ? ns : clock->ns + ns;
	return true;
}
