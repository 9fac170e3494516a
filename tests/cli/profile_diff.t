#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Two profiles are compared as judging by one of them would see the other: what is new is what the
# alarms of the same recording say, and two trainings of the same program are no news.
. "$(dirname "$0")/lab.sh"

make_trace again.bsc normal=7:40000
make_trace busy.bsc normal=8:20000 call=39:60000
learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
learn --profile again --trace normal1.bsc again.bsc
learn --profile "the hacked
one" --trace normal1.bsc attack.bsc
learn --profile busy --trace busy.bsc
hacked=$'the hacked\none'

difference() { run "$1" "$bosc" profile diff --store "$store" "${@:2}"; }
check "a profile does nothing that is news to itself" difference 0 server server
check "… which is the first line" bash -c "head -n 1 out | grep -qx \"new        'server' does nothing that is news to 'server'\""
check "another training of the same program is no news" difference 0 server again
check "… though it has bags of its own" grep -qE '^new bags   [1-9][0-9]* of [0-9]+, in 0\.0' out
check "an attack that was learnt is news" difference 3 server "$hacked"
check "… told in one sentence" grep -qxF \
	"new        'the hacked\\x0aone' does what 'server' did not: 1 call, 1 executable, 1 signal, other behaviour" out
check "… with the call" grep -qxE 'new calls  ptrace, 3 times, 0\.00[0-9]+ % of its calls' out
check "… the executable" grep -qx 'new execs  /bin/sh' out
check "… the signal" grep -qx 'new signal SIGSEGV' out
check "… and bags, with what differs" grep -qE \
	'^ +[0-9.e-]+ % of its windows; nearest: \+[1-8] [a-z_]+.* -[1-8] [a-z_]+, known from [1-9][0-9]* windows?, [0-9.e-]+ %$' out
check "what only the old one did is no news" difference 0 "$hacked" server
check "… but told" grep -qx 'old calls  ptrace, .*' out
check "a call whose share is another is told" difference 3 again busy
check "… as a new one" grep -q '^new calls  getpid, 60000 times, 7[45].* %' out
check "… or an old one" grep -qE '^shares     [a-z_0-9]+, from [0-9.]+ % to [0-9.]+ % of the calls$' out

check "as JSON" difference 3 --json server "$hacked"
check "… in one object" holds out 'len(lines) == 1 and lines[0]["new"]["news"] and not lines[0]["old"]["news"]'
check "… with names as they are" holds out 'lines[0]["new"]["name"] == "the hacked\none"'
check "… calls and executables" holds out '([call["call"] for call in lines[0]["new"]["calls"]] == ["ptrace"] and
	lines[0]["new"]["calls"][0]["count"] == 3 and
	lines[0]["new"]["execs"] == ["/bin/sh"] and lines[0]["new"]["signals"] == ["SIGSEGV"])'
check "… bags, the most frequent first" holds out '([bag["count"] for bag in lines[0]["new"]["bags"]["most"]] ==
	sorted((bag["count"] for bag in lines[0]["new"]["bags"]["most"]), reverse=True) and
	all(len(bag["calls"]) == 8 and bag["nearest"]["distance"] == len(bag["nearest"]["more"]) ==
		len(bag["nearest"]["fewer"]) > 0 for bag in lines[0]["new"]["bags"]["most"]))'

# What diff calls unknown is what monitoring the same recording by the old profile calls a mismatch.
monitored() {
	learn --profile attack --trace attack.bsc || return 1
	monitor --json --trace attack.bsc >monitor.json 2>err
	difference 3 --json server attack || return 1
	python3 - <<'END_OF_PYTHON'
import json
summary = [json.loads(line) for line in open("monitor.json")][-1]["summary"]
windows = json.load(open("out"))["new"]["bags"]["windows"]
assert windows == summary["mismatches"] > 100, (windows, summary)
END_OF_PYTHON
}
check "the windows that differ are the mismatches that monitoring finds" monitored

