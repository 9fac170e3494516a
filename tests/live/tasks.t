#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Tasks of this machine as targets: commands that bosc starts, tasks by name, by pid and by
# cgroup, with all that tasks do: fork, thread, rename, execute, crash, call by 32-bit entries.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
# How often each call is made: "getppid 100" a line, from a profile.
profile_calls() { # NAME
	"$bosc" profile show "$1" --store "$tmp/db" | awk 'NF == 4 && $4 == "%" { print $1, $2 }' | sort
}

# The same from strace, without the execve that started the program.
strace_calls() { # COMMAND…
	strace -f -qq -o "$tmp/strace" "$@" >/dev/null || return 1
	grep -vE 'resumed|^[0-9]+ +(\+\+\+|---)' "$tmp/strace" | sed -E '1{/ execve\(/d}' |
		sed -E 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/' | sort | uniq -c | awk '{ print $2, $1 }' | sort
}

trace_calls() { # TRACE NUMBER: how often the call was made, by all
	"$here/trace.py" "$1" | grep -cE "^SYS [0-9]+ $2 "
}

# Whether the last monitor of run() raised such an alarm; shows those that it did raise.
alarmed() { # PATTERN
	"$here/alarms.py" "$tmp/out" >"$tmp/alarms"
	grep -qE -e "$1" "$tmp/alarms" && return
	cat "$tmp/alarms"
	return 1
}

record_command() {
	strace_calls "$subject" - forks 20 1 >"$tmp/wanted"
	run 0 "$bosc" record -o "$tmp/forks.bsc" -- "$subject" - forks 20 1 || return 1
	run 0 "$bosc" learn --trace "$tmp/forks.bsc" --profile forks --store "$tmp/db" || return 1
	equal "calls" "$(profile_calls forks)" "$(cat "$tmp/wanted")"
}

learn_command() {
	strace_calls "$subject" - forks 20 1 >"$tmp/wanted"
	run 0 "$bosc" learn --profile live --store "$tmp/db" -- "$subject" - forks 20 1 || return 1
	equal "calls" "$(profile_calls live)" "$(cat "$tmp/wanted")"
}

# The end of the command is new in the first run, and known in the second.
learn_until_learnt() {
	local state

	for state in partial learnt; do
		run 0 "$bosc" learn --profile worker --store "$tmp/db" --quiet-calls 10000 \
			--quiet-time 0s --unseen 1e-3 -- "$subject" - work 30000 || return 1
		equal state "$("$bosc" profile list --store "$tmp/db" | awk '$1 == "worker" { print $2 }')" \
			"$state" || return 1
	done
}

monitor_command() {
	run 0 "$bosc" monitor --profile worker --store "$tmp/db" -- "$subject" - work 40000 || return 1
	run 3 "$bosc" monitor --profile worker --store "$tmp/db" --json -- "$subject" - forks 3 1 || return 1
	alarmed "^new-call (clone|wait4) [0-9]+ [0-9]+ subject $subject "
}

crash_is_fatal() {
	run 3 "$bosc" monitor --profile worker --store "$tmp/db" --json -- "$subject" - crash || return 1
	alarmed "^fatal-signal SIGSEGV [0-9]+ [0-9]+ subject $subject "
}

ia32_is_another_call() {
	run 3 "$bosc" monitor --profile worker --store "$tmp/db" --json -- "$subject" - ia32 20 || return 1
	alarmed '^new-call ia32:getpid ' || return 1
	run 0 "$bosc" record -o "$tmp/ia32.bsc" -- "$subject" - ia32 20 || return 1
	equal "ia32 calls 20" "$("$here/trace.py" "$tmp/ia32.bsc" | grep -cE '^SYS [0-9]+ 20 1$')" 20
}

has_threads() { # PID COUNT
	grep -qx "Threads:	$2" "/proc/$1/status"
}

