/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runtimes leave on a host, as a text (hosts/NAME.txt), made into files in the test's folder.
 * To be included behind cmocka.h.
 */
#ifndef BOSC_TESTS_HOST_FILES_H
#define BOSC_TESTS_HOST_FILES_H

#include <sys/stat.h>

#include "../../src/util.h"
#include "test_folder.h"

static inline void make_folders(const char *path)
{
	char name[512];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		mkdir(name, 0755);
	}
}

/* Makes the host's files in the test's folder: "--- PATH" begins one. */
static inline void be_host(const char *host)
{
	char path[512];
	_cleanup_fclose_ FILE *text = NULL, *file = NULL;
	char line[4096];

	snprintf(path, sizeof(path), "%s/%s.txt", HOSTS, host);
	text = fopen(path, "r");
	assert_non_null(text);
	while (fgets(line, sizeof(line), text)) {
		if (strncmp(line, "--- ", 4)) {
			assert_non_null(file);
			fputs(line, file);
			continue;
		}
		if (file)
			fclose(file);
		line[strcspn(line, "\n")] = '\0';
		make_folders(line + 4);
		file = fopen(line + 4, "w");
		assert_non_null(file);
	}
	setenv("BOSC_HOST_ROOT", folder, 1);
}

#endif
