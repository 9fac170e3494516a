/* SPDX-License-Identifier: BSD-2-Clause */
#include "newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static int cannot(const char *verb, const char *path, int status, struct error *err)
{
	return fail(err, -status, "cannot %s '%s': %s", verb, path, strerror(status));
}

/* Where the file is to stand; what a link leads to keeps its own place. */
static char *place_of(const char *path)
{
	char *place = realpath(path, NULL);

	return place || errno != ENOENT ? place : strdup(path);
}

/* Opens the folder that the path is in. */
static int open_folder(const char *path, int flags, mode_t mode)
{
	_cleanup_free_ char *copy = strdup(path);

	return copy ? open(dirname(copy), flags | O_CLOEXEC, mode) : -1;
}

/* NAME.part is opened where there are no files without a name. */
static int open_part(struct newfile *file, mode_t mode)
{
	int fd;

	if (asprintf(&file->part, "%s.part", file->path) < 0) {
		file->part = NULL;
		errno = ENOMEM;
		return -1;
	}
	fd = open_folder(file->path, O_WRONLY | O_TMPFILE, mode);
	file->nameless = fd >= 0;
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = open(file->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0) {
		free(file->part);
		file->part = NULL;
	}
	return fd;
}

static int open_stream(struct newfile *file, int fd, const char *path, struct error *err)
{
	int status;

	file->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (file->stream)
		return 0;
	status = cannot("create", path, errno, err);
	if (fd >= 0)
		close(fd);
	newfile_discard(file);
	return status;
}

int newfile_open(const char *path, struct newfile *ret_file, struct error *err)
{
	struct stat st;
	int fd;

	*ret_file = (struct newfile){ .path = place_of(path) };
	if (!ret_file->path)
		return cannot("create", path, errno, err);
	if (stat(ret_file->path, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(ret_file->path, O_WRONLY | O_CLOEXEC);
	else
		fd = open_part(ret_file, 0666);
	return open_stream(ret_file, fd, path, err);
}

int newfile_open_fresh(const char *path, struct newfile *ret_file, struct error *err)
{
	struct stat st;

	*ret_file = (struct newfile){ .path = strdup(path), .fresh = true };
	if (!ret_file->path)
		return cannot("create", path, errno, err);
	if (lstat(path, &st) == 0) {
		newfile_discard(ret_file);
		return cannot("write", path, EEXIST, err);
	}
	return open_stream(ret_file, open_part(ret_file, 0600), path, err);
}

int newfile_check(const char *path, struct error *err)
{
	struct newfile file;
	int status = newfile_open(path, &file, err);

	if (status >= 0)
		newfile_discard(&file);
	return status;
}

/* Gives the file its name. 0, or -1 with an errno. */
static int put_in_place(struct newfile *file)
{
	char self[32];

	if (!file->part)
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(file->stream));
	if (file->nameless && file->fresh)
		return linkat(AT_FDCWD, self, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW);
	/* A link takes nobody's place: it is a file of that name that is renamed. */
	if (file->nameless && unlink(file->part) < 0 && errno != ENOENT)
		return -1;
	if (file->nameless && linkat(AT_FDCWD, self, AT_FDCWD, file->part, AT_SYMLINK_FOLLOW) < 0)
		return -1;
	file->nameless = false;
	return renameat2(AT_FDCWD, file->part, AT_FDCWD, file->path,
			 file->fresh ? RENAME_NOREPLACE : 0);
}

/* A device or a pipe need not know how to be synchronized. */
static int flush(const struct newfile *file)
{
	errno = 0;
	if (fflush(file->stream) || ferror(file->stream)) {
		errno = errno ? errno : EIO;
		return -1;
	}
	return file->part ? fsync(fileno(file->stream)) : 0;
}

int newfile_commit(struct newfile *file, struct error *err)
{
	int status = flush(file) < 0 || put_in_place(file) < 0 ? errno : 0;

	if (status) {
		status = cannot("write", file->path, status, err);
	} else if (file->part) {
		_cleanup_close_ int folder = open_folder(file->path, O_RDONLY | O_DIRECTORY, 0);

		/* Its name is to be there after a power cut, too; that it is not, harms nobody. */
		if (folder >= 0)
			fsync(folder);
		free(file->part);
		file->part = NULL;
	}
	newfile_discard(file);
	return status;
}

void newfile_discard(struct newfile *file)
{
	if (file->stream)
		fclose(file->stream);
	if (file->part && !file->nameless)
		unlink(file->part);
	free(file->part);
	free(file->path);
	*file = (struct newfile){ 0 };
}
