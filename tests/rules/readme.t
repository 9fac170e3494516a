#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What README.md says can be done: its make targets, its commands and options, its files.
. "$(dirname "$0")/../tap.sh"
cd "$root" || exit 1

block() { # the indented lines: what a reader would type
	sed -nE 's/^    (.*)/\1/p' README.md
}
mapfile -t targets < <(block | sed -nE 's/^make ([a-z]+).*/\1/p' | sort -u)
check "README has make targets" [ "${#targets[@]}" -ge 2 ]
for target in demo test "${targets[@]}"; do
	check "make $target exists" make -n "$target"
done

# A command line is tried with --help behind its options, so that it is read but not run.
mapfile -t lines < <(block | sed -E 's/  +.*//; s/ #.*//; s/ \| /\n/g' | grep -E '^bosc ')
check "README has command lines" [ "${#lines[@]}" -ge 3 ]
understood() { # LINE: the program would not refuse it
	local -a words

	read -ra words <<<"$1"
	set -- "${words[@]:1}"
	case " $* " in
	*" -- "*) set -- "$1" --help "${@:2}" ;;
	*) set -- "$@" --help ;;
	esac
	run 0 "$bosc" "$@"
}
for line in "${lines[@]}"; do
	check "$line" understood "$line"
done

mapfile -t paths < <(grep -oE '\]\([A-Za-z][A-Za-z0-9_./-]*\)' README.md | tr -d '()]' | sort -u)
for path in "${paths[@]}"; do
	check "README's $path is there" [ -e "$path" ]
done

tap_end
