#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Learning and monitoring by recordings: a small server's normal work is learnt, then an attack on
# it is told from more of the same; and whatever is wrong with a recording is said.
#
. "$(dirname "$0")/lab.sh"

check "three recordings are learnt" learn --profile server --trace normal1.bsc normal2.bsc \
	normal3.bsc
check "… which says nothing on standard output" [ ! -s out ]
check "… and what it came to on standard error" grep -qE \
	"^bosc: profile 'server' is partial \(.*\): 120[0-9]{3} calls, [0-9]+ bags, 1 executable, 3 runs, lost 0$" err
check "… and the profile is listed" run 0 profile list --json
check "… with what it holds" holds out 'len(lines) == 1' 'last["name"] == "server"' \
	'last["state"] == "partial"' 'last["runs"] == 3' 'last["windows"] > 120000' 'last["bags"] > 50'

normal() { # FILE
	run 0 monitor --json --trace "$1" && holds out 'len(lines) == 1' \
		'summary["mismatches"] < 20 and summary["alarms"] == 0 and summary["repeats"] == 0' \
		'summary["calls"] == summary["windows"]' 'summary["incomplete"] is None'
}
check "what was learnt raises no alarm" normal normal1.bsc
check "… and has no mismatch" holds out 'summary["mismatches"] == 0' 'summary["calls"] > 40000'
check "more normal work raises no alarm" normal more.bsc

# The attack, and every key of an alarm.
check "an attack is found" run 3 monitor --json --trace attack.bsc
cp out attack.json
check "an alarm has its keys and no others" holds attack.json 'len(alarms) >= 4' \
	'all(set(alarm) == set("time mono_ns target profile rule reason count threshold container "
	"process syscall exec signal window recent nearest repeats incomplete latency_us "
	"severity incident folded"
	.split()) for alarm in alarms)'
check "a process has its keys" holds attack.json 'all(set(alarm["process"]) == set(
	"pid tid comm exe ppid parent start_ns calls".split()) for alarm in alarms)'
check "the summary is the last line and has its keys" holds attack.json \
	'set(last) == {"summary"}' 'sum("summary" in line for line in lines) == 1' \
	'set(summary) == set("target profile calls windows mismatches alarms repeats lost latency_us "
	"incomplete incidents hidden folded unkept".split())'
check "the summary counts" holds attack.json 'summary["calls"] > 5400' \
	'summary["windows"] == summary["calls"]' '100 < summary["mismatches"] < 450' \
	'summary["alarms"] >= 4' 'summary["lost"] == 0' 'summary["profile"] == "server"' \
	'summary["target"] == "attack.bsc"'
check "a new call is found" holds attack.json 'any(alarm["rule"] == "new-call" and
	alarm["syscall"] == "ptrace" and alarm["window"][-1] == "ptrace" and
	alarm["process"]["pid"] == 100 and alarm["process"]["comm"] == "server" and
	alarm["process"]["exe"] == "/usr/bin/server" for alarm in alarms)'
check "a new executable is found" holds attack.json 'any(alarm["rule"] == "new-exec" and
	alarm["exec"] == "/bin/sh" and alarm["process"]["pid"] == 200 and
	alarm["process"]["ppid"] == 100 and alarm["process"]["parent"] == "server"
	for alarm in alarms)'
check "a fatal signal is found" holds attack.json \
	'any(alarm["rule"] == "fatal-signal" and alarm["signal"] == "SIGSEGV" for alarm in alarms)'
check "known calls in a strange order are found" holds attack.json 'any(alarm["rule"] == "frame" and
	alarm["count"] >= alarm["threshold"] > 1 and len(alarm["window"]) == 8 and
	len(alarm["recent"]) == 10 and alarm["nearest"]["distance"] > 0 for alarm in alarms)'
check "alarms come in the order of time" holds attack.json \
	'[a["mono_ns"] for a in alarms] == sorted(a["mono_ns"] for a in alarms)' \
	'alarms[0]["mono_ns"] > 1000 * 10**9 + 5000 * 10**4' \
	'all(alarm["time"].startswith("2023-11-14T22:13:20.") for alarm in alarms)'
check "repeats are folded" holds attack.json \
	'[a["repeats"] for a in alarms if a["rule"] == "new-call"] == [0, 1]' \
	'summary["repeats"] > 0'

