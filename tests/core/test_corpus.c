/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The data sets that are known by their folders, made small in a temporary folder; and which
 * recordings train, which are judged, and when attacks begin.
 */
#include "trace_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "../../core/window.h"
#include "../../src/corpus.h"

#define NUMBERS "1 2 3 4 5 6 7 8 9"

static struct error err;

static void make_folder(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0700), 0);
}

static void make_file(const char *name, const char *content)
{
	file_write(name, content, strlen(content));
}

static const struct corpus_item *find(const struct corpus *corpus, const char *name)
{
	for (size_t i = 0; i < corpus->count; i++)
		if (!strcmp(corpus->items[i].name, name))
			return &corpus->items[i];
	fail_msg("no item '%s'", name);
	return NULL;
}

static size_t count_of(const struct corpus *corpus, enum corpus_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < corpus->count; i++) {
		count += corpus->items[i].kind == kind;
		assert_true(i == 0 || corpus->items[i - 1].kind <= corpus->items[i].kind);
	}
	return count;
}

static void assert_refused(int status, const char *text)
{
	assert_true(status < 0);
	if (!strstr(err.text, text))
		fail_msg("'%s' instead of '%s'", err.text, text);
}

static void test_folders(void **state)
{
	struct corpus corpus = { 0 };

	(void)state;
	make_folder("mere");
	make_folder("mere/deep");
	make_folder("mere/.git");
	assert_refused(corpus_add(&corpus, CORPUS_TRAIN, path_of("mere"), &err),
		       "there is no recording in the folder");
	make_file("mere/one.txt", NUMBERS);
	make_file("mere/deep/one.txt", NUMBERS);
	make_file("mere/.git/x.txt", NUMBERS);
	make_file("mere/.hidden", NUMBERS);
	make_file("mere/x.pcap", NUMBERS);
	make_file("mere/README.md", NUMBERS);
	assert_int_equal(corpus_add(&corpus, CORPUS_NORMAL, path_of("mere"), &err), 0);
	assert_int_equal(corpus.count, 2);
	assert_int_equal(find(&corpus, "deep/one.txt")->kind, CORPUS_NORMAL);
	assert_string_equal(find(&corpus, "one.txt")->family, "");
	/* Named again, it is moved, not there twice. */
	assert_int_equal(corpus_add(&corpus, CORPUS_TRAIN, path_of("mere/one.txt"), &err), 0);
	assert_int_equal(corpus.count, 2);
	assert_int_equal(find(&corpus, "one.txt")->kind, CORPUS_TRAIN);
	/* Another of the same name gets a name of its own. */
	assert_int_equal(corpus_add(&corpus, CORPUS_TRAIN, path_of("mere/deep/one.txt"), &err), 0);
	assert_int_equal(corpus.count, 2);
	make_folder("other");
	make_file("other/one.txt", NUMBERS);
	assert_int_equal(corpus_add(&corpus, CORPUS_TRAIN, path_of("other/one.txt"), &err), 0);
	assert_int_equal(corpus.count, 3);
	assert_string_not_equal(corpus.items[0].name, corpus.items[1].name);
	assert_string_not_equal(corpus.items[1].name, corpus.items[2].name);
	assert_refused(corpus_add(&corpus, CORPUS_TRAIN, path_of("missing"), &err), "No such file");
	assert_int_equal(corpus.count, 3);
	assert_refused(corpus_add_set(&corpus, path_of("mere"), &err), "is no data set that bosc");
	assert_refused(corpus_add_set(&corpus, path_of("mere/one.txt"), &err), "Not a directory");
	corpus_free(&corpus);
}

#define MANIFEST                                                                               \
	"[{\"file\":\"start.bsc\",\"kind\":\"startup+normal\",\"attack_start_ns\":null},"      \
	"{\"file\":\"n1.bsc\",\"kind\":\"normal\"},{\"file\":\"n2.bsc\",\"kind\":\"normal\"}," \
	"{\"file\":\"bad.bsc\",\"kind\":\"attack\",\"note\":\"MODULE LOAD\","                  \
	"\"attack_start_ns\":2256038136826}]"

