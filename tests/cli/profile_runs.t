#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# A profile is a set of runs: merged from anywhere they count once, people vouch for them, add to
# them what alarms show to be benign, and take them out again.
#
. "$(dirname "$0")/lab.sh"

for run in 1 2 3; do
	run 0 "$bosc" learn --store "host$run.db" --profile server --trace "normal$run.bsc"
	"$bosc" profile export server --store "host$run.db" >"host$run.json"
done
exported() { # NAME: without its name
	profile export "$1" | sed '/^\t"name":/d'
}
same() { # NAME NAME
	[ -n "$(exported "$1")" ] && cmp <(exported "$1") <(exported "$2")
}

# Merging.
check "profiles of three hosts become one" run 0 profile merge --into all host1.json host2.json host3.json
check "… which says so" grep -qxE "merged 3 runs into 'all', which is [a-z]+: 3 runs, [0-9]+ bags" out
check "their order does not matter" run 0 profile merge --into turned host3.json host1.json host2.json
check "… to a byte" same all turned
profile merge --into pair host1.json host2.json >/dev/null
check "nor how they are grouped" run 0 profile merge --into grouped host3.json pair
check "… to a byte" same all grouped
check "a run counts once" run 0 profile merge --into grouped all host2.json pair all
check "… and says so" grep -q "^merged 0 runs into 'grouped'" out
check "… to a byte" same all grouped
run 0 profile export host1.json # no such profile: only merge reads files
check "learning all at once gives as many windows" learn --profile once --trace normal1.bsc normal2.bsc normal3.bsc
figure() { # NAME FIELD
	profile list --json | "$here/holds" /dev/stdin "any(line['name'] == '$1' for line in lines)" &&
		profile list --json | python3 -c 'import json, sys
print(next(l[sys.argv[2]] for l in map(json.loads, sys.stdin) if l["name"] == sys.argv[1]))' "$1" "$2"
}
as_many() { # FIELD
	local one other

	one=$(figure all "$1") && other=$(figure once "$1") || return 1
	[ "$one" = "$other" ] || { echo "$one and $other"; return 1; }
}
check "… as merging" as_many windows
check "… and as many bags" as_many bags
check "the merged profile judges" run 3 "$bosc" monitor --store "$store" --profile all --trace attack.bsc
learn --window 6 --profile narrow --trace normal1.bsc
check "other windows do not go in" run 1 profile merge --into all narrow
check "… and the sentence says why" says "cannot merge 'narrow' into 'all': their windows have different sizes"
learn --method paper --similar never --profile p --trace normal1.bsc
check "nor does the other method" run 1 profile merge --into all paper:p
check "… and the sentence says why" grep -q "^bosc: cannot merge 'paper:p' into 'all': " err
check "nothing was changed by that" same all turned
check "what is neither profile nor file is named" run 1 profile merge --into all nobody
check "… in a sentence" grep -q "^bosc: there is no profile 'nobody'" err
check "a merge wants to know whereto" run 2 profile merge host1.json

check "one is one" run 0 profile merge --into one host1.json
check "… in words, too" grep -qE "^merged 1 run into 'one', which is [a-z]+: 1 run, [0-9]+ bags$" out

# Vouching.
learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc --quiet-time 0s --quiet-calls 10 --unseen 0.9
check "a learnt profile is reviewed by whoever says so" run 0 profile review server --author ann
check "… and shows it" grep -q "^'server' is reviewed: by ann; " out
check "another run" learn --profile server --trace more.bsc --quiet-time 0s --quiet-calls 10 --unseen 0.9
check "… is not vouched for" grep -q "^bosc: profile 'server' is learnt" err
check "the older name still does it" run 0 profile confirm server
check "… for all runs" grep -q "^'server' is reviewed" out
profile export server --format json | python3 -c 'import json, sys
whole = json.load(sys.stdin)
for run in whole["runs"]:
    del run["sum"]
whole["runs"][0].update(state="learning", reviewer="", reviewed_s=0)
json.dump(whole, sys.stdout)' >going.json
check "of runs that go on" run 0 profile import going.json --profile going
check "… nobody vouches" run 0 profile review going --author ann
check "… which is said" grep -q "^bosc: nobody vouches for 1 of its runs, which are still being learnt" err
profile export going >went.json
check "… and seen" python3 -c 'import json
assert [not run["reviewed_s"] for run in json.load(open("went.json"))["runs"]].count(True) == 1'

