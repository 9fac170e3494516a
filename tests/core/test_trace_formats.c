/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recordings of others: what strace, sysdig (LID-DS) and lists of numbers say becomes the
 * records that bosc's own traces hold; what is cut, odd or hostile is told and never crashes.
 */
#include "trace_text.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "../../core/window.h"

static struct reading read_as(const char *path, uint32_t abi)
{
	struct reading r = { .records = calloc(MANY, sizeof(*r.records)) };
	struct trace_reader *reader;

	assert_non_null(r.records);
	assert_int_equal(trace_reader_open(path, abi, &reader, &r.err), 0);
	while ((r.status = trace_reader_next(reader, &r.records[r.count], &r.err)) > 0)
		assert_true(++r.count < MANY);
	r.summary = *trace_reader_summary(reader);
	trace_reader_close(reader);
	return r;
}

static void test_incomplete(void **state)
{
	static char text[200000] = "1 getpid() = 1\n1 write(1, \"";

	(void)state;
	assert_incomplete("1 getpid() = 1\n1 getpid() =", "last line was cut", 2);
	assert_incomplete("1 getpid() = 1\nhello\n1 getppid() = 1\n", "lines of it are not", 2);
	assert_incomplete("1 getpid() = 1\nhello(1\n1 getppid() = 1\n", "lines of it are not", 2);
	assert_incomplete("1 0:00:01.000000001 2 33 sh 7 > read fd=1", "last line", 1);
	memset(text + strlen(text), 'x', 150000);
	strcat(text, "\", 5) = 1\n1 getpid() = 1\n");
	assert_incomplete(text, "longer than", 3);
}

/* What comes late is put where it belongs, as far as the reader sees; further back it cannot. */
static void test_late(void **state)
{
	static char text[200000];
	struct reading r;
	size_t size = 0;

	(void)state;
	for (int i = 0; i < 1200; i++)
		size += (size_t)sprintf(text + size, "1 11:00:%02d getpid() = 1\n",
					i / 100 * 4 + 2 - (i % 100 == 99) * 2);
	r = read_text(text);
	assert_true(r.summary.complete);
	for (size_t i = 1; i < r.count; i++)
		assert_true(r.records[i - 1].head.ts <= r.records[i].head.ts);
	free(r.records);
	strcpy(text + size, "1 09:00:00 getppid() = 1\n");
	assert_incomplete(text, "times go back", 1201);
}

#define LIDS_2021                                                                               \
	"1631209047761484608 33 70 apache2 70 read > fd=9(<f>/etc/group) size=5\n"              \
	"1631209047761484700 33 70 apache2 70 read < res=5 data=Zm9v\n"                         \
	"1631209047761484800 33 70 apache2 70 clone > \n"                                       \
	"1631209047761484900 33 71 apache2 71 clone < res=0 exe=apache2 args=-k. "              \
	"tid=71(apache2) pid=71(apache2) ptid=70(apache2) cwd= fdlimit=1 flags=0\n"             \
	"1631209047761484950 33 70 apache2 70 clone < res=12 exe=apache2 pid=70(apache2)\n"     \
	"1631209047761485000 33 71 apache2 71 execve > filename=/bin/sh \n"                     \
	"1631209047761485100 33 71 sh 71 execve < res=0 exe=sh args=-c. exepath=/bin/dash\n"    \
	"1631209047761485200 33 71 a b 71 pread > fd=1 size=9\n"                                \
	"1631209047761485250 33 71 a b 71 switch > next=0 pgft_maj=0\n"                         \
	"1631209047761485300 33 70 apache2 72 clone < res=0 exe=apache2 tid=72 pid=70 ptid=1\n" \
	"1631209047761485400 33 70 apache2 72 futex > addr=7F op=0\n"                           \
	"1631209047761485500 33 71 a b 71 signaldeliver > spid=71 dpid=71 sig=11(SIGSEGV) \n"   \
	"1631209047761485600 33 71 a b 71 procexit > status=139 \n"

#define TOLD_2021                                                                             \
	"70=apache2/70<0 70:0 70:56 70>71/71 71=apache2/71<70 71:59 71!/bin/sh 71=a b/71<70 " \
	"71:17 70>72/70 72=apache2/70<0 72:202 71*11 71. "

static void test_lids_2021(void **state)
{
	struct reading r;

	(void)state;
	assert_told(LIDS_2021, TOLD_2021);
	r = read_text(LIDS_2021);
	assert_int_equal(r.records[0].head.type, TRACE_HOST);
	assert_string_equal(r.records[0].host.arch, "x86_64");
	assert_int_equal(r.records[0].host.unix_ns, 1631209047761484608);
	assert_int_equal(r.records[2].head.ts, 1631209047761484608);
	assert_true(r.summary.timed);
	free(r.records);
	assert_incomplete("1631209047761484608 33 70 apache2 70 read > fd=9\n"
			  "1631209047761484609 33 70 apache2 70 drop > ratio=1\n",
			  "lost", 1);
}

