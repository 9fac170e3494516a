/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containers as a made-up Docker engine tells of them: who is meant by a name; that a container
 * which is just being started, so that its inspection hangs, is described all the same; and that an
 * engine which hangs, is cut short, or answers nonsense makes a clear error and never more.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

/* Before cmocka, which has a macro fail(). */
#include "find_container.h"

#include <cmocka.h>

#include "engine.h"

#define TAIL "00000000000000000000000000000000000000000000000000000000"
#define WEB  "abc10000" TAIL
#define DB   "abc20000" TAIL
#define ODD  "dddd0000" TAIL
#define NAME "eeee0000" TAIL
#define NONE "ffff0000" TAIL
#define GONE "99990000" TAIL

#define LIST	    "/containers/json?all=1"
#define INSPECT(id) "/containers/" id "/json"
#define LONG_TEXT                                                                          \
	"---------+---------+---------+---------+---------+---------+---------+---------+" \
	"---------+---------+---------+---------+---------+---------+---------+---------+" \
	"---------+---------+---------+---------+---------+---------+---------+---------+"

/* With a name that begins an id, one that is another's whole id, and a link's name that comes
 * first. Whoever inspects one waits, as if it were being started. */
static const struct reply sane[] = {
	{ LIST, OK "[{\"Id\":\"" WEB "\",\"Names\":[\"/web\"],\"Image\":\"nginx:1\","
		   "\"ImageID\":\"sha256:1234\",\"Command\":\"nginx -g 'daemon off;'\"},"
		   "{\"Id\":\"" DB "\",\"Names\":[\"/web/alias\",\"/db\"]},"
		   "{\"Id\":\"" ODD "\",\"Names\":[7,\"/abc1\"],\"Image\":{},\"ImageID\":5,"
		   "\"Command\":\"" LONG_TEXT " 2345678901234é\"},"
		   "{\"Id\":\"" NAME "\",\"Names\":[\"/" WEB "\"]},"
		   "{\"Id\":\"" NONE "\",\"Names\":null,\"Image\":\"nginx:1\"}]" },
	{ INSPECT(WEB), NULL },
	{ INSPECT(DB), NULL },
	{ NULL, NULL },
};

static const struct reply podman[] = {
	{ LIST, "HTTP/1.1 200 OK\r\nserver: Libpod/4.3.1 (linux)\r\n\r\n"
		"[{\"Id\":\"" DB "\",\"Names\":[\"/db\"],\"ImageID\":\"sha256:5678\"}]" },
	{ NULL, NULL },
};

static const struct reply no_http[] = { { LIST, "220 mail.example ESMTP\r\n" }, { NULL, NULL } };
static const struct reply no_json[] = { { LIST, OK "[{\"Id\":" }, { NULL, NULL } };
static const struct reply no_text[] = { { LIST, OK }, { NULL, NULL } };
static const struct reply closes[] = { { LIST, "" }, { NULL, NULL } };
static const struct reply no_list[] = { { LIST, OK "{\"Id\":\"web\"}" }, { NULL, NULL } };
static const struct reply odd_list[] = {
	{ LIST, OK "[1,null,[],{},{\"Id\":5,\"Names\":[\"/web\"]},{\"Names\":7}]" },
	{ NULL, NULL },
};
static const struct reply bad_ids[] = {
	{ LIST, OK "[{\"Id\":\"../images\",\"Names\":[\"/web\"]},"
		   "{\"Id\":\"\",\"Names\":[\"/db\"]},"
		   "{\"Id\":\"" WEB WEB "\",\"Names\":[\"/long\"]}]" },
	{ NULL, NULL },
};
static const struct reply no_docker[] = { { NULL, NULL } };
static const struct reply broken[] = {
	{ LIST, HTTP("500 Oops") "{\"message\":\"disk is full\"}" },
	{ NULL, NULL },
};
static const struct reply moved[] = {
	{ LIST, "HTTP/1.1 301 Moved\r\nLocation: http://example.com/\r\n\r\n" },
	{ NULL, NULL },
};
static const struct reply silent[] = { { LIST, NULL }, { NULL, NULL } };

static int start_sane(void **state)
{
	struct engine *engine = engine_start();

	engine->replies = sane;
	*state = engine;
	return 0;
}

static int stop(void **state)
{
	engine_stop(*state);
	return 0;
}

static void check_found(const char *what, const char *id)
{
	struct container container;
	struct error err = { 0 };
	int status = find_container(what, &container, &err);

	if (status)
		fail_msg("'%s': %s", what, err.text);
	assert_string_equal(container.id, id);
}

