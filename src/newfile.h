/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file that appears, or takes the place of one of that name, only when it is whole and on the
 * disk. Until then it has no name, so that nothing is left of it however bosc ends; where the file
 * system knows no such files, it stands beside its place as NAME.part. What is no ordinary file, a
 * device or a pipe, is written as it is.
 */
#ifndef BOSC_NEWFILE_H
#define BOSC_NEWFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"

struct newfile {
	FILE *stream;
	char *path;
	char *part;    /* its name until it is whole; NULL: it is written at its path */
	bool nameless; /* it does not have that name yet */
	bool fresh;    /* there is to be no file of that path */
};

/* Whether newfile_open() would succeed, for who wants to know before long work; leaves nothing. */
int newfile_check(const char *path, struct error *err);

int newfile_open(const char *path, struct newfile *ret_file, struct error *err);

/* For what only its owner shall read; a path where anything stands already is refused. */
int newfile_open_fresh(const char *path, struct newfile *ret_file, struct error *err);

/* Closes the file and puts it in its place; where that fails, nothing is left of it. */
int newfile_commit(struct newfile *file, struct error *err);

/* Closes the file and removes it; nothing after newfile_commit(). */
void newfile_discard(struct newfile *file);

#endif
