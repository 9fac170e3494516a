/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The style of an evaluation's page: quiet colours, one for each detector, red for attacks, amber
 * for false alarms; light or dark as the reader's system is.
 */
#ifndef BOSC_EVAL_STYLE_H
#define BOSC_EVAL_STYLE_H

/* CSS, without markup characters. */
extern const char eval_style[];

#endif
