#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Privileges: that the documented capabilities are enough for whoever else has none, that without
# any one of them bosc says which is missing, that a running bosc holds no more than it is said to,
# and that what it gave up is not missing when a container starts later.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
unset DOCKER_HOST
export DOCKER_HOST=unix://$tmp/engine.sock # nobody answers there, unless a test sees to it
export BOSC_HOST_ROOT=$tmp/host # with no runtime, and no user whose home is closed, unless a test sees to it
store=$tmp/open/store.db

# What follows is nobody's command, who has these capabilities and no others.
as() { # CAPABILITIES COMMAND…
	local list=-all one

	for one in $1; do list=$list,+$one; done
	shift
	setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set="$list" --inh-caps="$list" \
		--ambient-caps="$list" "$@"
}
start_as() { # NAME CAPABILITIES COMMAND…
	local name=$1 list=-all one

	for one in $2; do list=$list,+$one; done
	shift 2
	start "$name" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set="$list" \
		--inh-caps="$list" --ambient-caps="$list" "$@"
}

# What a command holds; the numbers are those of linux/capability.h.
holds() { # NAME FIELD
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/${pids[$1]}/status"
}
mask() { # CAPABILITY…
	local sum=0 one

	for one; do
		case $one in
		dac_override) sum=$((sum | 1 << 1)) ;;
		dac_read_search) sum=$((sum | 1 << 2)) ;;
		sys_ptrace) sum=$((sum | 1 << 19)) ;;
		perfmon) sum=$((sum | 1 << 38)) ;;
		bpf) sum=$((sum | 1 << 39)) ;;
		esac
	done
	printf '%016x' "$sum"
}
reduced() { # NAME CAPABILITY…: in effect, and to be had again
	[ "$(holds "$1" CapEff)" = "$(mask "${@:2}")" ] && [ "$(holds "$1" CapPrm)" = "$(mask "${@:2}")" ] &&
		[ "$(holds "$1" CapInh)$(holds "$1" CapAmb)" = "$(mask)$(mask)" ] &&
		[ "$(holds "$1" NoNewPrivs)" = 1 ]
}
holds_only() { # NAME CAPABILITY…: soon, and for good
	wait_for 50 reduced "$@" && return
	grep -E '^(Cap|NoNew)' "/proc/${pids[$1]}/status"
	return 1
}

alarmed() { # PATTERN [FILE]
	"$here/alarms.py" "${2:-$tmp/out}" >"$tmp/alarms"
	grep -qE -e "$1" "$tmp/alarms" && return
	cat "$tmp/alarms"
	return 1
}

# The profile that the tests hold everything against: one process that works, and no other call.
learn_worker() {
	run 0 as "bpf perfmon" "$bosc" learn --profile worker --store "$store" -- "$subject" - work 30000 || return 1
	equal "work learnt" "$("$bosc" profile show worker --store "$store" | awk '$1 == "getppid" { print $2 }')" 30000
}

monitor_worker() {
	run 0 as "bpf perfmon" "$bosc" monitor --profile worker --store "$store" -- "$subject" - work 40000 || return 1
	run 3 as "bpf perfmon" "$bosc" monitor --profile worker --store "$store" --json -- "$subject" - forks 3 1 ||
		return 1
	alarmed "^new-call (clone|wait4) [0-9]+ [0-9]+ subject $subject "
}

# A process of root, which runs already and which nobody may look at.
by_pid() {
	start tree "$subject" "$tmp/gate-pid" forks 3 1
	wait_for 50 executes "${pids[tree]}" "$subject" || return 1
	start_as monitor "bpf perfmon" "$bosc" monitor -p "${pids[tree]}" --profile worker --store "$store" --json
	hear monitor '^bosc: watching' || return 1
	touch "$tmp/gate-pid"
	finish tree 0 || return 1
	stop monitor INT 3 || return 1
	alarmed '^new-call (clone|wait4) ' "$tmp/monitor.out"
}

