#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What README.md and docs/ say can be done: make targets, commands with their options, files. And
# nothing stands in them that was to be replaced by a figure.
. "$(dirname "$0")/../tap.sh"
cd "$root" || exit 1

texts=(README.md CONTRIBUTING.md docs/*.md docs/decisions/*.md)
block() { # FILE…: the indented lines: what a reader would type
	sed -nE 's/^    (.*)/\1/p' "$@"
}
mapfile -t targets < <(block "${texts[@]}" | sed -nE 's/^make ([a-z-]+).*/\1/p' | sort -u)
check "there are make targets" [ "${#targets[@]}" -ge 2 ]
for target in demo test "${targets[@]}"; do
	check "make $target exists" make -n "$target"
done

# A command line is tried with --help behind its options, so that it is read but not run.
mapfile -t lines < <(block README.md docs/*.md | sed -E 's/  +.*//; s/ #.*//; s/ \| /\n/g' |
	grep -E '^bosc ')
check "there are command lines" [ "${#lines[@]}" -ge 3 ]
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

there() { # FILE: what its links lead to
	local path failed=0

	while read -r path; do
		[ -e "${1%/*}/$path" ] || { echo "$1: $path"; failed=1; }
	done < <(grep -oE '\]\([A-Za-z.][A-Za-z0-9_./-]*\)' "$1" | tr -d '()]' | sort -u)
	return "$failed"
}
for text in "${texts[@]}"; do
	check "what $text links to is there" there "./$text"
done
replaced() { # such as @P1, where a script was to put a figure
	! grep -nE '@[A-Z][A-Z0-9_]*([^A-Za-z0-9_@.]|$)' "${texts[@]}" man/bosc.8
}
check "no figure is missing" replaced
tap_end
