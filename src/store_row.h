/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run as a store keeps it: what it learnt as bytes (core/content.h), and the rest of it, its
 * head, as JSON, to which later versions can add. The sum over both (FNV-1a) finds accidents; it is
 * no seal against somebody who may write the store.
 */
#ifndef BOSC_STORE_ROW_H
#define BOSC_STORE_ROW_H

#include "store_backend.h"

/* The row of a run that has its content, which the row borrows. The caller frees the head.
 * -ENOMEM, else 0. */
int store_row_make(const struct profile_run *run, char **ret_head, struct store_row *ret_row);

uint64_t store_row_sum(const struct store_row *row);

/* Over all runs of a profile that was loaded or sealed, whatever its name: whoever has the same
 * runs, with the same said of them, has the same sum. -ENOMEM, else 0. */
int store_row_sum_all(const struct profile *profile, uint64_t *ret_sum);

/* Fills in the members of the head. -EINVAL: it is none. */
int store_row_head(const struct store_row *row, struct profile_run *run);

/* Gives the run a copy of the content. -ENOMEM, else 0. */
int store_row_content(const struct store_row *row, struct profile_run *run);

#endif
