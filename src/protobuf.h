/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads messages in the wire format of protocol buffers, field by field. Nothing is copied: what is
 * inside of a message lies in it. A message that is cut short, or malformed, ends where it is so.
 */
#ifndef BOSC_PROTOBUF_H
#define BOSC_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message, or the bytes of a field of one; all zero: empty. */
struct protobuf {
	const char *bytes;
	size_t size;
};

/* The next field of this number that holds bytes (text, or a message); what is before it is passed
 * over. False: there is none any more. */
bool protobuf_next(struct protobuf *message, uint64_t number, struct protobuf *ret_bytes);

/* The first such field; empty: there is none. */
struct protobuf protobuf_bytes(struct protobuf message, uint64_t number);

/* The first number in a field of this number (int32, uint64, bool, …); 0: there is none. */
uint64_t protobuf_number(struct protobuf message, uint64_t number);

/* What is for this key in fields of this number that are a map from text to bytes. */
struct protobuf protobuf_entry(struct protobuf message, uint64_t number, const char *key);

/* Whether the bytes are this text. */
bool protobuf_is(struct protobuf bytes, const char *text);

/* A copy with a NUL behind it, the caller's to free. NULL: no memory. */
char *protobuf_text(struct protobuf bytes);

#endif
