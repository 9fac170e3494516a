#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What `bosc status` says of machines that lack something: root, nobody, and root in a mount, pid or
# user namespace in which a file is another or is missing. Each line names the cure; the exit status
# tells whether bosc can watch.
. "$(dirname "$0")/../tap.sh"
store=$tmp/store.db

# line NAME STATE FACT [CURE]: the last run() said so of the feature; the texts are patterns.
line() {
	python3 - "$tmp/out" "$@" <<'END' && return
import json, re, sys
path, name, state, fact, *cure = sys.argv[1:]
for said in map(json.loads, open(path)):
    if said.get("feature") == name:
        right = (said["state"] == state and re.fullmatch(fact, said["fact"])
                 and re.fullmatch(*cure or [""], said.get("cure", "")))
        sys.exit(0 if right else 1)
sys.exit(1)
END
	grep -F "\"$1\"" "$tmp/out"
	return 1
}
summary() { # READY MISSING…: what the last run() said at its end
	local ready=$1

	shift
	tail -n 1 "$tmp/out" | python3 -c 'import json, sys
said = json.load(sys.stdin)["summary"]
sys.exit(not (said["ready"] == (sys.argv[1] == "ready") and said["missing"] == sys.argv[2:]))' \
		"$ready" "$@" && return
	tail -n 1 "$tmp/out"
	return 1
}
# status EXIT COMMAND…: bosc status --json by way of the command, which says nothing else.
status() {
	local wanted=$1

	shift
	run "$wanted" "$@" "$bosc" status --json --store "$store" || return 1
	[ ! -s "$tmp/err" ] || { cat "$tmp/err"; return 1; }
}
# elsewhere SETUP COMMAND…: in a mount namespace of its own, which the setup changes.
elsewhere() {
	local setup=$1

	shift
	unshare -m --propagation private bash -ec "$setup; exec \"\$@\"" bash "$@"
}
with_file() { # PATH TEXT COMMAND…: the file says something else
	local path=$1

	printf '%s\n' "$2" >"$tmp/instead"
	shift 2
	elsewhere "mount --bind '$tmp/instead' '$path'" "$@"
}
as() { # CAPABILITIES COMMAND…: nobody, with these
	local list=-all one

	for one in $1; do list=$list,+$one; done
	shift
	setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set="$list" --inh-caps="$list" \
		--ambient-caps="$list" "$@"
}
root_without() { # CAPABILITIES COMMAND…
	local list="" one

	for one in $1; do list=$list${list:+,}-$one; done
	shift
	setpriv --bounding-set="$list" "$@"
}

[ "$(id -u)" = 0 ] || {
	skip "bosc status" "needs root, to give it up"
	tap_end
}
# Nobody must be able to reach the program.
chmod 755 "$tmp"
cp "$bosc" "$tmp/bosc"
bosc=$tmp/bosc
types=/sys/kernel/btf/vmlinux
unset DOCKER_HOST

# What root sees.
loads='' can=1 # whether the sensor can be loaded here at all; what bosc status then exits with
if [ -r "$types" ] && "$bosc" status --json --store "$store" >"$tmp/first" 2>&1; then
	loads=yes can=0
	check "root can watch" status 0 env
	check "… and is told so" summary ready
	check "the kernel" line kernel yes "Linux $(uname -r), $(uname -m)"
	check "type information" line types yes "'$types', [0-9.]+ MB"
	check "BPF" line bpf yes "for CAP_BPF only .*|some of it for everybody, .*"
	check "capabilities" line capabilities yes \
		"CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
	check "tracepoints" line tracepoints yes "all [0-9]+ that the sensor hangs on"
	check "the sensor" line sensor yes "loaded, attached and removed in [0-9]+ ms"
	check "the pid namespace" line pid_namespace yes "the host's"
	check "cgroups" line cgroups yes "(v2 at /.*)?(v1 pids at /.*)?"
	check "memory" line memory yes "[0-9]+ MB available; bosc takes about 30, 80 while recording"
else
	skip "root can watch" "this machine does not allow it: $(tail -n 1 "$tmp/first" 2>/dev/null)"
fi
text() {
	run 0 "$bosc" status --store "$store" || return 1
	grep -qE '^sensor +yes +loaded, ' "$tmp/out" && [ "$(tail -n 1 "$tmp/out")" = "bosc can watch here" ] &&
		! grep -q '^{' "$tmp/out"
}
[ -z "$loads" ] || check "as a table" text

