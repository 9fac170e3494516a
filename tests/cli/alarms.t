#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What is told of alarms: which belong to one incident, how grave they are, what of them is folded
# when the target has changed for good; and what a profile is worth that may have been poisoned.
#
. "$(dirname "$0")/lab.sh"

check "three recordings are learnt" learn --profile server --trace normal1.bsc normal2.bsc \
	normal3.bsc

# Incidents: 100 makes 210, which makes 211; 100 makes 220; 300 is nobody's.
make_trace tree.bsc normal=9:20000 fork=100:210 fork=210:211 fork=100:220 by=210:101 by=211:102 \
	by=220:103 by=211:104 pause=500 by=211:105 pause=601 by=211:106 by=100:107
check "a forked tree raises alarms" run 3 monitor --json --trace tree.bsc
cp out tree.json
check "… which are one incident while they go on, and with none of their sibling's" holds tree.json \
	'[(a["process"]["pid"], a["incident"]) for a in alarms] == [
	(210, 1), (211, 1), (220, 2), (211, 1), (211, 1), (211, 3), (100, 3)]'
check "… which the summary counts" holds tree.json 'summary["incidents"] == 3' 'summary["alarms"] == 7'
for_people() {
	run 3 monitor --trace tree.bsc && [ "$(grep -c '^ALARM ' out)" = 3 ] &&
		[ "$(grep -c '^  also in ' out)" = 4 ] &&
		grep -q '^ALARM new call in tree.bsc at .*: high, incident 2$' out &&
		grep -qx '  also in 1, high: 211 worker-211: it called getuid, which training never saw' out &&
		grep -qE '^tree.bsc: .*, 7 alarms in 3 incidents, lost 0$' out && return
	cat out
	return 1
}
check "people see an incident's first alarm whole, the others as a line each" for_people
check "a block has at most seven lines" awk '/^ALARM/ { n = 0 } /^ALARM|^   *[^ ]/ { if (++n > 7) exit 1 }
	/^  also/ { n = 0 }' out

# The nearest bag, and how usual the difference is.
check "an alarm says where training was nearest" holds tree.json \
	'all(0 < a["nearest"]["part"] <= a["nearest"]["parts"] and 0 < a["nearest"]["run"] <= 3 and
	set(a["nearest"]["shares"]) == set(a["nearest"]["more"]) for a in alarms)' \
	'all(a["nearest"]["shares"]["new"] == 0 for a in alarms)'
check "… to people as well" bash -c "grep -q ' +1 new (never seen)' out &&
	grep -qE '^            training saw it [0-9]+ times, first in run [1-3], part [0-9]+ of [0-9]+$' out"

# Severity: by the rule, and by how often the limit was reached.
make_trace grave.bsc normal=9:20000 odd=100:4:2000 by=100:101 exec=/bin/sh
check "alarms have severities" run 3 monitor --json --trace grave.bsc
cp out grave.json
check "… by rule" holds grave.json \
	'{a["severity"] for a in alarms if a["rule"] == "new-exec"} == {"critical"}' \
	'{a["severity"] for a in alarms if a["rule"] == "new-call"} == {"high"}'
check "… and by excess" holds grave.json \
	'all(a["severity"] == ("medium" if a["repeats"] < 3 else "high" if a["repeats"] < 15 else
	"critical") for a in alarms if a["rule"] == "frame")' \
	'{a["severity"] for a in alarms if a["rule"] == "frame"} == {"medium", "high", "critical"}'
for level in low medium high critical; do
	check "--min-severity $level hides what is less grave" run 3 monitor --json \
		--min-severity "$level" --trace grave.bsc
	at_least=$(printf 'low\nmedium\nhigh\ncritical\n' | sed -n "/$level/,\$p" | paste -sd'|')
	check "… and nothing else" cmp <(grep '"rule"' out | sed 's/"incident":[0-9]*//') \
		<(grep -E "\"severity\":\"($at_least)\"" grave.json | sed 's/"incident":[0-9]*//')
	check "… which is counted" holds out \
		'(summary["hidden"] > 0) == ("'"$level"'" != "low")' \
		'alarms[0]["incident"] == 1'
done
check "people get no less" run 3 monitor --min-severity critical --trace grave.bsc
check "… of an incident whose first alarms are hidden" bash -c \
	"grep -qE '^ALARM .*: critical, incident 1$' out && grep -q 'hidden below --min-severity' out"
make_trace hidden.bsc normal=9:20000 by=100:101
check "what is hidden does not count for the exit status" run 0 monitor --json --min-severity critical \
	--trace hidden.bsc
check "… but in the summary" holds out 'summary["hidden"] == 1' 'summary["alarms"] == 0' \
	'summary["incidents"] == 0' 'len(alarms) == 0'
check "a severity that there is not" run 2 monitor --min-severity grave --trace hidden.bsc
check "… is refused" says \
	"option --min-severity wants 'low', 'medium', 'high' or 'critical', not 'grave'"

# Drift: what many processes do for long is a changed target.
steps=()
pid=400
workers() { # N NORMAL ODD: so many workers, each with odd calls, and normal work between
	for ((i = 0; i < $1; i++)); do
		steps+=("fork=100:$pid" "odd=$pid:77:$3" "normal=$pid:$2")
		pid=$((pid + 1))
	done
}
workers 10 12000 200
workers 64 10 30
steps+=(fork=100:900 odd=900:78:600 fork=100:901 by=901:101 fork=100:902 "odd=902:77:30")
make_trace drift.bsc normal=9:20000 "${steps[@]}"
check "a target that has changed raises alarms" run 3 monitor --json --trace drift.bsc
cp out drift.json
check "… and drifts, which is said once" holds drift.json \
	'sum(line.get("type") == "drift" for line in lines) == 1' \
	'all(set(line) == set("type time target profile windows mismatches expected".split()) and
	line["windows"] >= 100000 and line["mismatches"] > 10 * line["expected"] * line["windows"]
	for line in lines if line.get("type") == "drift")'
