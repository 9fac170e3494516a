#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The fast path stays fast: how many instructions a system call can meet at most before it is a
# matter of the slow path, and that none of them calls a helper. These figures do not depend on how
# busy the machine is; tests/bench measures time.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
mkdir "$cgroup/idle"

"$bosc" learn --store "$store" --profile calls -- /bin/ls / >/dev/null 2>&1

# The instructions of the program on sys_enter, without the functions that it calls.
fast_path() { # NAME: of the process that loaded it
	local id

	id=$(bpftool prog show pids 2>/dev/null | awk -v pid="${pids[$1]}" '
		/^[0-9]+:/ { id = $1 + 0; wanted = / name on_sys_enter / }
		wanted && $0 ~ "\\(" pid "\\)" { print id }')
	[ -n "$id" ] || id=$(bpftool prog show name on_sys_enter | sed -n 's/^\([0-9]*\):.*/\1/p' | tail -n 1)
	bpftool prog dump xlated id "$id" | awk '/\):$/ { functions++ } functions == 1 && /^ *[0-9]+: \(/'
}

short_and_alone() { # NAME MOST
	local count

	fast_path "$1" >"$tmp/path"
	count=$(wc -l <"$tmp/path")
	((count > 50 && count <= $2)) || {
		echo "$count instructions, at most $2"
		return 1
	}
	! grep -E '\(85\) call' "$tmp/path" | grep -v 'call pc'
}

monitoring() {
	start watch "$bosc" monitor -g "$cgroup/idle" --store "$store" --profile calls
	hear watch "^bosc: watching" || return 1
	short_and_alone watch 310 || return 1
	stop watch INT 0 >/dev/null
}

learning() {
	start lesson "$bosc" learn -g "$cgroup/idle" --store "$tmp/other" --profile new
	hear lesson "^bosc: learning" || return 1
	short_and_alone lesson 385 || return 1
	stop lesson INT 1 >/dev/null
}

check "monitoring: few instructions, no helper" monitoring
check "learning: the same" learning
tap_end