# What nobody sees: everything but whether the kernel takes the sensor.
check "nobody cannot watch" status 1 as ""
check "… for lack of privileges only" summary unready capabilities sensor store
check "capabilities that are missing" line capabilities no \
	"CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are missing" \
	"run as root, or with CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
check "the sensor that is refused" line sensor no \
	"cannot load the sensor: CAP_BPF and CAP_PERFMON are missing; whether this kernel takes it is not known" \
	"run as root, or with CAP_BPF and CAP_PERFMON"
check "type information, for everybody" line types yes ".*"
check "tracepoints, for everybody" line tracepoints yes ".*"
cannot_text() {
	run 1 as "" "$bosc" status --store "$store" || return 1
	grep -qE '^ +try: run as root, or with CAP_BPF and CAP_PERFMON$' "$tmp/out" &&
		[ "$(tail -n 1 "$tmp/out")" = "bosc cannot watch here" ] && [ ! -s "$tmp/err" ]
}
check "as a table" cannot_text

# A capability less.
check "nobody with BPF alone" status 1 as bpf
check "… lacks the rest" line capabilities no "CAP_PERFMON, CAP_SYS_PTRACE and .* are missing" "run as root, or .*"
check "… and cannot load" line sensor no "cannot load the sensor: CAP_PERFMON is missing; .*" \
	"run as root, or with CAP_PERFMON"
check "nobody without a look into processes" status 1 as "bpf perfmon"
check "… cannot watch containers" line capabilities no \
	"CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are missing: no -c, -g, -t and --all" "run as root, .*"
[ -z "$loads" ] || check "… though the sensor loads" line sensor yes "loaded, .*"
if [ -n "$loads" ]; then
	mkdir "$tmp/open" && chown 65534 "$tmp/open"
	part() { # as nobody, whose store is its own
		store=$tmp/open/store.db status 0 as "bpf perfmon sys_ptrace"
	}
	check "nobody without names of tasks" part
	check "… cannot watch by name" line capabilities partly "CAP_DAC_READ_SEARCH is missing: no -t" \
		"run as root, or with CAP_DAC_READ_SEARCH"
fi
check "root without a capability" status 1 root_without "perfmon sys_admin"
check "… is told that somebody took it" line capabilities no "CAP_PERFMON is missing" \
	"CAP_PERFMON from whatever started bosc, which took it away"

# A kernel that lacks something.
check "no type information" status 1 elsewhere "mount -t tmpfs none /sys/kernel/btf"
check "… is missing" line types no "'$types' is not there" "a kernel built with CONFIG_DEBUG_INFO_BTF=y, .*"
check "… and the sensor with it" line sensor no \
	"cannot load the sensor: this kernel has no type information \('$types'\)" "a kernel built with .*"
check "… and what it would tell is not known" line tracepoints unknown "the kernel's type information would tell"
check "… which is one reason for all" summary unready types sensor
: >"$tmp/empty"
check "type information that is empty" status 1 elsewhere "mount --bind '$tmp/empty' $types"
check "… is empty" line types no "'$types' is empty" ".*"
others_types() { # the types of a program, in which no tracepoint is
	local object=$root/build/sensor.bpf.o at size

	read -r at size < <(readelf -SW "$object" | awk '$2 == ".BTF" || $3 == ".BTF" {
		for (i = 1; $i != "PROGBITS"; i++); print $(i + 2), $(i + 3) }')
	tail -c "+$((16#$at + 1))" "$object" | head -c "$((16#$size))" >"$tmp/types"
	status 1 elsewhere "mount --bind '$tmp/types' $types"
}
if command -v readelf >/dev/null; then
	check "a kernel without the tracepoints" others_types
	check "… which are named" line tracepoints no "this kernel has no task_newtask, sched_process_exec, .*" \
		"a kernel built with CONFIG_FTRACE_SYSCALLS=y and CONFIG_CGROUPS=y"
	check "… of io_uring, too" line io_uring no \
		"operations of io_uring are not seen: this kernel has no tracepoint for them"
	check "… and the sensor is refused in one line" line sensor no "cannot load the sensor: [^\n]*" ".*"
else
	skip "a kernel without the tracepoints" "there is no readelf"
