#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# --method paper: learning ends when two epochs are alike, an epoch with too many mismatches is an
# alarm, and its profiles and bosc's own never mix.
. "$(dirname "$0")/lab.sh"

paper() { # COMMAND OPTION…
	"$bosc" "$1" --method paper --store "$store" "${@:2}"
}
learnt() { # NAME EXPRESSION…
	profile export "$1" >learnt.json && "$here/whole" "${@:2}" <learnt.json
}

# The requests of the made-up server come by chance, so its epochs are alike but not the same.
check "recordings are learnt whole" run 0 paper learn --profile server --similar never --json \
	--trace normal1.bsc normal2.bsc normal3.bsc
check "… which is told as ever" holds out 'last["learn"]["profile"] == "paper:server"' \
	'last["learn"]["state"] == "partial"' 'last["learn"]["runs"] == 3' 'len(last["learn"]) == 9' \
	'last["learn"]["windows"] == last["learn"]["calls"] - 3 * 9'
check "… in windows of ten over all threads" learnt paper:server 'p["window"] == 10' \
	'all(len(bag) == 10 and "begin" not in bag for bag in bags)' \
	'windows == calls - 27' \
	'all(run["source"] == "paper trace" for run in p["runs"])' \
	'sum(run["calls"] for run in p["runs"]) == calls' \
	'sum(run["new_bags"] for run in p["runs"]) == len(bags)'
check "what was learnt raises no alarm" run 0 paper monitor --profile server --json \
	--trace normal1.bsc
check "… and has no mismatch" holds out 'summary["mismatches"] == 0' \
	'summary["windows"] == summary["calls"] - 9' 'summary["profile"] == "paper:server"'

# Two epochs of the made-up requests have a cosine of about .9.
check "learning ends when two epochs are alike" run 0 paper learn --profile early --similar 0.7 \
	--epoch 5000 --trace normal1.bsc
check "… at the end of the second, and says so" grep -qE \
	"^bosc: profile 'paper:early' is learnt \(two epochs in a row were alike; the last cosine is 0\.[0-9]{4}\): 10000 calls" err
check "… having read no more" learnt paper:early 'calls == 10000' 'p["state"] == "learnt"'
check "so ends every run" run 0 paper learn --profile early --similar 0.7 --epoch 5000 \
	--trace normal2.bsc normal3.bsc
check "… each at its own end" learnt paper:early 'calls == 30000' 'len(p["runs"]) == 3'
check "a higher bound is not reached" run 0 paper learn --profile high --similar 1 \
	--trace normal1.bsc
check "… and the profile is partial" grep -qE "^bosc: profile 'paper:high' is partial \(its \
recording ended before two epochs were alike; the last cosine is 0\.[0-9]{4}\): 400[0-9]{2} calls" err

# 5000 normal calls, then 400 known ones in an order that is not, and the rest.
check "an attack is found" run 3 paper monitor --profile server --json --trace attack.bsc
cp out attack.json
check "an alarm has its keys" holds attack.json 'len(alarms) >= 1' 'all(list(alarm) == (
	"time mono_ns target profile rule reason count threshold container epoch calls incomplete "
	"latency_us").split() for alarm in alarms)'
check "… and says what the epoch had" holds attack.json \
	'all(a["rule"] == "epoch" and a["count"] >= a["threshold"] for a in alarms)' \
	'alarms[-1]["epoch"] == 6' 'alarms[-1]["threshold"] == -(-alarms[-1]["calls"] // 10)' \
	'alarms[-1]["calls"] == summary["calls"] - 5000' 'summary["alarms"] == len(alarms)' \
	'alarms[-1]["time"].startswith("2023-11-14T22:13:20.")'
check "--json-file has the same" run 3 paper monitor --profile server --json-file file.json \
	--trace attack.bsc
check "… lines" diff attack.json file.json
check "… and text says it to people" grep -qE \
	"^  reason    [0-9]+ of the [0-9]+ calls of epoch 6 end a window whose bag training never saw; [0-9]+ are an anomaly$" out
check "-v prints each epoch" run 3 paper monitor --profile server -v --trace attack.bsc
check "… as a line" [ "$(grep -cE '^epoch [1-6]: [0-9]+ mismatches in [0-9]+ calls$' out)" = 6 ]
check "--anomalous is the bound" run 0 paper monitor --profile server --anomalous 1 \
	--trace attack.bsc
check "--epoch is the size of an epoch" run 3 paper monitor --profile server --epoch 200 --json \
	--trace attack.bsc
check "… of all but the last" holds out 'all(a["calls"] <= 200 for a in alarms)' \
	'alarms[0]["calls"] == 200'

# The same profile by two methods.
learn --profile server --trace normal1.bsc
check "the methods' profiles stand beside each other" run 0 profile list --json
check "… under names of their own" holds out \
	'{"server", "paper:server"} <= {line["name"] for line in lines}'
check "a name may be given as it is listed" run 0 paper monitor --profile paper:server \
	--trace normal1.bsc
