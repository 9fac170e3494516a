/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run learnt as bytes: it comes back as it was, the bytes of a content are always the same,
 * and bytes that were cut or changed are refused with the reason, or are another sound content.
 */
#include <errno.h>

#include "sample_profile.h"

struct bytes {
	unsigned char *at;
	size_t size;
};

static struct bytes encode(const struct profile *content)
{
	struct bytes bytes;

	assert_int_equal(content_encode(content, &bytes.at, &bytes.size), 0);
	return bytes;
}

static struct profile *decode(const struct bytes *bytes)
{
	struct profile *content = NULL;
	const char *why = "";

	if (content_decode(bytes->at, bytes->size, "p", &content, &why) < 0)
		fail_msg("%s", why);
	return content;
}

/* Changed bytes: refused, or a content that holds and encodes to one that is equal. 1: refused. */
static int is_refused(const unsigned char *at, size_t size)
{
	struct profile *content = NULL, *second;
	struct bytes again;
	const char *why = NULL;
	int status = content_decode(at, size, "p", &content, &why);

	if (status < 0) {
		assert_int_equal(status, -EBADMSG);
		assert_null(content);
		assert_non_null(why);
		return 1;
	}
	assert_int_equal(profile_check(content, &why), 0);
	again = encode(content);
	second = decode(&again);
	assert_same_learnt(content, second);
	profile_free(second);
	profile_free(content);
	free(again.at);
	return 0;
}

/* With two counts of each kind, so that few bytes hold a bit of all. */
static struct profile *small_content(uint64_t seed)
{
	struct profile *content = sample_content(seed, "p", "x86_64", 3, 6);
	struct repertoires *repertoires = &content->repertoires;

	for (uint32_t code = 3; code < CODE_COUNT; code++)
		content->calls[code] = content->start_calls[code] = 0;
	repertoires_free(repertoires);
	for (uint32_t code = 1; code < 4; code++) {
		struct callset set = { .word = { 2u << code, code } };

		assert_int_equal(repertoires_add(repertoires, &set, 1000, 0), 1);
	}
	return content;
}

static void test_round_trip(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		uint32_t window = 1 + (uint32_t)(seed % WINDOW_MAX);
		struct profile *content = sample_content(seed, "p", seed % 3 ? "x86_64" : "",
							 window, seed * seed);
		struct bytes bytes = encode(content), again;
		struct profile *decoded = decode(&bytes);

		assert_string_equal(decoded->name, "p");
		assert_int_equal(decoded->run_count, 1);
		assert_same_learnt(content, decoded);
		again = encode(decoded);
		assert_int_equal(bytes.size, again.size);
		assert_memory_equal(bytes.at, again.at, again.size);
		profile_free(content);
		profile_free(decoded);
		free(bytes.at);
		free(again.at);
	}
}

/* Stores and files are full of these bytes: a version that is out does not change. */
static void test_bytes(void **state)
{
	static const unsigned char wanted[] = {
		1, 2, 3,   'a', 'r', 'm',  0x80, 0x10, 0, /* version, window, machine, SIGSEGV */
		2, 1, 5,   1,	0,   0xac, 2,	 0,	  /* 5 calls of code 1, 300 of code 2 */
		1, 2, '/', 'x', 7,   1,			  /* a program */
		2, 0, 0,   0,	0,   0,	   0,	 9,    8,
		7, 1, 6,   2,	0,   4,			  /* parts that begin at 0 and 9 */
		2, 0, 1,   3,	2,   1,	   1,	 2,    5, /* bags of parts 1 and 2 */
		2, 1, 1,   2,	17,  2,			  /* threads; a sight */
		1, 1, 3,				  /* a gram */
		4, 1, 1,   4,	1,   1,	   1,	 3,    2, /* threads, users, a repertoire */
	};
	struct profile *content = profile_new("p", 2);
	struct bag bags[] = { { .code = { 0, 1 } }, { .code = { 1, 2 } } };
	struct callset set = { .word = { 2 } };
	struct bytes bytes;

	(void)state;
	strcpy(content->arch, "arm");
	content->signals = 1u << 11;
	content->calls[1] = content->start_calls[1] = 5;
	content->start_calls[1] = 1;
	content->calls[2] = 300;
	assert_non_null(profile_run(content));
	profile_exec(content, "/x", 7, 1);
	profile_part(content);
	*profile_part(content) = (struct profile_part){ 0, 9, 8, 7, 1, 6, { 0, 4 } };
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(profile_bag(content, &bags[i], i + 1, NULL), i);
		content->bags[i].count = 3 - i;
	}
	content->bags[1].again = 1;
	content->threads = 2;
	novelty_log(content, &(struct sight){ .bag = 1, .thread = 2, .at = 17, .part = 2 });
	profile_gram(content, 1, 3);
	repertoires_add(&content->repertoires, &set, 3, 2);
	content->repertoires.threads = content->repertoires.users[1] = 4;
	bytes = encode(content);
	for (size_t i = 0; i < bytes.size && i < sizeof(wanted); i++)
		if (bytes.at[i] != wanted[i])
			fail_msg("byte %zu is %u, not %u", i, bytes.at[i], wanted[i]);
	assert_int_equal(bytes.size, sizeof(wanted));
	profile_free(content);
	content = decode(&bytes);
	assert_int_equal(content->history[1].scores[1], 4);
	profile_free(content);
	free(bytes.at);
}