static void test_manifest(void **state)
{
	struct corpus corpus = { 0 };
	const struct corpus_item *bad;

	(void)state;
	make_folder("set");
	make_file("set/manifest.json", MANIFEST);
	make_file("set/start.bsc.xz", NUMBERS);
	make_file("set/n1.bsc", NUMBERS);
	make_file("set/n2.bsc.zst", NUMBERS);
	assert_refused(corpus_add_set(&corpus, path_of("set"), &err), "names 'bad.bsc', which is");
	assert_int_equal(corpus.count, 0);
	make_file("set/bad.bsc.xz", NUMBERS);
	/* Before the set or after it: what is named keeps its kind. */
	assert_int_equal(corpus_add(&corpus, CORPUS_TRAIN, path_of("set/n1.bsc"), &err), 0);
	assert_int_equal(corpus_add_set(&corpus, path_of("set"), &err), 0);
	assert_int_equal(corpus_add(&corpus, CORPUS_TRAIN, path_of("set/n2.bsc.zst"), &err), 0);
	assert_int_equal(corpus.count, 4);
	assert_int_equal(count_of(&corpus, CORPUS_TRAIN), 3);
	bad = find(&corpus, "bad.bsc.xz");
	assert_int_equal(bad->kind, CORPUS_ATTACK);
	assert_int_equal(bad->attack_ns, 2256038136826);
	assert_false(bad->attack_relative);
	assert_string_equal(bad->family, "MODULE LOAD");
	corpus_free(&corpus);
	/* Alone, it takes its start from the manifest beside it. */
	assert_int_equal(corpus_add(&corpus, CORPUS_ATTACK, path_of("set/bad.bsc.xz"), &err), 0);
	assert_int_equal(corpus.items[0].attack_ns, 2256038136826);
	corpus_free(&corpus);
	make_file("set/manifest.json", "[{\"file\":\"../x\",\"kind\":\"normal\"}]");
	assert_refused(corpus_add_set(&corpus, path_of("set"), &err), "is corrupt: an entry");
	make_file("set/manifest.json", "[{]");
	assert_refused(corpus_add_set(&corpus, path_of("set"), &err), "is corrupt: line 1");
	corpus_free(&corpus);
}

static void test_adfa(void **state)
{
	struct corpus corpus = { 0 };
	const struct corpus_item *item;

	(void)state;
	make_folder("adfa");
	make_folder("adfa/ADFA-LD");
	make_folder("adfa/ADFA-LD/Training_Data_Master");
	make_folder("adfa/ADFA-LD/Validation_Data_Master");
	make_folder("adfa/ADFA-LD/Attack_Data_Master");
	make_folder("adfa/ADFA-LD/Attack_Data_Master/Hydra_FTP_10");
	make_folder("adfa/ADFA-LD/Attack_Data_Master/Odd");
	make_file("adfa/ADFA-LD/Training_Data_Master/UTD-0001.txt", NUMBERS);
	make_file("adfa/ADFA-LD/Validation_Data_Master/UVD-0001.txt", NUMBERS);
	make_file("adfa/ADFA-LD/Attack_Data_Master/Hydra_FTP_10/UAD-1.txt", NUMBERS);
	make_file("adfa/ADFA-LD/Attack_Data_Master/Odd/UAD-2.txt", NUMBERS);
	assert_int_equal(corpus_add_set(&corpus, path_of("adfa"), &err), 0);
	assert_int_equal(corpus.count, 4);
	item = find(&corpus, "Attack_Data_Master/Hydra_FTP_10/UAD-1.txt");
	assert_int_equal(item->kind, CORPUS_ATTACK);
	assert_string_equal(item->family, "Hydra_FTP");
	assert_int_equal(item->abi, ABI_COMPAT);
	assert_false(item->attack_ns || item->attack_relative);
	assert_string_equal(find(&corpus, "Attack_Data_Master/Odd/UAD-2.txt")->family, "Odd");
	assert_int_equal(find(&corpus, "Training_Data_Master/UTD-0001.txt")->kind, CORPUS_TRAIN);
	assert_int_equal(find(&corpus, "Validation_Data_Master/UVD-0001.txt")->kind, CORPUS_NORMAL);
	corpus_free(&corpus);
	assert_int_equal(corpus_add_set(&corpus, path_of("adfa/ADFA-LD"), &err), 0);
	assert_int_equal(corpus.count, 4);
	corpus_free(&corpus);
}