check "bosc's own method refuses the paper's profile" run 1 monitor --profile paper:server \
	--trace normal1.bsc
check "… and says why" says "the profile 'paper:server' is of the paper's method"
check "… does not learn into it" run 1 "$bosc" learn --store "$store" --profile paper:server \
	--trace normal1.bsc
check "… and says why" says "the profile 'paper:server' is of the paper's method"
profile export server >own.json
run 0 "$bosc" profile import own.json --profile paper:own --store "$store"
check "the paper's method refuses bosc's own" run 1 paper monitor --profile own --trace normal1.bsc
check "… and says why" says "the profile 'paper:own' is of bosc's own method"
check "a profile is handed on" run 0 profile import learnt.json --profile paper:copy
check "… as what it is" run 0 paper monitor --profile copy --trace normal1.bsc
check "a profile that is not there" run 1 paper monitor --profile none --trace normal1.bsc
check "… is said to be missing" says "there is no profile 'paper:none': it was never learnt"

check "a profile shows its method" run 0 profile show paper:server
check "… and no limits of the other" [ "$(grep -cE '^(method|limits) ' out)" = 1 ]

# A list of numbers: windows of ten over a circle of four calls have four bags.
for _ in {1..500}; do printf '%s ' 3 4 5 6; done >numbers.txt
check "a list of numbers is learnt" run 0 paper learn --profile numbers --abi ia32 --trace numbers.txt
check "… by its ABI" learnt paper:numbers 'set(made) == {"ia32:read", "ia32:write", "ia32:open",
	"ia32:close"}' 'calls == 2000' 'len(bags) == 4' 'p["state"] == "learnt"'

# Bad input.
make_trace tiny.bsc host=x86_64 late call=1:4
check "fewer calls than a window teach nothing" run 1 paper learn --profile tiny --trace tiny.bsc
check "… and it says so" says "nothing was learnt: 'tiny' made 4 calls, fewer than a window has"
check "… nor are they judged" run 0 paper monitor --profile server --trace tiny.bsc
check "… and it says so" grep -qxF \
	"bosc: nothing was judged: 'tiny.bsc' made 4 calls, fewer than a window has" err
head -c 50000 attack.bsc >cut.bsc
check "a recording that was cut short is judged as far as it goes" run 1 paper monitor \
	--profile server --json --trace cut.bsc
check "… and said to be incomplete" holds out \
	'summary["incomplete"] == "no end record: it was cut short"'
check "… and taught as far" run 1 paper learn --profile cut --similar never --trace cut.bsc
check "… which makes it partial" learnt paper:cut 'p["state"] == "partial"' 'calls > 3000'
make_trace arm.bsc host=aarch64 normal=9:5000
check "another architecture is not judged" run 1 paper monitor --profile server --trace arm.bsc
check "… and it says so" says \
	"'arm.bsc' is of the architecture 'aarch64', but the profile 'paper:server' is of 'x86_64'"
check "an empty file" run 1 paper monitor --profile server --trace /dev/null
for words in "--method none" "--epoch 1000" "--method paper --epoch 9" "--method paper --epoch x" \
	"--method paper --anomalous 0" "--method paper --anomalous 2"; do
	# shellcheck disable=SC2086 # words
	check "$words makes no sense" run 2 "$bosc" monitor $words --profile server --trace normal1.bsc
done
run 2 "$bosc" monitor --epoch 1000 --profile server --trace normal1.bsc
check "… an option of the one method with the other" says \
	"--epoch, --similar and --anomalous belong to --method paper"
check "--similar 2 makes no sense" run 2 "$bosc" learn --method paper --similar 2 --profile p \
	--trace normal1.bsc

# Recordings of a real redis. All its normal work is learnt.
redis=$shared/data/redis-docker
if [ ! -e "$redis/redis-startup.bsc.xz" ]; then
	skip "redis is learnt and attacked" "there are no recordings in ../shared/data/redis-docker"
	tap_end
fi
check "redis is learnt" run 0 paper learn --profile redis --similar never --trace \
	"$redis"/redis-{startup,normal2,normal4,normal6}.bsc.xz
check "… with as many calls as were recorded" learnt paper:redis \
	"calls == sum(r['syscalls'] for r in __import__('json').load(open('$redis/manifest.json'))
		if r['file'] in ('redis-startup.bsc', 'redis-normal2.bsc', 'redis-normal4.bsc', 'redis-normal6.bsc'))"
check "… for it had epochs that were alike" learnt paper:redis 'p["state"] == "learnt"'
check "what was learnt is normal" run 0 paper monitor --profile redis --json \
	--trace "$redis/redis-normal2.bsc.xz"
check "… without a mismatch" holds out 'summary["mismatches"] == 0'
check "its brute force is found" run 3 paper monitor --profile redis --json \
	--trace "$redis/redis-a08-authbrute.bsc.xz"
check "… after it began" holds out 'all(alarm["mono_ns"] > 2362912196111 for alarm in alarms)'

tap_end
