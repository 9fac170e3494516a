/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether options that are each well go together: what a command needs, and what excludes what.
 */
#ifndef BOSC_OPTIONS_CHECK_H
#define BOSC_OPTIONS_CHECK_H

#include "options.h"

/* 0, or -EINVAL with the sentence. */
int options_check(const struct options *options, struct error *err);

/* Says that the word stands where only options may. -EINVAL. */
int options_check_stray(const char *word, struct error *err);

#endif
