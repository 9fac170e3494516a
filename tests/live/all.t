#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# --all, where one container cannot be watched: that is said once, the others are watched all the
# same, and it is tried again where that helps. A container is what its cgroup's name says, so no
# runtime is needed.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db

id() { # NUMBER: of a container
	printf '%08x%04d%052d' $$ "$1" 0
}
short() { # NUMBER: by which bosc calls it, and its profile
	printf '%08x%04d' $$ "$1"
}
make_box() { # NUMBER
	mkdir "$cgroup/$(id "$1")"
}
run_in() { # NAME NUMBER COMMAND…: starts it in that container
	# shellcheck disable=SC2016 # the other shell expands it
	start "$1" sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$cgroup/$(id "$2")" "${@:3}"
}
box() { # NUMBER…: containers that work at leisure
	local number

	for number; do
		make_box "$number" && run_in "box$number" "$number" "$subject" - beat || return 1
	done
}
remove_box() { # NUMBER…
	local number

	for number; do
		stop "box$number" KILL 137 2>/dev/null
		wait_for 50 rmdir "$cgroup/$(id "$number")" || return 1
	done
}
attack() { # NUMBER
	run_in attack "$1" "$subject" - forks 5 1
	finish attack 0
}

learn() { # NUMBER [OPTION…]
	start beat "$subject" - beat
	run 0 "$bosc" learn -p "${pids[beat]}" --store "$store" --profile "$(short "$1")" --quiet-time 1s \
		--quiet-calls 1000 --unseen 1 "${@:2}" || return 1
	stop beat KILL 137 2>/dev/null
}
attacked() { # NUMBER: that one and no other
	equal attacked "$(python3 -c '
import json, sys
print(*{line["target"] for line in map(json.loads, open(sys.argv[1])) if line.get("syscall") == "clone"})' \
		"$tmp/alarms.json")" "$(short "$1")"
}
watch_all() { # STORE
	rm -f "$tmp/alarms.json"
	start watch "$bosc" monitor --all --store "$1" --json-file "$tmp/alarms.json"
}

# One has windows of another size, one has no profile.
others_go_on() {
	learn 1 --window 4 && learn 2 && box 1 2 3 || return 1
	watch_all "$store"
	hear watch "^bosc: the container '$(id 1)' is not watched: .* windows of 4 calls" &&
		hear watch "^bosc: the container '$(id 3)' is not watched: there is no profile" &&
		hear watch "^bosc: watching '$(short 2)'" || return 1
	remove_box 1 3 && box 1 3 || return 1
	learn 4 && box 4 && hear watch "^bosc: watching '$(short 4)'" || return 1
	equal "notes" "$(grep -c "is not watched" "$tmp/watch.err")" 2 || return 1
	attack 2 || return 1
	remove_box 1 2 3 4 && stop watch INT 3 && attacked 2
}

many_executables() { # NUMBER: gives its profile more than the sensor has room for
	"$bosc" profile export "$(short "$1")" --store "$store" | python3 -c '
import json, sys

profile = json.load(sys.stdin)
for run in profile["runs"]:
    run.pop("sum")
    run["learnt"]["execs"] += [{"path": "/bin/%d" % i, "inode": 0, "count": 1} for i in range(20000)]
json.dump(profile, sys.stdout)' >"$tmp/many.json"
	run 0 "$bosc" profile remove "$(short "$1")" --store "$store" || return 1
	run 0 "$bosc" profile import "$tmp/many.json" --store "$store"
}

# What the sensor had of the one that failed is gone: there is room for the next.
begun_in_vain() {
	learn 5 && many_executables 5 && learn 6 || return 1
	watch_all "$store"
	hear watch "^bosc: waiting for a container" && box 5 || return 1
	hear watch "^bosc: the container '$(id 5)' is not watched: there is no room .* executables" || return 1
	box 6 && hear watch "^bosc: watching '$(short 6)'" && attack 6 || return 1
	remove_box 5 6 && stop watch INT 3 && attacked 6
}

