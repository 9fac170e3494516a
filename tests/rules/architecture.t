#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What keeps the parts apart: the core is pure, data flows one way, and each library stands behind
# few files, so that it can be replaced there.
. "$(dirname "$0")/../tap.sh"
cd "$root" || exit 1

# The functions from outside that the core may call: memory, strings, numbers (surprise is counted in
# bits, hence the logarithms and powers of 2); and what compilers put in on their own.
allowed='calloc|malloc|realloc|reallocarray|free|mem(chr|cmp|cpy|move|set)|snprintf|qsort|abort'
allowed="$allowed|str(chr|cmp|len|n?cpy|ncmp|nlen|rchr)|(fabs|log2?|exp2|pow|sqrt|floor|ceil|cos|sin)f?"
allowed="$allowed|__.*_chk|__stack_chk_fail|__(asan|ubsan|gcov|sanitizer)_.*|_GLOBAL_OFFSET_TABLE_"
pure() {
	local archive=${bosc%/*}/libcore.a wanted

	[ -e "$archive" ] || { echo "there is no $archive"; return 1; }
	wanted=$(comm -23 <(nm -u "$archive" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u) \
		<(nm --defined-only "$archive" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u))
	[ -n "$wanted" ] || { echo "nm shows nothing"; return 1; }
	! grep -vxE "$allowed" <<<"$wanted"
}
check "the core calls nothing but memory, string and number functions" pure
state() { # a global that changes: data or bss of an object, but for read-only tables
	! nm "${bosc%/*}/libcore.a" 2>/dev/null | grep -E ' [BbDC] '
}
check "the core has no globals" state

# includes FILE…: each #include as "FILE: NAME", where NAME is as written.
includes() {
	grep -HE '^[[:space:]]*#[[:space:]]*include' "$@" |
		sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]*/: /'
}
only() { # PATTERN FILE…: of these includes nothing else
	local pattern=$1

	shift
	! includes "$@" | grep -vE ": ($pattern)"
}
libc='<(ctype|errno|inttypes|limits|math|stdbool|stddef|stdint|stdio|stdlib|string)\.h>'
check "the core includes the core, the sensor's header and libc" \
	only "\"[a-z_]+\.h\"|\"\.\./bpf/sensor\.h\"|$libc" core/*.[ch]
check "the sensor includes the sensor, the core and the kernel" \
	only '"[a-z_]+\.h"|"\.\./core/[a-z_]+\.h"|<(stdint|stddef|linux/[a-z_]+|bpf/bpf_[a-z_]+)\.h>' \
	bpf/*.[ch]
kernel_headers() { # the core's headers that the sensor compiles must do without libc
	! includes "$(grep -ohE '"\.\./core/[a-z_]+\.h"' bpf/*.[ch] | tr -d '"' | sort -u |
		sed 's|^\.\./||')" core/window.h core/bagtable.h core/record.h 2>/dev/null |
		grep -vE ': (<stdint\.h>|"[a-z_]+\.h")'
}
check "what kernel and core share includes nothing but stdint.h" kernel_headers
check "no file of the program includes a .c file" [ -z "$(includes core/* src/* bpf/* | grep '\.c[">]')" ]

behind() { # HEADER FILES: only these files include it
	local header=$1 files=$2 found

	found=$(includes core/*.[ch] src/*.[ch] bpf/*.[ch] | grep -E ": [<\"]$header" | sed 's/:.*//')
	[ -n "$found" ] || { echo "nobody includes $header"; return 1; }
	! grep -vxE "$files" <<<"$found"
}
check "libbpf stands behind the live source" behind "bpf/(libbpf|bpf|btf)\.h" "src/source_live(_bags|_swap|_target|_probe|_internal)?\.[ch]"
check "the skeleton, too" behind "sensor\.skel\.h" "src/source_live(_bags|_swap|_target|_probe|_internal)?\.[ch]"
check "SQLite stands behind its store" behind "sqlite3\.h" "src/store_sqlite[a-z_]*\.[ch]"
check "libpq stands behind its store" behind "libpq-fe\.h" "src/store_postgres[a-z_]*\.[ch]"
check "Jansson stands behind what is JSON" behind "jansson\.h" \
	"src/(json|profile_json[a-z_]*|corpus_manifest|profile_original|sink_json|eval_json|docker|runtime[a-z_]*|cmd_[a-z_]+)\.[ch]"
