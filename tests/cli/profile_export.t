#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A profile goes out in other forms, whole where the form can hold it, and what it cannot hold is
# said. That containers run under the filter is in tests/live/seccomp.t.
. "$(dirname "$0")/lab.sh"

make_trace roads.bsc normal=4:20000 "call=20|32:3" call=56:200 call=439:5
make_trace late.bsc late normal=5:20000 call=435:9 call=1000:2
make_trace arm.bsc host=aarch64 normal=6:5000
learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
learn --profile roads --trace roads.bsc
learn --profile late --trace late.bsc
learn --profile arm --trace arm.bsc
learn --method paper --profile steady --trace normal1.bsc
export_as() { run "$1" "$bosc" profile export --store "$store" --format "${@:2}"; }

run 0 profile show server --json
cp out sum.json # of its runs
check "without a format" run 0 profile export server
cp out plain.json
check "… it is JSON" export_as 0 json server
check "… the same bytes" cmp out plain.json

# CSV: what a reader of CSV finds is what JSON says.
csv_agrees() {
	export_as 0 csv server || return 1
	python3 - <<'END_OF_PYTHON'
import csv, json
rows = list(csv.DictReader(open("out", newline="")))
bags = json.load(open("sum.json"))["bags"]
assert len(rows) == len(bags) > 100
for row, bag in zip(rows, bags):
    assert [row[f"call_{i}"] for i in range(1, 9)] == bag["calls"], row
    assert int(row["count"]) == bag["count"] and int(row["part"]) == bag["part"], row
END_OF_PYTHON
}
check "CSV has every bag" csv_agrees
check "… under titles" bash -c "head -n 1 out | grep -qx \$'count,part\\(,call_[1-8]\\)\\{8\\}\\r'"
check "… in lines that end as the standard says" [ "$(grep -c $'\r$' out)" = "$(grep -c . out)" ]
check "… and says nothing" [ ! -s err ]

