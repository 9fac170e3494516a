#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# bosc ended at every stage, asked to and by force, and with the disk full: nothing of it stays in
# the kernel, the store holds the last good state and says what it is worth, a recording is
# readable as far as it goes and known to be incomplete.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
name=bosc-beat-$$
export DOCKER_HOST=unix:///nonexistent.sock

# The ids of bosc's programs in the kernel that no process holds any more.
orphans() {
	bpftool --json prog show | python3 -c '
import glob, json, re, sys
held = set()
for path in glob.glob("/proc/[0-9]*/fdinfo/*"):
    try:
        held.update(re.findall(r"^prog_id:\s+(\d+)", open(path).read(), re.M))
    except OSError:
        pass
names = {"on_fork", "on_exec", "on_exit", "on_signal", "on_signal_sent", "on_cgroup_mkdir", "on_cgroup_rmdir",
         "on_sys_enter", "adopt"}
ids = [str(one["id"]) for one in json.load(sys.stdin) if one.get("name") in names]
sys.exit(any(one not in held for one in ids))'
}

no_orphans() {
	wait_for 50 orphans || bpftool prog show
}

holds_programs() { # NAME
	grep -q '^prog_id:' "/proc/${pids[$1]}/fdinfo/"* && return
	echo "$1 holds no program in the kernel"
	return 1
}

# Ends a command by a signal; INT must give the status, KILL gives 137.
strike() { # NAME SIGNAL STATUS
	local status=$3

	[ "$2" = INT ] || status=137
	stop "$1" "$2" "$status" 2>/dev/null && no_orphans
}

profiles() { # NAME: "learnt 2": state and runs
	"$bosc" profile list --store "$store" | awk -v name="$1" '$1 == name { print $2, $5 }'
}

why() { # NAME
	"$bosc" profile list --store "$store" | awk -v name="$1" '$1 == name' | sed -E 's/.*[0-9]{2}:[0-9]{2} +//'
}

beat() { # starts what is watched
	ln -f "$subject" "$tmp/$name"
	start beat "$tmp/$name" - beat
}

end_beat() {
	stop beat KILL 137 2>/dev/null
}

wait_and_strike() { # SIGNAL STATUS COMMAND…
	start waiting "$bosc" "${@:3}" -c bosc-none
	hear waiting "^bosc: waiting for 'bosc-none'" && holds_programs waiting &&
		strike waiting "$1" "$2"
}

while_waiting() { # SIGNAL
	local trace=$tmp/waiting-$1.bsc end="END 0 0"

	wait_and_strike "$1" 1 learn --store "$tmp/new-$1" || return 1
	equal profiles "$("$bosc" profile list --store "$tmp/new-$1")" "" || return 1
	wait_and_strike "$1" 0 monitor --profile beat --store "$store" || return 1
	equal profile "$(profiles beat)" "partial 1" || return 1
	wait_and_strike "$1" 0 record -o "$trace" || return 1
	[ "$1" = INT ] || end=
	equal records "$("$here/trace.py" "$trace")" "$end"
}

# At moments between the start and the first call that is seen.
while_loading() { # SIGNAL
	local delay

	for delay in 0 0.005 0.01 0.02 0.03 0.04 0.06 0.08 0.1 0.15; do
		start loading "$bosc" record -o "$tmp/loading-$1-$delay.bsc" -- "$subject" - beat
		# Until then it is a shell, which ignores SIGINT.
		until grep -qx bosc "/proc/${pids[loading]}/comm"; do :; done 2>/dev/null
		sleep "$delay"
		kill "-$1" "${pids[loading]}" 2>/dev/null
		wait_for 100 ended loading || return 1
		wait "${pids[loading]}"
		# The command that it started may run, but is not held up for ever.
		while read -r pid; do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != subject ] || kill -KILL "$pid"
		done <"$cgroup/work/cgroup.procs"
		wait_for 50 stage_cgroup_empty && no_orphans || return 1
	done
}

while_learning_int() {
	beat
	start learn "$bosc" learn -t "$name" --store "$store" --profile int
	hear learn "^bosc: learning '$name'" && let_rest "${pids[beat]}" 50 && holds_programs learn || return 1
	strike learn INT 0 || return 1
	end_beat
	equal state "$(profiles int)" "partial 1" || return 1
	why int | grep -q '^interrupted before it was learnt' || equal why "$(why int)" "that it was interrupted"
}

