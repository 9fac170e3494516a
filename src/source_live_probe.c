/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sensor needs of a kernel, found without loading anything, so that whoever may not load
 * it can ask, too. The list of events is the sensor's own: its programs say what they hang on.
 */
#include "source_live_internal.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "sensor.skel.h"
#include "util.h"

#define TYPES	   "/sys/kernel/btf/vmlinux"
#define TYPE_OF	   "btf_trace_"	     /* what the kernel calls the type of a tracepoint */
#define OPTIONAL   "bpf_rdonly_cast" /* what the sensor calls where the kernel has it */
#define EVENT_NAME 64

static void sensor_close(struct sensor_bpf **sensor)
{
	sensor_bpf__destroy(*sensor);
}

static void types_free(struct btf **types)
{
	btf__free(*types);
}

static int keep_silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

bool source_live_has_types(void)
{
	struct stat status;

	return !access(TYPES, R_OK) && !stat(TYPES, &status) && status.st_size > 0;
}

bool source_live_needs_admin(void)
{
	_cleanup_(types_free) struct btf *types = btf__parse_raw(TYPES);

	return types && btf__find_by_name_kind(types, OPTIONAL, BTF_KIND_FUNC) < 0;
}

static bool has_event(const struct btf *types, const char *event)
{
	char name[EVENT_NAME + sizeof(TYPE_OF)];

	snprintf(name, sizeof(name), TYPE_OF "%s", event);
	return btf__find_by_name_kind(types, name, BTF_KIND_TYPEDEF) > 0;
}

static bool has_operations(const struct btf *types)
{
	for (const char *const *name = live_operation_events; *name; name++)
		if (has_event(types, *name))
			return true;
	return false;
}

/* The event in "tp_btf/EVENT" or "raw_tp/EVENT"; NULL where a program hangs on none. What user
 * space runs itself is called "bosc_…". */
static const char *event_of(const struct bpf_program *program)
{
	const char *section = bpf_program__section_name(program);

	if (strncmp(section, "tp_btf/", 7) != 0 && strncmp(section, "raw_tp/", 7) != 0)
		return NULL;
	return strncmp(section + 7, "bosc_", 5) ? section + 7 : NULL;
}

int source_live_events(source_live_event *visit, void *context)
{
	_cleanup_(sensor_close) struct sensor_bpf *sensor = NULL;
	_cleanup_(types_free) struct btf *types = NULL;
	struct bpf_program *program;

	libbpf_set_print(keep_silent);
	types = source_live_has_types() ? btf__parse_raw(TYPES) : NULL;
	if (!types)
		return -ENOTSUP;
	sensor = sensor_bpf__open();
	if (!sensor)
		return -errno;
	bpf_object__for_each_program(program, sensor->obj)
	{
		const char *event = event_of(program);

		if (event && program == sensor->progs.on_operation)
			visit(event, has_operations(types), context);
		else if (event)
			visit(event, has_event(types, event), context);
	}
	return 0;
}