# Of a name longer than the kernel tells: only a look at the process gives the whole of it.
by_cgroup() {
	local long=$tmp/bosc-a-name-that-is-longer-than-thirty-one-bytes

	ln -f "$subject" "$long"
	mkdir "$cgroup/target"
	in_target() {
		echo "$BASHPID" >"$cgroup/target/cgroup.procs"
		exec "$long" "$tmp/gate-cgroup" forks 300 1
	}
	in_target >/dev/null 2>&1 &
	local watched=$!
	wait_for 50 executes "$watched" "$long" || return 1
	start_as monitor "bpf perfmon sys_ptrace" "$bosc" monitor -g "$cgroup/target" --profile worker \
		--store "$store" --json
	hear monitor '^bosc: watching' || return 1
	touch "$tmp/gate-cgroup"
	wait "$watched"
	stop monitor INT 3 || return 1
	rmdir "$cgroup/target"
	alarmed "^new-call (clone|wait4) [0-9]+ [0-9]+ bosc-a-name-tha $long " "$tmp/monitor.out"
}

# By a name that is a link's: not that of the file that runs, and not the process's own to tell.
by_name() {
	ln -sf "$subject" "$tmp/bosc-link-$$"
	start linked "$tmp/bosc-link-$$" "$tmp/gate-name" forks 3 1
	wait_for 50 executes "${pids[linked]}" "$subject" || return 1
	start_as monitor "bpf perfmon sys_ptrace dac_read_search" "$bosc" monitor -t "bosc-link-$$" \
		--profile worker --store "$store" --json
	hear monitor '^bosc: watching' || return 1
	touch "$tmp/gate-name"
	finish linked 0 || return 1
	stop monitor INT 3 || return 1
	alarmed '^new-call (clone|wait4) ' "$tmp/monitor.out"
}

record_everything() {
	run 0 as "bpf perfmon sys_ptrace" "$bosc" record --all --max-time 1s -o "$tmp/open/all.bsc"
}

# refused NAMES CAPABILITIES ARGUMENT…: with these, bosc says that those are missing.
refused() {
	local names=$1 caps=$2 command

	shift 2
	for command in learn monitor; do
		run 1 as "$caps" "$bosc" "$command" --profile worker --store "$store" "$@" || return 1
		grep -qE "^bosc: cannot (load the sensor|watch '[^']*'): $names missing$" "$tmp/err" &&
			grep -qF "'bosc status' says more" "$tmp/err" && [ ! -s "$tmp/out" ] && continue
		cat "$tmp/err"
		return 1
	done
}

root_refused() {
	run 1 setpriv --bounding-set=-bpf,-sys_admin "$bosc" monitor --profile worker --store "$store" -p "$$" || return 1
	grep -qx "bosc: cannot load the sensor: CAP_BPF is missing" "$tmp/err" &&
		grep -q "^try: CAP_BPF from whatever started bosc" "$tmp/err"
}

# Root's own store, and no container that may come: nothing is left, but for the look at an alarm's
# executable.
root_holds() {
	start learn "$bosc" learn -t nonesuch --store "$tmp/own.db"
	hear learn '^bosc: waiting' || return 1
	holds_only learn && equal bounds "$(holds learn CapBnd)" "$(mask)" || return 1
	stop learn INT 1 || return 1
	start monitor "$bosc" monitor -t nonesuch --profile worker --store "$store"
	hear monitor '^bosc: waiting' || return 1
	holds_only monitor sys_ptrace && equal bounds "$(holds monitor CapBnd)" "$(mask)" || return 1
	stop monitor INT 0 || return 1
	start record "$bosc" record -p "$$" -o "$tmp/none.bsc"
	hear record '^bosc: recording' || return 1
	holds_only record || return 1
	stop record INT 0
}

containers_hold() { # COMMAND…: a watch for containers keeps the look at executables
	start all "$bosc" "$@" --all
	hear all '^bosc: (waiting|recording)' || return 1
	holds_only all sys_ptrace || return 1
	kill -INT "${pids[all]}"
	wait "${pids[all]}"
}

