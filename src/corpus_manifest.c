/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What JSON says of recordings: a folder's manifest.json, and the file that LID-DS 2021 puts beside
 * each of its own.
 *
 * A manifest is a list of objects: "file", and "kind": "training", "normal" or "attack"; one that
 * has "startup" in it is training, too. Of an attack, "attack_start_ns" is on the clock of the
 * recording, and "family" (else "note", else the file) is what it is called in the figures.
 */
#include <errno.h>
#include <string.h>

#include "corpus_item.h"
#include "json.h"
#include "util.h"
#include "zip.h"

#define JSON_MOST (1u << 20) /* bytes of what stands beside a recording */
#define PATH_ROOM 4096

/* The file as it lies there, perhaps compressed. False: it is not there. */
static bool manifest_path(const char *folder, const char *file, char *path)
{
	static const char *const endings[] = { "", ".xz", ".zst" };

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (snprintf(path, PATH_ROOM, "%s/%s%s", folder, file, endings[i]) < PATH_ROOM &&
		    access(path, R_OK) == 0)
			return true;
	return false;
}

static int entry_kind(const char *kind, enum corpus_kind *ret_kind)
{
	if (strstr(kind, "attack"))
		*ret_kind = CORPUS_ATTACK;
	else if (strstr(kind, "train") || strstr(kind, "startup"))
		*ret_kind = CORPUS_TRAIN;
	else if (strstr(kind, "normal"))
		*ret_kind = CORPUS_NORMAL;
	else
		return -EINVAL;
	return 0;
}

static int entry_attack(struct corpus_item *item, const json_t *entry, struct error *err)
{
	const char *family = json_string_value(json_object_get(entry, "family"));
	json_int_t start = json_integer_value(json_object_get(entry, "attack_start_ns"));

	if (!family)
		family = json_string_value(json_object_get(entry, "note"));
	if (!family || !family[0])
		family = json_string_value(json_object_get(entry, "file"));
	item->attack_ns = start > 0 ? (uint64_t)start : 0;
	return corpus_item_family(item, family, strlen(family), err);
}

/* Adds what the entry says, or fills in `item` when it is the one. */
static int entry_read(struct corpus *corpus, struct corpus_item *item, const char *folder,
		      const json_t *entry, struct error *err)
{
	const char *file = json_string_value(json_object_get(entry, "file"));
	const char *word = json_string_value(json_object_get(entry, "kind"));
	enum corpus_kind kind;
	char path[PATH_ROOM];

	if (!file || !word || strchr(file, '/') || entry_kind(word, &kind) < 0)
		return fail(err, -EBADMSG,
			    "'%s/manifest.json' is corrupt: an entry without a \"file\" of this "
			    "folder or a \"kind\"",
			    folder);
	if (!manifest_path(folder, file, path))
		return item ? 0
			    : fail(err, -ENOENT,
				   "'%s/manifest.json' names '%s', which is not there", folder,
				   file);
	if (item)
		return strcmp(path, item->path) || kind != CORPUS_ATTACK
			       ? 0
			       : entry_attack(item, entry, err);
	item = corpus_item_add(corpus, kind, folder, path, err);
	if (!item)
		return -ENOMEM;
	return kind == CORPUS_ATTACK ? entry_attack(item, entry, err) : 0;
}

int corpus_manifest_read(struct corpus *corpus, struct corpus_item *item, const char *folder,
			 struct error *err)
{
	_cleanup_json_ json_t *list = NULL;
	char path[PATH_ROOM];
	json_error_t fault;
	int status = 0;

	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	list = json_load_file(path, 0, &fault);
	if (!list)
		return fail(err, -EBADMSG, "'%s' is corrupt: line %d: %s", path, fault.line,
			    fault.text);
	if (!json_is_array(list) || !json_array_size(list))
		return fail(err, -EBADMSG, "'%s' is corrupt: it is no list of recordings", path);
	for (size_t i = 0; i < json_array_size(list) && status >= 0; i++)
		status = entry_read(corpus, item, folder, json_array_get(list, i), err);
	return status;
}

/* Some of them are written with the quotes of Python. */
static json_t *lids_parse(char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	for (char *at = text; !json && *at; at++)
		if (*at == '\'')
			*at = '"';
	return json ? json : json_loads(text, 0, NULL);
}

static int load_text(const char *path, char **ret_text, struct error *err)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	char *text = calloc(1, JSON_MOST + 1);

	if (!file || !text) {
		free(text);
		return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
	}
	*ret_text = text;
	return fread(text, 1, JSON_MOST, file) ? 0 : -ENODATA;
}

/* The JSON of a recording: in the zip, or in NAME.json beside NAME.sc. */
static int lids_load(const char *path, char **ret_text, struct error *err)
{
	char beside[PATH_ROOM];

	if (ends_with(path, ".zip"))
		return zip_load(path, ".json", JSON_MOST, ret_text, err);
	snprintf(beside, sizeof(beside), "%.*s.json", (int)strlen(path) - 3, path);
	return load_text(beside, ret_text, err);
}

/* The first of the attack's starts: in UNIX time, or else as they stand beside the warm-up's
 * end. */
static bool lids_start(const json_t *time, struct corpus_item *item)
{
	const json_t *exploits = json_object_get(time, "exploit");
	const json_t *warm = json_object_get(json_object_get(time, "warmup_end"), "absolute");
	double first = 0;
	uint64_t whole;

	for (size_t i = 0; i < json_array_size(exploits); i++) {
		const json_t *exploit = json_array_get(exploits, i);
		double start = json_number_value(json_object_get(exploit, "absolute"));
		double after = json_number_value(json_object_get(exploit, "relative"));

		if (!(start > 0) && after > 0 && json_number_value(warm) > 0)
			start = json_number_value(warm) + after;
		if (start > 0 && start < 1e10 && (first == 0 || start < first))
			first = start;
	}
	/* A double has no room for the nanoseconds of UNIX time. */
	whole = (uint64_t)first;
	item->attack_ns = whole * NS_PER_S + (uint64_t)((first - (double)whole) * 1e9);
	return first > 0;
}

int corpus_manifest_lids(struct corpus_item *item, struct error *err)
{
	_cleanup_json_ json_t *json = NULL;
	_cleanup_free_ char *text = NULL;
	int status = lids_load(item->path, &text, err);

	if (status < 0 && status != -ENODATA)
		return status;
	json = lids_parse(text);
	if (json && lids_start(json_object_get(json, "time"), item))
		return 0;
	return fail(err, -EBADMSG, "'%s' is corrupt: its JSON does not say when the attack began",
		    item->path);
}

int corpus_manifest_attack(struct corpus_item *item, struct error *err)
{
	_cleanup_free_ char *folder = strdup(item->path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	char beside[PATH_ROOM];

	if (!slash)
		return 0;
	*slash = '\0';
	if (ends_with(item->path, ".zip"))
		return corpus_manifest_lids(item, err);
	if (ends_with(item->path, ".sc")) {
		snprintf(beside, sizeof(beside), "%.*s.json", (int)strlen(item->path) - 3,
			 item->path);
		return access(beside, R_OK) == 0 ? corpus_manifest_lids(item, err) : 0;
	}
	snprintf(beside, sizeof(beside), "%s/manifest.json", folder);
	if (access(beside, R_OK) == 0)
		return corpus_manifest_read(NULL, item, folder, err);
	snprintf(beside, sizeof(beside), "%s/runs.csv", folder);
	return access(beside, R_OK) == 0 ? corpus_runs_read(NULL, item, folder, err) : 0;
}
