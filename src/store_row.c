/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../core/fnv.h"
#include "profile_json_reader.h"
#include "util.h"

uint64_t store_row_sum(const struct store_row *row)
{
	uint64_t sum = fnv_bytes(FNV_BEGIN, row->head, strlen(row->head) + 1);

	return fnv_bytes(sum, row->content, row->content_size);
}

int store_row_make(const struct profile_run *run, char **ret_head, struct store_row *ret_row)
{
	char *head = NULL;
	size_t size;
	FILE *text = open_memstream(&head, &size);

	if (!text)
		return -ENOMEM;
	fputs("{", text);
	profile_json_write_fields(text, &profile_json_run, run, ", ");
	fputs("}", text);
	if (fclose(text) != 0) {
		free(head);
		return -ENOMEM;
	}
	*ret_head = head;
	*ret_row = (struct store_row){
		.id = run->id,
		.head = head,
		.content = run->content,
		.content_size = run->content_size,
		.windows = run->windows,
	};
	ret_row->sum = store_row_sum(ret_row);
	return 0;
}

int store_row_sum_all(const struct profile *profile, uint64_t *ret_sum)
{
	*ret_sum = FNV_BEGIN;
	for (size_t i = 0; i < profile->run_count; i++) {
		_cleanup_free_ char *head = NULL;
		struct store_row row;

		if (store_row_make(&profile->runs[i], &head, &row) < 0)
			return -ENOMEM;
		*ret_sum = fnv_bytes(*ret_sum, &row.sum, sizeof(row.sum));
	}
	return 0;
}

int store_row_head(const struct store_row *row, struct profile_run *run)
{
	_cleanup_json_ json_t *json = json_loads(row->head, JSON_REJECT_DUPLICATES, NULL);
	struct error ignored;
	struct json_reader reader = { .path = row->id, .err = &ignored };

	if (!json || profile_json_reader_fields(&reader, json, &profile_json_run, run) < 0 ||
	    strcmp(run->id, row->id) != 0)
		return -EINVAL;
	return 0;
}

int store_row_content(const struct store_row *row, struct profile_run *run)
{
	run->content = malloc(row->content_size + 1);
	if (!run->content)
		return -ENOMEM;
	memcpy(run->content, row->content, row->content_size);
	run->content_size = row->content_size;
	return 0;
}
