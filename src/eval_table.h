/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of an evaluation, a line a detector. A column is a row here: what it is called, what
 * it means, how its cell is written. The terminal and the page show the same columns.
 */
#ifndef BOSC_EVAL_TABLE_H
#define BOSC_EVAL_TABLE_H

#include "eval_figures.h"

struct eval_cell {
	char text[32];
};

struct eval_column {
	const char *head, *below; /* the heading, in two lines; `below` may be "" */
	const char *what;	  /* it means, for a hint on the page */
	int width;		  /* in characters, on a terminal */
	struct eval_cell (*cell)(const struct eval_detector_figures *figures);
};

struct eval_table {
	const char *title;
	const char *note;
	const struct eval_column *columns;
	size_t count;
	bool scored; /* only detectors that have a score */
	bool lid_ds; /* only where the option asks for it */
};

#define EVAL_TABLES 4
extern const struct eval_table eval_tables[EVAL_TABLES];

/* Figures for people; "–" for NAN. */
struct eval_cell eval_cell_ratio(double value);	  /* 0.912 */
struct eval_cell eval_cell_number(double value);  /* 912, 91.2, 9.12: three digits and more */
struct eval_cell eval_cell_count(uint64_t value); /* 1,234,567 */
struct eval_cell eval_cell_of(size_t part, size_t whole); /* 40 of 42 */

#endif
