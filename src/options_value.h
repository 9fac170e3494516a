/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values that options take, from text. Each returns 0, or -EINVAL for a text that is no such
 * value as a whole.
 */
#ifndef BOSC_OPTIONS_VALUE_H
#define BOSC_OPTIONS_VALUE_H

#include <stdint.h>

#include "options.h"

/* "90", "90s", "5m", "2h", "1d" in nanoseconds; up to a hundred years. */
int options_value_time(const char *text, uint64_t *ret_ns);

/* A whole number from `low` to `high`. */
int options_value_number(const char *text, uint64_t low, uint64_t high, uint64_t *ret_value);

/* A share above 0 and up to 1. */
int options_value_share(const char *text, double *ret_share);

/* "native", "ia32" or "x32" as enum abi. */
int options_value_abi(const char *text, uint32_t *ret_abi);

/* "json", "original", "seccomp" or "csv". */
int options_value_format(const char *text, enum export_format *ret_format);

#endif
