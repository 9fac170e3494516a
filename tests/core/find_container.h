/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOSC_TESTS_FIND_CONTAINER_H
#define BOSC_TESTS_FIND_CONTAINER_H

#include "../../src/container.h"
#include "../../src/util.h"

/* As bosc does when it starts. */
static int find_container(const char *what, struct container *ret_container, struct error *err)
{
	_cleanup_list_ struct container_list list = { 0 };

	container_list_all(&list);
	return container_find(&list, what, ret_container, err);
}

#endif
