#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Golden recordings: what bosc says of them is known, and a change of behaviour is seen here.
#
# The first are made by tests/cli/make-trace, and the whole answer is compared with the files in
# tests/golden. After a change that is meant, GOLDEN_UPDATE=1 tests/golden/golden.t writes them
# anew, and the diff belongs into the commit. The second are of a real redis in Docker with real
# attacks, where they are at hand.
#
. "$(dirname "$0")/../tap.sh"

store=$tmp/store.db
cd "$tmp" || exit 1

golden() { # DESCRIPTION FILE: is it as it was?
	if [ -n "${GOLDEN_UPDATE:-}" ]; then
		cp "$2" "$here/$2"
	fi
	check "$1" diff -u "$here/$2" "$2"
}

monitor() { # FILE PROFILE
	run "$1" "$bosc" monitor --json --store "$store" --profile "$2" --trace "$3"
}

for seed in 1 2 3; do
	"$here/../cli/make-trace" "normal$seed.bsc" "normal=$seed:40000" "call=4$seed:$seed"
done
"$here/../cli/make-trace" more.bsc normal=4:30000
"$here/../cli/make-trace" attack.bsc normal=4:10000 call=101:2 "call=11|32" normal=5:500 exec=/bin/sh \
	normal=6:500 mixed=7:100 normal=8:500 signal=11 signal=6
check "three recordings are learnt" run 0 "$bosc" learn --json --store "$store" --profile server \
	--trace normal1.bsc normal2.bsc normal3.bsc
cp out learn.json
golden "what is said of them is as it was" learn.json
# What differs from run to run and from host to host is left out.
"$bosc" profile export server --store "$store" |
	grep -vE '^\s*"(id|host|kernel|version|started_s|ended_s|sum)": ' >profile.json
golden "the profile is as it was" profile.json
check "more normal work raises no alarm" monitor 0 server more.bsc
check "an attack is found" monitor 3 server attack.bsc
cp out attack.json
golden "each of its alarms is as it was" attack.json

data=$shared/data/redis-docker
if [ ! -e "$data/redis-startup.bsc.xz" ]; then
	skip "recordings of a real redis" "there is no $data"
	tap_end
fi

check "redis is learnt from four recordings" run 0 "$bosc" learn --json --store "$store" \
	--profile redis --trace "$data/redis-startup.bsc.xz" "$data/redis-normal2.bsc.xz" \
	"$data/redis-normal4.bsc.xz" "$data/redis-normal6.bsc.xz"
# 1003 calls of the first are the container runtime's, before it executes the server.
check "… all of their calls" "$here/../cli/holds" out \
	'last["learn"]["calls"] == 128672 - 1003 + 474390 + 673393 + 545442' \
	'last["learn"]["lost"] == 0' \
	'last["learn"]["runs"] == 4'

# How many calls of the recording lie between two moments.
calls_between() { # FILE NS NS
	python3 -c 'import lzma, struct, sys
data = lzma.open(sys.argv[1]).read()
begin, end = int(sys.argv[2]), int(sys.argv[3])
at, count = 16, 0
while at < len(data):
    ns, _, number, kind, _ = struct.unpack_from("<QIHBB", data, at)
    at += 16 + (0 if kind == 0 else 16 * number)
    count += kind == 0 and begin <= ns <= end
print(count)' "$@"
}

# attack FILE BEGIN WITHIN: alarms, but none before the attack, and the first so many calls later.
attack() {
	local file=$data/$1 first calls

	monitor 3 redis "$file" || return 1
	"$here/../cli/holds" out "all(alarm['mono_ns'] >= $2 for alarm in alarms)" \
		"summary['lost'] == 0" "summary['incomplete'] is None" \
		"summary['alarms'] >= 1" || return 1
	first=$(python3 -c 'import json; print(json.loads(open("out").readline())["mono_ns"])')
	calls=$(calls_between "$file" "$2" "$first")
	echo "the first alarm came $calls calls after the beginning"
	[ "$calls" -le "$3" ]
}
check "MODULE LOAD and a shell are found within 200 calls, with no alarm before" \
	attack redis-a02-module-exec.bsc.xz 2256038136826 200
check "… and so is what they did" "$here/../cli/holds" out \
	'any(alarm["rule"] == "new-exec" and alarm["exec"] == "/bin/sh" for alarm in alarms)' \
	'any(alarm["rule"] == "new-call" and alarm["syscall"] == "execve" for alarm in alarms)'
check "password guessing is found, with no alarm before" \
	attack redis-a08-authbrute.bsc.xz 2362912196111 100000
check "normal load raises no alarm" monitor 0 redis "$data/redis-normal7-light.bsc.xz"
check "… in any of its calls" "$here/../cli/holds" out 'summary["alarms"] == 0' \
	'summary["repeats"] == 0' 'summary["calls"] == 152919' 'summary["lost"] == 0'

tap_end
