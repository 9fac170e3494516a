/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bosc status: what this machine and these privileges allow, a line a feature. It exits 1 when
 * something is missing without which nothing can be watched.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "commands.h"
#include "sink.h"
#include "status.h"
#include "version.h"

struct output {
	bool json;
	json_t *missing; /* names of what is needed and not there */
};

static void print_json(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(object);
}

static void show_json(const struct feature *feature)
{
	json_t *cure = NULL;

	if (feature->cure[0])
		cure = sink_json_text(feature->cure, sizeof(feature->cure));
	print_json(json_pack("{s:s, s:s, s:b, s:o, s:o*}", "feature", feature->name, "state",
			     feature_state_name(feature->state), "needed", feature->needed, "fact",
			     sink_json_text(feature->fact, sizeof(feature->fact)), "cure", cure));
}

static void show_text(const struct feature *feature)
{
	printf("%-16s  %-7s  ", feature->title, feature_state_name(feature->state));
	sink_text_safe(stdout, feature->fact, sizeof(feature->fact));
	printf("\n");
	if (!feature->cure[0])
		return;
	printf("%27stry: ", "");
	sink_text_safe(stdout, feature->cure, sizeof(feature->cure));
	printf("\n");
}

static void show(const struct feature *feature, void *context)
{
	struct output *output = context;

	if (feature->needed && feature->state == FEATURE_NO)
		json_array_append_new(output->missing, json_string(feature->name));
	if (output->json)
		show_json(feature);
	else
		show_text(feature);
	fflush(stdout);
}

static void conclude(const struct output *output, bool ready)
{
	if (output->json)
		print_json(json_pack("{s:{s:s, s:b, s:O}}", "summary", "version", BOSC_VERSION,
				     "ready", ready, "missing", output->missing));
	else
		printf("\nbosc %s\n", ready ? "can watch here" : "cannot watch here");
}

int cmd_status(const struct options *options, struct error *err)
{
	struct output output = { .json = options->json, .missing = json_array() };
	bool ready;

	if (!output.missing)
		return fail(err, -ENOMEM, "cannot look at this machine: no memory");
	ready = status_look(options, show, &output);
	conclude(&output, ready);
	json_decref(output.missing);
	return ready ? 0 : STATUS_FAILED;
}