fi
renamed_operations() { # sqe, as before Linux 6.4, or req
	python3 - "$types" "$tmp/types" "$1" <<'END' || return 1
import re, sys
types = open(sys.argv[1], "rb").read()
old, found = re.subn(rb"(btf_trace_io_uring_submit_)(sqe|req)\0", rb"\1" + sys.argv[3].encode() + rb"\0", types)
open(sys.argv[2], "wb").write(old)
sys.exit(found != 1)
END
	status "$can" elsewhere "mount --bind '$tmp/types' $types"
}
if grep -qs btf_trace_io_uring_submit_ "$types"; then
	for event in req sqe; do
		check "a kernel that calls an operation's event $event" renamed_operations "$event"
		check "… shows them" line io_uring yes "its operations are seen"
	done
else
	skip "the names of the event of an operation" "this kernel has none"
fi
refused() { # ERRNO: bpf() itself is refused, by a seccomp filter
	status 1 python3 -c 'import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
number = 321 if os.uname().machine == "x86_64" else 280
rows = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | int(sys.argv[1])), (0x06, 0, 0, 0x7fff0000)]
code = b"".join(struct.pack("HBBI", *row) for row in rows)
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rows), ctypes.addressof(buffer)))
assert libc.prctl(22, 2, program) == 0, ctypes.get_errno()
os.execv(sys.argv[2], sys.argv[2:])' "$@"
}
check "a filter on bpf()" refused 1
check "… is told" line bpf no "a seccomp filter or a security module forbids it" "bosc on the host, or in .*"
check "a kernel without bpf()" refused 38
check "… is told, too" line bpf no "this kernel has no bpf\(\)" "a kernel built with CONFIG_BPF_SYSCALL=y"
check "an interpreter is no hindrance" status "$can" with_file /proc/sys/net/core/bpf_jit_enable 0
[ -z "$loads" ] || check "… and told" line bpf partly "it is interpreted, which is slow" \
	"sysctl net.core.bpf_jit_enable=1"
lockdown() { # EXIT TEXT
	printf '%s\n' "$2" >"$tmp/lockdown"
	status "$1" elsewhere "mount -t tmpfs none /sys/kernel/security; cp '$tmp/lockdown' /sys/kernel/security/"
}
if [ -d /sys/kernel/security ]; then
	check "a kernel that is locked down" lockdown 1 "none integrity [confidentiality]"
	check "… is told" line lockdown no "confidentiality: no program may read the kernel's memory" \
		"boot without lockdown=confidentiality .*"
	check "one that guards its integrity" lockdown "$can" "none [integrity] confidentiality"
	check "… is no hindrance" line lockdown yes integrity
else
	skip "a kernel that is locked down" "there is no /sys/kernel/security"
fi
check "an old kernel is looked at all the same" status "$can" setarch --uname-2.6
check "… and told" line kernel partly "Linux 2\.6\..*" "Linux 6\.1 or later; .*"

# What is around it.
check "a user namespace" status 1 unshare -Ur
check "… grants nothing" line capabilities no ".* are missing, as those of a user namespace do not count" \
	"bosc outside of the user namespace"
check "a pid namespace" status 1 unshare -pf --mount-proc
check "… is not the host's" line pid_namespace no "one of its own, where processes have other numbers .*" \
	"bosc on the host, or in a container with --pid=host"
no_proc() { # in which a sanitizer's own search for leaks has no place
	ASAN_OPTIONS=detect_leaks=0 run 1 elsewhere "mount -t tmpfs none /proc" \
		"$bosc" status --json --store "$store"
}
check "no /proc" no_proc
check "… is missing" line pid_namespace no "cannot look at '/proc/self/ns/pid': No such file or directory" \
	"mount -t proc none /proc"
check "no cgroups" status 1 elsewhere "umount -lR /sys/fs/cgroup"
check "… are missing" line cgroups no "no cgroup hierarchy is mounted, neither the unified one nor pids" \
	"mount -t cgroup2 none /sys/fs/cgroup"
[ -z "$loads" ] || check "… and nothing else is" summary unready cgroups
v2() { status "$can" elsewhere "umount -lR /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup"; }
check "cgroups of version 2 alone" v2
check "… are found" line cgroups yes "v2 at /sys/fs/cgroup"
check "little memory" status "$can" with_file /proc/meminfo "MemAvailable: 100000 kB"
check "… is told" line memory partly "97 MB available; .*" "a machine, or a service, with more memory"

