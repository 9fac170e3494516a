#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Calls are what they are: the same work is another call by each road to the kernel, and none hides
# behind another. A target that learnt only native calls does its work by 32-bit entries, by x32 ones
# and by io_uring, with the program's own thread and with one of the kernel's that submits for it.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
roads=$tmp/roads

# By which road, and what it is called there. The program has a ring on any road, and enters it; so
# nothing but the work itself is another call.
declare -A calls=(
	[native]=""
	[ia32]='ia32:close ia32:open ia32:read'
	[x32]='x32:close x32:openat x32:read'
	[uring]='io_uring:close io_uring:openat io_uring:read'
	[sqpoll]='io_uring:close io_uring:openat io_uring:read'
	[refused]=""
)

new_calls() { # FILE: of --json
	"$here/alarms.py" "$1" | awk '$1 == "new-call" { print $2 }' | sort -u | paste -sd ' '
}

works() { # ROAD: on this kernel
	"$roads" - "$1" 1 2>/dev/null
}

monitor() { # ROAD [OPTION…]
	local road=$1 wanted=3

	shift
	[ -n "${calls[$road]}" ] || wanted=0
	run "$wanted" "$bosc" monitor --profile native --store "$store" --json "$@" || return 1
	equal "new calls" "$(new_calls "$tmp/out")" "${calls[$road]}"
}

learn() { # ROAD
	run 0 "$bosc" learn --profile "$1" --store "$store" -- "$roads" - "$1"
}

# Of a program that did not begin under bosc's eyes.
foreign_calls() {
	new_calls "$tmp/watch.out" | tr ' ' '\n' | grep : | paste -sd ' '
}

by_command() { # ROAD
	monitor "$1" -- "$roads" - "$1"
}

# In a cgroup the thread that submits is a member as any other.
by_cgroup() { # ROAD
	mkdir "$cgroup/target"
	start watch "$bosc" monitor -g "$cgroup/target" --profile native --store "$store" --json
	hear watch '^bosc: watching' || return 1
	run 0 sh -c "echo 0 >'$cgroup/target/cgroup.procs' && exec '$roads' - $1" || return 1
	sleep 0.3
	rmdir "$cgroup/target"
	stop watch INT 3 || return 1
	equal "foreign calls" "$(foreign_calls)" "${calls[$1]}"
}

# The ring, and the thread that submits, were there before bosc.
by_pid() { # ROAD
	start early "$roads" "$tmp/gate" "$1"
	wait_for 50 test -e "/proc/${pids[early]}/task" || return 1
	sleep 0.3
	start watch "$bosc" monitor -p "${pids[early]}" --profile native --store "$store" --json
	hear watch '^bosc: watching' || return 1
	touch "$tmp/gate"
	finish early 0 || return 1
	stop watch INT 3 || return 1
	equal "foreign calls" "$(foreign_calls)" "${calls[$1]}"
}

by_thread_of_the_kernel() {
	run 3 "$bosc" monitor --profile native --store "$store" --json -- "$roads" - sqpoll || return 1
	equal "who" "$("$here/alarms.py" "$tmp/out" | awk '$1 == "new-call" { print $5, $6 }' |
		sed 's/-[0-9]* / /' | sort -u)" "iou-sqp $roads"
}

# What is learnt is known, and kept under its name, from the store to JSON and back.
learnt() { # ROAD
	learn "$1" || return 1
	run 0 "$bosc" monitor --profile "$1" --store "$store" -- "$roads" - "$1" || return 1
	run 0 "$bosc" profile show "$1" --store "$store" || return 1
	equal "shown" "$(awk '$1 ~ /:/ && $2 == 20 { print $1 }' "$tmp/out" | sort | paste -sd ' ')" \
		"${calls[$1]}" || return 1
	run 0 "$bosc" profile export "$1" --store "$store" -o "$tmp/$1.json" || return 1
	run 0 "$bosc" profile import "$tmp/$1.json" --store "$tmp/other" || return 1
	run 0 "$bosc" profile export "$1" --store "$tmp/other" -o "$tmp/$1-again.json" || return 1
	cmp "$tmp/$1.json" "$tmp/$1-again.json"
}

