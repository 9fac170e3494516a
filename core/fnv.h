/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FNV-1a: a sum over bytes that finds accidents, and a hash for names. Against somebody who means
 * it, it helps nothing.
 */
#ifndef BOSC_CORE_FNV_H
#define BOSC_CORE_FNV_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FNV_BEGIN 0xcbf29ce484222325ull /* the sum of no bytes */

/* A byte more; or a number below 2^64, where nobody else has to come to the same sum. */
static inline uint64_t fnv_add(uint64_t sum, uint64_t byte)
{
	return (sum ^ byte) * 0x100000001b3ull;
}

static inline uint64_t fnv_bytes(uint64_t sum, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		sum = fnv_add(sum, byte[i]);
	return sum;
}

/* Without the NUL at its end. */
static inline uint64_t fnv_text(uint64_t sum, const char *text)
{
	return fnv_bytes(sum, text, strlen(text));
}

#endif
