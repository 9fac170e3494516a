#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a person is shown of a profile is true, and fits the terminal: shares, where limits come
# from, the plot of how the training settled, and what it never met.
. "$(dirname "$0")/lab.sh"

learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
make_trace late.bsc late normal=5:3000
make_trace busy.bsc normal=6:150000 exec=/bin/tool call=101:900 call=102:40 call=103:40 call=104:40 \
	call=105:30 call=106:20 call=107:20 call=108:20 call=109:20 call=110:20 signal=11
learn --profile bare --trace late.bsc
learn --profile busy --trace busy.bsc
profile show server --json >server.json 2>err
profile export server >export.json 2>err
show() { # NAME [COLUMNS [LOCALE]]: without columns as into a pipe
	run 0 env ${2:+COLUMNS="$2"} LC_ALL="${3:-C.UTF-8}" "$bosc" profile show "$1" --store "$store"
}

# Shares add up, and are those of the export.
shares() { # COLUMNS CALLS
	show busy "$1" || return 1
	python3 - "$2" <<'END_OF_PYTHON'
import re, sys
text = open("out").read()
calls = re.findall(r"^  (\S+|\(\d+ others\)) +(\d+) +([\d.]+) %$", text, re.M)
assert len(calls) == int(sys.argv[1]), calls
total = int(re.search(r"^calls      (\d+) of", text, re.M)[1])
assert sum(int(count) for _, count, _ in calls) == total
for _, count, share in calls:
    assert abs(float(share) - 100 * int(count) / total) < 1e-3, calls
known = [int(count) for name, count, _ in calls if name[0] != "("]
assert known == sorted(known, reverse=True)
bags = [float(share) for share in re.findall(r"^  +([\d.]+) %  ", text, re.M)]
assert len(bags) == 9 and abs(sum(bags) - 100) < 1e-2, bags
assert bags[:8] == sorted(bags[:8], reverse=True)
END_OF_PYTHON
}
kinds=$("$bosc" profile show busy --json --store "$store" | python3 -c 'import json, sys
print(len(json.load(sys.stdin)["calls"]))')
check "there are more calls than are shown" [ "$kinds" -gt 16 ]
check "into a pipe goes every call" shares "" "$kinds"
check "on a terminal the rare ones are one" shares 80 16
check "… and say how many" grep -qE "^  \($((kinds - 15)) others\) " out
check "a bag names each call once" grep -qE '^ +[0-9.]+ %  [a-z_]+\*[2-8]( [a-z_]+(\*[2-8])?)*$' out

# The limits are what the parts say.
origin() {
	show server || return 1
	python3 - <<'END_OF_PYTHON'
import json, re
text, profile = open("out").read(), json.load(open("server.json"))
judged = [part for part in profile["parts"] if part["logged"]]
found = re.search(r"^limits     frame (\d+), first sights (\d+) .*\n +from the parts ([\d, -]+) of (\d+), each held "
                  r"against all others: (but for the worst, )?at most (\d+) mismatches and (\d+) first sights in "
                  r"a frame; .* margins of (\d+) and (\d+)$", text, re.M)
numbers = [int(number) for number in found.group(1, 2, 4, 6, 7, 8, 9)]
parts = []
for stretch in found[3].split(", "):
    first, _, last = stretch.partition("-")
    parts += range(int(first), int(last or first) + 1)
assert parts == [place for place, part in enumerate(profile["parts"], 1) if part["logged"]], parts
assert numbers[2] == len(profile["parts"])
aside = len(judged) >= 4
assert bool(found[5]) == aside
assert numbers[3] == sorted(part["frame_most"] for part in judged)[-2 if aside else -1]
assert numbers[4] == sorted(part["fresh_most"] for part in judged)[-2 if aside else -1]
assert abs(numbers[0] - (numbers[3] + numbers[3] // 2 + numbers[5])) <= 1, numbers
assert abs(numbers[1] - (numbers[4] + numbers[6])) <= 1, numbers
END_OF_PYTHON
}
check "the limits come from what is said" origin

# The plot: in each row stand the bars of the parts whose share of new bags reaches its foot.
plot() { # COLUMNS LOCALE CHARACTERS
	show server "$1" "$2" || return 1
	PYTHONIOENCODING=utf-8 python3 - "$1" "$3" <<'END_OF_PYTHON'
import json, re, sys
columns, characters = int(sys.argv[1] or 80), sys.argv[2]
text, profile = open("out", encoding="utf-8").read(), json.load(open("server.json"))
assert set(re.sub(r"[\x00-\x7f]", "", text)) <= set(characters), "other characters"
rows = re.findall(r"^ *([0-9.e-]+) % (.*)$", text[text.index("\nsettling"):text.index("\nnot met")], re.M)
parts, windows = profile["parts"], sum(bag["count"] for bag in profile["bags"])
ends = [part["windows_before"] for part in parts[1:]] + [windows]
shares = [sum(bag["part"] == i + 1 for bag in profile["bags"]) / max(1, ends[i] - part["windows_before"])
          for i, part in enumerate(parts)]
wide = min(4, (columns - 11) // len(parts))
assert len(rows) >= 2 and any(shares), (rows, shares)
for foot, bars in rows:
    assert len(bars) + 11 <= columns
    for i, share in enumerate(shares):
        bar = bars.ljust(wide * len(parts))[i * wide:(i + 1) * wide]
        assert bar == bar[0] * wide and bar[0] in " " + characters, (foot, bars)
        assert (bar[0] != " ") == (100 * share > float(foot)), (foot, i, share)
        assert (bar[0] == characters[-1]) >= (share > 10 * float(foot) / 100), (foot, i, share)
run = re.search(r"^    in run (.*)$", text, re.M)[1]
assert run.split() == ["1", "2", "3"], run
for number in range(3):
    part = next(i for i, part in enumerate(parts) if part["run"] == number + 1)
    assert run.index(str(number + 1)) == part * wide, run
END_OF_PYTHON
}
# Where it was learnt, and a sum by which copies of it know each other.
profile export server >sum.json
sum_of() { # NAME
	profile show "$1" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["sum"])'
}
copies() {
	local sum

	run 0 profile import sum.json --profile copy && sum=$(sum_of copy) && [ "$sum" = "$(sum_of server)" ] || return 1
	show server && grep -qx "sum        $sum over all runs" out && grep -qx "kernel     $(uname -r)" out || return 1
	run 0 profile review copy --author ann && [ "$(sum_of copy)" != "$sum" ] && run 0 profile remove copy
}
check "a copy has the same sum, until something is said of it" copies
both_views() {
	profile show server --json | python3 -c 'import json, sys
limits = json.load(sys.stdin)["limits"]
print("limits     surprise", "%d bits" % limits["surprise"] if limits["surprise"] else "never", end=" ")
print("%.3f" % limits["thread"] if limits["thread"] else "never")' >limits
	read -r _ _ surprise unit thread <limits
	show server || return 1
	grep -q "^limits     surprise ${surprise}${unit:+ $unit}.*, score of a whole thread .*${thread:-$unit}$" out && return
	cat limits out
	return 1
}
check "the limits of surprise and of whole threads are in JSON, too" both_views

blocks="▁▂▃▄▅▆▇█"
check "the plot, in UTF-8" plot 80 C.UTF-8 "$blocks"
check "… in ASCII" plot 80 C '.:#'
check "… in a narrow terminal" plot 40 C.UTF-8 "$blocks"
check "… in a wide one" plot 200 C.UTF-8 "$blocks"
check "… and into a pipe" plot "" C.UTF-8 "$blocks"
many() { # more parts than there are columns
	python3 - <<'END_OF_PYTHON'
import json
profile = json.load(open("export.json"))
run, = profile["runs"] = profile["runs"][:1]
learnt = run["learnt"]
del run["sum"]
profile["name"] = "many"
learnt.update(sights=[], sight_threads=0, repertoires=[])
windows = sum(bag["count"] for bag in learnt["bags"])
learnt["parts"] = [{"windows_before": windows * i // 300, "frame_most": 0, "fresh_most": 0} for i in range(300)]
for place, bag in enumerate(learnt["bags"]):
    bag["part"] = 1 + place * 299 // len(learnt["bags"])
    bag["again"] = 0
json.dump(profile, open("many.json", "w"))
END_OF_PYTHON
	run 0 profile import many.json && show many 60 C || return 1
	[ "$(grep -cE '^ *[0-9.]+ % [.:# ]{20,49}$' out)" -ge 1 ] && awk 'length > 60 { bad = 1 } END { exit bad }' out
}
check "neighbouring parts share a bar" many

fits() { # NAME COLUMNS
	show "$1" "$2" C && awk -v most="$2" 'length > most { print; bad = 1 } END { exit bad }' out
}
for columns in 80 60 40; do
	for name in server bare busy; do check "$name fits $columns columns" fits $name $columns; done
done
check "a pipe gets whole lines" bash -c "'$bosc' profile show server --store '$store' | awk 'length > 80 { found = 1 } END { exit !found }'"
if command -v script >/dev/null; then
	real() { # on a real terminal, whose width is asked for
		script -qec "stty cols 50; env -u COLUMNS LC_ALL=C '$bosc' profile show server --store '$store'" \
			/dev/null >out </dev/null || return 1
		tr -d '\r' <out | awk 'length > 50 { print; bad = 1 } length > 45 { full = 1 } END { exit bad || !full }'
	}
	check "a terminal's width is followed" real
else
	skip "a terminal's width is followed" "there is no script to make a terminal"
fi

# What was not met.
unmet() { # NAME LINE…: exactly these
	show "$1" || return 1
	printf '%s\n' "${@:2}" | diff - <(sed -n '/^not met/,/^[a-z]/p' out | sed -n 's/^\(not met\|       \)    //p')
}
machine=$(sed -n 's/.*"host": "\([^"]*\)".*/\1/p' export.json | head -n 1)
kernel=$(sed -n 's/.*"kernel": "\([^"]*\)".*/\1/p' export.json | head -n 1)
check "a server that was started thrice, on one machine" unmet server \
	"another machine than $machine, or kernel than $kernel" "a fatal signal: the first is an alarm"
kernel=$("$bosc" profile export bare --store "$store" | sed -n 's/.*"kernel": "\([^"]*\)".*/\1/p')
check "a server that ran already, once" unmet bare "the start of a program" \
	"a second run of learning, which would confirm the first" \
	"another machine than $machine, or kernel than $kernel" "the end of a thread or program" \
	"a fatal signal: the first is an alarm"
make_trace twice.bsc normal=6:3000 exec=/bin/tool
learn --profile twice --trace twice.bsc
check "programs that each ran once" bash -c "'$bosc' profile show twice --store '$store' |
	grep -qx 'not met    a second start of any program; no two are alike'"
# Runs that were withdrawn, or accepted from alarms, are no training.
learn --profile twice --trace normal2.bsc
"$bosc" monitor --store "$store" --profile twice --json --trace attack.bsc >alarms.json 2>err
check "two runs" bash -c "! '$bosc' profile show twice --store '$store' | grep -q 'a second run of learning'"
profile withdraw twice 2 --author ann >/dev/null
check "… of which one was withdrawn, are one" bash -c "'$bosc' profile show twice --store '$store' |
	grep -q 'a second run of learning'"
check "alarms are accepted" run 0 profile accept twice alarms.json --reason "the nightly job" --author bob
check "… which is no second run" bash -c "'$bosc' profile show twice --store '$store' |
	grep -q 'a second run of learning'"
check "a crash, and rare calls" bash -c "'$bosc' profile show busy --store '$store' >out && ! grep -q 'fatal signal' out &&
	grep -q 'all of the rare work: [0-9]* calls came up only late in the training' out"
edited() { # what live runs say, from an export that says so
	python3 - "$@" <<'END_OF_PYTHON'
import json, sys
profile = json.load(open("export.json"))
profile["name"] = "edited"
for number, run in enumerate(profile["runs"]):
    del run["sum"]
    run.update(container="f" * 64, source="live", host=f"host{number}", started_s=1000, ended_s=1000 + int(sys.argv[1]),
               joined_late=1, lost=int(sys.argv[2]))
json.dump(profile, open("edited.json", "w"))
END_OF_PYTHON
	profile remove edited >/dev/null 2>&1
	run 0 profile import edited.json
}
edited 50 0
check "minutes of learning" unmet edited "the start of the target: each run joined it late" \
	"what happens hourly, or daily: it was learnt for 3 minutes" "a fatal signal: the first is an alarm" \
	"an end of the container by itself: the first is an alarm"
edited 3000 2
check "hours, and losses" bash -c "'$bosc' profile show edited --store '$store' >out &&
	grep -q 'what happens daily: it was learnt for 2 hours' out && grep -q '6 events, threads, bags and cgroups that were lost' out"
edited 86400 0
check "days" bash -c "'$bosc' profile show edited --store '$store' | grep -q 'what happens weekly: it was learnt for 3 days'"
edited 604800 0
check "weeks" bash -c "! '$bosc' profile show edited --store '$store' | grep -q 'what happens'"

tap_end