# A recording holds the same calls, and is judged as they were live.
recorded() { # ROAD NUMBERS: as trace.py prints the work's records
	run 0 "$bosc" record -o "$tmp/$1.bsc" -- "$roads" - "$1" || return 1
	equal "records" "$("$here/trace.py" "$tmp/$1.bsc" | grep -E "$2" | awk '{ $2 = ""; print }' |
		sort | uniq -c | awk '{ print $1 }' | paste -sd ' ')" "20 20 20" || return 1
	monitor "$1" --trace "$tmp/$1.bsc" || return 1
	run 0 "$bosc" learn --profile "$1-recorded" --store "$store" --trace "$tmp/$1.bsc" || return 1
	run 0 "$bosc" profile show "$1-recorded" --store "$store" || return 1
	equal "shown" "$(awk '$1 ~ /:/ && $2 == 20 { print $1 }' "$tmp/out" | sort | paste -sd ' ')" \
		"${calls[$1]}" || return 1
	grep -q incomplete "$tmp/err" || return 0
	cat "$tmp/err"
	return 1
}

# The paper's method, too.
by_the_paper() {
	run 0 "$bosc" learn --method paper --profile paper --store "$store" -- "$roads" - sqpoll 200 || return 1
	run 0 "$bosc" profile show paper:paper --store "$store" || return 1
	grep -qE '^ *io_uring:openat +200 ' "$tmp/out" && return
	cat "$tmp/out"
	return 1
}

# A kernel that has io_uring, but not the tracepoint.
without_tracepoint() {
	cat >"$tmp/hide.c" <<'END'
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
long syscall(long number, ...)
{
	long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long a[6];
	va_list list;
	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && a[0] == BPF_RAW_TRACEPOINT_OPEN) {
		const char *name = (const char *)((union bpf_attr *)a[1])->raw_tracepoint.name;
		if (name && strstr(name, "io_uring"))
			return errno = ENOENT, -1;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
END
	gcc -D_GNU_SOURCE -shared -fPIC -o "$tmp/hide.so" "$tmp/hide.c" || return 1
	run 3 env LD_PRELOAD="$tmp/hide.so" "$bosc" monitor --profile native --store "$store" --json \
		-- "$roads" - uring || return 1
	equal "new calls" "$(new_calls "$tmp/out")" "" || return 1
	equal "said" "$(grep -c '^bosc: not seen: operations of io_uring' "$tmp/err")" 1 || return 1
	run 0 "$bosc" monitor --profile native --store "$store" -- "$roads" - native || return 1
	equal "said of a kernel that has it" "$(grep -c '^bosc: not seen' "$tmp/err")" 0
}

command -v gcc >/dev/null || stage_skip "there is no gcc to compile the watched program"
gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -o "$roads" "$here/roads.c" ||
	stage_skip "the watched program cannot be compiled and linked statically"
works native || stage_skip "this kernel has no io_uring, or it is switched off \
(kernel.io_uring_disabled = $(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null))"

check "native calls are learnt" learn native
check "… and known" by_command native
if [ "$(uname -m)" = x86_64 ] && works ia32; then
	check "the same work by 32-bit entries is new calls" by_command ia32
	check "… which can be learnt" learnt ia32
	check "… and recorded" recorded ia32 '^SYS [0-9]+ (3|5|6) 1$'
else
	skip "the same work by 32-bit entries is new calls" "this kernel has no 32-bit entries"
fi
if [ "$(uname -m)" = x86_64 ]; then
	# Also where the kernel does not serve them: it says so only after the sensor was asked.
	check "the same work by x32 calls is new calls" by_command x32
	check "… which can be learnt" learnt x32
	check "… and recorded" recorded x32 '^SYS [0-9]+ (0|3|257) 2$'
else
	skip "the same work by x32 calls is new calls" "this machine has no x32 calls"
fi
check "the same work by io_uring is new calls" by_command uring
check "… in a cgroup, too" by_cgroup uring
check "… which can be learnt" learnt uring
check "… and recorded" recorded uring '^URING [0-9]+ (18|19|22)$'
check "what io_uring refuses is no call" by_command refused
if works sqpoll; then
	check "the same work by a ring's own thread is new calls" by_command sqpoll
	check "… in a cgroup, too" by_cgroup sqpoll
	check "… and of a ring that was there before" by_pid sqpoll
	check "… told of that thread, and of the program" by_thread_of_the_kernel
	check "… which can be learnt" learnt sqpoll
	check "… and recorded" recorded sqpoll '^URING [0-9]+ (18|19|22)$'
	check "… and counted by the paper's method" by_the_paper
else
	skip "the same work by a ring's own thread is new calls" "this kernel makes none for a ring"
fi
check "what a kernel does not show is said" without_tracepoint
tap_end