# The engine that knows the names of containers.
no_engine() { BOSC_HOST_ROOT=$tmp DOCKER_HOST=unix://$tmp/none.sock run "$1" "$bosc" status --json --store "$store"; }
check "no engine" no_engine "$can"
check "… is no hindrance" line engine partly \
	"cannot ask the container runtime at '$tmp/none.sock': No such file or directory" "DOCKER_HOST=.*"
no_runtime() { BOSC_HOST_ROOT=$tmp status "$@"; }
check "no runtime at all" no_runtime "$can" env -u DOCKER_HOST
check "… is no hindrance" line engine partly "no container runtime is known here"
mkdir -p "$tmp/run/runc/"{one,two} "$tmp/run/crun/three"
check "containers of two runtimes" no_runtime "$can" env -u DOCKER_HOST
check "… are counted" line engine yes "2 of runc, 1 of crun"
rm -r "$tmp/run"
# An engine without containers, for as long as this script runs.
"$root/tests/engine.py" "$tmp/engine.sock" "$$" &
for _ in $(seq 50); do [ -S "$tmp/engine.sock" ] || sleep 0.1; done
engine() { BOSC_HOST_ROOT=$tmp DOCKER_HOST=unix://$tmp/engine.sock status "$@"; }
check "an engine" engine "$can" env
check "… that answers" line engine yes "none is there now"
check "an engine that is not for everybody" engine 1 as ""
check "… and whom it answers" line engine partly \
	"cannot ask the container runtime at '$tmp/engine.sock': Permission denied" \
	"run as root, or as a member of the socket's group \(docker\)"
rm -f "$tmp/engine.sock"

# The store.
check "no store" run "$can" "$bosc" status --json --store "$store"
check "… is no hindrance" line store yes "'$store' is not there yet; bosc learn makes it"
check "… and none was made" [ ! -e "$store" ]
check "a store whose name is no text" run "$can" "$bosc" status --json --store "$tmp/"$'\xff.db'
check "… is told, too" line store yes "'$tmp/\?.db' is not there yet; bosc learn makes it"
: >"$tmp/empty.db"
check "an empty store" run "$can" "$bosc" status --json --store "$tmp/empty.db"
check "… is no hindrance either" line store yes "profile store '$tmp/empty.db' is empty; bosc learn fills it"
check "no place for a store" run 1 "$bosc" status --json --store "$tmp/no/where.db"
check "… is one" line store no "'$tmp/no/where.db' is not there and cannot be made: No such file or directory" \
	"run as root, or --store PATH in a folder that can be written"
"$here/make-trace" "$tmp/normal.bsc" normal=1:2000
"$bosc" learn --trace "$tmp/normal.bsc" --profile web --store "$store" >/dev/null 2>&1
check "a store" run "$can" "$bosc" status --json --store "sqlite:$store"
check "… with its profiles" line store yes "'$store', 1 profile, readable and writable"
chmod 600 "$store"
check "a store of somebody else" status 1 as ""
check "… cannot be read" line store no "cannot open profile store '$store': Permission denied" \
	"run as root, or --store PATH, another one"
mkdir "$tmp/shared" && cp "$store" "$tmp/shared/store.db" && chmod 644 "$tmp/shared/store.db"
chmod 777 "$tmp/shared"
store=$tmp/shared/store.db
check "a store that everybody may read" status 1 as ""
check "… cannot be learnt into" line store partly \
	"'$store', 1 profile, readable only: bosc monitor works, bosc learn does not" \
	"run as root, or --store PATH, a file that can be written"
echo "a letter" >"$tmp/letter"
check "a store that is none" run 1 "$bosc" status --json --store "$tmp/letter"
check "… is told" line store no "cannot open profile store '$tmp/letter': it is no SQLite database" ".+"
check "… and is left" grep -qx "a letter" "$tmp/letter"

# A full disk must not look like success.
full() {
	local status=0

	"$bosc" status --store "$store" >/dev/full 2>"$tmp/err" || status=$?
	[ "$status" = 1 ] && grep -qx "bosc: cannot write to standard output: No space left on device" "$tmp/err"
}
check "on a full disk it fails" full
tap_end