static void test_lids_2019(void **state)
{
	(void)state;
	assert_told(
		"1159 23:59:59.310259734 6 33 apache2 15862 > writev fd=12(<4t>1.2.3.4:1) size=31\n"
		"1160 23:59:59.310311837 6 33 apache2 15862 < writev res=31 data=...... > x\n"
		"1161 00:00:00.000000001 6 33 apache2 15862 > setsockopt \n"
		"1162 00:00:00.000000002 6 33 apache2 15862 > unheard_of \n"
		"1163 00:00:00.000000003 6 33 apache2 15862 > switch next=1\n"
		"1164 00:00:00.000000004 6 33 apache2 15900 < clone res=0 tid=15900 "
		"pid=15900(apache2) ptid=15862(apache2) cwd=/\n"
		"1165 00:00:00.000000005 6 33 apache2 15900 > read fd=1 size=1\n"
		"1166 00:00:00.000000006 0 perl (15900) > close fd=1\n",
		"15862=apache2/15862<0 15862:20 15862:54 15862:1019 15862>15900/15900 "
		"15900=apache2/15900<15862 15900:0 15900=perl/15900<15862 15900:3 ");
}

static const char *zip_write(const char *name, const char *const *files, const char *content)
{
	const char *path = path_of(name);
	struct archive *archive = archive_write_new();

	archive_write_set_format_zip(archive);
	assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
	for (; *files; files++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, *files);
		archive_entry_set_size(entry, (la_int64_t)strlen(content));
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0600);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		assert_true(archive_write_data(archive, content, strlen(content)) > 0);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
	return path;
}

static void test_zip(void **state)
{
	static unsigned char data[1 << 16];
	const char *const all[] = { "x.json", "x.sc", NULL };
	const char *const none[] = { "x.json", NULL };
	struct reading r = read_all(zip_write("x.zip", all, LIDS_2021));
	size_t size;

	(void)state;
	assert_string_equal(told(&r), TOLD_2021);
	assert_true(r.summary.complete);
	free(r.records);
	size = file_read(path_of("x.zip"), data, sizeof(data));
	for (size_t cut = 4; cut < size; cut += 7) {
		r = read_all(file_write("cut.zip", data, cut));
		assert_true(r.status <= 0);
		assert_true(r.status < 0 || r.summary.complete == (r.summary.calls == 5));
		free(r.records);
	}
	read_mutated((const char *)data, size, 500);
	r = read_all(zip_write("none.zip", none, "{}"));
	assert_int_equal(r.status, -EINVAL);
	assert_non_null(strstr(r.err.text, "none.zip' is no trace: a zip archive without a rec"));
	free(r.records);
}

static void test_numbers(void **state)
{
	struct reading r = read_as(file_write("UTD-0001.txt", "6 11,45\n33 700000", 17),
				   ABI_COMPAT);

	(void)state;
	assert_int_equal(r.status, -EBADMSG);
	free(r.records);
	r = read_as(file_write("UTD-0001.txt", "6 11,45\n33 6", 12), ABI_COMPAT);
	assert_int_equal(r.status, 0);
	assert_true(r.summary.complete);
	assert_false(r.summary.timed);
	assert_int_equal(r.summary.calls, 5);
	assert_string_equal(told(&r), "0>2/2 2>1/1 2. 1=UTD-0001/1<0 1:c6 1:c11 1:c45 1:c33 1:c6 ");
	free(r.records);
	r = read_as(path_of("UTD-0001.txt"), ABI_NATIVE);
	assert_string_equal(told(&r), "0>2/2 2>1/1 2. 1=UTD-0001/1<0 1:6 1:11 1:45 1:33 1:6 ");
	free(r.records);
	r = read_text("1 2 3\n");
	assert_string_equal(r.summary.format, "a list of numbers of calls");
	free(r.records);
}

/* A number amid 256 KiB is refused where it is wrong; what is before it was read. */
static void test_numbers_corrupt(void **state)
{
	static char text[300000];
	struct reading r;

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "1 2", 3);
	text[280000] = 'x';
	r = read_text(text);
	assert_int_equal(r.status, -EBADMSG);
	assert_int_equal(r.count, 6);
	assert_non_null(strstr(r.err.text, "no number of a call at byte 280000"));
	free(r.records);
}

static void test_unknown(void **state)
{
	static const char *const odd[] = { "hello\n",
					   "\n\n\n",
					   "1 2 x\n",
					   "int main(void)\n{\n}\n",
					   "PK\3\4",
					   "\x7f"
					   "ELF" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		struct reading r = read_text(odd[i]);

		assert_true(r.status == -EINVAL || r.status == -EBADMSG);
		assert_non_null(strstr(r.err.text, "/text' is "));
		free(r.records);
	}
}

static void test_mutations(void **state)
{
	(void)state;
	read_mutated(LIDS_2021, sizeof(LIDS_2021) - 1, 1500);
	read_mutated("1 2 3 4, 5\n6", 12, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_lids_2021),
		cmocka_unit_test(test_lids_2019),
		cmocka_unit_test(test_zip),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_corrupt),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
