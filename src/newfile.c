/* SPDX-License-Identifier: BSD-2-Clause */
#include "newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_create(const char *path, struct error *err)
{
	return fail(err, -errno, "cannot create '%s': %s", path, strerror(errno));
}

/* Where the file is to stand; what a link leads to keeps its own place. */
static char *place_of(const char *path)
{
	char *place = realpath(path, NULL);

	return place || errno != ENOENT ? place : strdup(path);
}

static int open_part(struct newfile *file)
{
	int fd;

	if (asprintf(&file->part, "%s.part", file->path) < 0) {
		file->part = NULL;
		errno = ENOMEM;
		return -1;
	}
	fd = open(file->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		free(file->part);
		file->part = NULL;
	}
	return fd;
}

int newfile_open(const char *path, struct newfile *ret_file, struct error *err)
{
	struct newfile file = { .path = place_of(path) };
	struct stat st;
	int fd;

	if (!file.path)
		return cannot_create(path, err);
	if (stat(file.path, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(file.path, O_WRONLY | O_CLOEXEC);
	else
		fd = open_part(&file);
	file.stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file.stream) {
		int status = cannot_create(path, err);

		if (fd >= 0)
			close(fd);
		newfile_discard(&file);
		return status;
	}
	*ret_file = file;
	return 0;
}

int newfile_check(const char *path, struct error *err)
{
	struct newfile file;
	int status = newfile_open(path, &file, err);

	if (status >= 0)
		newfile_discard(&file);
	return status;
}

int newfile_commit(struct newfile *file, struct error *err)
{
	int failed = ferror(file->stream), status = 0;

	errno = 0;
	failed |= fclose(file->stream);
	file->stream = NULL;
	if (failed || (file->part && rename(file->part, file->path) < 0)) {
		status = errno ? errno : EIO;
		fail(err, -status, "cannot write '%s': %s", file->path, strerror(status));
	} else {
		free(file->part);
		file->part = NULL;
	}
	newfile_discard(file);
	return -status;
}

void newfile_discard(struct newfile *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->part)
		unlink(file->part);
	free(file->part);
	free(file->path);
	*file = (struct newfile){ 0 };
}