check "the alarms go into a file, too" run 3 monitor --trace attack.bsc --json-file alarms.json
check "… the same ones" cmp alarms.json attack.json
check "people are told in sentences" bash -c "grep -q '^ALARM new call in attack.bsc' out &&
	grep -q '^  reason    it called ptrace, which training never saw' out &&
	grep -q '^  process   100 server (/usr/bin/server), child of 1' out &&
	tail -n 1 out | grep -qE '^attack.bsc: [0-9]+ calls, .*, lost 0$'"

make_trace compat.bsc normal=9:2000 "call=0|32"
check "a number of the 32-bit table is another call" run 3 monitor --json --trace compat.bsc
check "… and is named after its table" holds out 'alarms[0]["rule"] == "new-call"' \
	'"restart_syscall" in alarms[0]["syscall"]'
make_trace late.bsc late normal=9:2000
check "a server that ran already is no alarm" run 0 monitor --json --trace late.bsc
check "… though windows of its first calls are not judged" holds out \
	'summary["calls"] - summary["windows"] == 14'
make_trace types.bsc normal=9:2000 type=7 type=31 type=200 normal=8:2000
check "records of unknown types are passed over" normal types.bsc
make_trace nohost.bsc nohost normal=9:2000 call=101
check "a recording that does not say where it is from is judged" run 3 monitor --json \
	--trace nohost.bsc
check "… without a time of day" holds out 'alarms[0]["time"] is None' 'alarms[0]["mono_ns"] > 0'
check "several recordings are judged one by one" run 3 monitor --json --trace more.bsc attack.bsc \
	more.bsc
check "… with a summary each" holds out \
	'[line["summary"]["alarms"] > 0 for line in lines if "summary" in line] == [False, True, False]'

# Compressed, in any of the forms.
xz -k attack.bsc
endings=xz
if command -v zstd >/dev/null; then
	zstd -q -k attack.bsc
	endings="xz zst"
else
	skip "recordings compressed with zstd" "there is no zstd"
fi
for ending in $endings; do
	check "a recording in .$ending is read" run 3 monitor --json --trace "attack.bsc.$ending"
	check "… and says the same" cmp <(sed "s/attack.bsc.$ending/attack.bsc/" out) attack.json
done
cp attack.bsc.xz attack.plain
check "… whatever it is called" run 3 monitor --json --trace attack.plain

# Incomplete recordings: what is there counts, and the status says that it is not all.
incomplete() { # FILE CALLS WHY
	rm -f part.db*
	run 1 "$bosc" learn --store "$tmp/part.db" --profile part --trace "$1" || return 1
	says "the profile 'part' is partial: '$1' is incomplete" || return 1
	grep -qF "bosc: '$1' is incomplete: $3; what it has was learnt" err || { cat err; return 1; }
	run 0 "$bosc" profile export part --store "$tmp/part.db" || return 1
	"$here/whole" 'p["state"] == "partial"' 'p["runs"][0]["lost"] > 0' 'calls > 0' \
		"'$2' in ('some', str(calls))" <out || return 1
	run 1 monitor --json --trace "$1" || return 1
	says "'$1' is incomplete: $3; what it has was judged" || return 1
	holds out "summary['calls'] > 0" "'$2' in ('some', str(summary['calls']))" \
		"summary['incomplete'] == '$3'"
}
cut="no end record: it was cut short"
for size in 300 1000 1007 1008 50000 81111; do
	head -c "$size" attack.bsc >"cut$size.bsc"
	# HOST, TASK and EXEC are 112, 48 and 144 bytes, FORK 32 and TASK 48 behind ten calls.
	calls=$(((size - 320) / 16))
	[ "$size" -lt 480 ] || calls=$(((size - 400) / 16))
	[ "$size" != 81111 ] || calls=some
	[ "$size" != 300 ] || continue
	check "a recording cut after $size bytes" incomplete "cut$size.bsc" "$calls" "$cut"
done
check "… keeps the alarms that it has" run 1 monitor --json --trace cut81111.bsc
check "… as they are" holds out 'len(alarms) >= 1' 'alarms[0]["rule"] == "new-call"'
head -c -32 attack.bsc >noend.bsc
check "a recording without its last record" incomplete noend.bsc 5424 "$cut"
make_trace lost.bsc normal=9:5000 lost=7
check "a recording that lost calls" incomplete lost.bsc some \
	"records were lost while it was recorded"
