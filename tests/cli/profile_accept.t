#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What profile accept takes alarms no more: each kind that an example teaches, on the recording that
# raised it. Withdrawn, it alarms as before. (The end of a first process is in tests/live/ends.t.)
#
. "$(dirname "$0")/lab.sh"

check "a server is learnt" learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
make_trace call.bsc normal=9:5000 call=101:3 normal=10:2000
make_trace late.bsc normal=9:20000 pause=40 normal=9:5000 call=9 normal=10:5000
make_trace exec.bsc normal=9:5000 exec=/bin/sh normal=10:2000
make_trace signal.bsc normal=9:5000 signal=11
make_trace frame.bsc normal=9:5000 mixed=4:400 normal=10:2000

judge() { # TRACE: its alarms that an example teaches, without what differs from run to run
	monitor --json --trace "$1" 2>err | grep '"rule"' >told.json
	grep -v '"rule":"\(surprise\|thread\)"' told.json
	return 0
}
rules() { # FILE
	grep -o '"rule":"[a-z-]*"' "$1" | sort -u | cut -d '"' -f 4 | paste -sd ' '
}
withdraw_all() {
	local run

	for run in "${accepted[@]}"; do
		run 0 profile withdraw server "$run" || return 1
	done
}
# An alarm shows ten calls of the 64 windows that it is about: one that counts these may take some rounds.
accepts() { # ROUNDS TRACE RULES…
	local rounds=$1 trace=$2 left

	accepted=()
	judge "$trace" >first.json
	[ "$(rules first.json)" = "${*:3}" ] || { echo "alarms: $(rules first.json)"; return 1; }
	cp first.json alarms.json
	for ((left = rounds; left > 0; left--)); do
		run 0 profile accept server alarms.json --reason "it is benign" || return 1
		accepted+=("$(grep -oE 'run [0-9a-f-]{36}' out | cut -d ' ' -f 2)")
		judge "$trace" >alarms.json
		[ -s alarms.json ] || break
	done
	[ ! -s alarms.json ] || { echo "after $rounds rounds: $(rules alarms.json)"; return 1; }
	withdraw_all || return 1
	judge "$trace" | cmp - first.json
}
check "a new call" accepts 1 call.bsc new-call
check "a late call" accepts 1 late.bsc late-call
check "an executable" accepts 1 exec.bsc new-exec
check "a fatal signal" accepts 1 signal.bsc fatal-signal
check "a burst of unknown windows" accepts 5 frame.bsc frame
# Rarer calls make more different windows.
profile remove server
for seed in 1 2 3; do make_trace "rare$seed.bsc" "normal=$seed:40000" "call=4$seed:$seed"; done
check "a server with rare calls is learnt" learn --profile server --trace rare1.bsc rare2.bsc rare3.bsc
make_trace sight.bsc normal=4:10000 normal=5:500 normal=6:500 mixed=7:40 normal=8:500
check "first sights" accepts 9 sight.bsc first-sight frame
tap_end
