#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Habits that a machine can watch over: the format of the code, the length of files and functions,
# licence lines, and nothing left lying about.
. "$(dirname "$0")/../tap.sh"
cd "$root" || exit 1

# What belongs to the project: all that git has or would take; all that is there, without git.
mapfile -t files < <(git ls-files -co --exclude-standard 2>/dev/null ||
	find . -name '.git' -prune -o -name 'build*' -prune -o -type f -printf '%P\n')
code=() scripts=()
for file in "${files[@]}"; do
	[ -e "$file" ] || continue
	case $file in
	*.[ch]) code+=("$file") ;;
	tests/*.t | tests/*.sh | tests/run | tools/* | .ci/run)
		head -n 1 "$file" | grep -q python || scripts+=("$file")
		;;
	esac
done
check "there is code" [ "${#code[@]}" -gt 50 ]

case $(clang-format --version 2>/dev/null) in
*"version 14."*) check "the code is formatted" clang-format --dry-run -Werror "${code[@]}" ;;
*) skip "the code is formatted" "clang-format is not of version 14" ;;
esac
if command -v shellcheck >/dev/null; then
	check "the scripts are clean" shellcheck "${scripts[@]}"
else
	skip "the scripts are clean" "there is no shellcheck"
fi

long_files() { # LINES: files longer than that
	awk -v most="$1" 'FNR == 1 && NR > 1 && last > most { print file ": " last " lines"; bad = 1 }
		{ file = FILENAME; last = FNR }
		END { if (last > most) { print file ": " last " lines"; bad = 1 }; exit bad }' "${code[@]}" "${scripts[@]}"
}
check "no file is longer than 400 lines" long_files 400

# A function begins with the line before its "{", or where that goes on, and ends with "}".
long_functions() { # LINES PATTERN: in files whose names begin so
	local -a some

	mapfile -t some < <(printf '%s\n' "${code[@]}" | grep -E "$2")
	awk -v most="$1" '
		FNR == 1 { head = 0 }
		/^[A-Za-z_]/ { head = FNR; name = $0 }
		/^}$/ && head {
			if (FNR - head + 1 > most) {
				print FILENAME ":" head ": " FNR - head + 1 " lines: " name
				bad = 1
			}
			head = 0
		}
		END { exit bad }' "${some[@]}"
}
check "no function of the sensor is longer than 40 lines" long_functions 40 '^bpf/'
check "no other function is longer than 60 lines" long_functions 60 '^(core|src|tests|tools)/'

licensed() {
	local file failed=0

	for file in "${code[@]}" "${scripts[@]}" meson.build tests/meson.build Makefile man/bosc.8; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || {
			echo "$file has no licence line"
			failed=1
		}
	done
	for file in bpf/*.[ch] core/window.h core/bagtable.h core/record.h; do
		head -n 1 "$file" | grep -qF 'GPL-2.0-only OR BSD-2-Clause' || {
			echo "$file does not name the kernel's licence"
			failed=1
		}
	done
	return "$failed"
}
check "each source file names its licence" licensed
nowhere() { # PATTERN: in no file
	! grep -nIE "$1" "${files[@]}" 2>/dev/null
}
# In a text about the rule the words stand in backquotes.
quote=$'\x60'
check "nothing is left to be done" \
	nowhere "(^|[^A-Za-z$quote])(TOD[O]|FIXM[E]|XX[X]|HAC[K])([^A-Za-z$quote]|\$)"
check "no path of somebody's machine" nowhere '(^|[^[:alnum:]_.~-])/(home|root|work|Users)/'
# clang-format breaks neither comments nor what stands before one. Texts stay whole.
wide_lines() { # COLUMNS: of code, with tabs of eight
	python3 - "$1" "${code[@]}" <<-'END'
		import sys
		wide = [f"{name}:{number}: {line}" for name in sys.argv[2:]
		        for number, line in enumerate(open(name, encoding="utf-8").read().split("\n"), 1)
		        if len(line.expandtabs(8)) > int(sys.argv[1]) and '"' not in line]
		sys.exit("\n".join(wide) or 0)
	END
}
check "no line of code is wider than 100 columns" wide_lines 100
check "no white space at the end of a line" nowhere '[^[:space:]][[:space:]]+$'
check "no lines between comments and dashes" nowhere '^[[:space:]]*(//|/\*|#|\*)[[:space:]]*[-=*#]{4,}'
ended() {
	local file failed=0

	for file in "${files[@]}"; do
		[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || { echo "$file"; failed=1; }
	done
	return "$failed"
}
check "each file ends with its last line" ended
programs() { # tests and tools can be run
	local file failed=0

	for file in tests/*/*.t tests/run tools/*; do
		[ -x "$file" ] || { echo "$file is not executable"; failed=1; }
	done
	return "$failed"
}
check "each test and tool can be run" programs

tap_end