head -c -32 more.bsc >counted.bsc && tail -c 32 attack.bsc >>counted.bsc
check "a recording whose count is wrong" incomplete counted.bsc some \
	"it does not hold as many calls as its end record says"
{ cat more.bsc; tail -c 16 more.bsc; } >behind.bsc
check "a recording that goes on behind its end" incomplete behind.bsc some \
	"records after the end record"
for file in attack.bsc.xz attack.bsc.zst; do
	[ -e "$file" ] || continue
	# A copy whose data comes in several blocks, so that a part of it can be read.
	case $file in
	*.xz) xz -c --block-size=16384 attack.bsc >"blocks.$file" ;;
	*) split -b 16384 --filter='zstd -q -c' attack.bsc >"blocks.$file" ;;
	esac
	size=$(stat -c %s "blocks.$file")
	for part in 40 70 95; do
		head -c $((size * part / 100)) "blocks.$file" >"cut$part.$file"
		check "a $file cut at $part %" incomplete "cut$part.$file" some "$cut"
	done
	head -c -3 "$file" >"tail.$file"
	check "a $file without its last bytes" run 1 monitor --json --trace "tail.$file"
	check "… is incomplete" grep -q "^bosc: 'tail.$file' is incomplete: " err
done
check "an incomplete recording does not hide the next" run 1 monitor --json --trace cut50000.bsc \
	attack.bsc
check "… which is judged" holds out 'summary["target"] == "attack.bsc" and summary["alarms"] >= 4'

# What is no recording.
no_trace() { # FILE SENTENCE
	run 1 monitor --json --trace "$1" && [ ! -s out ] && says "$2" &&
		run 1 "$bosc" learn --store "$tmp/none.db" --profile none --trace "$1" &&
		says "$2" && run 0 "$bosc" profile list --store "$tmp/none.db" && [ ! -s out ]
}
: >empty
check "an empty file" no_trace empty \
	"'empty' is no trace: it is empty"
head -c 15 attack.bsc >head15
check "half a header" no_trace head15 \
	"'head15' is no trace: it ends within the header of one"
echo "a letter to somebody" >letter
neither="is no trace: it is neither bosc's own, nor the output of strace, nor a recording of LID-DS, nor a list of numbers"
check "a text" no_trace letter "'letter' $neither"
xz -k letter
check "a compressed text" no_trace letter.xz \
	"'letter.xz' $neither"
check "a folder" no_trace /usr "cannot read '/usr': Is a directory"
check "no file" no_trace none.bsc "cannot open 'none.bsc': No such file or directory"
check "a name that moves the cursor" no_trace $'a\e[2J\nb' \
	"cannot open 'a\\x1b[2J\\x0ab': No such file or directory"
head -c 16 attack.bsc >header.bsc
check "a recording of nothing teaches nothing" run 1 "$bosc" learn --store "$tmp/none.db" \
	--profile none --trace header.bsc
check "… and says so" grep -q "^bosc: nothing was learnt: 'header.bsc' holds no call" err
python3 -c 'import struct, sys
whole = open("more.bsc", "rb").read()
open("short.bsc", "wb").write(whole[:800] + struct.pack("<QIHBB", 10**12, 1, 0, 2, 0) + whole[800:])'
check "a record that is too short" run 1 monitor --json --trace short.bsc
check "… is named with its place" says \
	"'short.bsc' is corrupt: the record at byte 800, of type 2, is too short"

make_trace arm.bsc host=aarch64 normal=9:5000
wrong="'arm.bsc' is of the architecture 'aarch64', but the profile 'server' is of 'x86_64'"
check "a recording of another architecture is not judged" run 1 monitor --json --trace arm.bsc
check "… and nothing is told of it" [ ! -s out ]
check "… but why" says "$wrong"
profile export server >before.json
check "… nor is it learnt" run 1 "$bosc" learn --store "$store" --profile server --trace arm.bsc
check "… but refused" says "$wrong"
check "… and the profile is as it was" cmp before.json <(profile export server)
"$bosc" learn --store "$tmp/arm.db" --profile arm --trace arm.bsc >/dev/null 2>&1
for command in learn monitor; do
	check "what was learnt on another architecture: no live $command" \
		run 1 "$bosc" "$command" --store "$tmp/arm.db" --profile arm -c web
	check "… and why" says "the profile 'arm' is of the architecture 'aarch64', not '$(uname -m)'"
done

# The tables of the original.
tables() { # WINDOW TABLE…
	"$here/tables" out "$@" >mismatch
}
check "learn -v prints the normal bags" run 0 "$bosc" learn --store "$tmp/tables.db" \
	--profile tables --trace normal1.bsc -v
