/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recordings of an evaluation: which train, which are normal, which hold an attack, and when
 * it begins. Files may be named one by one; of known data sets (a folder with our manifest.json,
 * ADFA-LD, LID-DS 2019 and 2021) the folder says all of that.
 */
#ifndef BOSC_CORPUS_H
#define BOSC_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum corpus_kind {
	CORPUS_TRAIN,
	CORPUS_NORMAL,
	CORPUS_ATTACK,
};

struct corpus_item {
	char *path;
	char *name;   /* unique in the corpus, for people: the path below the data set's folder */
	char *family; /* of the attack; "" for a normal recording */
	enum corpus_kind kind;
	/* When the attack begins: on the clock of the recording's records, or 0; relative to the
	 * recording's first record, in ns, where `attack_relative` says so; both 0: the whole
	 * recording is the attack's. */
	uint64_t attack_ns;
	bool attack_relative;
	uint32_t abi;  /* of a plain list of numbers: enum abi (core/window.h) */
	uint32_t rank; /* of two that are the same file, the one of the higher rank counts */
};

struct corpus {
	struct corpus_item *items; /* sorted by kind, then by name */
	size_t count, room;
};

/*
 * Adds a file, or every recording below a folder, as recordings of that kind. A recording that the
 * corpus has from a folder or a data set is moved to this kind; -EINVAL where the file itself was
 * named as another. What a manifest.json or a runs.csv beside it, or the JSON within a zip, says of
 * an attack counts.
 */
int corpus_add(struct corpus *corpus, enum corpus_kind kind, const char *path, struct error *err);

/*
 * Adds a data set by its folder; -EINVAL, with a sentence, when it is none that we know. What was
 * named by corpus_add() keeps its kind.
 */
int corpus_add_set(struct corpus *corpus, const char *folder, struct error *err);

void corpus_free(struct corpus *corpus);

#endif
