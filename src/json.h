/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small things for whoever reads or writes JSON with Jansson.
 */
#ifndef BOSC_JSON_H
#define BOSC_JSON_H

#include <jansson.h>

#include "util.h"

static inline void json_p(json_t **json)
{
	json_decref(*json);
}

#define _cleanup_json_ _cleanup_(json_p)

/* Text of an object; NULL: it has none of this name. */
static inline const char *json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

#endif
