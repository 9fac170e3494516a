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

int cmd_paper_run(struct live *live, const size_t *open,
		  int (*tick)(struct live *live, struct error *err), struct error *err)
{
	uint64_t started_ns = clock_ns(CLOCK_MONOTONIC);
	uint64_t ticked_ns = started_ns;
	bool more = true;

	while (more && *open) {
		uint64_t now_ns;
		int status = live_poll(live, 1000, &more, err);

		if (status < 0)
			return status;
		now_ns = clock_ns(CLOCK_MONOTONIC);
		if (tick && now_ns - ticked_ns >= NS_PER_S) {
			ticked_ns = now_ns;
			status = tick(live, err);
			if (status < 0)
				return status;
		}
		if (live->options->max_ns && now_ns - started_ns >= live->options->max_ns)
			break;
	}
	/* What the kernel has sent until now still counts. */
	return live->source->drain(live->source, err) < 0 ? -EIO : 0;
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
