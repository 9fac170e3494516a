/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands for zip.c where libarchive is left out, as in a static build: Debian has no whole set of
 * static libraries for it. An archive is still recognised, so that it is refused as what it is. */
#include "zip.h"

#include <errno.h>
#include <string.h>

static int zip_refuse(const char *path, struct error *err)
{
	fail(err, -ENOTSUP, "cannot read the archive '%s': this bosc was built without libarchive",
	     path);
	return fail_hint(err, -ENOTSUP, "unzip it, and give the files that were in it");
}

bool zip_recognize(const void *head, size_t size)
{
	return size >= 4 && memcmp(head, "PK\3\4", 4) == 0;
}

int zip_reader_open(const char *path, struct compress_reader *input, const void *head, size_t size,
		    const char *ending, struct zip_reader **ret_zip, struct error *err)
{
	(void)input;
	(void)head;
	(void)size;
	(void)ending;
	(void)ret_zip;
	return zip_refuse(path, err);
}

/* There is none to be read. */
long zip_reader_read(struct zip_reader *zip, void *buffer, size_t size, struct error *err)
{
	(void)zip;
	(void)buffer;
	(void)size;
	return zip_refuse("", err);
}

bool zip_reader_is_cut(const struct zip_reader *zip)
{
	(void)zip;
	return false;
}

void zip_reader_close(struct zip_reader *zip)
{
	(void)zip;
}

int zip_load(const char *path, const char *ending, size_t most, char **ret_text, struct error *err)
{
	(void)ending;
	(void)most;
	(void)ret_text;
	return zip_refuse(path, err);
}
