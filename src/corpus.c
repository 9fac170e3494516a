/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Items are added at the end, whatever is there already; corpus_settle() then puts them in order:
 * of those that are the same file the one of the highest rank stays, each name is made unique, and
 * all are sorted.
 */
#include "corpus.h"

#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "corpus_item.h"
#include "util.h"

/* In a rank: the user named the file's folder, or the file itself. */
#define IN_NAMED (1u << 31)
#define NAMED	 (IN_NAMED | 1u << 30)

static void item_free(struct corpus_item *item)
{
	free(item->path);
	free(item->name);
	free(item->family);
	*item = (struct corpus_item){ 0 };
}

void corpus_free(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->count; i++)
		item_free(&corpus->items[i]);
	free(corpus->items);
	*corpus = (struct corpus){ 0 };
}

static int no_memory(const char *path, struct error *err)
{
	return fail(err, -ENOMEM, "cannot add '%s': %s", path, strerror(ENOMEM));
}

static struct corpus_item *corpus_grow(struct corpus *corpus)
{
	if (corpus->count == corpus->room) {
		size_t room = corpus->room ? corpus->room * 2 : 64;
		struct corpus_item *grown = realloc(corpus->items, room * sizeof(*grown));

		if (!grown)
			return NULL;
		corpus->items = grown;
		corpus->room = room;
	}
	return &corpus->items[corpus->count++];
}

/* What of the path is below the folder; all of its last part when it is not. */
static const char *name_below(const char *folder, const char *path)
{
	size_t length = strlen(folder);
	const char *slash = strrchr(path, '/');

	if (strncmp(path, folder, length) == 0 && path[length]) {
		path += length;
		return path + strspn(path, "/");
	}
	return slash ? slash + 1 : path;
}

struct corpus_item *corpus_item_add(struct corpus *corpus, enum corpus_kind kind,
				    const char *folder, const char *path, struct error *err)
{
	struct corpus_item item = { .kind = kind };
	struct corpus_item *place;

	item.path = strdup(path);
	item.name = strdup(name_below(folder, path));
	item.family = strdup("");
	place = item.path && item.name && item.family ? corpus_grow(corpus) : NULL;
	if (!place) {
		item_free(&item);
		no_memory(path, err);
		return NULL;
	}
	*place = item;
	return place;
}

int corpus_item_family(struct corpus_item *item, const char *family, size_t length,
		       struct error *err)
{
	char *copy = strndup(family, length);

	if (!copy)
		return no_memory(item->path, err);
	free(item->family);
	item->family = copy;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct corpus_item *one = a, *other = b;
	int order = strcmp(one->path, other->path);

	if (order)
		return order;
	return one->rank < other->rank ? 1 : -(one->rank > other->rank);
}

static int by_name(const void *a, const void *b)
{
	const struct corpus_item *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : strcmp(one->path, other->path);
}

static int by_kind(const void *a, const void *b)
{
	const struct corpus_item *one = a, *other = b;

	return one->kind != other->kind ? (int)one->kind - (int)other->kind : by_name(a, b);
}

/* The item that stays takes what only the other knows of the attack. */
static void item_merge(struct corpus_item *item, struct corpus_item *other)
{
	if (item->kind == CORPUS_ATTACK && !item->attack_ns && !item->attack_relative) {
		item->attack_ns = other->attack_ns;
		item->attack_relative = other->attack_relative;
	}
	if (item->kind == CORPUS_ATTACK && other->kind == CORPUS_ATTACK && other->family[0]) {
		char *family = item->family;

		item->family = other->family;
		other->family = family;
	}
	if (!item->abi)
		item->abi = other->abi;
	item_free(other);
}

/* The path has the folder's name in it, which tells one name from its twins. */
static int unique_names(struct corpus *corpus, struct error *err)
{
	struct corpus_item *items = corpus->items;

	for (size_t i = 0, end; i < corpus->count; i = end) {
		for (end = i + 1; end < corpus->count; end++)
			if (strcmp(items[i].name, items[end].name) != 0)
				break;
		for (size_t k = i; end > i + 1 && k < end; k++) {
			char *name = strdup(items[k].path);

			if (!name)
				return no_memory(items[k].path, err);
			free(items[k].name);
			items[k].name = name;
		}
	}
	return 0;
}

/* A file that the user named as one kind and as another: nobody knows what is meant. Of items in
 * the order of their paths. */
static int check_twice_named(const struct corpus *corpus, struct error *err)
{
	static const char *const kinds[] = { [CORPUS_TRAIN] = "--train",
					     [CORPUS_NORMAL] = "--normal",
					     [CORPUS_ATTACK] = "--attack" };

	for (size_t i = 1; i < corpus->count; i++) {
		const struct corpus_item *one = &corpus->items[i - 1], *other = one + 1;

		if ((one->rank & other->rank & NAMED) == NAMED && one->kind != other->kind &&
		    !strcmp(one->path, other->path))
			return fail(err, -EINVAL, "'%s' is named with %s and with %s", one->path,
				    kinds[other->kind], kinds[one->kind]);
	}
	return 0;
}