# The server's profile is nowhere else when the server is away; once it is back, it is watched by.
server_comes_back() {
	local port server

	chmod 0755 "$tmp" && mkdir -p "$tmp/pg"
	"$root/tests/postgres.sh" make "$tmp/pg" && port=$("$root/tests/postgres.sh" start "$tmp/pg" $$) || return 1
	server="postgresql://bosc@127.0.0.1:$port/postgres"
	learn 7 && run 0 "$bosc" profile export "$(short 7)" --store "$store" -o "$tmp/7.json" || return 1
	BOSC_FLEET=$tmp/fleet.one run 0 "$bosc" profile import "$tmp/7.json" --store "$server" || return 1
	BOSC_FLEET=$tmp/fleet.two watch_all "$server"
	hear watch "^bosc: waiting for a container" && "$root/tests/postgres.sh" stop "$tmp/pg" && box 7 || return 1
	hear watch "^bosc: the container '$(id 7)' is not watched yet: " || return 1
	"$root/tests/postgres.sh" start "$tmp/pg" $$ >"$tmp/port" || return 1
	hear watch "^bosc: watching '$(short 7)'" && attack 7 || return 1
	equal "notes" "$(grep -c "is not watched" "$tmp/watch.err")" 1 || return 1
	remove_box 7 && stop watch INT 3 && attacked 7
}
server_stop() {
	"$root/tests/postgres.sh" stop "$tmp/pg" 2>/dev/null
}
# shellcheck disable=SC2154 # the trap sets it
trap 'status=$?; server_stop; (exit "$status"); stage_clean_up' EXIT

# A start that was seen counts, though one after it was missed.
start_is_seen() {
	start learn "$bosc" learn --all --store "$store"
	hear learn "^bosc: waiting for a container" && make_box 8 && hear learn "^bosc: learning '$(short 8)'$" || return 1
	run_in box8 8 "$subject" - beat && wait_for 50 works 8 || return 1
	kill -STOP "${pids[learn]}"
	remove_box 8 && box 8 && wait_for 50 works 8 || return 1
	kill -CONT "${pids[learn]}"
	make_box 9 && hear learn "^bosc: learning '$(short 9)'$" || return 1
	remove_box 8 && rmdir "$cgroup/$(id 9)" && stop learn INT 0 || return 1
	"$bosc" profile show "$(short 8)" --store "$store" >"$tmp/shown" || return 1
	! grep "joined late" "$tmp/shown"
}
works() { # NUMBER: its first process executes the subject
	[ "$(cat "/proc/$(head -n 1 "$cgroup/$(id "$1")/cgroup.procs")/comm")" = subject ]
}

# What runs in it cannot be listed: no file can be opened.
watched_in_part() {
	learn 10 && learn 11 || return 1
	watch_all "$store"
	hear watch "^bosc: waiting for a container" && prlimit --pid "${pids[watch]}" --nofile=3: && box 10 || return 1
	hear watch "^bosc: the container '$(id 10)' is watched in part only: .*Too many open files" || return 1
	prlimit --pid "${pids[watch]}" --nofile=100: && box 11 && hear watch "^bosc: watching '$(short 11)'" || return 1
	remove_box 10 11 && stop watch INT 3 || return 1
	equal lost "$(lost 10) $(lost 11)" "1 0"
}
lost() { # NUMBER
	"$here/alarms.py" "$tmp/alarms.json" | sed -n "s/^SUMMARY target=$(short "$1") .*lost=//p"
}

stage_subject
check "one that cannot be watched is said once, and the others are watched" others_go_on
check "… also when the sensor has no room for its profile" begun_in_vain
if command -v psql >/dev/null; then
	check "one whose profile is on a server that is away is watched when that is back" server_comes_back
else
	skip "a server that is away" "there is no PostgreSQL"
fi
check "a start that --all saw is not forgotten for a later one that it missed" start_is_seen
check "one that cannot be watched as a whole is said to be so, and counts a loss" watched_in_part
tap_end