check "curl stands behind its requests" behind "curl/curl\.h" "src/http_curl\.c"
check "lzma stands behind its codec" behind "lzma\.h" "src/codec_xz\.c"
check "zstd stands behind its codec" behind "zstd\.h" "src/codec_zstd\.c"
check "libarchive stands behind zip archives" behind "archive\.h" "src/zip\.c"
check "libcap-ng stands behind privileges" behind "cap-ng\.h" "src/privileges\.c"
check "seccomp stands behind the names of calls" behind "seccomp\.h" "src/syscalls\.c"
silent() { # who may print: main, the sinks, the commands and what shows progress
	! grep -nE '(^|[^a-z_])(printf\(|puts\(|putchar\(|perror\(|fprintf\(std)' core/*.c src/*.c |
		grep -vE '^src/(main|options_table|sink_[a-z]+|cmd_[a-z_]+|progress|original|verdict)\.c:'
}
check "library code does not print" silent

alone() { # each header compiles by itself
	local header failed=0 multiarch
	local -a places # of headers that are not where all are

	read -ra places < <(pkg-config --cflags libpq 2>/dev/null)
	for header in core/*.h src/*.h; do
		gcc "${places[@]}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -x c "$header" ||
			failed=1
	done
	multiarch=$(gcc -print-multiarch)
	for header in bpf/*.h core/window.h core/bagtable.h core/record.h; do
		clang -std=gnu11 -O2 -Wall -Werror -Wno-unused-function -fsyntax-only -x c -target bpf \
			-ffreestanding -D__TARGET_ARCH_x86 -I"/usr/include/$multiarch" "$header" ||
			failed=1
	done
	return "$failed"
}
check "each header compiles alone" alone

# Every file is in a row of a table of docs/architecture.md, by its name, with or without its ending.
in_architecture() {
	python3 - bpf/*.[ch] core/*.[ch] src/*.[ch] <<'END'
import fnmatch, os, re, sys

rows = re.findall(r"^\|(.*?)\|", open("docs/architecture.md").read(), re.M)
names = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
files = [(os.path.basename(path), os.path.basename(path).rsplit(".", 1)[0]) for path in sys.argv[1:]]
missing = [file for file, stem in files
           if not any(fnmatch.fnmatch(file, name) or fnmatch.fnmatch(stem, name) for name in names)]
print(*missing)
sys.exit(len(missing) > 0)
END
}
check "docs/architecture.md has a row for each file" in_architecture

# What it names in the code is there: functions, `so()`, and other names of several words, `so_so`.
in_code() {
	python3 - bpf/*.[ch] core/*.[ch] src/*.[ch] <<'END'
import os, re, sys

text = open("docs/architecture.md").read()
code = "".join(open(path).read() for path in sys.argv[1:])
words = set(re.findall(r"\w+", code))
words |= {os.path.basename(path).rsplit(".", 1)[0] for path in sys.argv[1:]}
called = set(re.findall(r"(\w+)\(", code))
missing = [name + "()" for name in re.findall(r"`(\w+)\(\)`", text) if name not in called]
missing += [name for name in re.findall(r"`([a-z]+_[a-z_]+)`", text) if name not in words]
print(*missing)
sys.exit(len(missing) > 0)
END
}
check "… and names nothing that is not there" in_code

# Every record of a decision is in the index.
decisions_listed() {
	local file missing=0

	for file in docs/decisions/[0-9]*.md; do
		grep -qF "(${file##*/})" docs/decisions/README.md || {
			echo "$file is not in docs/decisions/README.md"
			missing=1
		}
	done
	return "$missing"
}
check "docs/decisions/README.md lists each record" decisions_listed
tap_end