/* Asserts how the search fails, and that the error says `told`. */
static void check_fails(const char *what, int wanted, const char *told)
{
	struct container container;
	struct error err = { 0 };

	assert_int_equal(find_container(what, &container, &err), wanted);
	if (!strstr(err.text, told))
		fail_msg("'%s' says: %s", what, err.text);
}

static void check_web(const struct container *web)
{
	assert_string_equal(web->id, WEB);
	assert_string_equal(web->name, "web");
	assert_string_equal(web->image, "nginx:1");
	assert_string_equal(web->digest, "sha256:1234");
	assert_string_equal(web->command, "nginx -g 'daemon off;'");
	assert_string_equal(web->runtime, "docker");
}

static void test_all_fields(void **state)
{
	struct container web;
	struct error err;

	(void)state;
	assert_int_equal(find_container("web", &web, &err), 0);
	check_web(&web);
	memset(&web, 'x', sizeof(web));
	assert_true(container_describe(WEB, &web));
	check_web(&web);
}

static void test_missing_fields(void **state)
{
	struct container db;

	(void)state;
	memset(&db, 'x', sizeof(db));
	assert_true(container_describe(DB, &db));
	assert_string_equal(db.name, "db");
	assert_string_equal(db.image, "");
	assert_string_equal(db.digest, "");
	assert_string_equal(db.command, "");
	assert_true(container_describe(NONE, &db));
	assert_string_equal(db.name, "");
	assert_string_equal(db.image, "nginx:1");
}

static void test_podman(void **state)
{
	struct engine *engine = *state;
	struct container db;
	struct error err;

	engine->replies = podman;
	assert_int_equal(find_container("db", &db, &err), 0);
	assert_string_equal(db.name, "db");
	assert_string_equal(db.digest, "sha256:5678");
	assert_string_equal(db.runtime, "podman");
}

/* Wrong types count as missing, and no half of a character stays where a text is cut. */
static void test_odd_fields(void **state)
{
	struct container odd;

	(void)state;
	assert_true(container_describe(ODD, &odd));
	assert_string_equal(odd.name, "abc1");
	assert_string_equal(odd.image, "");
	assert_string_equal(odd.digest, "");
	assert_string_equal(odd.command, LONG_TEXT " 2345678901234");
}

/* One question is enough, and it is not the one that waits for the container's lock. */
static void test_no_inspection(void **state)
{
	struct engine *engine = *state;
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	struct container container;

	check_found("web", WEB);
	check_found("abc2", DB);
	assert_true(container_describe(WEB, &container));
	assert_true(container_describe(DB, &container));
	assert_int_equal(engine->asked, 4);
	assert_in_range(clock_ns(CLOCK_MONOTONIC) - start, 0, NS_PER_S);
}

static void test_who_is_meant(void **state)
{
	(void)state;
	check_found("/web", WEB);
	check_found("web/alias", DB);
	check_found("abc10", WEB);
	check_found("abc2", DB);
	check_found("ddd", ODD);
	check_found(DB, DB);
	/* A full id comes before a name, and a name before the prefix of an id. */
	check_found(WEB, WEB);
	check_found("abc1", ODD);
}

static void test_who_is_not_known(void **state)
{
	struct container container;
	struct error err = { 0 };

	(void)state;
	check_fails("we", -ENOENT, "there is no container 'we'");
	check_fails("", -ENOENT, "there is no container ''");
	check_fails("123", -ENOENT, "there is no container '123'");
	check_fails(WEB "0", -ENOENT, "there is no container");
	check_fails(GONE, -ENOENT, "there is no container '" GONE "'");
	assert_int_equal(find_container("dd", &container, &err), -ENOENT);
	assert_string_equal(err.hint, "at least 3 digits of the id");
}

static void test_ambiguous(void **state)
{
	(void)state;
	check_fails("abc", -EEXIST,
		    "'abc' begins the ids of 2 containers: "
		    "abc100000000 (web), abc200000000 (db)");
}

static void test_many_candidates(void **state)
{
	struct engine *engine = *state;
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct reply replies[] = { { LIST, NULL }, { NULL, NULL } };

	fputs(OK "[", stream);
	for (int i = 0; i < 500; i++)
		fprintf(stream, "%s{\"Id\":\"aaa%05d" TAIL "\"}", i ? "," : "", i);
	fputs("]", stream);
	fclose(stream);
	replies[0].text = text;
	engine->replies = replies;
	check_fails("aaa", -EEXIST, "of 500 containers: aaa000000000 (no name), ");
	check_fails("aaa", -EEXIST, "aaa000070000 (no name), …");
}