static void make_zip(const char *name, const char *json)
{
	static const char line[] = "1631209047761484608 33 70 a 70 read > fd=9\n";
	const char *const files[][2] = { { "x.sc", line }, { "x.json", json } };
	struct archive *archive = archive_write_new();

	archive_write_set_format_zip(archive);
	assert_int_equal(archive_write_open_filename(archive, path_of(name)), ARCHIVE_OK);
	for (size_t i = 0; i < 2; i++) {
		struct archive_entry *entry = archive_entry_new();
		size_t size = strlen(files[i][1]);

		archive_entry_set_pathname(entry, files[i][0]);
		archive_entry_set_size(entry, (la_int64_t)size);
		archive_entry_set_filetype(entry, AE_IFREG);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		assert_true(archive_write_data(archive, files[i][1], size) >= 0);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
}

#define EXPLOIT(times)                                                      \
	"{'exploit': true, 'time': {'exploit': [" times "], 'warmup_end': " \
	"{'absolute': 1666346773.5}}}"

static void test_lids_2021(void **state)
{
	struct corpus corpus = { 0 };
	const struct corpus_item *item;

	(void)state;
	make_folder("CVE-1");
	make_folder("CVE-1/training");
	make_folder("CVE-1/validation");
	make_folder("CVE-1/test");
	make_folder("CVE-1/test/normal");
	make_folder("CVE-1/test/normal_and_attack");
	make_zip("CVE-1/training/a.zip", "{}");
	make_zip("CVE-1/validation/b.zip", "{}");
	make_zip("CVE-1/test/normal/c.zip", "{}");
	make_zip(
		"CVE-1/test/normal_and_attack/d.zip",
		EXPLOIT("{'absolute': 1666346786.5, 'relative': 13}, {'absolute': 1666346780.25}"));
	make_zip("CVE-1/test/normal_and_attack/e.zip", EXPLOIT("{'relative': 2.5}"));
	assert_int_equal(corpus_add_set(&corpus, path_of("CVE-1"), &err), 0);
	assert_int_equal(corpus.count, 5);
	assert_int_equal(count_of(&corpus, CORPUS_TRAIN), 2);
	item = find(&corpus, "test/normal_and_attack/d.zip");
	assert_int_equal(item->attack_ns, 1666346780250000000);
	assert_false(item->attack_relative);
	assert_string_equal(item->family, "CVE-1");
	assert_int_equal(find(&corpus, "test/normal_and_attack/e.zip")->attack_ns,
			 1666346776000000000);
	assert_int_equal(find(&corpus, "test/normal/c.zip")->kind, CORPUS_NORMAL);
	corpus_free(&corpus);
	assert_int_equal(corpus_add(&corpus, CORPUS_ATTACK,
				    path_of("CVE-1/test/normal_and_attack/d.zip"), &err),
			 0);
	assert_int_equal(corpus.items[0].attack_ns, 1666346780250000000);
	corpus_free(&corpus);
	make_zip("CVE-1/test/normal_and_attack/f.zip", "{}");
	assert_refused(corpus_add_set(&corpus, path_of("CVE-1"), &err),
		       "does not say when the attack began");
	make_file("CVE-1/test/normal_and_attack/f.zip", "no zip");
	assert_refused(corpus_add_set(&corpus, path_of("CVE-1"), &err), "f.zip");
	corpus_free(&corpus);
}

static void test_lids_2019(void **state)
{
	static char runs[40000];
	struct corpus corpus = { 0 };
	const struct corpus_item *item;
	size_t size;

	(void)state;
	make_folder("Brute");
	size = (size_t)sprintf(runs, "image_name, scenario_name, is_executing_exploit, "
				     "warmup_time, recording_time, exploit_start_time\n"
				     "img, bad, True, 10, 35, 24\n");
	make_file("Brute/bad.txt", NUMBERS);
	for (int i = 0; i < 260; i++) {
		char name[32];

		snprintf(name, sizeof(name), "Brute/n%03d.txt", i);
		make_file(name, NUMBERS);
		size += (size_t)sprintf(runs + size, "img, n%03d, False, 10, 35, -1\n", i);
	}
	make_file("Brute/runs.csv", runs);
	assert_int_equal(corpus_add_set(&corpus, path_of("Brute"), &err), 0);
	assert_int_equal(corpus.count, 261);
	assert_int_equal(count_of(&corpus, CORPUS_TRAIN), 250);
	assert_int_equal(count_of(&corpus, CORPUS_NORMAL), 10);
	assert_int_equal(find(&corpus, "n249.txt")->kind, CORPUS_TRAIN);
	item = find(&corpus, "bad.txt");
	assert_true(item->attack_relative);
	assert_int_equal(item->attack_ns, 22 * NS_PER_S);
	assert_string_equal(item->family, "Brute");
	corpus_free(&corpus);
	assert_int_equal(corpus_add(&corpus, CORPUS_ATTACK, path_of("Brute/bad.txt"), &err), 0);
	assert_int_equal(corpus.items[0].attack_ns, 22 * NS_PER_S);
	corpus_free(&corpus);
	unlink(path_of("Brute/n003.txt"));
	assert_refused(corpus_add_set(&corpus, path_of("Brute"), &err), "there is no 'n003.txt'");
	make_file("Brute/runs.csv", "a,b\n");
	assert_refused(corpus_add_set(&corpus, path_of("Brute"), &err), "its first line does not");
	corpus_free(&corpus);
}

/* The published sets, as they are. */
static void test_shared(void **state)
{
	const char *shared = getenv("BOSC_SHARED") ? getenv("BOSC_SHARED") : "../shared";
	struct corpus corpus = { 0 };
	char path[1024], command[2048];

	(void)state;
	snprintf(path, sizeof(path), "%s/data/adfa-ld/ADFA-LD.zip", shared);
	if (access(path, R_OK) < 0) {
		print_message("skipped: no ADFA-LD at '%s': set BOSC_SHARED\n", path);
		skip();
	}
	snprintf(command, sizeof(command), "unzip -qo '%s' -d '%s'", path, path_of("published"));
	if (system("command -v unzip >/dev/null") != 0 || system(command) != 0) {
		print_message("skipped: ADFA-LD cannot be unpacked: there is no unzip\n");
		skip();
	}
	assert_int_equal(corpus_add_set(&corpus, path_of("published"), &err), 0);
	assert_int_equal(count_of(&corpus, CORPUS_TRAIN), 833);
	assert_int_equal(count_of(&corpus, CORPUS_NORMAL), 4372);
	assert_int_equal(count_of(&corpus, CORPUS_ATTACK), 746);
	for (size_t i = 0; i < corpus.count; i += 20) {
		struct reading r = read_all(corpus.items[i].path);

		assert_int_equal(r.status, 0);
		assert_true(r.summary.complete && r.summary.calls > 50);
		free(r.records);
	}
	corpus_free(&corpus);
	snprintf(path, sizeof(path), "%s/data/redis-docker", shared);
	assert_int_equal(corpus_add_set(&corpus, path, &err), 0);
	assert_int_equal(count_of(&corpus, CORPUS_TRAIN), 1);
	assert_int_equal(count_of(&corpus, CORPUS_ATTACK), 2);
	corpus_free(&corpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders),	  cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_adfa),	  cmocka_unit_test(test_lids_2021),
		cmocka_unit_test(test_lids_2019), cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