# Saved at least every ten seconds: killed before, nothing is there; later, what was saved.
while_learning_kill() {
	local learnt

	beat
	start learn "$bosc" learn -t "$name" --store "$store" --profile kill
	hear learn "^bosc: learning '$name'" && let_rest "${pids[beat]}" 50 || return 1
	strike learn KILL 137 || return 1
	equal "state before the first save" "$(profiles kill)" "" || return 1
	start learn "$bosc" learn -t "$name" --store "$store" --profile kill
	hear learn "^bosc: learning '$name'" && saved_in_time kill || return 1
	# Not only once, and more each time.
	learnt=$(windows kill)
	saved_in_time kill "$learnt" || return 1
	learnt=$(windows kill)
	strike learn KILL 137 || return 1
	equal windows "$(windows kill)" "$learnt" || return 1
	equal state "$(profiles kill)" "learning 1" || return 1
	why kill | grep -q '^its learning goes on, or was killed' || return 1
	# It can be used, and learnt on.
	start learn "$bosc" learn -t "$name" --store "$store" --profile kill
	hear learn "^bosc: learning '$name'" && let_rest "${pids[beat]}" 50 && strike learn INT 0 || return 1
	equal state "$(profiles kill)" "partial 2" || return 1
	start monitor "$bosc" monitor -t "$name" --store "$store" --profile kill
	hear monitor "^bosc: watching '$name'" && let_rest "${pids[beat]}" 50 && strike monitor INT 0 || return 1
	end_beat
}

paper_kill() {
	beat
	start learn "$bosc" learn --method paper --similar never -t "$name" --store "$store" --profile kill
	hear learn "^bosc: learning '$name'" && saved_in_time paper:kill || return 1
	saved_in_time paper:kill "$(windows paper:kill)" && strike learn KILL 137 || return 1
	equal state "$(profiles paper:kill)" "learning 1" || return 1
	# It can be learnt on.
	start learn "$bosc" learn --method paper --similar never -t "$name" --store "$store" --profile kill
	hear learn "^bosc: learning '$name'" && saved_in_time paper:kill "$(windows paper:kill)" || return 1
	strike learn INT 0 && end_beat || return 1
	equal state "$(profiles paper:kill)" "partial 2"
}

windows() { # PROFILE: that the store has; 0: it has none
	"$bosc" profile list --store "$store" --json | python3 -c 'import json, sys
print(sum(one["windows"] for one in map(json.loads, sys.stdin) if one["name"] == sys.argv[1]))' "$1"
}

saved() { # PROFILE [WINDOWS]: more than so many
	[ "$(windows "$1")" -gt "${2:-0}" ]
}

# At most ten seconds from now.
saved_in_time() { # PROFILE [WINDOWS]
	local since=$EPOCHREALTIME took

	wait_for 200 saved "$@" || return 1
	took=$(((${EPOCHREALTIME/[.,]/} - ${since/[.,]/}) / 1000))
	[ "$took" -le 10000 ] || equal "milliseconds until it was saved" "$took" "at most 10000"
}

child() { # NAME
	pgrep -P "${pids[$1]}" -x subject
}
has_child() { # NAME
	executes "$(child "$1")" "$subject"
}

# Killed at any moment of saving: the profile is the one from before, or the one from after.
while_saving() {
	local delay found before

	before=$("$bosc" profile show beat --store "$store" | sed -n 's/^windows *//p')
	for delay in 0 0.001 0.002 0.003 0.004 0.005 0.007 0.01 0.015 0.02; do
		start learn "$bosc" learn --store "$store" --profile beat -- "$subject" "$tmp/never" work 1
		hear learn "^bosc: learning" && wait_for 50 has_child learn && let_rest "$(child learn)" 10 || return 1
		kill -INT "${pids[learn]}"
		sleep "$delay"
		kill -KILL "${pids[learn]}" 2>/dev/null
		wait "${pids[learn]}"
		found=$("$bosc" profile show beat --store "$store") || return 1
		grep -qE '^state +(learnt|partial)' <<<"$found" || equal "state after $delay" "$found" "a whole one" ||
			return 1
	done 2>/dev/null
	sqlite_is_whole "$store"
	found=$("$bosc" profile show beat --store "$store" | sed -n 's/^windows *//p')
	[ "${found%% *}" -ge "${before%% *}" ]
}

sqlite_is_whole() { # FILE
	python3 -c 'import sqlite3, sys
said = sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0]
sys.exit(0 if said == "ok" else said)' "$1"
}

alarmed() { # SIGNAL: of that monitor
	"$here/alarms.py" "$tmp/$1.json" >"$tmp/alarms" && grep -q '^new-call clone ' "$tmp/alarms"
}

