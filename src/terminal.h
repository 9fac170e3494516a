/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a terminal can show: how much in a line, and which characters.
 */
#ifndef BOSC_TERMINAL_H
#define BOSC_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define TERMINAL_COLUMNS 80u /* of one that does not say */

/* Characters in a line: of the stream's terminal, or as COLUMNS in the environment says. 0: the
 * stream is no terminal, and who reads it wants whole lines. */
uint32_t terminal_columns(FILE *stream);

/* Whether the user's locale has UTF-8. */
bool terminal_is_utf8(void);

/*
 * Writes lines of text, breaking those that are longer than `columns` (0: none) at spaces. A line
 * goes on below what stands behind its label, of TERMINAL_LABEL characters, or two further in
 * than it began.
 */
#define TERMINAL_LABEL 11u
void terminal_write(FILE *stream, const char *text, uint32_t columns);

#endif
