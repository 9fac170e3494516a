#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What bosc did not hear of, it finds after all: cgroups that were made when too many came and went at once
# to be told of, and such as have a path that is too long for the sensor.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db

run_in() { # CGROUP COMMAND…
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$@" >/dev/null
}

# More of them than there is room for in the ring, outside of any target, while bosc does not read it.
flood() {
	kill -STOP "${pids[watch]}"
	python3 - "$cgroup/flood" <<'END'
import os, sys

for _ in range(10000):
    os.mkdir(sys.argv[1])
    os.rmdir(sys.argv[1])
END
}

# The sensor knows no such long name itself.
long_name() { # LENGTH
	printf "%0$1d" 0
}

watch_path() { # PATH
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor -g "$1" --store "$store" --profile calls --json-file "$tmp/alarms.json"
	hear watch "^bosc: waiting for '$1'" || return 1
}

found_after_all() { # PATH
	hear watch "^bosc: watching '$1'" || return 1
	run_in "$1" /bin/uname || return 1
	stop watch INT 3 || return 1
	grep -q '"exec": *"/bin/uname"' "$tmp/alarms.json"
}

news_lost() {
	local path

	path=$cgroup/$(long_name 140)
	watch_path "$path" && flood && mkdir "$path" || return 1
	kill -CONT "${pids[watch]}"
	found_after_all "$path"
}

# It is gone, and another one is there by its name.
end_lost() {
	local path

	path=$cgroup/$(long_name 141)
	watch_path "$path" && mkdir "$path" && hear watch "^bosc: watching '$path'" || return 1
	flood && rmdir "$path" && mkdir "$path" || return 1
	kill -CONT "${pids[watch]}"
	wait_for 100 executes_alarm "$path" || return 1
	stop watch INT 3
}
executes_alarm() { # PATH
	run_in "$1" /bin/uname && grep -q '"exec": *"/bin/uname"' "$tmp/alarms.json"
}

path_cut() {
	local path

	path=$cgroup/$(long_name 150)/$(long_name 150)
	watch_path "$path" && mkdir -p "$path" && found_after_all "$path"
}

"$bosc" learn --store "$store" --profile calls -- /bin/ls / >/dev/null 2>&1
check "a cgroup that was made when nothing could be told of it is found" news_lost
check "so is one that took another's place then" end_lost
check "and one whose path is too long to be told" path_cut
tap_end
