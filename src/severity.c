/* SPDX-License-Identifier: BSD-2-Clause */
#include "severity.h"

#include <errno.h>
#include <string.h>

#define ONE_STEP_TIMES	4u
#define TWO_STEPS_TIMES 16u

static const char *const names[SEVERITY_COUNT] = { "low", "medium", "high", "critical" };

enum severity severity_of(enum severity least, enum severity most, uint64_t times)
{
	unsigned int steps = (times >= ONE_STEP_TIMES) + (times >= TWO_STEPS_TIMES);

	return least + steps < most ? (enum severity)(least + steps) : most;
}

const char *severity_name(enum severity severity)
{
	return (unsigned int)severity < SEVERITY_COUNT ? names[severity] : "unknown";
}

int severity_parse(const char *name)
{
	for (int severity = 0; severity < SEVERITY_COUNT; severity++)
		if (!strcmp(name, names[severity]))
			return severity;
	return -EINVAL;
}