# Threads and children that ran before are the target's; what they did before is not judged.
by_pid() {
	start tree "$subject" "$tmp/gate-pid" tree 100
	wait_for 50 has_threads "${pids[tree]}" 3 || return 1
	wait_for 50 has_threads "$(pgrep -P "${pids[tree]}")" 2 || return 1
	start record "$bosc" record -p "${pids[tree]}" -o "$tmp/pid.bsc"
	hear record '^bosc: recording' || return 1
	touch "$tmp/gate-pid"
	finish tree 0 || return 1
	stop record INT 0 || return 1
	equal "work of 5 threads" "$(trace_calls "$tmp/pid.bsc" "$getppid")" 500 || return 1
	equal "processes" "$("$here/trace.py" "$tmp/pid.bsc" | awk '$1 == "TASK" { print $3 }' | sort -u | wc -l)" 2
}

# A task that runs when bosc comes, and one that comes later.
by_name() {
	ln -f "$subject" "$tmp/bosc-name-$$"
	start early "$tmp/bosc-name-$$" "$tmp/gate-name" work 200
	wait_for 50 executes "${pids[early]}" "bosc-name-$$" || return 1
	start record "$bosc" record -t "bosc-name-$$" -o "$tmp/name.bsc"
	hear record '^bosc: recording' || return 1
	start late "$tmp/bosc-name-$$" "$tmp/gate-name" work 300
	start other "$subject" "$tmp/gate-name" work 1000
	wait_for 50 executes "${pids[late]}" "bosc-name-$$" && wait_for 50 executes "${pids[other]}" "$subject" ||
		return 1
	touch "$tmp/gate-name"
	finish early 0 && finish late 0 && finish other 0 || return 1
	stop record INT 0 || return 1
	equal "work of both" "$(trace_calls "$tmp/name.bsc" "$getppid")" 500
}

# A name is that of the executable: renaming oneself neither hides a task nor makes it another.
by_name_renamed() {
	ln -f "$subject" "$tmp/bosc-hide-$$"
	start hiding "$tmp/bosc-hide-$$" "$tmp/gate-hide" rename innocent
	start posing "$subject" "$tmp/gate-hide" rename "bosc-hide-$$"
	wait_for 50 executes "${pids[hiding]}" "bosc-hide-$$" && wait_for 50 executes "${pids[posing]}" "$subject" ||
		return 1
	start record "$bosc" record -t "bosc-hide-$$" -o "$tmp/hide.bsc"
	hear record '^bosc: recording' || return 1
	start hiding2 "$tmp/bosc-hide-$$" "$tmp/gate-hide" rename innocent
	wait_for 50 executes "${pids[hiding2]}" "bosc-hide-$$" || return 1
	touch "$tmp/gate-hide"
	finish hiding 0 && finish hiding2 0 && finish posing 0 || return 1
	stop record INT 0 || return 1
	"$here/trace.py" "$tmp/hide.bsc" >"$tmp/hide.txt"
	equal "work of the two" "$(trace_calls "$tmp/hide.bsc" "$getppid")" 200 || return 1
	equal "pids" "$(awk '$1 == "TASK" && $5 == "innocent" { print $3 }' "$tmp/hide.txt" | sort -n)" \
		"$(printf '%s\n' "${pids[hiding]}" "${pids[hiding2]}" | sort -n)"
}

# Learnt by name while it waited to start: what was learnt is the program's, from its beginning.
learn_by_name() {
	ln -f "$subject" "$tmp/bosc-wait-$$"
	start learn "$bosc" learn -t "bosc-wait-$$" --store "$tmp/db"
	hear learn '^bosc: waiting for' || return 1
	"$tmp/bosc-wait-$$" - work 77
	stop learn INT 0 || return 1
	"$bosc" profile show "bosc-wait-$$" --store "$tmp/db" >"$tmp/shown"
	grep -qE '^  getppid +77 ' "$tmp/shown" && grep -q "^executes   $tmp/bosc-wait-$$" "$tmp/shown" &&
		! grep -q 'joined late' "$tmp/shown" && return
	cat "$tmp/shown"
	return 1
}