/* Gives the items from `first` on their rank, and puts all in order. */
static int corpus_settle(struct corpus *corpus, size_t first, uint32_t named, struct error *err)
{
	struct corpus_item *items = corpus->items;
	uint32_t rank = 0;
	size_t kept = 0;
	int status;

	for (size_t i = 0; i < first; i++)
		if ((items[i].rank & ~NAMED) > rank)
			rank = items[i].rank & ~NAMED;
	for (size_t i = first; i < corpus->count; i++)
		items[i].rank = named | (rank + 1);
	if (corpus->count)
		qsort(items, corpus->count, sizeof(*items), by_path);
	status = check_twice_named(corpus, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < corpus->count; i++) {
		if (kept && !strcmp(items[kept - 1].path, items[i].path))
			item_merge(&items[kept - 1], &items[i]);
		else
			items[kept++] = items[i];
	}
	corpus->count = kept;
	if (!kept)
		return 0;
	qsort(items, kept, sizeof(*items), by_name);
	status = unique_names(corpus, err);
	qsort(items, kept, sizeof(*items), by_kind);
	return status;
}

/* What stands beside recordings. */
static bool is_companion(const char *name)
{
	static const char *const endings[] = { ".pcap", ".json", ".res",  ".md",  ".csv",
					       ".tsv",	".html", ".scap", ".log", ".pdf" };
	const char *dot = strrchr(name, '.');

	if (name[0] == '.' || !strncasecmp(name, "readme", 6))
		return true;
	for (size_t i = 0; dot && i < ARRAY_SIZE(endings); i++)
		if (!strcasecmp(dot, endings[i]))
			return true;
	return false;
}

static int add_recording(struct corpus *corpus, enum corpus_kind kind, const char *folder,
			 const char *path, struct error *err)
{
	struct corpus_item *item = corpus_item_add(corpus, kind, folder, path, err);

	if (!item)
		return -ENOMEM;
	return kind == CORPUS_ATTACK ? corpus_manifest_attack(item, err) : 0;
}

static int add_entry(struct corpus *corpus, enum corpus_kind kind, const char *folder, FTS *tree,
		     FTSENT *entry, struct error *err)
{
	struct stat st;

	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level > 0 && entry->fts_name[0] == '.')
			fts_set(tree, entry, FTS_SKIP);
		return 0;
	case FTS_DNR:
	case FTS_ERR:
		return fail(err, -entry->fts_errno, "cannot read '%s': %s", entry->fts_path,
			    strerror(entry->fts_errno));
	case FTS_SL:
		if (stat(entry->fts_path, &st) < 0 || !S_ISREG(st.st_mode))
			return 0;
		break;
	case FTS_F:
		break;
	default:
		return 0;
	}
	if (is_companion(entry->fts_name))
		return 0;
	return add_recording(corpus, kind, folder, entry->fts_path, err);
}

static int add_folder(struct corpus *corpus, enum corpus_kind kind, char *folder, struct error *err)
{
	char *const roots[] = { folder, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t before = corpus->count;
	FTSENT *entry;
	int status = 0;

	if (!tree)
		return fail(err, -errno, "cannot read '%s': %s", folder, strerror(errno));
	while (status >= 0 && (entry = fts_read(tree)))
		status = add_entry(corpus, kind, folder, tree, entry, err);
	fts_close(tree);
	if (status >= 0 && corpus->count == before)
		return fail(err, -ENOENT, "there is no recording in the folder '%s'", folder);
	return status;
}

/* Takes back what was added before a failure. */
static int corpus_undo(struct corpus *corpus, size_t first, int status)
{
	while (corpus->count > first)
		item_free(&corpus->items[--corpus->count]);
	return status;
}

int corpus_add(struct corpus *corpus, enum corpus_kind kind, const char *path, struct error *err)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	size_t first = corpus->count;
	struct stat st;
	int status;

	if (!real || stat(real, &st) < 0)
		return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		status = add_folder(corpus, kind, real, err);
	else
		status = add_recording(corpus, kind, real, real, err);
	if (status < 0)
		return corpus_undo(corpus, first, status);
	return corpus_settle(corpus, first, S_ISDIR(st.st_mode) ? IN_NAMED : NAMED, err);
}

int corpus_add_set(struct corpus *corpus, const char *folder, struct error *err)
{
	_cleanup_free_ char *real = realpath(folder, NULL);
	size_t first = corpus->count;
	int status;

	if (!real)
		return fail(err, -errno, "cannot open '%s': %s", folder, strerror(errno));
	status = corpus_set_read(corpus, real, err);
	if (status < 0)
		return corpus_undo(corpus, first, status);
	return corpus_settle(corpus, first, 0, err);
}
