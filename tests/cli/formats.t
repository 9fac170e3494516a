#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The recordings of others, through the whole program: what strace writes of real commands is learnt
# and judged, and so are lists of numbers, as ADFA-LD has them.
. "$(dirname "$0")/lab.sh"

work='for i in 1 2 3; do ls / | sort | head -n 2; done >/dev/null; cat /etc/passwd >/dev/null'
follow() { # FILE OPTION… COMMAND: what strace says of it
	local file=$1

	shift
	strace -f -o "$file" "$@" </dev/null >/dev/null 2>&1 || [ -s "$file" ]
}
if command -v strace >/dev/null && follow probe true && [ -s probe ]; then
	for i in 1 2 3; do follow "work$i" bash -c "$work"; done
	follow more -tt bash -c "$work"
	follow odd -ttt bash -c "$work; perl -e 'chroot \"/\"' || chroot / true; kill -SEGV \$\$"
	strace -f bash -c "$work" 2>terminal >/dev/null </dev/null
	check "strace's output is learnt" learn --profile job --trace work1 work2 work3
	check "… whole" run 0 profile show job
	check "… with the programs that ran" bash -c "grep -qE '/(ls|sort|head)' out"
	job() { "$bosc" monitor --store "$store" --profile job "$@"; }
	check "the same work is no alarm" run 0 job --json --trace work2
	check "… of which no call is left out" holds out 'summary["mismatches"] == 0' \
		"summary['calls'] == $(grep -cE '^[0-9]+ +[a-z0-9_]+\(' work2)"
	check "more of it is none either" run 0 job --json --trace more
	check "… nor when a terminal mixed it up" run 0 job --json --trace terminal
	check "other work is an alarm" run 3 job --json --trace odd
	check "… by its call, its program and its signal" holds out \
		'{"new-call", "fatal-signal"} <= {alarm["rule"] for alarm in alarms}' \
		'any(alarm["syscall"] == "chroot" for alarm in alarms)' \
		'all(alarm["process"]["comm"] for alarm in alarms)' \
		'all(alarm["time"] and alarm["time"] > "2020" for alarm in alarms)'
	head -c -7 work1 >short
	check "a line that was cut is told" run 1 job --json --trace short
	check "… as what it is" says "'short' is incomplete: its last line was cut short; what it has was judged"
	{ head -n 20 work1; echo "Segmentation fault"; tail -n +21 work1; } >mixed
	check "what others wrote is told" run 1 job --json --trace mixed
	check "… as what it is" says \
		"'mixed' is incomplete: lines of it are not strace's; what it has was judged"
else
	skip "strace's output" "strace does not run here"
fi

numbers() { # FILE SEED: requests by number
	python3 -c 'import random, sys
choice = random.Random(int(sys.argv[2]))
with open(sys.argv[1], "w") as file:
    for _ in range(4000):
        file.write(choice.choice(["3 4 ", "3 3 4 ", "5 3 6 ", "102 3 "]))' "$@"
}
for i in 1 2 3; do numbers "UTD-$i.txt" "$i"; done
{ cat UTD-1.txt; echo 11; } >UAD-1.txt
check "a list of numbers is learnt" learn --profile numbers --abi ia32 --trace UTD-1.txt UTD-2.txt
numbered() { "$bosc" monitor --store "$store" --profile numbers "$@"; }
check "the like is no alarm" run 0 numbered --json --abi ia32 --trace UTD-3.txt
check "… judged from its first call" holds out 'summary["windows"] == summary["calls"] > 9000'
check "another call is one" run 3 numbered --json --abi ia32 --trace UAD-1.txt
check "… with the name that the table gives it" holds out 'alarms[0]["syscall"] == "ia32:execve"' \
	'alarms[0]["process"]["comm"] == "UAD-1"' 'alarms[0]["time"] is None'
check "the same numbers of another table are other calls" run 3 numbered --json --trace UTD-3.txt
check "no other table" run 2 numbered --abi sparc --trace UTD-3.txt
check "… is known" says "option --abi wants 'native', 'ia32' or 'x32', not 'sparc'"
check "a live target needs none" run 2 "$bosc" learn --abi ia32 -- true
echo "1 2 three" >words
check "a word among numbers is no trace" run 1 numbered --trace words
check "… which is said" bash -c "grep -q \"'words' is no trace\" err"

tap_end