# seccomp: the calls of the profile, those of the runtime, and no others.
filter_is() { # EXPRESSION over: rules, allowed, architectures
	python3 - "$1" <<'END_OF_PYTHON'
import json, sys
filter = json.load(open("out"))
rules, architectures = filter["syscalls"], filter["architectures"]
assert filter["defaultAction"] == "SCMP_ACT_ERRNO" and filter["defaultErrnoRet"] == 1
allowed = [name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]]
assert len(allowed) == len(set(allowed)), "twice"
clone = [rule for rule in rules if "clone" in rule["names"]][0]
clone3 = [rule for rule in rules if "clone3" in rule["names"]][0]
assert eval(sys.argv[1]), filter
END_OF_PYTHON
}
calls_of() { profile show "$1" --json | python3 -c 'import json, sys
print(*json.load(sys.stdin)["calls"])'; }
says_of() { # PROFILE TEXT…: exactly these notes
	local text

	for text in "${@:2}"; do
		printf "bosc: the profile '%s' %s\n" "$1" "$text"
	done | diff - err
}
partial="is not learnt: calls that its training did not meet will fail"
check "seccomp" export_as 0 seccomp server
check "… says what the state means" says_of server "$partial"
check "… allows what was learnt" filter_is "set('$(calls_of server)'.split()) <= set(allowed)"
check "… and what the runtime needs" filter_is '{"execve", "capset", "futex", "exit_group"} <= set(allowed)'
check "… and nothing else" filter_is 'not {"mkdir", "ptrace", "socket", "getuid", "fork", "clone3"} & set(allowed)'
check "… of this architecture" filter_is 'architectures == ["SCMP_ARCH_X86_64"]'
check "… threads, but no processes" filter_is 'clone["args"][0]["value"] == clone["args"][0]["valueTwo"] == 0x10000'
check "… and has no clone3" filter_is 'clone3["action"] == "SCMP_ACT_ERRNO" and clone3["errnoRet"] == 38'
learn --profile steady --trace normal1.bsc --quiet-time 0s --quiet-calls 10 --unseen 0.9
check "a learnt profile" export_as 0 seccomp steady
check "… needs no word" [ ! -s err ]
profile review steady --author ann >/dev/null
check "a reviewed one" export_as 0 seccomp steady
check "… neither" [ ! -s err ]
check "a profile of two ABIs" export_as 0 seccomp roads
check "… is one of two architectures" filter_is 'architectures == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]'
check "… with the calls of both" filter_is '{"getpid", "faccessat2", "clone"} <= set(allowed)'
check "… which are not told apart" says_of roads "$partial" \
	"has calls of several ABIs, which a filter cannot tell apart: each name is allowed in all of them"
check "… and processes in no new namespaces" filter_is '(clone["args"][0]["value"], clone["args"][0]["valueTwo"]) == (0x7e020000, 0)'
check "a profile of a call without a name" export_as 0 seccomp late
check "… says so" says_of late "$partial" "has calls without a name, which are left out and will fail"
check "… and leaves them out" filter_is 'not any(name.startswith("call_") for name in allowed)'
check "… but has clone3 as it was learnt" filter_is 'clone3["action"] == "SCMP_ACT_ALLOW"'
check "a profile of another machine" export_as 0 seccomp arm
check "… has its architecture" filter_is 'architectures == ["SCMP_ARCH_AARCH64"]'
check "… and none of the calls it has not" filter_is '"lstat" not in allowed and "newfstatat" in allowed'
check "a profile of the paper's method" export_as 0 seccomp paper:steady
check "… says what that means" grep -q "paper" err
python3 - <<'END_OF_PYTHON'
import json
profile = json.load(open("plain.json"))
profile["name"] = "rings"
for run in profile["runs"]:
    del run["sum"]
    run["joined_late"] = 1
    run["learnt"]["calls"].update({"io_uring:openat": 7, "io_uring_enter": 7})
json.dump(profile, open("rings.json", "w"))
profile = {"bosc_profile": 1, "name": "vax", "arch": "vax", "image": "", "digest": "", "container": "",
           "state": "partial", "why": "", "window": 8, "signals": [], "calls": {"call_1": 9},
           "execs": [], "runs": [], "parts": [], "bags": []}
json.dump(profile, open("vax.json", "w"))
profile.update(name="empty", arch="x86_64", calls={})
json.dump(profile, open("empty.json", "w"))
END_OF_PYTHON
for name in rings vax empty; do check "import $name" run 0 profile import $name.json; done
check "operations of io_uring" export_as 0 seccomp rings
check "… and a start that nobody saw are told of" says_of rings "$partial" \
	"never saw its target start: the container may not start" \
	"has operations of io_uring, which a filter cannot tell apart: io_uring_enter allows them all"
check "… and are no names" filter_is 'not any(":" in name for name in allowed)'
check "an architecture that runtimes do not know" export_as 1 seccomp vax -o vax.seccomp
check "… is said" says "cannot write profile 'vax' as a seccomp filter: container runtimes have no name for the architecture 'vax'"
check "… and leaves no file" [ ! -e vax.seccomp ]
check "a profile without calls" export_as 1 seccomp empty
check "… is no filter" says "cannot write profile 'empty' as a seccomp filter: it holds no calls"

# The original's form: what it can tell comes back.
back() { # NAME FILE: imported as NAME and exported again, it is the same file
	run 0 profile import "$2" --profile "$1" && export_as 0 original "$1" && [ ! -s err ] && python3 - "$2" <<'END_OF_PYTHON'
import json, sys
before, after = json.load(open(sys.argv[1])), json.load(open("out"))
def table(data):
    columns = data["names_lookup"] + [-1]
    return sorted((sorted(zip(columns, bag)), windows)
                  for bag, windows in zip(data["db_bags"], data["db_freq"]))
assert table(before) == table(after), (before, after)
END_OF_PYTHON
}
echo '{"db_bags": [[3, 2, 0], [1, 4, 0]], "db_freq": [7, 5], "names_lookup": [18, 42], "window_size": 10}' >web.json
check "what came from the original goes back to it" back web web.json
original_of() {
	export_as 0 original server || return 1
	says_of server "has calls that are rare, or not among the 55 of that form: they count as others" ||
		return 1
	python3 - <<'END_OF_PYTHON'
import json
data, own = json.load(open("out")), json.load(open("sum.json"))
assert sum(data["db_freq"]) == sum(bag["count"] for bag in own["bags"])
assert len(data["db_bags"]) == len(data["db_freq"]) == len({tuple(bag) for bag in data["db_bags"]})
assert len(data["db_bags"]) < len(own["bags"]) and data["window_size"] == 8
names = {18: "close", 42: "openat", 9: "fstat", 25: "accept", 3: "mmap"}
for column, place in enumerate(data["names_lookup"]):
    wanted = sum(bag["count"] * bag["calls"].count(names[place]) for bag in own["bags"])
    assert sum(windows * bag[column] for bag, windows in zip(data["db_bags"], data["db_freq"])) == wanted
wanted = sum(bag["count"] * sum(call != "begin" for call in bag["calls"]) for bag in own["bags"])
assert sum(windows * sum(bag) for bag, windows in zip(data["db_bags"], data["db_freq"])) == wanted
END_OF_PYTHON
}
check "a profile in the original's form has every window" original_of
cp out original.json
check "… and is imported" run 0 profile import original.json --profile lumped
check "a profile without bags" export_as 1 original lumped
check "… has no such form" says "cannot write profile 'lumped' in the original's form: it holds no bags"

# Files.
check "a file" export_as 0 csv server -o server.csv
check "… that only its owner reads" [ "$(stat -c %a server.csv)" = 600 ]
check "… is not overwritten" export_as 1 seccomp server -o server.csv
check "… which is said" says "cannot write 'server.csv': File exists"
check "… and leaves it" grep -q '^count,part' server.csv
# Killed while it writes, at its 41st KiB: no half of a file is left, under any name. (Reading a store takes
# 32 KiB beside it.)
mkdir half
cut_short() { # DIRECTORY COMMAND…: bosc is killed, or told that the disk is full
	local folder=$1 status=0

	shift
	(
		ulimit -f 40
		exec "$@"
	) 2>err || status=$?
	[ "$status" != 0 ] && [ -z "$(ls -A "$folder")" ] && return
	echo "status $status"
	ls -la "$folder"
	return 1
}
check "a file that is cut short" cut_short half "$bosc" profile export server --store "$store" -o half/server.json
on_full_disk() {
	(
		trap '' XFSZ
		cut_short half "$bosc" profile export server --store "$store" -o half/server.json
	)
}
check "… so with a full disk" on_full_disk
check "… which is said" grep -qx "bosc: cannot write profile 'server': File too large" err
check "… and a page" cut_short half "$bosc" eval --train normal1.bsc normal2.bsc --normal normal3.bsc \
	--attack attack.bsc --html half/page.html
private() {
	(umask 277 && profile export server -o masked.json) && [ "$(stat -c %a masked.json)" = 400 ]
}
check "the mask of the user counts" private
for format in csv seccomp original; do
	check "$format on a full disk is a failure" bash -c \
		"'$bosc' profile export server --store '$store' --format $format >/dev/full 2>err; [ \$? = 1 ]"
done

tap_end
