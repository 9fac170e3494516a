/* SPDX-License-Identifier: BSD-2-Clause */
#include "protobuf.h"

#include <string.h>

/* How a field is written; the lowest three bits before it. */
enum wire {
	WIRE_NUMBER = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
};

struct field {
	uint64_t number;
	enum wire wire;
	uint64_t value;	       /* of a number */
	struct protobuf bytes; /* else */
};

static bool take(struct protobuf *message, uint64_t size, struct protobuf *ret_bytes)
{
	if (size > message->size)
		return false;
	*ret_bytes = (struct protobuf){ message->bytes, (size_t)size };
	message->bytes += size;
	message->size -= (size_t)size;
	return true;
}

/* A number: seven bits a byte, the lowest first; the highest bit says that more follow. */
static bool take_number(struct protobuf *message, uint64_t *ret_number)
{
	struct protobuf byte;

	*ret_number = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (!take(message, 1, &byte))
			return false;
		*ret_number |= (uint64_t)(byte.bytes[0] & 0x7f) << shift;
		if (!(byte.bytes[0] & 0x80))
			return true;
	}
	return false;
}

static bool take_field(struct protobuf *message, struct field *ret_field)
{
	uint64_t head, size;

	*ret_field = (struct field){ 0 };
	if (!message->size || !take_number(message, &head))
		return false;
	ret_field->number = head >> 3;
	ret_field->wire = (enum wire)(head & 7);
	switch (ret_field->wire) {
	case WIRE_NUMBER:
		return take_number(message, &ret_field->value);
	case WIRE_64:
		return take(message, 8, &ret_field->bytes);
	case WIRE_BYTES:
		return take_number(message, &size) && take(message, size, &ret_field->bytes);
	case WIRE_32:
		return take(message, 4, &ret_field->bytes);
	}
	return false; /* groups, which nobody uses any more */
}

bool protobuf_next(struct protobuf *message, uint64_t number, struct protobuf *ret_bytes)
{
	struct field field;

	while (take_field(message, &field)) {
		if (field.number != number || field.wire != WIRE_BYTES)
			continue;
		*ret_bytes = field.bytes;
		return true;
	}
	*message = *ret_bytes = (struct protobuf){ 0 };
	return false;
}

struct protobuf protobuf_bytes(struct protobuf message, uint64_t number)
{
	struct protobuf bytes;

	protobuf_next(&message, number, &bytes);
	return bytes;
}

uint64_t protobuf_number(struct protobuf message, uint64_t number)
{
	struct field field;

	while (take_field(&message, &field))
		if (field.number == number && field.wire == WIRE_NUMBER)
			return field.value;
	return 0;
}

struct protobuf protobuf_entry(struct protobuf message, uint64_t number, const char *key)
{
	struct protobuf entry;

	while (protobuf_next(&message, number, &entry))
		if (protobuf_is(protobuf_bytes(entry, 1), key))
			return protobuf_bytes(entry, 2);
	return (struct protobuf){ 0 };
}

bool protobuf_is(struct protobuf bytes, const char *text)
{
	return bytes.size == strlen(text) &&
	       (!bytes.size || !memcmp(bytes.bytes, text, bytes.size));
}

char *protobuf_text(struct protobuf bytes)
{
	return strndup(bytes.size ? bytes.bytes : "", bytes.size);
}
