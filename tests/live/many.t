#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A thousand targets in one run, fifty of which do something, each at its own pace; some of them are
# attacked. Each verdict is as if its target were alone.
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
store=$tmp/db
targets=1000
busy=50

work() { # NUMBER: goes round in a small circle in that cgroup, and does once what it is told
	echo "$BASHPID" >"$cgroup/many/$1/cgroup.procs"
	exec busybox sh -c "while :; do
		[ ! -e '$tmp/attack-$1' ] || { busybox rm '$tmp/attack-$1'; busybox chroot / busybox id; }
		busybox cat /proc/uptime; busybox sleep 0.5
	done" >/dev/null 2>&1
}

make_targets() {
	mkdir -p "$cgroup/many" || return 1
	seq "$targets" | (cd "$cgroup/many" && xargs mkdir) || return 1
	for number in $(seq "$busy"); do
		(work "$number") &
		echo "$!" >"$tmp/worker-$number"
	done
}

# Lets one go on for a while: it waits for each command of a round.
works() { # NUMBER TIMES
	let_rest "$(cat "$tmp/worker-$1")" "$2"
}

learn_one() {
	start learn "$bosc" learn -g "$cgroup/many/1" --store "$store" --profile circle
	hear learn "^bosc: learning" && works 1 24 || return 1
	stop learn INT 0
}

watch_all() {
	local targets_named=()

	for number in $(seq "$targets"); do
		targets_named+=(-g "$cgroup/many/$number")
	done
	start watch "$bosc" monitor "${targets_named[@]}" --store "$store" --profile circle \
		--json-file "$tmp/alarms.json"
	wait_for 600 all_watched || return 1
	for number in $(seq 1 5 "$busy"); do
		touch "$tmp/attack-$number"
	done
	wait_for 200 verdicts || return 1
	for number in $(seq "$busy"); do
		works "$number" 1 || return 1
	done
	stop watch INT 3
}

all_watched() {
	[ "$(grep -c "^bosc: watching '.*/many/" "$tmp/watch.err")" = "$targets" ]
}

# Exactly those that were attacked, and with the call that was new.
verdicts() {
	python3 - "$tmp/alarms.json" "$busy" <<'END'
import json, sys

lines = [json.loads(line) for line in open(sys.argv[1])]
attacked = {str(number) for number in range(1, int(sys.argv[2]) + 1, 5)}
found = {}
for one in lines:
    if one.get("rule") == "new-call":
        found.setdefault(one["target"].rsplit("/", 1)[1], set()).add(one["syscall"])
assert set(found) == attacked, (sorted(found), sorted(attacked))
assert all("chroot" in calls for calls in found.values()), found
END
}

# What each target did is counted by itself: those that are idle have no call, the busy ones have.
counts() {
	python3 - "$tmp/alarms.json" "$busy" "$targets" <<'END'
import json, sys

lines = [json.loads(line) for line in open(sys.argv[1])]
totals = [one["summary"] for one in lines if "summary" in one]
summaries = {one["target"].rsplit("/", 1)[1]: one for one in totals}
busy, targets = int(sys.argv[2]), int(sys.argv[3])
assert len(summaries) == targets, len(summaries)
for number in range(1, targets + 1):
    one = summaries[str(number)]
    assert (one["calls"] > 0) == (number <= busy), one
    assert one["lost"] == 0, one
END
}

command -v busybox >/dev/null || stage_skip "there is no busybox to keep targets busy"
check "a thousand cgroups, fifty of them busy" make_targets
check "what one of them does is learnt" learn_one
check "all are watched at once, and some attacked" watch_all
check "each alarm is of a target that was attacked" verdicts
check "each target's calls are counted by themselves" counts
tap_end