after='[a for a in alarms if a["mono_ns"] > max(a["mono_ns"] for a in alarms
	if a["process"]["pid"] < 410)]'
check "… then soft alarms are folded, the first, second, fourth … incident is told" holds drift.json \
	"len({a['process']['pid'] for a in $after if a['process']['pid'] < 474}) == 7" \
	'summary["folded"] > 50' "alarms[-1]['folded'] > 50"
check "… but a tree that goes much further is told of" holds drift.json \
	'any(a["process"]["pid"] == 900 for a in alarms)'
check "… and what training never saw" holds drift.json \
	'any(a["process"]["pid"] == 901 and a["rule"] == "new-call" for a in alarms)'
check "… and every alarm is counted" holds drift.json 'summary["alarms"] <= len(alarms)' \
	'summary["incidents"] == len({a["incident"] for a in alarms})'
check "people read it" run 3 monitor --trace drift.bsc
check "… as a sentence" bash -c "grep -qE '^DRIFT in drift.bsc: [0-9.]+ % of the last [0-9]+ windows are unknown where training lets expect [0-9.]+ %: ' out"
check "one process that misbehaves for long is no drift" make_trace one.bsc normal=9:20000 odd=100:4:200000
check "… but an attack" run 3 monitor --json --trace one.bsc
check "… which is told as one" holds out 'not any("type" in line for line in lines)' \
	'summary["folded"] == 0' 'alarms[-1]["severity"] == "critical"'

# Poison: what the end of a training showed first is doubted.
for seed in 1 2 3; do make_trace "poison$seed.bsc" "normal=$seed:40000" "normal=7$seed:20000"; done
make_trace poisoned.bsc normal=3:60000 call=101:40 normal=8:200
check "a training that ends with an attack" learn --profile victim --trace poison1.bsc poisoned.bsc
check "… makes it normal" run 0 "$bosc" monitor --json --store "$store" --profile victim \
	--trace poisoned.bsc
cp out lax.json
check "… but it is doubted" run 0 profile show victim
check "… by name" bash -c "grep -qE '^doubtful   [1-9][0-9]* bags in [0-9]+ windows, first seen at the end of a run; bosc profile review$' out &&
	grep -qx 'doubtful   1 call: ptrace' out && grep -qE '^ +[0-9]+ times:( ptrace){8}$' out"
check "--strict takes it as unknown" run 3 "$bosc" monitor --json --store "$store" --profile victim \
	--strict --trace poisoned.bsc
check "… the call itself" holds out 'any(a["rule"] == "new-call" and a["syscall"] == "ptrace"
	for a in alarms)'
check "the user confirms" run 0 profile confirm victim
check "… and no bag is doubted" run 0 profile show victim
check "… any more" grep -qx 'doubtful   0 bags in 0 windows, first seen at the end of a run' out
check "… nor unknown with --strict" run 0 "$bosc" monitor --json --store "$store" --profile victim \
	--strict --trace poisoned.bsc
check "… at all" cmp out lax.json
check "an export keeps it" bash -c "\"$bosc\" profile export victim --store $store |
	grep -qE '^\s+\"reviewed_s\": [1-9][0-9]*,$'"
check "what is learnt later is doubted again" learn --profile victim --trace attack.bsc
check "… by itself" bash -c "\"$bosc\" profile show victim --store $store | grep -qE '^doubtful   [1-9]'"
check "a later run confirms" learn --profile again --trace poisoned.bsc poison1.bsc
check "… only what it sees" bash -c "\"$bosc\" profile show again --store $store |
	grep -qx 'doubtful   1 call: ptrace'"
check "… and then all" learn --profile again --trace poisoned.bsc
check "… of it" bash -c "! \"$bosc\" profile show again --store $store | grep -q 'calls: ptrace'"
check "no profile to confirm" run 1 profile confirm nobody
make_trace short.bsc normal=1:3000
check "a short training has no confirmed bag" learn --profile short --trace short.bsc
check "… so that --strict cannot judge" run 1 "$bosc" monitor --store "$store" --profile short --strict \
	--trace more.bsc
check "… and says so" grep -qx "bosc: the profile 'short' holds no bags that are confirmed" err
check "… and what helps" grep -q "^try: .*bosc profile review" err

# A store and an export of before there was confirmation.
old() { # FILE [MODE]: a store of version 1
	python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' "$1" "$here/store-1.sql" &&
		chmod "${2:-0600}" "$1"
}
make_trace tiny.bsc normal=9:60
check "an old store" old old.db
check "… is brought up to date by who only reads" run 0 "$bosc" monitor --json --store old.db \
	--profile old --trace tiny.bsc
check "… and knows what it knew" holds out 'summary["mismatches"] == 0' 'summary["calls"] == 72'
check "another one" old older.db
check "… takes what is new" run 0 "$bosc" profile confirm old --store older.db
check "… and keeps it" bash -c "'$bosc' profile show old --store older.db | grep -qx 'doubtful   0 bags .*'"
grep -v confirmed_parts "$here/../core/profile-1.json" >old.json
check "an old export is read" run 0 profile import old.json --profile imported
check "… as one that nobody confirmed" bash -c "'$bosc' profile show imported --store '$store' |
	grep -qE '^doubtful   [1-9]'"

tap_end