nobody_holds() {
	start_as learn "bpf perfmon sys_ptrace dac_read_search" "$bosc" learn -t nonesuch --store "$tmp/open/other.db"
	hear learn '^bosc: waiting' || return 1
	holds_only learn || return 1
	stop learn INT 1
}

# A store in somebody else's folder, which root needs that privilege for: also when it is closed.
others_store() {
	start learn "$bosc" learn -t "bosc-other-$$" --store "$tmp/open/root.db"
	hear learn '^bosc: waiting' || return 1
	holds_only learn dac_override || return 1
	ln -f "$subject" "$tmp/bosc-other-$$"
	"$tmp/bosc-other-$$" - work 100
	stop learn INT 0 || return 1
	equal "left beside the store" "$(cd "$tmp/open" && echo root.db*)" root.db || return 1
	"$bosc" profile show "bosc-other-$$" --store "$tmp/open/root.db" | grep -qE '^  getppid +100 '
}

# The same of an engine's socket, as of a podman that is a user's.
others_engine() {
	"$root/tests/engine.py" "$tmp/open/engine.sock" "$$" 65534 >/dev/null 2>&1 &
	wait_for 50 test -S "$tmp/open/engine.sock" || return 1
	export DOCKER_HOST=unix://$tmp/open/engine.sock
	start monitor "$bosc" monitor --all --store "$store"
	hear monitor '^bosc: waiting' || return 1
	holds_only monitor dac_override sys_ptrace || return 1
	stop monitor INT 0 || return 1
	rm "$tmp/open/engine.sock"
}

# A user's podman, as its files tell, whose home is closed: made when bosc has given its privileges up.
others_files() { # CAPABILITIES KEPT…: bosc has the first, and keeps the others
	local id home=$tmp/host/people/ann storage

	id=$(printf 'bosc-files-%s-%s' "$$" "$*" | sha256sum | cut -c 1-64)
	storage=$home/.local/share/containers/storage/overlay-containers
	rm -rf "$tmp/host"
	mkdir -p "$tmp/host/etc" "$home"
	echo "ann:x:4242:4242::/people/ann:/bin/sh" >"$tmp/host/etc/passwd"
	chown 4242 "$home" && chmod 700 "$home"
	start_as monitor "$1" env -u DOCKER_HOST "$bosc" monitor -c "ann-$$" \
		--profile worker --store "$store" --json
	hear monitor '^bosc: waiting' && holds_only monitor "${@:2}" || return 1
	mkdir -p "$storage"
	echo "[{\"id\":\"$id\",\"names\":[\"ann-$$\"],\"image\":\"$id\",\"metadata\":\"{}\"}]" \
		>"$storage/containers.json"
	chown -R 4242 "$home" && chmod -R go= "$home"
	mkdir "$cgroup/$id"
	rm -f "$tmp/gate-files"
	in_container() {
		echo "$BASHPID" >"$cgroup/$id/cgroup.procs"
		exec "$subject" "$tmp/gate-files" forks 3 1
	}
	in_container >/dev/null 2>&1 &
	local watched=$!
	hear monitor "^bosc: watching 'ann-$$'" || return 1
	touch "$tmp/gate-files"
	wait "$watched"
	stop monitor INT 3 || return 1
	rm -r "$tmp/host"
	rmdir "$cgroup/$id"
	alarmed "^new-call (clone|wait4) " "$tmp/monitor.out"
}

command_keeps() { # COMMAND…: a started command has what whoever started bosc has
	"$@" grep -E '^(Cap|NoNew)' /proc/self/status >"$tmp/wanted" || return 1
	run 0 "$@" "$bosc" learn --profile grep --store "$tmp/open/command.db" -- \
		grep -E '^(Cap|NoNew)' /proc/self/status || return 1
	rm -f "$tmp"/open/command.db*
	diff "$tmp/wanted" "$tmp/out"
}

