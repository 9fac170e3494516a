#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Targets of many cgroups: more than the sensor has room for, which are said not to be watched while all
# else is. And one whose threads are divided among cgroups.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
many=$cgroup/many
room=16384

# One more than there is room for, in a target that has one already.
make_many() {
	python3 - "$many" "$room" <<'END'
import os, sys

path, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    os.mkdir(f"{path}/{number}")
END
}
remove_many() {
	find "$many" -mindepth 1 -depth -type d -exec rmdir {} +
}

run_in() { # CGROUP COMMAND…
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$@" >/dev/null
}

watch_many() {
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor -g "$many" --store "$store" --profile calls --json-file "$tmp/alarms.json"
	hear watch "^bosc: watching '$many'"
}

# It is said once, an alarm is raised all the same, and the verdict says that it is not whole.
some_unwatched() {
	run_in "$many" /bin/uname || return 1
	stop watch INT 3 || return 1
	equal notes "$(grep -c "^bosc: '$many' has more cgroups than the sensor has room for" "$tmp/watch.err")" 1 ||
		return 1
	python3 - "$tmp/alarms.json" <<'END'
import json, sys

*alarms, summary = map(json.loads, open(sys.argv[1]))
assert any(one.get("exec") == "/bin/uname" and one["incomplete"] for one in alarms), alarms
assert summary["summary"]["lost"] > 0, summary
END
}

made_before() {
	make_many && watch_many && some_unwatched
}

made_meanwhile() {
	remove_many && watch_many && make_many && some_unwatched
}

# What goes makes room.
room_again() {
	watch_many || return 1
	remove_many
	mkdir "$many/one" && run_in "$many/one" /bin/uname || return 1
	stop watch INT 3 || return 1
	grep -q '"exec": *"/bin/uname"' "$tmp/alarms.json"
}

# The process is listed above it, and its thread in it.
threaded() {
	local tree=$cgroup/tree

	mkdir -p "$tree/threads" && echo threaded >"$tree/threads/cgroup.type" || return 1
	start beat "$subject" - beat
	wait_for 50 grep -qx subject "/proc/${pids[beat]}/comm" || return 1
	echo "${pids[beat]}" >"$tree/cgroup.procs" && echo "${pids[beat]}" >"$tree/threads/cgroup.threads" || return 1
	start learn "$bosc" learn -g "$tree/threads" --store "$store" --profile threads --quiet-time 1s \
		--quiet-calls 1000 --unseen 1
	finish learn 0 || return 1
	stop beat KILL 137 2>/dev/null
	"$bosc" profile show threads --store "$store" | grep -q getppid
}

# A cgroup of a path and of a name, a container of an id and of its beginning.
twice() { # OPTION NAME OPTION NAME
	run 1 timeout --signal INT 10 "$bosc" monitor "$@" --store "$store" --profile calls || return 1
	equal said "$(grep -v '^try:' "$tmp/err" | tail -n 1)" "bosc: '$2' and '$4' are the same target"
}
twice_over() {
	local id

	id=$(printf '%08x%056d' $$ 0)
	mkdir "$cgroup/$id" || return 1
	twice -g "$many" -g "${cgroup##*/}/many" && twice -c "$id" -c "${id:0:12}" && rmdir "$cgroup/$id"
}

stage_subject
mkdir "$many"
"$bosc" learn --store "$store" --profile calls -- /bin/ls / >/dev/null 2>&1
check "one cgroup, or container, as two targets is refused" twice_over
check "a target of too many cgroups is watched without some, and this is said" made_before
check "so is one that makes them while it is watched" made_meanwhile
check "a cgroup that goes makes room for another" room_again
remove_many
check "what runs already in a threaded cgroup is taken in" threaded
tap_end
