/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How often alarms make a verdict look at the counters of its source, which costs a walk over all
 * threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../src/severity.h"
#include "../../src/util.h"
#include "../../src/verdict.h"

#include <cmocka.h> /* behind error.h: it has a macro fail */

static unsigned int looks; /* at the counters */
static uint64_t source_ns; /* the clock of the source */

static void look(struct source *source, uint32_t target, struct target *ret_target)
{
	(void)source;
	(void)target;
	*ret_target = (struct target){ 0 };
	looks++;
}

static uint64_t lost(struct source *source, uint32_t target)
{
	(void)source;
	(void)target;
	return 0;
}

static uint32_t parent(struct source *source, uint32_t tgid)
{
	(void)source;
	(void)tgid;
	return 0;
}

static uint64_t now_ns(struct source *source)
{
	(void)source;
	return source_ns;
}

/* Looks that alarms of these moments, in tenths of a second, make at 2 s by the source's clock. */
static unsigned int looks_for(const uint64_t *tenths, size_t count)
{
	static const struct options options = { .min_severity = SEVERITY_COUNT };
	struct source source = { .target = look, .lost = lost, .parent = parent, .now_ns = now_ns };
	struct verdict *verdict = calloc(1, sizeof(*verdict));
	struct watch watch = { .index = 1 };
	struct error err = { 0 };

	assert_non_null(verdict);
	assert_int_equal(verdict_open(verdict, &options, NULL, &err), 0);
	verdict->source = &source;
	source_ns = 2 * NS_PER_S;
	looks = 0;
	for (size_t i = 0; i < count; i++) {
		const struct event_alarm alarm = {
			.head = { .kind = EVENT_ALARM,
				  .target = 1,
				  .ns = tenths[i] * NS_PER_S / 10 },
			.rule = RULE_FRAME,
			.tgid = 7,
		};

		assert_int_equal(verdict_event(verdict, &watch, &alarm.head, &err), 0);
	}
	assert_int_equal(verdict_close(verdict, &err), 0);
	free(verdict);
	return looks;
}

static void test_not_at_every_alarm(void **state)
{
	static const uint64_t first[] = { 20 }, soon[] = { 20, 20, 20 }, later[] = { 20, 20, 21 };

	(void)state;
	assert_int_equal(looks_for(first, 1), 1);
	assert_int_equal(looks_for(soon, 3), 1);
	assert_int_equal(looks_for(later, 3), 2);
}

static void test_not_for_what_waited(void **state)
{
	static const uint64_t waited[] = { 15, 16, 17, 18, 19 };

	(void)state;
	assert_int_equal(looks_for(waited, 5), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_not_at_every_alarm),
		cmocka_unit_test(test_not_for_what_waited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