/* No content is the beginning of another. */
static void test_cut(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 4; seed++) {
		struct profile *content = small_content(seed);
		struct bytes bytes = encode(content);

		for (size_t size = 0; size < bytes.size; size++) {
			/* Of its own, so that the sanitizer sees a byte too far. */
			unsigned char *cut = malloc(size + !size);

			memcpy(cut, bytes.at, size);
			assert_true(is_refused(cut, size));
			free(cut);
		}
		profile_free(content);
		free(bytes.at);
	}
}

static void test_changed(void **state)
{
	uint64_t random = 5, refused = 0, tried = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 40; seed++) {
		struct profile *content = small_content(seed);
		struct bytes bytes = encode(content);

		for (int i = 0; i < 100; i++, tried++) {
			unsigned char *changed = malloc(bytes.size);

			memcpy(changed, bytes.at, bytes.size);
			for (uint64_t flips = sample_random(&random) % 4 + 1; flips > 0; flips--)
				changed[sample_random(&random) % bytes.size] ^=
					(unsigned char)(1u << sample_random(&random) % 8);
			refused += (uint64_t)is_refused(changed, bytes.size);
			free(changed);
		}
		profile_free(content);
		free(bytes.at);
	}
	assert_true(refused > tried / 4 && refused < tried);
}

static void test_noise(void **state)
{
	uint64_t random = 6;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		size_t size = sample_random(&random) % 300;
		unsigned char *noise = malloc(size + 2);

		for (size_t at = 0; at < size + 2; at++)
			noise[at] = (unsigned char)(sample_random(&random) %
						    (sample_random(&random) % 2 ? 4 : 256));
		noise[0] = CONTENT_VERSION;
		noise[1] = (unsigned char)(1 + i % WINDOW_MAX);
		is_refused(noise, size + 2);
		free(noise);
	}
}

#define ROW(why, ...)                                                                             \
	{                                                                                         \
		(const unsigned char[]){ __VA_ARGS__ }, sizeof((unsigned char[]){ __VA_ARGS__ }), \
			why                                                                       \
	}
#define HEAD 1, 1, 0, 0, 0 /* up to the calls */
#define HUGE 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff

/* Contents that are empty up to a list, and each wrong in one way. */
static void test_reasons(void **state)
{
	const struct {
		const unsigned char *bytes;
		size_t size;
		const char *why;
	} rows[] = {
		ROW("cut short", 0x81),
		ROW("a newer bosc", 2, 1),
		ROW("a newer bosc", HUGE, 1, 1),
		ROW("changed", HUGE, 2, 1), /* 65 bits */
		ROW("changed", HUGE, 0x81, 0, 1),
		ROW("its window", 1, 0),
		ROW("its window", 1, 11),
		ROW("a text", 1, 1, 16, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x',
		    'x', 'x', 'x', 'x'),
		ROW("a text", 1, 1, 1, 0, 0, 0),
		ROW("cut short", HEAD, HUGE, 1),
		ROW("a code that no call has", HEAD, 1, 0x80, 0x20, 1, 0),
		ROW("an executable is there twice", HEAD, 0, 2, 1, 'x', 0, 1, 1, 'x', 0, 1),
		ROW("cut short", HEAD, 0, 0, 1, 0, 1, 1),
		ROW("mismatches", HEAD, 0, 0, 1, 0, 65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
		ROW("longer than there can be", HEAD, 0, 0, 2, HUGE, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0),
		ROW("larger than its field", HEAD, 0, 0, 1, 0, HUGE, 1),
		ROW("more bins", HEAD, 0, 0, 1, 0, 0, 0, 0, 0, 65, [80] = 0),
		ROW("a part of the training that is not there", HEAD, 0, 0, 0, 1, 5, 1, 2),
		ROW("a bag holds a code", HEAD, 0, 0, 0, 1, 0xff, 0x7f, 1, 0),
		ROW("a bag is there twice", HEAD, 0, 0, 0, 2, 5, 1, 0, 5, 1, 0),
		ROW("more follows", HEAD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct profile *content = NULL;
		const char *why = "nothing";
		unsigned char *bytes = malloc(rows[i].size);

		memcpy(bytes, rows[i].bytes, rows[i].size);
		assert_int_equal(content_decode(bytes, rows[i].size, "p", &content, &why),
				 -EBADMSG);
		if (!strstr(why, rows[i].why))
			fail_msg("'%s' does not say '%s'", why, rows[i].why);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_cut),	   cmocka_unit_test(test_changed),
		cmocka_unit_test(test_noise),	   cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