profile export server -o server.json 2>err
check "a file that was exported is compared" difference 3 server.json "$hacked"
check "… as the profile would be" grep -qx 'new calls  ptrace, .*' out
check "… without any store" run 0 "$bosc" profile diff --store none.db server.json server.json
check "no such profile" difference 1 server nobody
check "… is said" says "there is no profile 'nobody' in '$store'"
learn --profile small --window 5 --trace normal1.bsc
check "windows of another size" difference 1 server small
check "… are said" says "cannot compare 'server' with 'small': their windows differ in size"
make_trace arm.bsc host=aarch64 normal=1:5000
learn --profile arm --trace arm.bsc
check "another architecture" difference 1 server arm
check "… is said" says "cannot compare 'server' with 'arm': their calls are those of different machines"
learn --method paper --profile server --window 8 --trace normal1.bsc
check "another method" difference 1 server paper:server
check "… is said" says "cannot compare 'server' with 'paper:server': only one of them was learnt by the paper's method"
python3 - <<'END_OF_PYTHON'
import json
profile = json.load(open("server.json"))
profile.update(name="shop", state="partial")
for run in profile["runs"]:
    del run["sum"]
    run["learnt"].update(bags=[], sights=[], sight_threads=0, parts=[], repertoires=[])
json.dump(profile, open("shop.json", "w"))
END_OF_PYTHON
check "a profile without bags" difference 0 server shop.json
check "… has none to compare" grep -qx 'bags       not compared: one of the two profiles holds none' out
check "… nor as JSON" difference 0 --json server shop.json
check "… which is null" holds out 'lines[0]["new"]["bags"] is None'

# Of which images; and the shares are those of the whole.
profile export server >server.json
profile export "$hacked" >hacked.json
python3 - <<'END_OF_PYTHON'
import json
for name, source in ("old", "server"), ("new", "hacked"):
    profile = json.load(open(f"{source}.json"))
    profile["name"] = name
    for run in profile["runs"]:
        del run["sum"]
        run.update(image=f"shop:{name}", digest=f"sha256:{name}")
    json.dump(profile, open(f"{name}.json", "w"))
END_OF_PYTHON
check "two files need no store" run 3 "$bosc" profile diff old.json new.json --store none.db
check "… and none is made" [ ! -e none.db ]
check "… and tell their images" grep -qx "old image  shop:old sha256:old" out
check "… both" grep -qx "new image  shop:new sha256:new" out
echo "a letter" >letter
check "nor one that can be read" run 3 "$bosc" profile diff old.json new.json --store letter --json
check "… as JSON" holds out '([lines[0][side]["digest"] for side in ("old", "new")] == ["sha256:old", "sha256:new"] and
	lines[0]["new"]["image"] == "shop:new")'
check "a name needs the store" run 1 "$bosc" profile diff old.json server --store letter
check "… which is said" says "cannot open profile store '$tmp/letter': it is no SQLite database"
shares() {
	run 0 profile show server --json && mv out server.show && run 0 profile show "$hacked" --json && mv out hacked.show &&
		run 3 profile diff server "$hacked" --json && python3 - <<-'END_OF_PYTHON'
			import json
			new, old = (json.load(open(f"{name}.show"))["windows"] for name in ("hacked", "server"))
			for bag in json.load(open("out"))["new"]["bags"]["most"]:
			    assert bag["share"] == bag["count"] / new and bag["nearest"]["share"] == bag["nearest"]["count"] / old, bag
		END_OF_PYTHON
}
check "a bag's share is that of all windows of its side" shares

narrow() {
	COLUMNS=60 run 3 "$bosc" profile diff --store "$store" server "$hacked" || return 1
	awk 'length > 60 { print; bad = 1 } END { exit bad }' out
}
check "a narrow terminal breaks lines" narrow
check "output that cannot be written is a failure" bash -c \
	"'$bosc' profile diff --store '$store' server server >/dev/full 2>err; [ \$? = 1 ]"

tap_end