fork_bomb() {
	local begin=$SECONDS before after

	before=$(awk '/^Slab/ { print $2 }' /proc/meminfo)
	run 0 "$bosc" record -o "$tmp/bomb.bsc.zst" -- "$subject" - forks 10000 200 || return 1
	run 0 "$bosc" learn --trace "$tmp/bomb.bsc.zst" --profile bomb --store "$tmp/db" || return 1
	equal "recorded" "$(profile_calls bomb | grep -E '^(getppid|exit_group|clone) ')" \
		"$(printf '%s\n' 'clone 10000' 'exit_group 10001' 'getppid 30000')" || return 1
	run 0 "$bosc" learn --profile bomb2 --store "$tmp/db" -- "$subject" - forks 10000 200 || return 1
	equal "learnt" "$(profile_calls bomb2)" "$(profile_calls bomb)" || return 1
	run 0 "$bosc" monitor --profile bomb2 --store "$tmp/db" -- "$subject" - forks 10000 200 || return 1
	grep -qE ', lost 0$' "$tmp/out" || {
		cat "$tmp/out"
		return 1
	}
	after=$(awk '/^Slab/ { print $2 }' /proc/meminfo)
	((SECONDS - begin < 60 && after - before < 100000)) ||
		equal "seconds and kB of kernel memory" "$((SECONDS - begin)) $((after - before))" "few"
}

many_threads() {
	run 0 "$bosc" record -o "$tmp/threads.bsc" -- "$subject" - threads 64 100 || return 1
	equal "work" "$(trace_calls "$tmp/threads.bsc" "$getppid")" 6400 || return 1
	equal "threads" "$("$here/trace.py" "$tmp/threads.bsc" | awk '$1 == "FORK" && $4 == $5' | wc -l)" 64
}

# The thread that executes becomes the process; nothing of the old program stays in its window.
execute_in_thread() {
	run 0 "$bosc" record -o "$tmp/exec.bsc" -- "$subject" - exec || return 1
	"$here/trace.py" "$tmp/exec.bsc" >"$tmp/exec.txt"
	equal "executed, by another thread" "$(awk '$1 == "EXEC" && $2 != $4' "$tmp/exec.txt" | wc -l)" 1 || return 1
	equal "work" "$(trace_calls "$tmp/exec.bsc" "$getppid")" 55 || return 1
	run 0 "$bosc" learn --profile exec --store "$tmp/db" -- "$subject" - exec || return 1
	equal "work learnt" "$(profile_calls exec | grep '^getppid ')" "getppid 55" || return 1
	# Each bag of the executed program is one that it has when it is started alone.
	run 0 "$bosc" monitor --profile exec --store "$tmp/db" -- "$subject" - work 50 || return 1
	grep -q ', 0 mismatches, ' "$tmp/out"
}

in_cgroup() { # DIRECTORY COUNT
	echo "$BASHPID" >"$1/cgroup.procs"
	exec "$subject" - work "$2"
}

# Also what is made below the cgroup later, and moved into it.
by_cgroup() {
	mkdir "$cgroup/target"
	start record "$bosc" record -g "$cgroup/target" -o "$tmp/cgroup.bsc"
	hear record '^bosc: recording' || return 1
	(in_cgroup "$cgroup/target" 10)
	mkdir -p "$cgroup/target/nested/deeper"
	(in_cgroup "$cgroup/target/nested" 100)
	(in_cgroup "$cgroup/target/nested/deeper" 1000)
	(in_cgroup "$cgroup/work" 10000)
	stop record INT 0 || return 1
	equal "work" "$(trace_calls "$tmp/cgroup.bsc" "$getppid")" 1110
}

