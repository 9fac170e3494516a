/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data sets that are known, by what stands in their folders: a manifest.json, ADFA-LD, LID-DS
 * 2019 (runs.csv) and 2021 (training/, validation/, test/). What the literature fits a threshold
 * to, the validation part of LID-DS, counts as training: bosc's thresholds come from the training
 * alone, and what is left to be judged is the literature's test part.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../core/window.h"
#include "corpus_item.h"
#include "util.h"

#define ADFA_TRAINING "Training_Data_Master"
#define ADFA_NORMAL   "Validation_Data_Master"
#define ADFA_ATTACK   "Attack_Data_Master"
#define PATH_ROOM     4096

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool has(const char *folder, const char *name)
{
	char path[PATH_ROOM];

	return snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path) &&
	       access(path, R_OK) == 0;
}

/* What is done with one entry of a folder. */
typedef int entry_action(struct corpus *corpus, const char *set, const char *path, const char *name,
			 struct error *err);

static int each_entry(struct corpus *corpus, const char *set, const char *folder,
		      entry_action *action, struct error *err)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort), status = 0;

	if (count < 0)
		return fail(err, -errno, "cannot read '%s': %s", folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char path[PATH_ROOM];

		if (status >= 0 && name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
			status = action(corpus, set, path, name, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

static int each_below(struct corpus *corpus, const char *set, const char *name,
		      entry_action *action, struct error *err)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/%s", set, name);
	return is_folder(path) ? each_entry(corpus, set, path, action, err) : 0;
}

/* ADFA-LD's numbers are those of a 32-bit Ubuntu. */
static int adfa_add(struct corpus *corpus, enum corpus_kind kind, const char *set, const char *path,
		    struct error *err)
{
	struct corpus_item *item;

	if (!ends_with(path, ".txt"))
		return 0;
	item = corpus_item_add(corpus, kind, set, path, err);
	if (!item)
		return -ENOMEM;
	item->abi = ABI_COMPAT;
	return 0;
}

static int adfa_training(struct corpus *corpus, const char *set, const char *path, const char *name,
			 struct error *err)
{
	(void)name;
	return adfa_add(corpus, CORPUS_TRAIN, set, path, err);
}

static int adfa_normal(struct corpus *corpus, const char *set, const char *path, const char *name,
		       struct error *err)
{
	(void)name;
	return adfa_add(corpus, CORPUS_NORMAL, set, path, err);
}

static int adfa_attack(struct corpus *corpus, const char *set, const char *path, const char *name,
		       struct error *err)
{
	(void)name;
	return adfa_add(corpus, CORPUS_ATTACK, set, path, err);
}

/* A folder "Hydra_FTP_3" is the third attack of the family "Hydra_FTP". */
static int adfa_family(struct corpus *corpus, const char *set, const char *path, const char *name,
		       struct error *err)
{
	size_t length = strlen(name), first = corpus->count;
	int status = is_folder(path) ? each_entry(corpus, set, path, adfa_attack, err) : 0;

	while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9')
		length--;
	if (length < 2 || name[length - 1] != '_' || !name[length])
		length = strlen(name) + 1;
	for (size_t i = first; i < corpus->count && status >= 0; i++)
		status = corpus_item_family(&corpus->items[i], name, length - 1, err);
	return status;
}

static int adfa_read(struct corpus *corpus, const char *set, struct error *err)
{
	int status = each_below(corpus, set, ADFA_TRAINING, adfa_training, err);

	if (status >= 0)
		status = each_below(corpus, set, ADFA_NORMAL, adfa_normal, err);
	if (status >= 0)
		status = each_below(corpus, set, ADFA_ATTACK, adfa_family, err);
	return status;
}

/* ADFA-LD as it comes out of its archive: a folder down. */
static int adfa_inner(struct corpus *corpus, const char *set, const char *path, const char *name,
		      struct error *err)
{
	(void)set;
	(void)name;
	return is_folder(path) && has(path, ADFA_TRAINING) ? adfa_read(corpus, path, err) : 0;
}

static bool is_lids(const char *name)
{
	return ends_with(name, ".zip") || ends_with(name, ".sc");
}

static int lids_training(struct corpus *corpus, const char *set, const char *path, const char *name,
			 struct error *err)
{
	if (!is_lids(name))
		return 0;
	return corpus_item_add(corpus, CORPUS_TRAIN, set, path, err) ? 0 : -ENOMEM;
}

static int lids_normal(struct corpus *corpus, const char *set, const char *path, const char *name,
		       struct error *err)
{
	if (!is_lids(name))
		return 0;
	return corpus_item_add(corpus, CORPUS_NORMAL, set, path, err) ? 0 : -ENOMEM;
}

/* A scenario has one kind of attack, after which its folder is called. */
static int lids_attack(struct corpus *corpus, const char *set, const char *path, const char *name,
		       struct error *err)
{
	const char *slash = strrchr(set, '/');
	const char *family = slash ? slash + 1 : set;
	struct corpus_item *item;
	int status;

	if (!is_lids(name))
		return 0;
	item = corpus_item_add(corpus, CORPUS_ATTACK, set, path, err);
	status = item ? corpus_item_family(item, family, strlen(family), err) : -ENOMEM;
	return status < 0 ? status : corpus_manifest_lids(item, err);
}

/* test/normal and test/normal_and_attack. */
static int lids_test(struct corpus *corpus, const char *set, const char *path, const char *name,
		     struct error *err)
{
	if (!is_folder(path))
		return 0;
	return each_entry(corpus, set, path, strstr(name, "attack") ? lids_attack : lids_normal,
			  err);
}

static int lids_read(struct corpus *corpus, const char *set, struct error *err)
{
	int status = each_below(corpus, set, "training", lids_training, err);

	if (status >= 0)
		status = each_below(corpus, set, "validation", lids_training, err);
	if (status >= 0)
		status = each_below(corpus, set, "test", lids_test, err);
	return status;
}

int corpus_set_read(struct corpus *corpus, const char *folder, struct error *err)
{
	size_t first = corpus->count;
	int status;

	if (has(folder, "manifest.json"))
		return corpus_manifest_read(corpus, NULL, folder, err);
	if (has(folder, "runs.csv"))
		return corpus_runs_read(corpus, NULL, folder, err);
	if (has(folder, "training") && has(folder, "test"))
		status = lids_read(corpus, folder, err);
	else if (has(folder, ADFA_TRAINING))
		status = adfa_read(corpus, folder, err);
	else
		status = each_entry(corpus, folder, folder, adfa_inner, err);
	if (status < 0 || corpus->count > first)
		return status;
	return fail(err, -EINVAL,
		    "'%s' is no data set that bosc knows: it has no recordings by a manifest.json, "
		    "by " ADFA_TRAINING " (ADFA-LD), by runs.csv (LID-DS 2019), or in training/ "
		    "and test/ (LID-DS 2021)",
		    folder);
}
