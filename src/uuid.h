/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names that nothing else has, on whatever machine.
 */
#ifndef BOSC_UUID_H
#define BOSC_UUID_H

#define UUID_TEXT 37

/* A random UUID, version 4. */
void uuid_make(char ret_id[UUID_TEXT]);

#endif