# One that is awaited is followed from its first call, by its path as by its name, and another that takes
# its place, even while user space sleeps.
awaited_cgroup() {
	local path=$cgroup/here/bosc-awaited-$$
	local called other=$cgroup/${path##*/}

	mkdir "$cgroup/here"
	for called in "$path" "${path#"${cgroup%/*}/"}" "${path##*/}"; do
		start learn "$bosc" learn -g "$called" --store "$tmp/db"
		hear learn '^bosc: waiting for' || return 1
		kill -STOP "${pids[learn]}"
		for _ in 1 2; do
			mkdir "$path" "$other"
			(in_cgroup "$path" 100)
			(in_cgroup "$other" 1000)
			rmdir "$path" "$other"
		done
		mkdir "$path"
		kill -CONT "${pids[learn]}"
		hear learn '^bosc: learning' || return 1
		stop learn INT 0 || return 1
		rmdir "$path"
		equal "work of $called" "$(profile_calls "$called" | grep '^getppid ')" "getppid 200" || return 1
		! "$bosc" profile show "$called" --store "$tmp/db" | grep 'joined late' || return 1
	done
}

# What runs already is learnt without its start, and such a profile is partial, however settled; until a
# run sees a start, be it one that joined late itself.
joined_late() {
	local path=$cgroup/late

	mkdir "$path"
	(in_cgroup "$path" 1000000000) &
	wait_for 50 grep -q . "$path/cgroup.procs" || return 1
	run 0 "$bosc" learn -g "$path" --profile late --store "$tmp/db" --quiet-calls 1000 --quiet-time 0s \
		--unseen 0.9 || return 1
	grep -q "^bosc: profile 'late' is partial (joined late: no run saw the target start; .*restart" "$tmp/err" ||
		equal said "$(cat "$tmp/err")" "that it joined late" || return 1
	start learn "$bosc" learn -g "$path" --profile late --store "$tmp/db"
	hear learn '^bosc: learning' || return 1
	echo 1 >"$path/cgroup.kill"
	wait_for 50 rmdir "$path" && mkdir "$path" || return 1
	(in_cgroup "$path" 5000)
	stop learn INT 0 || return 1
	rmdir "$path"
	equal state "$("$bosc" profile list --store "$tmp/db" | awk '$1 == "late" { print $2, $5 }')" "learnt 2"
}

# The second name is runc's for the moment between its start and its executing of its copy.
set_up_is_not_learnt() {
	local name count

	for name in runc exe; do
		count=100
		[ "$name" = runc ] || count=0
		mkdir "$cgroup/container"
		start learn "$bosc" learn -g "$cgroup/container" --profile "$name" --store "$tmp/db"
		hear learn '^bosc: learning' || return 1
		run 0 env PROCS="$cgroup/container/cgroup.procs" "$subject" - set-up "$name" "$count" || return 1
		stop learn INT 0 || return 1
		equal "work of the command" "$(profile_calls "$name" | grep '^getppid ')" "getppid 7" || return 1
		equal "executed" "$("$bosc" profile show "$name" --store "$tmp/db" | sed -n 's/^executes *//p')" \
			"$subject" || return 1
		rmdir "$cgroup/container"
	done
}

stage_subject
getppid=$(printf '#include <sys/syscall.h>\nSYS_getppid\n' | gcc -E -P - | tail -n 1)

if command -v strace >/dev/null; then
	check "a recorded command has the calls that strace sees, each as often" record_command
	check "so has one that is learnt live" learn_command
else
	skip "calls are compared with strace's" "there is no strace"
fi
check "a command is learnt until it is learnt" learn_until_learnt
check "the same command is normal, another is not" monitor_command
check "a crash is an alarm" crash_is_fatal
if [ "$(uname -m)" = x86_64 ] && "$subject" - ia32 1 2>/dev/null; then
	check "a 32-bit entry is another call than the native one" ia32_is_another_call
else
	skip "a 32-bit entry is another call" "this kernel has no 32-bit entries"
fi
check "a process is followed with the threads and children that it has" by_pid
check "tasks are found by name, running and to come" by_name
check "a task that renames itself is still followed, and one that takes the name is not" by_name_renamed
check "a task that is waited for is learnt from its beginning" learn_by_name
check "of 5000 short processes nothing is lost" fork_bomb
check "64 threads are each followed" many_threads
check "a thread that executes is followed" execute_in_thread
check "a cgroup is followed with all that is made below it" by_cgroup
check "a cgroup that is waited for is followed from its first call" awaited_cgroup
check "without a start that was seen, a profile is partial" joined_late
check "what a container runtime does in its container's cgroup is not learnt" set_up_is_not_learnt
tap_end
