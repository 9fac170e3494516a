/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of TOML as the settings of runtimes take where they say in which folder the state is: a
 * line KEY = "VALUE", or 'VALUE', below a line [TABLE].
 */
#include <string.h>

#include "runtime.h"
#include "util.h"

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t");
}

/* The value if the line gives one to this key; NULL: it does not. */
static char *value_of(char *line, const char *key)
{
	size_t length = strlen(key);
	char *value, *end;

	if (strncmp(line, key, length) != 0)
		return NULL;
	value = skip_blanks(line + length);
	if (*value != '=')
		return NULL;
	value = skip_blanks(value + 1);
	end = *value == '"' || *value == '\'' ? strchr(value + 1, *value) : NULL;
	if (!end)
		return NULL;
	*end = '\0';
	return value + 1;
}

/* Whether the line, which begins a table, begins this one. */
static bool begins(const char *line, const char *table)
{
	size_t length = strlen(table);

	return !strncmp(line + 1, table, length) && line[1 + length] == ']';
}

bool runtime_toml(const char *path, const char *table, const char *key,
		  char ret_value[RUNTIME_PATH])
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	bool inside = !table[0];
	char text[RUNTIME_PATH];

	while (file && fgets(text, sizeof(text), file)) {
		char *line = skip_blanks(text), *value;

		if (*line == '[')
			inside = begins(line, table);
		value = inside ? value_of(line, key) : NULL;
		if (!value)
			continue;
		snprintf(ret_value, RUNTIME_PATH, "%s", value);
		return true;
	}
	return false;
}
