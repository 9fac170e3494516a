/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of a corpus share: making items, and what stands beside a recording and says when
 * its attack begins.
 */
#ifndef BOSC_CORPUS_ITEM_H
#define BOSC_CORPUS_ITEM_H

#include "corpus.h"

/* A new item at the end, still without rank: its path, and its name, the path below `folder`.
 * NULL, with a sentence: no memory. */
struct corpus_item *corpus_item_add(struct corpus *corpus, enum corpus_kind kind,
				    const char *folder, const char *path, struct error *err);

/* Sets the family, a copy of that many bytes. */
int corpus_item_family(struct corpus_item *item, const char *family, size_t length,
		       struct error *err);

/* Finds when the attack of a recording begins in what stands beside it; nothing, where nobody
 * says. Negative: what is there is damaged. */
int corpus_manifest_attack(struct corpus_item *item, struct error *err);

/* Adds the data set in a folder, whichever it is. */
int corpus_set_read(struct corpus *corpus, const char *folder, struct error *err);

/* Of LID-DS 2021: the start of the attack, out of the JSON in the zip or beside NAME.sc. */
int corpus_manifest_lids(struct corpus_item *item, struct error *err);

/* Adds the recordings of a folder's manifest.json, or of LID-DS 2019's runs.csv; or sets only
 * the attack of `item`, when that is not NULL. */
int corpus_manifest_read(struct corpus *corpus, struct corpus_item *item, const char *folder,
			 struct error *err);
int corpus_runs_read(struct corpus *corpus, struct corpus_item *item, const char *folder,
		     struct error *err);

#endif
