#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# --method paper on tasks that run: every call reaches it, in order, and is judged as it comes.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db

paper() { # STATUS COMMAND OPTION…
	run "$1" "$bosc" "$2" --method paper --store "$store" "${@:3}"
}
calls_of() { # PROFILE
	"$bosc" profile show "$1" --store "$store" | awk '$1 == "calls" && !seen++ { print $2 }'
}
bags_of() { # PROFILE: each with its count, whatever the order in which they were met
	"$bosc" profile export "$1" --store "$store" | "$here/../cli/whole"
}

# Its second epoch is work alone, like nearly all of the first; what comes behind is not learnt.
learnt_when_alike() {
	paper 0 learn --profile alike -- "$subject" - work 50000 || return 1
	grep -qF "profile 'paper:alike' is learnt (two epochs in a row were alike;" "$tmp/err" ||
		{ cat "$tmp/err"; return 1; }
	equal calls "$(calls_of paper:alike)" 2000
}

# What a recording of the same command shows.
same_as_recorded() {
	paper 0 learn --profile steady --similar never -- "$subject" - work 5000 || return 1
	run 0 "$bosc" record -o "$tmp/work.bsc" -- "$subject" - work 5000 || return 1
	paper 0 learn --profile recorded --similar never --trace "$tmp/work.bsc" || return 1
	equal calls "$(calls_of paper:steady)" "$(calls_of paper:recorded)" || return 1
	equal bags "$(bags_of paper:steady)" "$(bags_of paper:recorded)"
}

# The windows of a child's three calls are known; ten of them in a row are not.
judged() {
	paper 0 monitor --profile steady --json -- "$subject" - work 20000 || return 1
	"$here/../cli/holds" "$tmp/out" 'len(lines) == 1' 'summary["calls"] > 20000' \
		'summary["mismatches"] == 0 and summary["lost"] == 0' || return 1
	paper 0 learn --profile forks --similar never -- "$subject" - forks 1000 1 || return 1
	paper 3 monitor --profile forks --epoch 200 --json -- "$subject" - work 2000 || return 1
	"$here/../cli/holds" "$tmp/out" 'all(alarm["rule"] == "epoch" for alarm in alarms)' \
		'len(alarms) >= 9' 'summary["alarms"] == len(alarms)' 'alarms[0]["calls"] == 200' \
		'all(0 <= alarm["latency_us"] < 10**7 for alarm in alarms[:-1])'
}

# An alarm comes when its epoch ends, not when the watch does; Ctrl-C ends both commands.
at_once() {
	ln -f "$subject" "$tmp/bosc-paper-$$"
	start learn "$bosc" learn --method paper --store "$store" -t "bosc-paper-$$" --similar never
	hear learn '^bosc: waiting for' || return 1
	"$tmp/bosc-paper-$$" - forks 1000 1
	sleep 0.5
	stop learn INT 0 || return 1
	equal "in the store" "$("$bosc" profile list --store "$store" | awk '$1 ~ /bosc-paper/ { print $1, $2 }')" \
		"paper:bosc-paper-$$ learnt" || return 1
	start watch "$bosc" monitor --method paper --store "$store" -t "bosc-paper-$$"
	hear watch '^bosc: waiting for' || return 1
	"$tmp/bosc-paper-$$" - work 3000
	hear watch '^ALARM epoch in bosc-paper' || return 1
	ended watch && return 1
	stop watch INT 3
}

# All threads are one stream: none of their calls is missing.
threads() {
	paper 0 learn --profile threads --similar never --json -- "$subject" - threads 8 5000 || return 1
	"$here/../cli/holds" "$tmp/out" 'last["learn"]["calls"] > 40000' 'last["learn"]["lost"] == 0' \
		'last["learn"]["windows"] == last["learn"]["calls"] - 9'
}

stage_subject
check "learning ends when two epochs are alike" learnt_when_alike
check "what is learnt live is what a recording holds" same_as_recorded
check "the same command is normal, another is not" judged
check "alarms come while the target runs" at_once
check "eight threads are one stream" threads
tap_end
