/* SPDX-License-Identifier: BSD-2-Clause */
#include "options_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/window.h"
#include "util.h"

int options_value_time(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	char *end;
	double value = strtod(text, &end);

	if (end == text)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		double seconds = value * units[i].seconds;

		if (strcmp(end, units[i].unit) != 0)
			continue;
		if (!(seconds >= 0 && seconds <= 36525.0 * 86400))
			return -EINVAL;
		*ret_ns = (uint64_t)(seconds * 1e9);
		return 0;
	}
	return -EINVAL;
}

int options_value_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value)
{
	char *end;

	errno = 0;
	*ret_value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || *ret_value < low ||
	    *ret_value > high)
		return -EINVAL;
	return 0;
}

int options_value_share(const char *text, double *ret_share)
{
	char *end;

	*ret_share = strtod(text, &end);
	return end == text || *end || !(*ret_share > 0 && *ret_share <= 1) ? -EINVAL : 0;
}

/* The place of a word in a list, or -EINVAL. */
static int find_word(const char *const *words, uint32_t count, const char *text)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0)
			return (int)i;
	return -EINVAL;
}

int options_value_abi(const char *text, uint32_t *ret_abi)
{
	static const char *const words[] = {
		[ABI_NATIVE] = "native", [ABI_COMPAT] = "ia32", [ABI_X32] = "x32"
	};
	int abi = find_word(words, ARRAY_SIZE(words), text);

	if (abi >= 0)
		*ret_abi = (uint32_t)abi;
	return abi < 0 ? abi : 0;
}

int options_value_format(const char *text, enum export_format *ret_format)
{
	static const char *const words[EXPORT_FORMATS] = {
		[EXPORT_JSON] = "json",
		[EXPORT_ORIGINAL] = "original",
		[EXPORT_SECCOMP] = "seccomp",
		[EXPORT_CSV] = "csv",
	};
	int format = find_word(words, EXPORT_FORMATS, text);

	if (format >= 0)
		*ret_format = (enum export_format)format;
	return format < 0 ? format : 0;
}
