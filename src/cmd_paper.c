/* SPDX-License-Identifier: BSD-2-Clause */
#include "cmd_paper.h"

#include <errno.h>
#include <string.h>

#include "util.h"

struct paper_params cmd_paper_params(const struct options *options)
{
	struct paper_params params = paper_params();

	params.epoch = options->epoch;
	if (options->similar > 0)
		params.similar = options->similar;
	params.anomalous = options->anomalous;
	return params;
}

/* Recording, the sensor needs nothing of what is normal. */
int cmd_paper_begin(struct live *live, struct watch *watch, struct error *err)
{
	struct profile *blank = profile_new(watch->profile->name, watch->profile->window);
	int status;

	if (!blank)
		return fail(err, -ENOMEM, "cannot watch '%s': no memory", watch_name(watch));
	status = source_live_target(live->source, watch->index, blank, NULL, err);
	profile_free(blank);
	return status;
}

int cmd_paper_trace_open(struct paper_trace *trace, const char *path, uint32_t abi,
			 struct error *err)
{
	*trace = (struct paper_trace){ .path = path };
	return trace_reader_open(path, abi, &trace->reader, err);
}

void cmd_paper_trace_close(struct paper_trace *trace)
{
	if (trace->reader)
		trace_reader_close(trace->reader);
}

static int note_host(struct paper_trace *trace, struct profile *profile,
		     const struct trace_record *record, struct error *err)
{
	snprintf(trace->arch, sizeof(trace->arch), "%.16s", record->host.arch);
	trace->host_ns = record->head.ts;
	trace->host_unix_ns = record->host.unix_ns;
	if (profile->bag_count)
		return watch_check_recording(profile, trace->path, trace->arch, err);
	if (trace->arch[0])
		snprintf(profile->arch, sizeof(profile->arch), "%.15s", trace->arch);
	return 0;
}

int cmd_paper_trace_call(struct paper_trace *trace, struct profile *profile,
			 struct trace_head *ret_call, struct error *err)
{
	struct trace_record record;
	int status;

	while ((status = trace_reader_next(trace->reader, &record, err)) > 0) {
		if (record.head.type == TRACE_HOST)
			status = note_host(trace, profile, &record, err);
		if (status < 0)
			return status;
		*ret_call = record.head;
		if (trace_is_call(&record.head))
			return 1;
	}
	return status;
}
