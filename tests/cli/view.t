#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The second view of threads outlives the process that learnt it: what one process learnt of whole
# threads raises alarms in another, from the store and from an export alike.
#
. "$(dirname "$0")/lab.sh"

# A worker that combines known calls as no thread of the training did, in three windows of ten.
steps=$(for _ in $(seq 30); do printf 'by=300:%d ' 232 0 43 257 1; done)
# shellcheck disable=SC2086 # the steps are words
make_trace worker.bsc normal=9:20000 fork=100:300 $steps

check "a server is learnt" learn --profile server --trace normal1.bsc normal2.bsc normal3.bsc
alarms_of() { # FILE PROFILE
	"$bosc" monitor --store "$store" --profile "$2" --json --trace "$1" >"$2.json" 2>err
	[ $? = 3 ] && holds "$2.json" 'any(alarm["rule"] == "thread" and
		alarm["process"]["pid"] == 300 and alarm["count"] > alarm["threshold"]
		for alarm in alarms)'
}
check "another process finds the odd thread" alarms_of worker.bsc server
check "… and normal threads are none" run 0 monitor --json --trace more.bsc
check "the profile says what the view learnt" bash -c \
	"'$bosc' profile show server --store '$store' | grep -qE \
	'^view       [1-9][0-9]* different runs of four calls; 6 threads ended, with [1-9] '"
check "… and its limits" bash -c "'$bosc' profile show server --store '$store' |
	grep -qE '^limits     surprise .*, score of a whole thread above [0-9]+\.[0-9]{3}$'"

# As JSON, and without the view.
profile export server >with.json
check "an export is imported" run 0 profile import with.json --profile copy
check "… with the view" alarms_of worker.bsc copy
python3 - <<'END'
import json
profile = json.load(open("with.json"))
for run in profile["runs"]:
    del run["sum"]
    for key in ("ended_threads", "users", "grams", "repertoires"):
        del run["learnt"][key]
    for part in run["learnt"]["parts"]:
        del part["level_most"], part["scores"]
json.dump(profile, open("without.json", "w"))
END
check "an export without it is imported" run 0 profile import without.json --profile old
"$bosc" monitor --store "$store" --profile old --json --trace worker.bsc >old.json 2>err
check "… and judges without the view" holds old.json \
	'not any(alarm["rule"] in ("thread", "surprise") for alarm in alarms)'
check "… which is said" bash -c \
	"'$bosc' profile show old --store '$store' | grep -q '^view       no second one'"

# A second run adds to what the first one learnt.
check "a second run goes on" learn --profile server --trace worker.bsc
check "… and knows the thread from then on" bash -c "'$bosc' profile show server --store '$store' |
	grep -qE '^view .* 9 threads ended'"
"$bosc" monitor --store "$store" --profile server --json --trace worker.bsc >again.json 2>err
check "… and finds it normal" holds again.json 'not any(alarm["rule"] == "thread" for alarm in alarms)'

redis=$shared/data/redis-docker
if [ -d "$redis" ]; then
	learn --profile redis --trace "$redis"/redis-{startup,normal2,normal4,normal6}.bsc.xz
	"$bosc" monitor --store "$store" --profile redis --json \
		--trace "$redis/redis-a02-module-exec.bsc.xz" >redis.json 2>err
	check "the threads of an attack on redis are found" holds redis.json \
		'any(alarm["rule"] == "thread" for alarm in alarms)'
else
	skip "the threads of an attack on redis are found" "there is no reference data"
fi

tap_end
