/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Speaks HTTP to the Docker engine over its unix socket; podman's service understands the same
 * request. It is only ever one: the list of all containers. Whom the user means is chosen here, so
 * that an ambiguous prefix can be explained.
 *
 * The list tells less of a container than inspecting it would, but inspecting waits for its lock,
 * which the engine holds while it starts the container. That is exactly when bosc asks: it has just
 * met the new cgroup. Docker makes the list from a snapshot that needs no lock; podman takes each
 * container's lock either way, so that the limit on the time is what helps there.
 *
 * The answer is not trusted: it comes within seconds and below a size, a field of the wrong type
 * counts as missing, and what is no id of hex digits is none.
 */
#include "container.h"

#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "util.h"

#define UNIX_SCHEME	"unix://"
#define LIST_URL	"http://localhost/containers/json?all=1"
#define HEX_DIGITS	"0123456789abcdef"
#define PREFIX_LEAST	3
#define SHORT_ID	12
#define ANSWER_MS	2000L
#define ANSWER_MOST	(16u << 20)
#define CANDIDATES_MOST 8

static void curl_p(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static void json_p(json_t **json)
{
	json_decref(*json);
}

/* The body of an answer as it comes in. */
struct answer {
	char *text;
	size_t size, room;
};

static void answer_free(const struct answer *answer)
{
	free(answer->text);
}

#define _cleanup_curl_	 _cleanup_(curl_p)
#define _cleanup_json_	 _cleanup_(json_p)
#define _cleanup_answer_ _cleanup_(answer_free)

static size_t answer_add(char *data, size_t unit, size_t count, void *context)
{
	struct answer *answer = context;
	size_t size = unit * count, room = answer->room;
	char *grown;

	if (size > ANSWER_MOST - answer->size)
		return CURL_WRITEFUNC_ERROR;
	if (answer->size + size > room) {
		room = 2 * (answer->size + size);
		grown = realloc(answer->text, room);
		if (!grown)
			return CURL_WRITEFUNC_ERROR;
		answer->text = grown;
		answer->room = room;
	}
	memcpy(answer->text + answer->size, data, size);
	answer->size += size;
	return size;
}

static int fail_unreachable(struct error *err, const char *where, const char *reason)
{
	fail(err, -EHOSTDOWN, "cannot ask the container runtime at '%s': %s", where, reason);
	return fail_hint(
		err, -EHOSTDOWN,
		"DOCKER_HOST=unix://SOCKET, or the container's cgroup instead of its name");
}

/* The socket's path in DOCKER_HOST, or the usual one; NULL after a failure. */
static const char *find_socket(struct error *err)
{
	const char *host = getenv("DOCKER_HOST"), *reason;

	if (!host || !host[0])
		host = UNIX_SCHEME "/var/run/docker.sock";
	if (strncmp(host, UNIX_SCHEME, strlen(UNIX_SCHEME)))
		reason = "DOCKER_HOST names no unix socket of this host";
	else if (!host[strlen(UNIX_SCHEME)])
		reason = "DOCKER_HOST names a socket without a path";
	else
		return host + strlen(UNIX_SCHEME);
	fail_unreachable(err, host, reason);
	return NULL;
}

/* Of a proxy in the environment curl makes no use for a unix socket. Signals are the program's. */
static void set_up(CURL *curl, const char *socket, struct answer *answer)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, LIST_URL);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_add);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

/* Why curl_easy_perform() failed: what the system said of the socket tells more than curl does. */
static const char *reason_of(CURL *curl, CURLcode code)
{
	long error = 0;

	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
	if (code == CURLE_COULDNT_CONNECT && error)
		return strerror((int)error);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "no answer in time";
	if (code == CURLE_WRITE_ERROR)
		return "the answer is too long";
	return curl_easy_strerror(code);
}

static int check_answer(long status, const json_t *json, const char *socket, struct error *err)
{
	const char *said = json_string_value(json_object_get(json, "message"));
	char reason[256];

	if (status == 200 && json_is_array(json))
		return 0;
	if (status == 200)
		return fail_unreachable(err, socket,
					json ? "the answer is no list" : "the answer is no JSON");
	snprintf(reason, sizeof(reason), "HTTP status %ld%s%.200s", status, said ? ": " : "",
		 said ? said : "");
	return fail_unreachable(err, socket, reason);
}

static const char *runtime_of(CURL *curl)
{
	struct curl_header *server;

	if (!curl_easy_header(curl, "Server", 0, CURLH_HEADER, -1, &server) &&
	    !strncmp(server->value, "Libpod/", strlen("Libpod/")))
		return "podman";
	return "docker";
}