/* Asserts that nothing is known of the container but perhaps its id. */
static void check_unknown(const char *given, const char *id)
{
	struct container container, wanted = { 0 };

	strcpy(wanted.id, id);
	memset(&container, 'x', sizeof(container));
	assert_false(container_describe(given, &container));
	assert_memory_equal(&container, &wanted, sizeof(wanted));
}

static void test_describe_unknown(void **state)
{
	(void)state;
	check_unknown(GONE, GONE);
	/* Neither a prefix nor a name is a full id. */
	check_unknown("abc1", "abc1");
	check_unknown("web", "web");
}

static void test_nonsense(void **state)
{
	struct engine *engine = *state;
	const struct {
		const struct reply *replies;
		int status;
		const char *told;
	} cases[] = {
		{ no_http, -EHOSTDOWN, "cannot ask the container runtime at '/tmp/bosc-engine-" },
		{ no_json, -EHOSTDOWN, "the answer is no JSON" },
		{ no_text, -EHOSTDOWN, "the answer is no JSON" },
		{ closes, -EHOSTDOWN, "cannot ask the container runtime at" },
		{ no_list, -EHOSTDOWN, "the answer is no list" },
		{ odd_list, -ENOENT, "there is no container 'web'" },
		{ bad_ids, -ENOENT, "there is no container 'web'" },
		{ no_docker, -EHOSTDOWN, "HTTP status 404: page not found" },
		{ broken, -EHOSTDOWN, "HTTP status 500: disk is full" },
		{ moved, -EHOSTDOWN, "HTTP status 301" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		engine->replies = cases[i].replies;
		check_fails("web", cases[i].status, cases[i].told);
		check_unknown(WEB, WEB);
	}
	engine->replies = bad_ids;
	check_fails("db", -ENOENT, "there is no container 'db'");
	check_fails("long", -ENOENT, "there is no container 'long'");
}

static void test_silence(void **state)
{
	struct engine *engine = *state;
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	engine->replies = silent;
	check_fails("web", -EHOSTDOWN, "no answer in time");
	assert_in_range(clock_ns(CLOCK_MONOTONIC) - start, NS_PER_S, 3 * NS_PER_S);
}

static void test_endless_answer(void **state)
{
	struct engine *engine = *state;
	const size_t size = 17u << 20;
	_cleanup_free_ char *text = malloc(size + 1);
	struct reply replies[] = { { LIST, text }, { NULL, NULL } };

	memset(text, ' ', size);
	text[size] = '\0';
	memcpy(text, OK, strlen(OK));
	engine->replies = replies;
	check_fails("web", -EHOSTDOWN, "the answer is too long");
}

static void test_hosts(void **state)
{
	char long_path[256] = "unix:///";

	(void)state;
	setenv("DOCKER_HOST", "tcp://127.0.0.1:1", 1);
	check_fails("web", -EHOSTDOWN, "'tcp://127.0.0.1:1': DOCKER_HOST names no unix socket");
	setenv("DOCKER_HOST", "unix://", 1);
	check_fails("web", -EHOSTDOWN, "a socket without a path");
	setenv("DOCKER_HOST", "unix:///nonexistent/socket", 1);
	check_fails("web", -EHOSTDOWN, "'/nonexistent/socket': No such file or directory");
	setenv("DOCKER_HOST", "unix:///etc/passwd", 1);
	check_fails("web", -EHOSTDOWN, "'/etc/passwd': Connection refused");
	memset(long_path + strlen(long_path), 'x', 200);
	setenv("DOCKER_HOST", long_path, 1);
	check_fails("web", -EHOSTDOWN, "xxx': ");
}

/* A proxy for the network has no say about a socket of this host. */
static void test_proxy(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	check_found("web", WEB);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

#define WITH_ENGINE(test) cmocka_unit_test_setup_teardown(test, start_sane, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ENGINE(test_all_fields),
		WITH_ENGINE(test_missing_fields),
		WITH_ENGINE(test_podman),
		WITH_ENGINE(test_odd_fields),
		WITH_ENGINE(test_no_inspection),
		WITH_ENGINE(test_who_is_meant),
		WITH_ENGINE(test_who_is_not_known),
		WITH_ENGINE(test_ambiguous),
		WITH_ENGINE(test_many_candidates),
		WITH_ENGINE(test_describe_unknown),
		WITH_ENGINE(test_nonsense),
		WITH_ENGINE(test_silence),
		WITH_ENGINE(test_endless_answer),
		WITH_ENGINE(test_hosts),
		WITH_ENGINE(test_proxy),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