# What alarms show is accepted, and withdrawn.
monitor --json --trace attack.bsc >alarms.json 2>err
grep -v '"rule":"\(surprise\|thread\|summary\)"' alarms.json | sed '/"summary"/d' >plain.json
check "there are alarms to accept" [ "$(grep -c . plain.json)" -gt 5 ]
check "why is asked" run 2 profile accept server plain.json
check "… in a sentence" says "'bosc profile accept' wants --reason TEXT, which is kept"
# A file of alarms holds what else bosc tells, too; what is meant for a later bosc is passed over.
{
	echo '{"type":"drift","target":"server","profile":"server","windows":9}'
	sed 1q alarms.json
	echo '{"type":"reload","target":"server","profile":"server","outcome":"taken"}'
	echo
	sed 1d alarms.json
	echo '{"type":"something new","rules":[1]}'
	echo '{"learn":{"profile":"server"}}'
} >mixed.json
mv mixed.json alarms.json
check "alarms are accepted" run 0 profile accept server alarms.json --reason "the nightly job" --author bob
check "… with a count" grep -qE "^accepted $(grep -c . plain.json) alarms into 'server': [0-9]+ new bags?; run [0-9a-f-]{36}," out
check "what no example teaches is told" grep -qE "^bosc: passed over: ([2-9] alarms that count|1 alarm that counts) oddities over time," err
calm() { # none of the rules that an example teaches
	run 3 monitor --json --trace attack.bsc && mv out calm.json || return 1
	! grep -E '"rule":"(new-call|new-exec|fatal-signal)"' calm.json
}
check "what was accepted alarms no more" calm
check "the profile is reviewed still" grep -q '"state":"reviewed"' <(profile list --json)
accepted() {
	profile export server | python3 -c 'import json, sys
run = [r for r in json.load(sys.stdin)["runs"] if r["source"] == "accepted"]
assert len(run) == 1 and run[0]["note"] == "the nightly job" and run[0]["reviewer"] == "bob", run
assert run[0]["learnt"]["bags"] and run[0]["learnt"]["execs"] and run[0]["learnt"]["signals"]'
}
check "who and why are kept" accepted
check "alarms of others are passed over" run 1 profile accept all alarms.json --reason no
check "… and nothing is saved" same all turned
check "a run is withdrawn" run 0 profile withdraw server 5 --author ann
again() {
	run 3 monitor --json --trace attack.bsc && mv out again.json || return 1
	cmp <(grep -c '"rule"' again.json) <(grep -c '"rule"' alarms.json)
}
check "… and its alarms are back" again
shown() {
	run 0 profile show server || return 1
	grep -qE "^run 5 .* UTC, alarms accepted on .*: [0-9]+ new bags$" out &&
		grep -qx " *the nightly job" out && grep -qE "^ *accepted by bob, " out &&
		grep -qE "^ *withdrawn, so that it counts no more, by ann, " out &&
		grep -qE "^ *reviewed by ann, " out
}
check "… and all of this is shown" shown
check "twice is said" run 1 profile withdraw server 5
check "… by whom" grep -q "was withdrawn by ann already$" err
profile export server >withdrawn.json
check "merging does not bring it back" run 0 profile merge --into server withdrawn.json
check "… as seen" again
check "a run that is not there is said" run 1 profile withdraw server run-99
check "… and what would help" grep -q "^try: bosc profile show" err
echo '{"rule": "new-call", "profile": "server", "recent": ["read", "nonsense"]}' >bad.json
check "what is no alarm is refused" run 1 profile accept server bad.json --reason no
check "… and named" says "cannot accept 'bad.json': line 1: its 'recent' holds something else than calls"
for line in '{"rules": "new-call", "profile": "server"}' '{"type": 1}' '{"summary": 1}' '[]'; do
	{ head -n 2 plain.json; echo "$line"; } >bad.json
	check "so is $line" run 1 profile accept server bad.json --reason no
	check "… and its line named" says "cannot accept 'bad.json': line 3: it is no alarm"
done
head -c 100 plain.json >bad.json
check "half an alarm is refused" run 1 profile accept server bad.json --reason no
check "… and named" says "cannot accept 'bad.json': line 1: it is no JSON object"

# A file that was changed is no training.
profile export server >learnt.json
check "there is a learnt run to change" grep -q '"state": "learnt",' learnt.json
sed 's/"lost": 0/"lost": 1/' learnt.json >changed.json
check "a run that was changed is refused" run 1 profile import changed.json --profile changed
check "… and named" grep -q "^bosc: cannot read profile 'changed.json': it is not as it was exported; .*, in runs\[0\]$" err
python3 -c 'import json
profile = json.load(open("learnt.json"))
for run in profile["runs"]:
    del run["sum"]
json.dump(profile, open("hand.json", "w"))'
check "one without a sum is taken" run 0 profile import hand.json --profile hand
check "… as written by hand, so not as learnt" grep -q "^imported 'hand', partial" out
tap_end