check "… in the original's form" tables 8 NORMAL=40010
for file in normal1.bsc attack.bsc late.bsc; do
	monitor --trace "$file" --json >counts.json 2>err
	windows=$(python3 -c 'import json
print(json.loads(list(open("counts.json"))[-1])["summary"]["windows"])')
	mismatches=$(python3 -c 'import json
print(json.loads(list(open("counts.json"))[-1])["summary"]["mismatches"])')
	normal=$("$here/whole" <before.json | awk '{ sum += $NF } END { print sum }')
	check "monitor -v of $file" run "$([ $file = attack.bsc ] && echo 3 || echo 0)" \
		monitor --trace "$file" -v
	check "… prints both tables" tables 8 "NORMAL=$normal" "MONITORED=$windows"
	check "… and the mismatches" [ "$(cat mismatch)" = "$mismatches" ]
done
# Two bags that differ in rare calls only are one bag of others.
make_trace rare.bsc normal=1:3000 call=1:9 call=41 call=1:9 call=42 call=1:9
learn --profile rare --trace rare.bsc
check "bags of rare calls" run 0 "$bosc" monitor --store "$store" --profile rare --trace rare.bsc -v
check "… count once" tables 8 NORMAL=3041 MONITORED=3041
check "profile show -v prints the normal bags" run 0 profile show server -v
check "… all of them" tables 8 "NORMAL=$normal"
check "--window sets the size of a window" run 0 "$bosc" learn --store "$tmp/tables.db" \
	--profile three --window 3 --trace normal1.bsc -v
check "… of all bags" tables 3 NORMAL=40010
check "… for good" run 1 "$bosc" learn --store "$tmp/tables.db" --profile three --window 4 \
	--trace normal1.bsc
check "… or says so" says "the profile 'three' has windows of 3 calls, not 4"

# Runs add up, whether in one command or in two.
check "a run" run 0 "$bosc" learn --store "$tmp/sum.db" --profile two --trace normal1.bsc --json
check "… is told as JSON" holds out 'len(lines) == 1' 'last["learn"]["runs"] == 1' \
	'last["learn"]["calls"] == 40010' 'set(last["learn"]) == set(
	"profile state why calls windows bags unseen runs lost".split())'
check "another run" run 0 "$bosc" learn --store "$tmp/sum.db" --profile two --trace normal2.bsc --json
check "… adds to it" holds out 'last["learn"]["runs"] == 2' '80020 <= last["learn"]["calls"] <= 80026' \
	'last["learn"]["windows"] == last["learn"]["calls"]'
check "both at once" run 0 "$bosc" learn --store "$tmp/sum.db" --profile one --json \
	--trace normal1.bsc normal2.bsc
check "… come to the same" python3 - "$bosc" "$tmp/sum.db" <<'END'
import json, subprocess, sys
one, two = (json.loads(subprocess.run([sys.argv[1], "profile", "export", name, "--store",
    sys.argv[2]], check=True, capture_output=True).stdout) for name in ("one", "two"))
assert one["window"] == two["window"] and one["arch"] == two["arch"]
assert len(one["runs"]) == len(two["runs"]) == 2
for here, there in zip(one["runs"], two["runs"]):
    for key in here["learnt"]:
        assert here["learnt"][key] == there["learnt"][key], key
END

# Through a pipe, as it is recorded.
check "a recording is judged" run 3 "$bosc" monitor --store "$store" --profile server --json \
	--trace attack.bsc
sed 's/attack.bsc/-/g' out >file.json
piped() {
	run 3 bash -c "cat attack.bsc | '$bosc' monitor --store '$store' --profile server --json --trace -" &&
		diff file.json out
}
check "… the same through a pipe" piped
while_it_comes() {
	local seen=1

	{ cat attack.bsc; sleep 5; } |
		"$bosc" monitor --store "$store" --profile server --json --trace - >live.json 2>err &
	for _ in $(seq 40); do
		[ "$seen" = 0 ] || { sleep 0.1; grep -q '"rule"' live.json && seen=0; }
	done
	grep -q '"summary"' live.json && seen=2 # it had ended before we looked
	wait
	return "$seen"
}
check "… while it comes" while_it_comes
check "standard output takes no command's recording" run 2 "$bosc" record -o - -- true
check "… and says why" grep -q "a command's own output would go into the recording" err

tap_end
