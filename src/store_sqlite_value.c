/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One value of a row that an older bosc wrote: taken only when it has the field's type and size.
 */
#include <string.h>

#include "store_sqlite_old.h"

static uint32_t unpack(const unsigned char *from, uint32_t bytes)
{
	uint32_t number = 0;

	while (bytes--)
		number = number << 8 | from[bytes];
	return number;
}

static bool read_number(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
			void *value)
{
	int64_t number = sqlite3_column_int64(statement, column);

	if (sqlite3_column_type(statement, column) != SQLITE_INTEGER)
		return false;
	if (field->kind == FIELD_U64) {
		*(uint64_t *)value = (uint64_t)number;
		return true;
	}
	*(uint32_t *)value = (uint32_t)number;
	return number >= 0 && number <= UINT32_MAX;
}

static bool read_text(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
		      char *value)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t length = (size_t)sqlite3_column_bytes(statement, column);

	if (!text || sqlite3_column_type(statement, column) != SQLITE_TEXT ||
	    length >= field->size || strlen(text) != length)
		return false;
	memcpy(value, text, length + 1);
	return true;
}

/* The bytes of a blob of whole items of `item` bytes, at most `most`, and how many items; NULL: it
 * is none. */
static const unsigned char *read_bytes(sqlite3_stmt *statement, int column, uint32_t item,
				       uint32_t most, uint32_t *ret_count)
{
	const unsigned char *bytes = sqlite3_column_blob(statement, column);
	size_t size = (size_t)sqlite3_column_bytes(statement, column);

	if (sqlite3_column_type(statement, column) != SQLITE_BLOB || size % item ||
	    size / item > most)
		return NULL;
	*ret_count = (uint32_t)(size / item);
	return size ? bytes : (const unsigned char *)"";
}

static bool read_bag(sqlite3_stmt *statement, int column, struct bag *bag, uint32_t window)
{
	uint32_t count = 0;
	const unsigned char *bytes = read_bytes(statement, column, 2, window, &count);

	if (!bytes || count != window)
		return false;
	for (uint32_t i = 0; i < window; i++)
		bag->code[i] = (uint16_t)unpack(bytes + 2 * i, 2);
	return true;
}

static bool read_set(sqlite3_stmt *statement, int column, struct callset *set)
{
	uint32_t count = 0, before = CODE_BEGIN;
	const unsigned char *bytes = read_bytes(statement, column, 2, CODE_COUNT, &count);

	if (!bytes)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t code = unpack(bytes + 2 * i, 2);

		if (code <= before || code >= CODE_COUNT)
			return false;
		callset_add(set, code);
		before = code;
	}
	return true;
}

static bool read_scores(sqlite3_stmt *statement, int column, uint32_t scores[SCORE_BINS])
{
	uint32_t count = 0;
	const unsigned char *bytes = read_bytes(statement, column, 4, SCORE_BINS, &count);

	if (!bytes)
		return false;
	for (uint32_t i = 0; i < count; i++)
		scores[i] = unpack(bytes + 4 * i, 4);
	return true;
}

/* Only a value that has the field's type and size is taken. */
bool store_sqlite_old_value(sqlite3_stmt *statement, int column, const struct sqlite_field *field,
			    uint32_t window, void *value)
{
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(statement, column, field, value);
	case FIELD_BAG:
		return read_bag(statement, column, value, window);
	case FIELD_SET:
		return read_set(statement, column, value);
	case FIELD_SCORES:
		return read_scores(statement, column, value);
	case FIELD_U32:
	case FIELD_U64:
		break;
	}
	return read_number(statement, column, field, value);
}
