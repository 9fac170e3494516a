/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of protocol buffers: each kind of field, what is passed over, and that one which is cut
 * short or malformed is never read beyond its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/protobuf.h"

/* The numbers 150 and 2^64 - 1 in the fields 1 and 2; "web" and "" in 3; four and eight bytes in 4
 * and 5; a map {"a": "x", "b": "yz"} in 6; "db" in 3; 7 in field 1000. */
static const char whole[] = "\x08\x96\x01"
			    "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
			    "\x1a\x03web\x1a\x00"
			    "\x25\x08\x07\x06\x05\x29\x1a\x01x\x1a\x01y\x1a\x01"
			    "\x32\x06\x0a\x01"
			    "a\x12\x01x\x32\x07\x0a\x01"
			    "b\x12\x02yz"
			    "\x1a\x02"
			    "db\xc0\x3e\x07";
static const struct protobuf message = { whole, sizeof(whole) - 1 };

static void test_fields(void **state)
{
	struct protobuf rest = message, bytes;

	(void)state;
	assert_int_equal(protobuf_number(message, 1), 150);
	assert_true(protobuf_number(message, 2) == UINT64_MAX);
	assert_int_equal(protobuf_number(message, 1000), 7);
	assert_int_equal(protobuf_number(message, 3), 0);
	assert_int_equal(protobuf_number(message, 9), 0);
	assert_true(protobuf_is(protobuf_bytes(message, 3), "web"));
	assert_int_equal(protobuf_bytes(message, 1).size, 0);
	assert_int_equal(protobuf_bytes(message, 4).size, 0);
	assert_true(protobuf_next(&rest, 3, &bytes) && protobuf_is(bytes, "web"));
	assert_true(protobuf_next(&rest, 3, &bytes) && protobuf_is(bytes, ""));
	assert_true(protobuf_next(&rest, 3, &bytes) && protobuf_is(bytes, "db"));
	assert_false(protobuf_next(&rest, 3, &bytes));
	assert_false(protobuf_next(&rest, 3, &bytes));
	assert_true(protobuf_is(protobuf_entry(message, 6, "a"), "x"));
	assert_true(protobuf_is(protobuf_entry(message, 6, "b"), "yz"));
	assert_true(protobuf_is(protobuf_entry(message, 6, "c"), ""));
	assert_false(protobuf_is(protobuf_bytes(message, 3), "we"));
	assert_false(protobuf_is(protobuf_bytes(message, 3), "webs"));
}

static void test_text(void **state)
{
	char *text = protobuf_text(protobuf_bytes(message, 3));
	char *none = protobuf_text((struct protobuf){ 0 });

	(void)state;
	assert_string_equal(text, "web");
	assert_string_equal(none, "");
	free(text);
	free(none);
}

/* Reads all of a copy that ends where its memory does. */
static void read_copy(const char *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1);
	struct protobuf all = { copy, size }, inner;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	for (uint64_t number = 0; number < 8; number++) {
		struct protobuf rest = all;

		protobuf_number(all, number);
		protobuf_entry(all, number, "b");
		while (protobuf_next(&rest, number, &inner))
			assert_true(inner.bytes >= copy && inner.bytes + inner.size <= copy + size);
	}
	free(copy);
}

static void test_cut_short(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++)
		read_copy(whole, size);
}

static void test_malformed(void **state)
{
	static const struct protobuf wrong[] = {
		{ "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01web", 14 }, /* 2^64 - 1 bytes */
		{ "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		  13 },			      /* too long a number */
		{ "\x0b\x0c\x0a\x03web", 7 }, /* a group */
		{ "\x0f\x0a\x03web", 6 },     /* no such kind */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(protobuf_bytes(wrong[i], 1).size, 0);
		assert_int_equal(protobuf_number(wrong[i], 1), 0);
		read_copy(wrong[i].bytes, wrong[i].size);
	}
}

/* Any change of a byte, and more of them. */
static void test_noise(void **state)
{
	char changed[sizeof(whole)];

	(void)state;
	for (size_t at = 0; at < sizeof(whole); at++)
		for (int value = 0; value < 256; value++) {
			memcpy(changed, whole, sizeof(whole));
			changed[at] = (char)value;
			read_copy(changed, sizeof(changed));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	  cmocka_unit_test(test_text),
		cmocka_unit_test(test_cut_short), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
