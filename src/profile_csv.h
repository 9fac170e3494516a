/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bags of a profile as a table, for whoever reads comma-separated values (RFC 4180).
 */
#ifndef BOSC_PROFILE_CSV_H
#define BOSC_PROFILE_CSV_H

#include <stdio.h>

#include "../core/profile.h"
#include "error.h"

/* Writes a line of titles, then a line for each bag, in the order in which they were met: count,
 * part of the training that saw it first (0: unknown), and a column for each call of the window. */
int profile_csv_write(const struct profile *profile, FILE *file, struct error *err);

#endif
