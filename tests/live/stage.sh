# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What the live tests share: whether this machine can run them, a cgroup that holds every process
# they start, so that none outlives them however they end, and a private Docker engine.
#
#     . "$(dirname "$0")/stage.sh"
#     stage_lab                       # only where containers are needed
#     check "…" my_test               # in a subshell: what it starts is its own
#     tap_end
#
# BOSC_LAB_CACHE names the folder that keeps the images of the containers between runs.
# shellcheck source=../tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
PATH=$PATH:/usr/sbin:/sbin
export PATH DOCKER_HOST
cgroup=
lab_dir=
declare -A pids=()

stage_skip() { # REASON
	skip "${0##*/}" "$1"
	tap_end
}

stage_cgroup_empty() {
	grep -qx 'populated 0' "$cgroup/cgroup.events"
}

stage_clean_up() {
	local status=$?

	trap '' INT TERM HUP
	[ -z "$lab_dir" ] || {
		lab down "$lab_dir" || status=1
		rm -rf --one-file-system "$lab_dir"
	}
	[ -z "$cgroup" ] || {
		echo 1 >"$cgroup/cgroup.kill"
		wait_for 100 stage_cgroup_empty || status=1
		find "$cgroup" -depth -type d -exec rmdir {} +
	}
	! mountpoint -q "$tmp/small" || umount -l "$tmp/small"
	rm -rf --one-file-system "$tmp"
	exit "$status"
}

# Waits until the command succeeds, at most so many tenths of a second.
wait_for() { # TENTHS COMMAND…
	local tenths=$1

	shift
	until "$@" >/dev/null 2>&1; do
		((tenths-- > 0)) || {
			echo "waited in vain for: $*"
			return 1
		}
		sleep 0.1
	done
}

# Starts a command beside this script, as "$pids[NAME]"; what it says goes to $tmp/NAME.out and
# $tmp/NAME.err. bash lets such commands ignore SIGINT, by which bosc is told to stop.
start() { # NAME COMMAND…
	local name=$1

	shift
	# What one of the same name said before must not be taken for an answer of this one.
	: >"$tmp/$name.out"
	: >"$tmp/$name.err"
	(
		echo "$BASHPID" >"$cgroup/work/cgroup.procs"
		exec env --default-signal=INT "$@"
	) >"$tmp/$name.out" 2>"$tmp/$name.err" </dev/null &
	pids[$name]=$!
}

said() { # NAME PATTERN
	grep -qE -e "$2" "$tmp/$1.err" "$tmp/$1.out"
}

# Waits until the command said so on one of its outputs; shows what it did say when it never does.
hear() { # NAME PATTERN [TENTHS]
	wait_for "${3:-300}" said "$1" "$2" && return
	cat "$tmp/$1.err" "$tmp/$1.out"
	return 1
}

ended() { # NAME
	! kill -0 "${pids[$1]}" 2>/dev/null
}

# Waits for the command's end, whose exit status must be this one.
finish() { # NAME STATUS [TENTHS]
	local status=0 name=$1

	wait_for "${3:-600}" ended "$name" || {
		kill -KILL "${pids[$name]}"
		wait "${pids[$name]}"
		return 1
	}
	wait "${pids[$name]}" || status=$?
	[ "$status" = "$2" ] && return
	echo "$name: exit status $status, not $2"
	cat "$tmp/$name.err" "$tmp/$name.out"
	return 1
}

# Ends the command by a signal.
stop() { # NAME SIGNAL STATUS
	kill "-$2" "${pids[$1]}"
	finish "$1" "$3"
}

# Whether the process executes a program of that name.
executes() { # PID FILE
	local program

	program=$(readlink "/proc/$1/exe") && [ "${program##*/}" = "${2##*/}" ]
}

# How often the process waited for something, its own sleep or the end of a child.
rests() { # PID
	awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "/proc/$1/status"
}

rested() { # PID TIMES
	[ "$(rests "$1")" -ge "$2" ]
}

# Waits until it did so that often again, so that what it does in between was done as often.
let_rest() { # PID TIMES
	wait_for 300 rested "$1" "$(($(rests "$1") + $2))"
}

equal() { # WHAT FOUND WANTED
	[ "$2" = "$3" ] && return
	printf '%s: found, then wanted:\n%s\n--\n%s\n' "$1" "$2" "$3"
	return 1
}

lab() {
	"$root/tools/container-lab" "$@"
}

# A private Docker engine in $lab_dir.
stage_lab() { # IMAGE…
	local image

	for image in docker dockerd; do
		command -v "$image" >/dev/null || stage_skip "there is no $image on this machine"
	done
	export BOSC_LAB_PRIVATE=1 BOSC_LAB_CACHE=${BOSC_LAB_CACHE:-/var/cache/bosc-tests}
	lab_dir=$(mktemp -d /tmp/bosc-live.XXXXXX)
	lab up "$lab_dir" >"$tmp/lab.log" 2>&1 || stage_skip "$(tail -n 1 "$tmp/lab.log")"
	# shellcheck disable=SC1091 # written by container-lab
	. "$lab_dir/env"
	for image in "$@"; do
		lab image "$lab_dir" "$image" >"$tmp/lab.log" 2>&1 ||
			stage_skip "$(tail -n 1 "$tmp/lab.log")"
	done
}

# Compiles the watched program, $subject.
stage_subject() {
	subject=$tmp/subject
	command -v gcc >/dev/null || stage_skip "there is no gcc to compile the watched program"
	gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -pthread -o "$subject" "$here/subject.c" ||
		stage_skip "the watched program cannot be compiled and linked statically"
}

stage_open() {
	local mount

	[ "$(id -u)" = 0 ] || stage_skip "bosc must be root to load a program into the kernel"
	[ -r /sys/kernel/btf/vmlinux ] || stage_skip "this kernel has no type information (BTF)"
	bpftool prog show >/dev/null 2>&1 || stage_skip "this machine does not allow BPF, or has no bpftool"
	command -v python3 >/dev/null || stage_skip "there is no python3 to read JSON and traces with"
	mount=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
	[ -n "$mount" ] || stage_skip "no cgroup v2 hierarchy is mounted"
	[ -x "$bosc" ] || {
		not_ok "the program is built" "there is no $bosc"
		tap_end
	}
	mkdir -p "$mount/bosc-test-$$/work" || stage_skip "cannot make a cgroup below $mount"
	cgroup=$mount/bosc-test-$$
}

trap stage_clean_up EXIT
trap 'exit 130' INT TERM HUP
stage_open
