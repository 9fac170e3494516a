/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open addressing with linear probing. An entry is empty when its key is all ones; a value of 0
 * with a key is a grave, which serves the same key again and goes at the next growth.
 */
#include "table.h"

#include <stdlib.h>

#define NO_KEY UINT64_MAX

static size_t table_slot(const struct table *table, uint64_t a, uint64_t b)
{
	uint64_t hash = (a ^ b * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull;
	size_t slot = (hash ^ hash >> 32) & (table->room - 1);

	while (table->entries[slot].key[0] != NO_KEY &&
	       (table->entries[slot].key[0] != a || table->entries[slot].key[1] != b))
		slot = (slot + 1) & (table->room - 1);
	return slot;
}

static int table_grow(struct table *table)
{
	struct table old = *table;
	size_t living = 0;

	for (size_t i = 0; i < old.room; i++)
		living += old.entries[i].key[0] != NO_KEY && old.entries[i].value;
	table->room = 64;
	while (table->room < living * 4)
		table->room *= 2;
	table->entries = malloc(table->room * sizeof(*table->entries));
	if (!table->entries) {
		*table = old;
		return -1;
	}
	for (size_t i = 0; i < table->room; i++)
		table->entries[i] = (struct table_entry){ .key = { NO_KEY, NO_KEY } };
	table->used = living;
	for (size_t i = 0; i < old.room; i++) {
		const struct table_entry *entry = &old.entries[i];

		if (entry->key[0] != NO_KEY && entry->value)
			table->entries[table_slot(table, entry->key[0], entry->key[1])] = *entry;
	}
	free(old.entries);
	return 0;
}

uint64_t *table_at(struct table *table, uint64_t a, uint64_t b)
{
	struct table_entry *entry;

	if (table->used * 2 >= table->room && table_grow(table) < 0)
		return NULL;
	entry = &table->entries[table_slot(table, a, b)];
	if (entry->key[0] == NO_KEY) {
		entry->key[0] = a;
		entry->key[1] = b;
		table->used++;
	}
	return &entry->value;
}

uint64_t table_get(const struct table *table, uint64_t a, uint64_t b)
{
	const struct table_entry *entry;

	if (!table->room)
		return 0;
	entry = &table->entries[table_slot(table, a, b)];
	return entry->key[0] == NO_KEY ? 0 : entry->value;
}

void table_free(struct table *table)
{
	free(table->entries);
	*table = (struct table){ 0 };
}
