/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LID-DS 2019: runs.csv has a line for each recording, NAME.txt beside it:
 *
 * image_name, scenario_name, is_executing_exploit, warmup_time, recording_time, exploit_start_time
 *
 * As in the literature, the first 200 normal recordings train and the next 50 fit the threshold,
 * which for bosc is training as well; the others are judged. The start of the attack is told in
 * whole seconds since the recording began, and known to be told late: like the data set's own tools
 * we let it begin two seconds earlier.
 */
#include <errno.h>
#include <string.h>

#include "corpus_item.h"
#include "util.h"

#define TRAINING_RUNS 250u
#define EARLIER_S     2
#define COLUMNS_MAX   16u
#define PATH_ROOM     4096

enum column {
	COLUMN_NAME,
	COLUMN_EXPLOIT,
	COLUMN_START,
	COLUMNS,
};

static const char *const titles[] = {
	[COLUMN_NAME] = "scenario_name",
	[COLUMN_EXPLOIT] = "is_executing_exploit",
	[COLUMN_START] = "exploit_start_time",
};

struct runs {
	struct corpus *corpus;
	struct corpus_item *item; /* of which alone the attack is wanted; NULL: all are */
	const char *folder;
	size_t place[COLUMNS];
	size_t normal; /* recordings until now */
};

/* Cuts a line at its commas. */
static size_t cut(char *line, char **fields)
{
	size_t count = 0;

	while (line && count < COLUMNS_MAX) {
		char *field = strsep(&line, ",\r\n");

		field += strspn(field, " \t\"");
		field[strcspn(field, "\"")] = '\0';
		fields[count++] = field;
	}
	return count;
}

static bool read_titles(struct runs *runs, char *line)
{
	char *fields[COLUMNS_MAX];
	size_t count = cut(line, fields), found = 0;

	for (size_t column = 0; column < COLUMNS; column++)
		for (size_t i = 0; i < count; i++)
			if (!strcmp(fields[i], titles[column])) {
				runs->place[column] = i;
				found++;
				break;
			}
	return found == COLUMNS;
}

static int set_attack(const struct runs *runs, struct corpus_item *item, const char *start,
		      struct error *err)
{
	const char *slash = strrchr(runs->folder, '/');
	const char *family = slash ? slash + 1 : runs->folder;
	double seconds = strtod(start, NULL) - EARLIER_S;

	item->attack_relative = true;
	item->attack_ns = seconds > 0 && seconds < 1e9 ? (uint64_t)(seconds * 1e9) : 0;
	return corpus_item_family(item, family, strlen(family), err);
}

static int read_run(struct runs *runs, char *line, struct error *err)
{
	char *fields[COLUMNS_MAX], path[PATH_ROOM];
	size_t count = cut(line, fields);
	enum corpus_kind kind = CORPUS_ATTACK;
	struct corpus_item *item = runs->item;
	const char *name;

	if (count < 2)
		return 0;
	for (size_t i = 0; i < COLUMNS; i++)
		if (runs->place[i] >= count)
			return fail(err, -EBADMSG, "'%s/runs.csv' is corrupt: a line is too short",
				    runs->folder);
	name = fields[runs->place[COLUMN_NAME]];
	if (strcasecmp(fields[runs->place[COLUMN_EXPLOIT]], "true") != 0)
		kind = runs->normal++ < TRAINING_RUNS ? CORPUS_TRAIN : CORPUS_NORMAL;
	snprintf(path, sizeof(path), "%s/%s.txt", runs->folder, name);
	if (item)
		return strcmp(path, item->path) || kind != CORPUS_ATTACK
			       ? 0
			       : set_attack(runs, item, fields[runs->place[COLUMN_START]], err);
	if (strchr(name, '/') || access(path, R_OK) < 0)
		return fail(err, -ENOENT, "'%s/runs.csv' names '%s', but there is no '%s.txt'",
			    runs->folder, name, name);
	item = corpus_item_add(runs->corpus, kind, runs->folder, path, err);
	if (!item)
		return -ENOMEM;
	return kind == CORPUS_ATTACK
		       ? set_attack(runs, item, fields[runs->place[COLUMN_START]], err)
		       : 0;
}

int corpus_runs_read(struct corpus *corpus, struct corpus_item *item, const char *folder,
		     struct error *err)
{
	struct runs runs = { .corpus = corpus, .item = item, .folder = folder };
	_cleanup_fclose_ FILE *file = NULL;
	char path[PATH_ROOM], line[1024];
	int status = 0;

	snprintf(path, sizeof(path), "%s/runs.csv", folder);
	file = fopen(path, "re");
	if (!file)
		return fail(err, -errno, "cannot open '%s': %s", path, strerror(errno));
	if (!fgets(line, sizeof(line), file) || !read_titles(&runs, line))
		return fail(err, -EBADMSG,
			    "'%s' is corrupt: its first line does not name %s, %s and %s", path,
			    titles[COLUMN_NAME], titles[COLUMN_EXPLOIT], titles[COLUMN_START]);
	while (status >= 0 && fgets(line, sizeof(line), file))
		status = read_run(&runs, line, err);
	return status;
}