/* Asks for all containers, those that do not run included. */
static int ask(json_t **ret_list, const char **ret_runtime, struct error *err)
{
	_cleanup_curl_ CURL *curl = curl_easy_init();
	_cleanup_answer_ struct answer answer = { 0 };
	_cleanup_json_ json_t *list = NULL;
	const char *socket = find_socket(err);
	long http_status = 0;
	CURLcode code;
	int status;

	if (!socket)
		return -EHOSTDOWN;
	if (!curl)
		return fail(err, -ENOMEM, "cannot ask the container runtime: out of memory");
	set_up(curl, socket, &answer);
	code = curl_easy_perform(curl);
	if (code)
		return fail_unreachable(err, socket, reason_of(curl, code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http_status);
	list = answer.text ? json_loadb(answer.text, answer.size, 0, NULL) : NULL;
	status = check_answer(http_status, list, socket, err);
	if (status)
		return status;
	*ret_runtime = runtime_of(curl);
	*ret_list = json_incref(list);
	return 0;
}

/* Copies what fits, and no half of a UTF-8 character. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t length = from ? strlen(from) : 0;

	if (length >= size) {
		length = size - 1;
		while (length && ((unsigned char)from[length] & 0xc0) == 0x80)
			length--;
	}
	if (length)
		memcpy(to, from, length);
	to[length] = '\0';
}

#define COPY_TEXT(to, from) copy_text(to, sizeof(to), from)

static const char *without_slash(const char *name)
{
	return name && name[0] == '/' ? name + 1 : name;
}

static const char *text_at(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool is_hex(const char *text)
{
	return text[0] && !text[strspn(text, HEX_DIGITS)];
}

static bool is_id(const char *text)
{
	return is_hex(text) && strlen(text) < sizeof(((struct container *)NULL)->id);
}

static const char *id_of(const json_t *entry)
{
	const char *id = text_at(entry, "Id");

	return id && is_id(id) ? id : NULL;
}

static const char *name_at(const json_t *names, size_t place)
{
	return without_slash(json_string_value(json_array_get(names, place)));
}

/* Docker lists a container under "other/alias" too when another one is linked to it. */
static const char *name_of(const json_t *entry)
{
	const json_t *names = json_object_get(entry, "Names");

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = name_at(names, i);

		if (name && !strchr(name, '/'))
			return name;
	}
	return name_at(names, 0);
}

static void fill_in(struct container *container, const json_t *entry, const char *runtime)
{
	COPY_TEXT(container->id, id_of(entry));
	COPY_TEXT(container->name, name_of(entry));
	COPY_TEXT(container->image, text_at(entry, "Image"));
	COPY_TEXT(container->digest, text_at(entry, "ImageID"));
	COPY_TEXT(container->command, text_at(entry, "Command"));
	COPY_TEXT(container->runtime, runtime);
}

static bool has_id(const json_t *entry, const char *wanted)
{
	const char *id = id_of(entry);

	return id && !strcmp(id, wanted);
}

static bool has_name(const json_t *entry, const char *wanted)
{
	const json_t *names = json_object_get(entry, "Names");

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = name_at(names, i);

		if (name && !strcmp(name, wanted))
			return true;
	}
	return false;
}

static bool has_prefix(const json_t *entry, const char *wanted)
{
	const char *id = id_of(entry);

	return id && !strncmp(id, wanted, strlen(wanted));
}

/* The first entry that fits, and how many do. */
static const json_t *pick(const json_t *list, bool (*fits)(const json_t *, const char *),
			  const char *wanted, size_t *ret_count)
{
	const json_t *first = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (fits(entry, wanted) && !(*ret_count)++)
			first = entry;
	}
	return first;
}

static int fail_ambiguous(const json_t *list, const char *what, size_t count, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t length, shown = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		return fail(err, -EEXIST, "'%s' begins the ids of %zu containers", what, count);
	for (size_t i = 0; i < json_array_size(list) && shown < CANDIDATES_MOST; i++) {
		const json_t *entry = json_array_get(list, i);
		const char *name = name_of(entry);

		if (!has_prefix(entry, what))
			continue;
		fprintf(stream, "%s%.*s (%.64s)", shown++ ? ", " : "", SHORT_ID, id_of(entry),
			name ? name : "no name");
	}
	fclose(stream);
	return fail(err, -EEXIST, "'%s' begins the ids of %zu containers: %s%s", what, count, text,
		    count > shown ? ", …" : "");
}

/* The entry that the user means. */
static int choose(const json_t *list, const char *what, const json_t **ret_entry, struct error *err)
{
	size_t count;

	*ret_entry = pick(list, has_id, what, &count);
	if (!*ret_entry)
		*ret_entry = pick(list, has_name, what, &count);
	if (*ret_entry)
		return 0;
	if (strlen(what) >= PREFIX_LEAST)
		*ret_entry = pick(list, has_prefix, what, &count);
	if (*ret_entry)
		return count > 1 ? fail_ambiguous(list, what, count, err) : 0;
	fail(err, -ENOENT, "there is no container '%s'", what);
	if (is_hex(what) && strlen(what) < PREFIX_LEAST)
		return fail_hint(err, -ENOENT, "at least %d digits of the id", PREFIX_LEAST);
	return -ENOENT;
}

int container_find(const char *what, struct container *ret_container, struct error *err)
{
	_cleanup_json_ json_t *list = NULL;
	const json_t *entry;
	const char *runtime;
	int status;

	memset(ret_container, 0, sizeof(*ret_container));
	status = ask(&list, &runtime, err);
	if (status)
		return status;
	status = choose(list, without_slash(what), &entry, err);
	if (status)
		return status;
	if (!id_of(entry))
		return fail(err, -EHOSTDOWN, "the container runtime lists '%s' without an id",
			    what);
	fill_in(ret_container, entry, runtime);
	return 0;
}

bool container_describe(const char *id, struct container *ret_container)
{
	_cleanup_json_ json_t *list = NULL;
	const json_t *entry;
	const char *runtime;
	struct error unused;
	size_t count;

	memset(ret_container, 0, sizeof(*ret_container));
	if (!is_id(id))
		return false;
	COPY_TEXT(ret_container->id, id);
	if (ask(&list, &runtime, &unused))
		return false;
	entry = pick(list, has_id, id, &count);
	if (entry)
		fill_in(ret_container, entry, runtime);
	return entry;
}
