/* SPDX-License-Identifier: BSD-2-Clause */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

void host_name(char ret_name[HOST_NAME])
{
	const char *given = getenv("BOSC_HOST_NAME");
	struct utsname host;

	uname(&host);
	snprintf(ret_name, HOST_NAME, "%s", given && given[0] ? given : host.nodename);
}