while_monitoring() { # SIGNAL
	local before after

	before=$("$bosc" profile export beat --store "$store")
	beat
	start monitor "$bosc" monitor -t "$name" --store "$store" --profile beat --json-file "$tmp/$1.json"
	hear monitor "^bosc: watching '$name'" && holds_programs monitor || return 1
	# Something to tell of.
	"$tmp/$name" - forks 5 1
	wait_for 100 alarmed "$1" || return 1
	strike monitor "$1" 3 || return 1
	end_beat
	after=$("$bosc" profile export beat --store "$store")
	equal "the profile" "$after" "$before" || return 1
	alarmed "$1" || equal alarms "$(cat "$tmp/alarms")" "a new call" || return 1
	[ "$1" = KILL ] || grep -q ^SUMMARY "$tmp/alarms"
}

# What was written until a second before the end is there.
while_recording() { # SIGNAL ENDING
	local trace=$tmp/$1$2 status=1

	beat
	start record "$bosc" record -t "$name" -o "$trace"
	hear record "^bosc: recording '$name'" && let_rest "${pids[beat]}" 1500 && holds_programs record || return 1
	strike record "$1" 0 || return 1
	end_beat
	[ "$1" = KILL ] || status=0
	run "$status" "$bosc" learn --trace "$trace" --profile "trace-$1$2" --store "$store" || return 1
	[ "$1" = INT ] || grep -q "^bosc: the profile 'trace-KILL$2' is partial: '$trace' is incomplete$" "$tmp/err" ||
		equal said "$(cat "$tmp/err")" "that it is incomplete" || return 1
	# 20 calls each 2 ms and what the machine makes of that, for at least two of the seconds.
	[ "$("$bosc" profile show "trace-$1$2" --store "$store" | awk '$1 == "getppid" { print $2 }')" -gt 8000 ]
}

# One sentence, and perhaps a hint.
full_said() {
	[ "$(grep -cE '^bosc: cannot .*(No space left on device|is full)' "$tmp/err")" = 1 ] &&
		[ "$(tail -n 2 "$tmp/err" | grep -cE '^(bosc: cannot|try: )')" -ge 1 ] && return
	equal said "$(cat "$tmp/err")" "one sentence"
}

full_store() {
	local small=$tmp/small before

	mkdir -p "$small" && mount -t tmpfs -o size=1m none "$small" || return 1
	run 0 "$bosc" learn --store "$small/db" --profile beat -- "$subject" - work 100 || return 1
	before=$("$bosc" profile export beat --store "$small/db")
	cat /dev/zero >"$small/rest" 2>/dev/null
	run 1 "$bosc" learn --store "$small/db" --profile beat -- "$subject" - forks 100 1 || return 1
	full_said || return 1
	run 1 "$bosc" learn --store "$small/db" --profile other -- "$subject" - forks 100 1 || return 1
	full_said || return 1
	equal "while it is full" "$("$bosc" profile export beat --store "$small/db")" "$before" || return 1
	run 1 "$bosc" learn --store "$small/new" --profile beat -- "$subject" - work 100 || return 1
	rm "$small/rest"
	equal "afterwards" "$("$bosc" profile export beat --store "$small/db")" "$before" || return 1
	run 0 "$bosc" learn --store "$small/db" --profile beat -- "$subject" - forks 100 1 || return 1
	umount "$small"
}

full_trace() { # ENDING
	local small=$tmp/small

	mkdir -p "$small" && mount -t tmpfs -o size=128k none "$small" || return 1
	run 1 "$bosc" record -o "$small/trace$1" -- "$subject" - forks 20000 1 || return 1
	full_said && no_orphans || return 1
	run 1 "$bosc" learn --trace "$small/trace$1" --profile "full$1" --store "$store" || return 1
	grep -q "'$small/trace$1' is incomplete" "$tmp/err" || return 1
	umount "$small"
}

stage_subject
check "something is learnt" run 0 "$bosc" learn --store "$store" --profile beat -- "$subject" - work 1000
for signal in INT KILL; do
	check "$signal while waiting" while_waiting "$signal"
	check "$signal while loading" while_loading "$signal"
	check "$signal while monitoring" while_monitoring "$signal"
	check "$signal while recording" while_recording "$signal" .bsc
	check "$signal while recording with compression" while_recording "$signal" .bsc.zst
done
check "INT while learning" while_learning_int
check "KILL while learning" while_learning_kill
check "KILL while learning by the paper's method" paper_kill
check "KILL while saving" while_saving
check "a full disk, for the store" full_store
check "a full disk, for a recording" full_trace .bsc
check "a full disk, for a compressed recording" full_trace .bsc.zst
tap_end