# A container that starts when the privileges are gone. bosc is kept from hearing of it until its
# process runs, so that this must be taken in, too: as in the middle, and by the path that it executed.
later_container() { # START COMMAND…: how bosc is started
	local id long=$tmp/bosc-a-name-that-is-longer-than-thirty-one-bytes

	id=$(printf 'bosc-%s-%s' "$$" "$*" | sha256sum | cut -c 1-64)
	ln -f "$subject" "$long"
	rm -f "$tmp/gate-later"
	"$@" "$bosc" monitor -c "${id:0:12}" --profile worker --store "$store" --json
	hear monitor '^bosc: waiting' && holds_only monitor sys_ptrace || return 1
	kill -STOP "${pids[monitor]}"
	mkdir "$cgroup/$id"
	in_container() {
		echo "$BASHPID" >"$cgroup/$id/cgroup.procs"
		exec "$long" "$tmp/gate-later" forks 300 1
	}
	in_container >/dev/null 2>&1 &
	local watched=$!
	wait_for 50 executes "$watched" "$long" || return 1
	kill -CONT "${pids[monitor]}"
	hear monitor '^bosc: watching' || return 1
	touch "$tmp/gate-later"
	wait "$watched"
	stop monitor INT 3 || return 1
	rmdir "$cgroup/$id"
	alarmed "^new-call (clone|wait4) [0-9]+ [0-9]+ bosc-a-name-tha $long " "$tmp/monitor.out"
}

command -v setpriv >/dev/null || stage_skip "there is no setpriv"
stage_subject
# Nobody must be able to reach the programs and a folder.
chmod 755 "$tmp" "$subject"
install -d -o 65534 "$tmp/open"
install -m 755 "$bosc" "$tmp/bosc"
bosc=$tmp/bosc

check "the program is not setuid, and no file grants it anything" \
	test ! -u "$root/build/bosc" -a ! -g "$root/build/bosc" -a -z "$(getcap "$root/build/bosc" 2>/dev/null)"
check "CAP_BPF and CAP_PERFMON are enough to learn a command" learn_worker
check "… and to monitor it" monitor_worker
check "… and for a process of somebody else" by_pid
check "with CAP_SYS_PTRACE, for cgroups" by_cgroup
check "… and for every container" record_everything
check "with CAP_DAC_READ_SEARCH, for tasks by name" by_name

check "without CAP_BPF" refused "CAP_BPF is" "perfmon sys_ptrace dac_read_search" -p "$$"
check "without CAP_PERFMON" refused "CAP_PERFMON is" "bpf sys_ptrace dac_read_search" -p "$$"
check "without CAP_SYS_PTRACE, no cgroup" refused "CAP_SYS_PTRACE is" "bpf perfmon dac_read_search" -g "$cgroup"
check "… no container" refused "CAP_SYS_PTRACE is" "bpf perfmon dac_read_search" -c abcdef
check "… no task" refused "CAP_SYS_PTRACE is" "bpf perfmon dac_read_search" -t bosc-none
check "without CAP_DAC_READ_SEARCH, no task" refused "CAP_DAC_READ_SEARCH is" "bpf perfmon sys_ptrace" -t bosc-none
check "without any, each is named" refused "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are" "" \
	-t bosc-none
check "root from whom it was taken" root_refused

check "root gives up everything" root_holds
check "… but a look at executables, for containers" containers_hold monitor --store "$store"
check "… while recording, too" containers_hold record -o "$tmp/all.bsc"
check "nobody gives up everything" nobody_holds
check "what is needed for somebody else's store stays" others_store
check "… and for somebody else's engine" others_engine
check "… and for users' files: to read them" others_files \
	"bpf perfmon sys_ptrace dac_read_search" dac_read_search sys_ptrace
check "… of all that opens files, that only" others_files \
	"bpf perfmon sys_ptrace dac_read_search dac_override" dac_read_search sys_ptrace
check "root's command keeps what root has" command_keeps env
check "nobody's command keeps what nobody has" command_keeps as "bpf perfmon"
check "a container that starts later is watched" later_container start monitor
check "… by nobody, too" later_container start_as monitor "bpf perfmon sys_ptrace"
tap_end
