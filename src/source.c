/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "proc.h"

static int draw(void *to, size_t size, struct error *err)
{
	char *bytes = to;

	/* The kernel hands out at most 256 bytes without the risk of a signal in between. */
	for (size_t got = 0; got < size;) {
		ssize_t some = getrandom(bytes + got, size - got, 0);

		if (some < 0 && errno != EINTR)
			return fail(err, -errno, "cannot draw random weights: %s", strerror(errno));
		got += some > 0 ? (size_t)some : 0;
	}
	return 0;
}

int source_secret(uint64_t *ret_secret, struct error *err)
{
	return draw(ret_secret, CODE_COUNT * sizeof(*ret_secret), err);
}

int source_salt(uint64_t *ret_salt, struct error *err)
{
	uint64_t word = 0;
	int status = draw(&word, sizeof(word), err);

	*ret_salt = weight_sum(word);
	return status;
}

uint32_t source_proc_parent(struct source *source, uint32_t tgid)
{
	int parent = proc_parent((int)tgid);

	(void)source;
	return parent > 0 ? (uint32_t)parent : 0;
}
