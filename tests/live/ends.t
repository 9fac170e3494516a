#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Two rules that hang on when something is done: a call that belongs to a program's start, made
# later, and the end of a container's first process, which is an alarm unless somebody outside of the
# container asked for it or training saw the like.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
name=bosc-main-$$

settled() { # STATUS CALLS TIMES [SECONDS]: it asks where it is again, after so many calls and so long
	run "$1" "$bosc" monitor --profile settle --store "$store" --json -- "$subject" - settle "${@:2}"
}

late_call() {
	run 0 "$bosc" learn --profile settle --store "$store" -- "$subject" - settle 110000 0 || return 1
	settled 0 120000 0 && settled 0 1000 2 31 && settled 0 5000 2 || return 1
	settled 3 5000 2 31 || return 1
	"$here/alarms.py" "$tmp/out" >"$tmp/alarms"
	equal alarms "$(cut -d ' ' -f 1,2,5 "$tmp/alarms" | grep -v ^SUMMARY)" "late-call getcwd subject" || return 1
	# Without enough work after the start, that it was not called later says nothing.
	run 0 "$bosc" learn --profile young --store "$store" -- "$subject" - settle 90000 0 || return 1
	run 0 "$bosc" monitor --profile young --store "$store" -- "$subject" - settle 5000 2 31
}

main_pid() {
	docker inspect --format '{{.State.Pid}}' "$name"
}

works() { # the first process executes the subject
	executes "$(main_pid)" "$subject"
}

# The subject as a container's first process; it waits for the gate.
container() { # MODE NUMBER
	rm -f "$lab_dir/main/gate"
	docker rm --force "$name" >/dev/null 2>&1
	docker run --detach --name "$name" --network none --cap-add SYS_ADMIN \
		--volume "$lab_dir/main:/main" "$busybox" /main/subject /main/gate "$@" >/dev/null
}

open_gate() {
	touch "$lab_dir/main/gate"
	docker wait "$name" >/dev/null
}

stop_from_outside() {
	docker stop --time 1 "$name" >/dev/null
}

kill_from_outside() {
	docker kill "$name" >/dev/null
}

# What a command of that name said before is not waited for.
begin() { # NAME COMMAND…
	rm -f "$tmp/$1.err" "$tmp/$1.out"
	start "$@"
}

# Watches a container from before its start until its end.
watch() { # STATUS END MODE NUMBER: its alarms are in $tmp/alarms
	begin watch "$bosc" monitor -c "$name" --store "$store" --json-file "$tmp/watch.json"
	hear watch "^bosc: waiting for '$name'" && container "${@:3}" && hear watch "^bosc: watching" || return 1
	wait_for 50 works && "$2" || return 1
	stop watch INT "$1" || return 1
	"$here/alarms.py" "$tmp/watch.json" >"$tmp/alarms"
	mv "$tmp/watch.json" "$tmp/told.json"
	docker rm --force "$name" >/dev/null
}

learn() { # END MODE NUMBER
	begin learn "$bosc" learn -c "$name" --store "$store"
	hear learn "^bosc: waiting for '$name'" && container "${@:2}" && hear learn "^bosc: learning" || return 1
	wait_for 50 works && let_rest "$(main_pid)" 20 && "$1" || return 1
	stop learn INT 0 || return 1
	docker rm --force "$name" >/dev/null
}

told() { # ALARMS: rule, subject and comm, a line each
	equal alarms "$(cut -d ' ' -f 1,2,5 "$tmp/alarms" | grep -v ^SUMMARY)" "$1" && return
	cat "$tmp/alarms"
	return 1
}

ends_by_itself() {
	learn kill_from_outside work 0 || return 1
	watch 3 open_gate work 0 && told "new-call exit_group subject
main-exit None subject"
}

# What is accepted alarms no more, until it is withdrawn.
is_accepted() {
	local run

	watch 3 open_gate work 0 || return 1
	run 0 "$bosc" profile accept "$name" "$tmp/told.json" --reason "a job that ends" --store "$store" || return 1
	run=$(grep -oE 'run [0-9a-f-]{36}' "$tmp/out" | cut -d ' ' -f 2)
	watch 0 open_gate work 0 || return 1
	run 0 "$bosc" profile withdraw "$name" "$run" --store "$store" || return 1
	watch 3 open_gate work 0 && told "new-call exit_group subject
main-exit None subject"
}

ends_by_a_crash() {
	watch 3 open_gate crash 0 && told "fatal-signal SIGSEGV subject
main-exit None subject"
}

is_stopped() {
	watch 0 stop_from_outside work 0 && watch 0 kill_from_outside work 0
}

# What it was asked from outside does not excuse a crash before; a restart asks anew.
restarts() {
	docker restart --time 1 "$name" >/dev/null && wait_for 50 works && open_gate
}

is_restarted() {
	watch 3 restarts crash 0 && told "fatal-signal SIGSEGV subject
main-exit None subject"
}

# A process of `docker exec` is not the first one, nor is that of a namespace within.
others_end() {
	docker exec "$name" /main/subject - work 0 && docker exec "$name" /main/subject - crash
	docker exec "$name" /bin/busybox unshare --pid --fork /main/subject - work 0
	stop_from_outside
}

others_are_not_it() {
	watch 3 others_end work 0 || return 1
	grep -q '^new-call unshare' "$tmp/alarms" && grep -q '^fatal-signal SIGSEGV' "$tmp/alarms" &&
		! grep '^main-exit' "$tmp/alarms" && return
	cat "$tmp/alarms"
	return 1
}

# A recording says the same.
is_recorded() {
	begin record "$bosc" record -c "$name" -o "$tmp/main.bsc"
	hear record "^bosc: waiting for '$name'" && container crash 0 && hear record "^bosc: recording" || return 1
	wait_for 50 works || return 1
	docker exec "$name" /main/subject - work 0
	open_gate || return 1
	stop record INT 0 || return 1
	equal "ends" "$("$here/trace.py" "$tmp/main.bsc" | awk '$1 == "EXIT" && $3 { print $3 }')" 3 || return 1
	run 3 "$bosc" monitor --trace "$tmp/main.bsc" --profile "$name" --store "$store" --json || return 1
	"$here/alarms.py" "$tmp/out" >"$tmp/alarms"
	grep -q '^main-exit None [0-9]* [0-9]* subject' "$tmp/alarms" && return
	cat "$tmp/alarms"
	return 1
}

learnt_end() {
	learn open_gate work 0 || return 1
	"$bosc" profile export "$name" --store "$store" >"$tmp/export.json"
	grep -q '"signals": \["SIG0"\]' "$tmp/export.json" || return 1
	watch 0 open_gate work 0
}

stage_subject
check "a call of the start is an alarm when it is made later, and only then" late_call
stage_lab busybox
busybox=$(lab image "$lab_dir" busybox)
mkdir -p "$lab_dir/main" && cp "$subject" "$lab_dir/main/subject"
check "the end of the first process is an alarm" ends_by_itself
check "what is accepted of it is one no more" is_accepted
check "so is its crash" ends_by_a_crash
check "that it is stopped or killed from outside is none" is_stopped
check "a restart is none, and the end after it is one" is_restarted
check "other processes' ends are none" others_are_not_it
check "a recording tells of the end" is_recorded
check "an end that training saw is none" learnt_end
tap_end
